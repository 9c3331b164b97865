"""Starts, watches and stops our PostgreSQL server. One a home, held by a kernel lock.

A start waits for what a killed server left behind (its children end by themselves) up to 30 s, and as long as it takes
while the server replays its log. The server itself is stopped fast (SIGINT): clients are told, nothing is lost.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from callcart.config import ConfigurationError, config
from callcart.core.dsn import forget_foreign_variables, own_server_file
from callcart.core.secrets import secret
from callcart.processes.identity import AlreadyRunning, locked
from callcart.processes.place import clean_environment, service_user
from callcart.processes.postgres import provision, remains
from callcart.processes.postgres.binaries import find_binaries
from callcart.processes.postgres.cluster import SUPERUSER, Cluster, configure, open_cluster

START_PATIENCE = 30.0  # seconds of new tries after a server that ends at once
REPLAY_PATIENCE = 600.0  # seconds for a live server to finish its crash recovery


class StartFailed(ConfigurationError):
    """The server did not start; the text holds its last log lines."""


class Server:
    """A started server. Use `started()` or `running()`."""

    def __init__(self, cluster: Cluster, *, echo: bool) -> None:
        self.cluster = cluster
        self.echo = echo
        self.sockets = Path()
        self.tail: deque[str] = deque(maxlen=30)
        self.child: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start and wait until it answers. Raises StartFailed."""
        remains.end_orphan(self.cluster.data)
        self.sockets = configure(self.cluster)
        deadline = time.monotonic() + START_PATIENCE
        while True:
            remains.forget_stranger(self.cluster.data)
            self._refuse_taken_port()
            self._spawn()
            if self._answers():
                break
            if time.monotonic() > deadline:
                raise StartFailed(
                    "PostgreSQL did not start:\n" + "\n".join(f"  {line}" for line in self.tail)
                )
            time.sleep(1.0)
        own_server_file().write_text(
            json.dumps({"host": str(self.sockets), "port": self.cluster.port}), encoding="utf-8"
        )

    def stop(self) -> None:
        """Fast shutdown; harder after a minute."""
        own_server_file().unlink(missing_ok=True)
        if self.child is None:
            return
        for sign, patience in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
            if self.child.poll() is not None:
                break
            self.child.send_signal(sign)
            try:
                self.child.wait(patience)
            except subprocess.TimeoutExpired:
                continue
        self.child = None

    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def superuser(self, dbname: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """An autocommit connection as the cluster's superuser."""
        forget_foreign_variables()
        return psycopg.connect(
            host=str(self.sockets),
            port=self.cluster.port,
            user=SUPERUSER,
            password=secret("postgres_superuser"),
            dbname=dbname,
            connect_timeout=5,
            autocommit=True,
        )

    def _spawn(self) -> None:
        self.child = subprocess.Popen(
            [self.cluster.binaries.program("postgres"), "-D", str(self.cluster.data)],
            cwd=self.cluster.data,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # Ctrl-C in a terminal reaches the whole group: the server is stopped by us, last, and in order.
            start_new_session=True,
            **(self.cluster.user.popen() if self.cluster.user else {}),
        )
        threading.Thread(target=self._read_log, args=(self.child,), daemon=True, name="postgres-log").start()

    def _read_log(self, child: subprocess.Popen[str]) -> None:
        assert child.stderr is not None
        for line in child.stderr:
            self.tail.append(line.rstrip())
            if self.echo:
                sys.stderr.write(line)
                sys.stderr.flush()

    def _answers(self) -> bool:
        """Wait for the first answer; False as soon as the server has ended."""
        deadline = time.monotonic() + REPLAY_PATIENCE
        while time.monotonic() < deadline:
            if not self.alive():
                return False
            try:
                self.superuser().close()
            except psycopg.OperationalError as error:
                self._judge(error)
                time.sleep(0.05)
            else:
                return True
        return False

    def _judge(self, error: psycopg.OperationalError) -> None:
        """A server that is not up yet is waited for; what time will not mend is raised."""
        text = str(error)
        if isinstance(error, psycopg.errors.CannotConnectNow) or "FATAL" not in text or "starting up" in text:
            return
        if "recovery" in text or "shutting down" in text or "not yet accepting" in text:
            return
        self.stop()
        if "password authentication failed" in text:
            raise StartFailed(
                f"The passwords in {config().home / 'secrets'} do not open the data in {self.cluster.data}: "
                "put the secrets of this data back, or move the data away."
            ) from None
        raise StartFailed(f"PostgreSQL started and refused our connection: {text.strip()}") from None

    def _refuse_taken_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.cluster.port))
            except OSError as error:
                raise StartFailed(
                    f"PostgreSQL cannot listen on 127.0.0.1:{self.cluster.port} ({error.strerror}): "
                    "set CALLCART_POSTGRES_PORT to a free port."
                ) from None


def lock_file() -> Path:
    return config().path("run", "postgres.lock")


@contextmanager
def started(*, echo: bool = False) -> Iterator[Server]:
    """Our server for the length of the block, with roles and database. Raises AlreadyRunning."""
    user = service_user()
    with locked(lock_file()):
        server = Server(open_cluster(find_binaries(user), user, config().postgres_port), echo=echo)
        try:
            server.start()
            provision.provision_own(server.superuser)
            yield server
        finally:
            server.stop()


@contextmanager
def running() -> Iterator[None]:
    """A database to work with, whoever runs it: the given server, a live supervisor's, or ours for the block."""
    if config().database_url:
        provision.provision_foreign()
        yield
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(started())
        except AlreadyRunning:
            provision.wait_for_database(patience=60.0)
        yield


def serve() -> None:
    """The process `callcart postgres`: runs the server until SIGTERM or SIGINT, starts it again when it dies."""
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    try:
        with started(echo=True) as server:
            sys.stderr.write(f"postgres ready on 127.0.0.1:{server.cluster.port}\n")
            while not stop.wait(0.2):
                if not server.alive():
                    sys.stderr.write("postgres ended unasked, starting it again\n")
                    server.start()
    except AlreadyRunning as error:
        raise ConfigurationError(f"This home's PostgreSQL is run by {error.holder} already.") from None
