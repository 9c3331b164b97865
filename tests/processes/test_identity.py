"""A pid with its start time names one process; without it, nobody is signalled."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from callcart.processes.identity import AlreadyRunning, end, is_same, locked, start_mark


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def test_a_process_is_itself_and_no_other(sleeper: subprocess.Popen[bytes]) -> None:
    assert is_same(sleeper.pid, start_mark(sleeper.pid))
    assert not is_same(sleeper.pid, start_mark(os.getpid()))
    assert not is_same(sleeper.pid, None)
    assert not is_same(1, start_mark(1))


def test_the_dead_have_no_mark(sleeper: subprocess.Popen[bytes]) -> None:
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)  # a zombie, not buried yet
    assert start_mark(sleeper.pid) is None


def test_a_stranger_with_the_pid_is_not_ended(sleeper: subprocess.Popen[bytes]) -> None:
    end(sleeper.pid, "boot:12345", grace=0.1)
    assert sleeper.poll() is None


def test_the_marked_process_is_asked_then_ended() -> None:
    stubborn = subprocess.Popen(
        [
            "python3",
            "-c",
            "import signal,time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(600)",
        ],
        stdout=subprocess.PIPE,
    )
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    end(stubborn.pid, start_mark(stubborn.pid), grace=0.2)
    assert stubborn.wait(10) == -signal.SIGKILL
    stubborn.stdout.close()


def test_a_lock_is_held_once_and_names_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "run" / "x.lock"
    with locked(path):
        with pytest.raises(AlreadyRunning) as refused, locked(path):
            pass
        assert refused.value.holder == f"process {os.getpid()}"
    with locked(path):
        pass
