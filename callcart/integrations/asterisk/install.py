"""Finds an Asterisk 20 or newer, or installs one: on PATH, under our own prefix, or from the machine's mirror.

Never touches the system's packages. `AsteriskMissing` says in plain words what to do instead.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

OLDEST = 20
SCRIPT = Path(__file__).with_name("install.sh")
NEEDED_MODULES = ("res_ari.so", "chan_pjsip.so", "app_mixmonitor.so", "res_pjsip_transport_websocket.so")


class AsteriskMissing(Exception):
    """No usable Asterisk, and none could be installed."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"Telephones are off: {why.rstrip('.')}. Install Asterisk {OLDEST} or newer with chan_pjsip and ARI "
            "(Debian sid or Ubuntu 24.04: apt-get install asterisk; from source: docs/install.md) and start again, "
            "or set CALLCART_TELEPHONY=none to run without telephones."
        )


@dataclass(frozen=True)
class Installed:
    """A runnable Asterisk and its read-only parts."""

    program: Path
    modules: Path
    data: Path
    version: str


def find_or_install(prefix: Path, cache: Path) -> Installed:
    """`prefix` is a folder of ours, `cache` keeps the downloaded packages. Raises AsteriskMissing."""
    found = on_path() or in_prefix(prefix)
    if found is not None:
        return found
    try:
        answer = subprocess.run(
            ["bash", str(SCRIPT), str(prefix), str(cache)],
            text=True,
            stdout=None,
            stderr=subprocess.PIPE,
            check=False,
        )
    except OSError as error:
        raise AsteriskMissing(f"the installer could not run ({error.strerror})") from None
    if answer.returncode != 0:
        last = [line for line in answer.stderr.splitlines() if line.strip()][-1:]
        raise AsteriskMissing(last[0].removeprefix("asterisk: ") if last else "the installer failed")
    installed = in_prefix(prefix)
    if installed is None:
        raise AsteriskMissing("the installed packages do not run on this machine")
    return installed


def on_path() -> Installed | None:
    """An `asterisk` on PATH (or where systems put it) that is new enough and has the modules we need."""
    program = shutil.which("asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        return None
    return _checked(Path(program), [Path("/usr"), Path("/usr/local")], data_folders("/"))


def in_prefix(prefix: Path) -> Installed | None:
    """The one that install.sh has made."""
    program = prefix / "asterisk"
    if not program.exists():
        return None
    return _checked(program, [prefix / "usr"], [prefix / "usr/share/asterisk"])


def data_folders(root: str) -> list[Path]:
    return [
        Path(root, "usr/share/asterisk"),
        Path(root, "var/lib/asterisk"),
        Path(root, "usr/local/share/asterisk"),
    ]


def _checked(program: Path, roots: list[Path], data: list[Path]) -> Installed | None:
    version = _version(program)
    if version is None or int(version.split(".")[0]) < OLDEST:
        return None
    for root in roots:
        for folder in sorted({*root.glob("lib*/asterisk/modules"), *root.glob("lib/*/asterisk/modules")}):
            if all((folder / name).exists() for name in NEEDED_MODULES):
                documented = [each for each in data if (each / "documentation").exists()]
                if documented:
                    return Installed(program, folder, documented[0], version)
    return None


def _version(program: Path) -> str | None:
    try:
        answer = subprocess.run([str(program), "-V"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"Asterisk (?:certified/)?(\d+(?:\.\d+)*)", answer.stdout)
    return match[1] if match and answer.returncode == 0 else None
