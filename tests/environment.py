"""The environment of a test run, set before Django reads it: a home and ports of its own, so that a running
installation is never touched. `CALLCART_DATABASE_URL` is kept: the suite runs against a given server then."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from pathlib import Path

PORTS = ("WEB", "LIVE", "GATEWAY", "CARRIER", "SMS", "SMPP", "METRICS", "POSTGRES", "SIP", "ASTERISK_HTTP")


def free_ports(count: int, address: str = "127.0.0.1") -> list[int]:
    """TCP and UDP ports of a loopback address that are free there now: one that is free on another may be taken on it."""
    held: list[socket.socket] = []
    found: list[int] = []
    while len(found) < count:
        stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        held += [stream, datagram]
        stream.bind((address, 0))
        port = stream.getsockname()[1]
        try:
            datagram.bind((address, port))
        except OSError:
            continue
        found.append(port)
    for each in held:
        each.close()
    return found


def new_home() -> Path:
    """A temporary home that the unprivileged servers can reach, sharing the project's cache of downloads."""
    home = Path(tempfile.mkdtemp(prefix="callcart-test-"))
    home.chmod(0o755)
    cache = Path(__file__).resolve().parents[1] / "var" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (home / "cache").symlink_to(cache, target_is_directory=True)
    return home


def prepare() -> Path:
    """Set the environment of this process and its children; returns the home."""
    for name in [
        name
        for name in os.environ
        if name.startswith("CALLCART_") and name not in ("CALLCART_DATABASE_URL", "CALLCART_TEST_DATA")
    ]:
        del os.environ[name]
    home = new_home()
    os.environ["CALLCART_HOME"] = str(home)
    for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True):
        os.environ[f"CALLCART_{name}_PORT"] = str(port)
    os.environ["CALLCART_LOG_LEVEL"] = "WARNING"
    os.environ["CALLCART_DEMO"] = "true"
    os.environ["DJANGO_SETTINGS_MODULE"] = "callcart.settings"
    return home


def clear(home: Path) -> None:
    """Remove the home and the folders its links lead to."""
    for link in home.iterdir() if home.exists() else ():
        if link.is_symlink() and link.name != "cache":
            shutil.rmtree(link.resolve(), ignore_errors=True)
    (home / "cache").unlink(missing_ok=True)
    shutil.rmtree(home, ignore_errors=True)
