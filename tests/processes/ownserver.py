"""`callcart postgres` as a process of its own, with a home, a port and an environment of the test's choosing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.environment import free_ports

ROOT = Path(__file__).resolve().parents[2]
SUPERUSER = "postgres"


def environment(home: Path, port: int, **extra: str) -> dict[str, str]:
    """An environment without any CALLCART_ or PG variable of ours, naming this home and port."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CALLCART_", "PG"))}
    return {
        **kept,
        "CALLCART_HOME": str(home),
        "CALLCART_POSTGRES_PORT": str(port),
        "PYTHONDONTWRITEBYTECODE": "1",
        **extra,
    }


@dataclass
class OwnServer:
    """A supervised server. `wrapper` goes before the command (another user)."""

    home: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    extra: dict[str, str] = field(default_factory=dict)
    wrapper: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None

    @property
    def data(self) -> Path:
        return (self.home / "postgres").resolve() / "data"

    def start(self, patience: float = 90) -> OwnServer:
        """Start the supervisor and wait until a query is answered; AssertionError holds what it wrote."""
        self.spawn()
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode}: {self.output()}")
            if self.answers():
                return self
            time.sleep(0.1)
        self.stop()
        raise AssertionError("no answer in time")

    def spawn(self) -> None:
        self.process = subprocess.Popen(
            [*self.wrapper, sys.executable, "-m", "callcart.cli", "postgres"],
            cwd=ROOT,
            env=environment(self.home, self.port, **self.extra),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def output(self) -> str:
        """What it wrote, once it has ended."""
        assert self.process is not None and self.process.stdout is not None
        self.process.wait(90)
        return self.process.stdout.read()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        if self.process.stdout is not None:
            self.process.communicate(timeout=90)
        return int(self.process.returncode)

    def kill(self) -> None:
        """The supervisor alone is ended hard."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def connect(self, dbname: str = "postgres", **extra: Any) -> psycopg.Connection[Any]:
        password = (self.home / "secrets" / "postgres_superuser").read_text(encoding="ascii").strip()
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=password,
            dbname=dbname,
            autocommit=True,
            connect_timeout=5,
            **extra,
        )

    def answers(self) -> bool:
        """Whether it serves, its own database included."""
        try:
            with self.connect("callcart") as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except (psycopg.Error, OSError):
            return False

    def postmaster(self) -> int:
        """The pid in the server's pid file."""
        return int((self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
