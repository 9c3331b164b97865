"""The whole system for a journey: `callcart up` in a home of its own, on free ports, with the demo shops.

`running()` waits for its "ready" and stops all of it at the end. What it wrote is in `System.log`. Looks into its database
go by `rows()`; what only the product's own code can do goes by `python()` or `shell`; a process is killed by its name.
"""

from __future__ import annotations

import json
import os
import random
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.rows import dict_row

from tests import environment
from tests.journeys.shell import Shell

READY = "Callcart is ready"
PATIENCE = (
    600.0  # seconds; the first start of all unpacks Asterisk, speaks the prompts and makes the demo shops
)
SERVICE_NUMBERS = {"harbor": "+12025550100", "qinghe": "+8657188880100"}
PASSWORD = "callcart-demo"

T = TypeVar("T")


class NotInTime(AssertionError):
    """Something awaited did not come about."""


def eventually(look: Callable[[], T], what: str, *, timeout: float = 20.0) -> T:
    """The first truthy answer of `look`, asked again and again; NotInTime after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (found := look()):
        if time.monotonic() > deadline:
            raise NotInTime(f"not in {timeout:.0f} s: {what}")
        time.sleep(0.05)
    return found


def any_certificate() -> ssl.SSLContext:
    """TLS to an installation of one's own, for clients that read in one thread and write in another: an SSL object stands that
    only while nothing comes in by itself, and from TLS 1.3 on the server's tickets do."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


@dataclass(slots=True)
class System:
    """A running installation."""

    home: Path
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes]
    _shell: Shell | None = field(default=None, repr=False)

    @property
    def shell(self) -> Shell:
        """The system's own code, in one process that stays; started when it is first needed."""
        if self._shell is None:
            self._shell = Shell(self.home, self.environment)
        return self._shell

    def port(self, name: str) -> int:
        """A port by its name in the configuration: web, live, gateway, metrics, postgres, sip, asterisk_http."""
        return int(self.environment[f"CALLCART_{name.upper()}_PORT"])

    def url(self, tenant: str = "harbor") -> str:
        """Where a tenant's shop, desk and office are; /desk and /office follow it."""
        return f"https://{tenant}.localhost:{self.port('web')}"

    def live_url(self, tenant: str = "harbor") -> str:
        return f"https://{tenant}.localhost:{self.port('live')}"

    def rows(self, query: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """What a query finds over all tenants (placeholders by name)."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port("postgres"), dbname="callcart", user="callcart_system",
            password=self.secret("postgres_system"), autocommit=True, row_factory=dict_row,
        ) as connection:  # fmt: skip
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def secret(self, name: str) -> str:
        return (self.home / "secrets" / name).read_text(encoding="ascii").strip()

    def python(self, code: str) -> str:
        """Run code in this installation, Django set up; what it printed. Raises AssertionError with its traceback."""
        return self.shell.printed(code)

    def callcart(self, *arguments: str) -> str:
        """Run a command `callcart …` of this installation; what it printed."""
        return self._run(sys.executable, "-m", "callcart.cli", *arguments)

    def start_callcart(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command and leave it running; the caller ends it."""
        return subprocess.Popen(
            [sys.executable, "-m", "callcart.cli", *arguments],
            cwd=self.home,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def pid(self, name: str) -> int:
        """The process called `name` (web, live, voice, worker, gateway; postgres and asterisk: the server itself)."""
        if name == "asterisk":
            return int(json.loads((self.home / "run/asterisk.json").read_text())[0])
        if name == "postgres":
            return int((self.home / "postgres/data/postmaster.pid").read_text().split()[0])
        return self.command_pid(name)

    def command_pid(self, name: str) -> int:
        """The process `callcart <name>`: of postgres and asterisk the one that looks after the server."""
        noted = json.loads((self.home / "run/up.json").read_text())
        return next(int(pid) for its_name, pid, _mark in noted if its_name == name)

    def kill(self, name: str) -> int:
        """kill -9; the pid that it had. The supervisor starts it again."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_back(self, name: str, former: int, *, timeout: float = 60) -> int:
        """Wait until a killed process runs again; its new pid."""

        def look() -> int | None:
            try:
                pid = self.pid(name)
            except (OSError, ValueError, IndexError, StopIteration):  # also while it is being written
                return None
            return pid if pid != former and Path(f"/proc/{pid}").exists() else None

        return eventually(look, f"{name} runs again", timeout=timeout)

    def said(self) -> str:
        """Everything `up` and its children have written."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.home,
            env=self.environment,
            text=True,
            capture_output=True,
            timeout=120,
            check=False,
        )
        if done.returncode != 0:
            raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
        return done.stdout


@contextmanager
def running(
    _main: Sequence[str] = ("callcart.cli", "up"), *, hurry: bool = False, **settings: str
) -> Iterator[System]:
    """Start everything; `settings` are configuration values by their names (`web_workers="1"`). `_main`: a module that is `callcart up`
    with something changed, and its arguments. `hurry`: its database waits for no disk, for what outlives only processes that are killed."""
    home = environment.new_home()
    log = Path(tempfile.mkstemp(prefix="callcart-up-", suffix=".log")[1])
    own = variables(home, settings)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *_main],
            cwd=home,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    system = System(home, own, log, process)
    try:
        _wait_ready(system, hurry=hurry)
        yield system
    finally:
        _stop(system)
    log.unlink()


