"""The process `callcart asterisk`: started again when it dies, an orphan ended, a stranger left alone, one a home."""

from __future__ import annotations

import json
import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from callcart.processes.identity import start_mark
from tests import environment
from tests.journeys.system import eventually, variables

pytestmark = [pytest.mark.journey, pytest.mark.kill]


@dataclass(slots=True)
class Home:
    """An installation of which only Asterisk runs."""

    path: Path
    environment: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    ready: int = 0

    def start(self) -> subprocess.Popen[bytes]:
        out = (self.path / "out.txt").open("ab")
        self.started.append(
            subprocess.Popen(
                [sys.executable, "-m", "callcart.cli", "asterisk"],
                env=self.environment,
                cwd=self.path,
                stdout=out,
                stderr=out,
            )
        )
        return self.started[-1]

    def pid(self) -> int:
        """Of Asterisk itself; 0 before there is one."""
        try:
            return int(json.loads((self.path / "run/asterisk.json").read_text())[0])
        except (OSError, ValueError):
            return 0

    def said(self) -> str:
        return (self.path / "out.txt").read_text(encoding="utf-8")

    def wait(self) -> int:
        """Until it is ready (once more than before); its pid."""
        self.ready += 1
        eventually(
            lambda: self.said().count(" ready, SIP on ") >= self.ready, "Asterisk is ready", timeout=60
        )
        return self.pid()


@pytest.fixture
def home() -> Iterator[Home]:
    path = environment.new_home()
    made = Home(path, variables(path, {}))
    yield made
    for process in made.started:
        process.terminate()
        process.wait(30)
    environment.clear(path)


def lives(pid: int) -> bool:
    return start_mark(pid) is not None


def test_it_is_started_again_after_its_death(home: Home) -> None:
    home.start()
    first = home.wait()
    os.kill(first, signal.SIGKILL)
    second = home.wait()
    assert second != first
    assert lives(second)
    assert not lives(first)


def test_sigterm_ends_both(home: Home) -> None:
    process = home.start()
    pid = home.wait()
    process.terminate()
    assert process.wait(30) == 0
    assert not lives(pid)
    assert not (home.path / "run/asterisk.json").exists()


def test_the_orphan_of_a_killed_keeper_is_ended_by_the_next(home: Home) -> None:
    process = home.start()
    orphan = home.wait()
    process.kill()
    process.wait()
    assert lives(orphan)
    home.start()
    assert home.wait() != orphan
    assert not lives(orphan)


def test_a_stranger_with_a_noted_pid_is_left_alone(home: Home) -> None:
    stranger = subprocess.Popen(["sleep", "300"])
    try:
        (home.path / "run").mkdir(exist_ok=True)
        (home.path / "run/asterisk.json").write_text(json.dumps([stranger.pid, "another-boot:1"]))
        home.start()
        assert home.wait() != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_second_one_on_the_same_home_is_refused(home: Home) -> None:
    home.start()
    pid = home.wait()
    second = home.start()
    assert second.wait(30) == 2
    assert "already" in home.said()
    assert lives(pid)


def test_a_taken_sip_port_is_no_silent_failure(home: Home) -> None:
    """Asterisk itself starts without its transport; the process must not call that ready."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", int(home.environment["CALLCART_SIP_PORT"])))
        assert home.start().wait(60) == 2
    assert home.environment["CALLCART_SIP_PORT"] in home.said()


def test_as_root_it_runs_as_nobody(home: Home) -> None:
    if os.geteuid() != 0:
        pytest.skip("not root here")
    home.start()
    status = Path(f"/proc/{home.wait()}/status").read_text(encoding="utf-8")
    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    assert set(uids) == {str(pwd.getpwnam("nobody").pw_uid)}