def variables(home: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of an installation in `home`, on free ports: nothing of the test run's own configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CALLCART_", "PG"))}
    ports = environment.free_ports(len(environment.PORTS))
    own = {f"CALLCART_{name}_PORT": str(port) for name, port in zip(environment.PORTS, ports, strict=True)}
    # Below the ports that connections take by themselves; a port in use is passed over, so ranges may touch.
    media = random.randrange(10000, 32000, 500)
    chosen = {
        "home": str(home),
        "rtp_start": str(media),
        "rtp_end": str(media + 499),
        "web_workers": "1",
        "demo": "true",
        "sip_lab": "true",
        "log_level": "INFO",
        **settings,
    }
    project = str(Path(__file__).resolve().parents[2])
    return {
        **kept,
        **own,
        **{f"CALLCART_{name.upper()}": value for name, value in chosen.items()},
        "DJANGO_SETTINGS_MODULE": "callcart.settings",
        "PYTHONPATH": project,
    }


def _wait_ready(system: System, *, hurry: bool) -> None:
    deadline = time.monotonic() + PATIENCE
    while READY not in (text := system.said()):
        hurry = hurry and not _waits_for_no_disk(system)
        if system.process.poll() is not None:
            raise NotInTime(f"callcart up ended with {system.process.returncode}:\n{_tail(text)}")
        if time.monotonic() > deadline:
            raise NotInTime(f"callcart up was not ready in {PATIENCE:.0f} s:\n{_tail(text)}")
        time.sleep(0.1)


def _waits_for_no_disk(system: System) -> bool:
    """Whether the database could be told so: it is the first that starts."""
    try:
        with psycopg.connect(
            host="127.0.0.1", port=system.port("postgres"), dbname="postgres", user="postgres",
            password=system.secret("postgres_superuser"), autocommit=True,
        ) as chief:  # fmt: skip
            chief.execute("ALTER SYSTEM SET fsync = off")
            chief.execute("ALTER SYSTEM SET full_page_writes = off")
            chief.execute("SELECT pg_reload_conf()")
    except (OSError, psycopg.OperationalError):
        return False
    return True


def _stop(system: System) -> None:
    """Ctrl-C for all of it, and the home away. A log of something gone wrong is left for people."""
    if system._shell is not None:
        system._shell.close()
    system.process.terminate()
    try:
        system.process.wait(90)
    except subprocess.TimeoutExpired:
        system.process.kill()
        system.process.wait()
    environment.clear(system.home)


def _tail(text: str, lines: int = 40) -> str:
    return "\n".join(text.splitlines()[-lines:])
