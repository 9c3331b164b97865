"""Children are started in order, started again when they die, and none is left over."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callcart.config import ConfigurationError
from callcart.processes.identity import start_mark
from callcart.processes.supervise import Program, Stopped, Supervisor

SLEEP = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path / "up.json", out=io.StringIO())
    yield made
    made.stop_all()


def wait_until(condition: Callable[[], bool], patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def pid_of(supervisor: Supervisor, place: int = 0) -> int:
    return supervisor.children[place].process.pid


def test_what_a_child_says_carries_its_name(supervisor: Supervisor) -> None:
    supervisor.start(Program("child", SLEEP))
    wait_until(lambda: "child    | up" in supervisor.out.getvalue())  # type: ignore[attr-defined]


def test_a_dead_child_is_started_again_and_said(supervisor: Supervisor) -> None:
    supervisor.start(Program("child", SLEEP))
    first = pid_of(supervisor)
    os.kill(first, signal.SIGKILL)

    def again() -> bool:
        supervisor.look_after()
        return pid_of(supervisor) != first

    wait_until(again)
    assert "ended (by SIGKILL)" in supervisor.out.getvalue()  # type: ignore[attr-defined]


def test_the_pause_grows_while_it_dies_young(supervisor: Supervisor) -> None:
    supervisor.start(Program("child", (sys.executable, "-c", "raise SystemExit(3)")))
    pauses: set[float] = set()

    def three() -> bool:
        supervisor.look_after()
        pauses.add(supervisor.children[0].pause)
        return len(pauses) > 3

    wait_until(three)
    assert sorted(pauses)[:3] == [0.2, 0.4, 0.8]


def test_grandchildren_end_with_a_dead_child(supervisor: Supervisor, tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    code = (
        "import subprocess,sys,pathlib,time; p = subprocess.Popen(['sleep', '600']);"
        f"pathlib.Path({str(note)!r}).write_text(str(p.pid)); time.sleep(600)"
    )
    supervisor.start(Program("child", (sys.executable, "-c", code)))
    wait_until(lambda: note.exists() and note.read_text() != "")
    grandchild = int(note.read_text())
    os.kill(pid_of(supervisor), signal.SIGKILL)

    def gone() -> bool:
        supervisor.look_after()
        return start_mark(grandchild) is None

    wait_until(gone)


def test_one_that_is_never_ready_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(ConfigurationError, match="slow was not ready"):
        supervisor.start(Program("slow", SLEEP, ready=lambda: False, patience=0.3))


def test_a_failed_step_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(ConfigurationError, match="setup failed"):
        supervisor.run_once(Program("setup", (sys.executable, "-c", "raise SystemExit(1)")))


def test_a_signal_during_the_start_stops_it(supervisor: Supervisor) -> None:
    supervisor.stop.set()
    with pytest.raises(Stopped):
        supervisor.start(Program("child", SLEEP, ready=lambda: False))


def test_children_stop_last_first(supervisor: Supervisor, tmp_path: Path) -> None:
    log = tmp_path / "order"
    code = (
        "import signal,sys,time;"
        f"signal.signal(15, lambda *_: (open({str(log)!r}, 'a').write(sys.argv[1]), sys.exit()));"
        "print('up', flush=True); time.sleep(600)"
    )
    for name in "abc":
        supervisor.start(Program(name, (sys.executable, "-c", code, name)))
    for name in "abc":
        wait_until(lambda name=name: f"{name:<9}| up" in supervisor.out.getvalue())  # type: ignore[attr-defined,misc]
    supervisor.stop_all()
    assert log.read_text() == "cba"


@pytest.mark.kill
def test_children_of_a_killed_supervisor_are_ended_by_the_next(tmp_path: Path) -> None:
    note = tmp_path / "up.json"
    code = (
        "import sys,time; from pathlib import Path; from callcart.processes.supervise import *;"
        f"s = Supervisor(Path({str(note)!r})); s.start(Program('child', ('sleep', '600'))); print('up', flush=True); s.watch()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        while first.stdout.readline().strip() != "up":
            pass
        child = Supervisor(note)
        first.kill()
    import json

    ((_, pid, mark),) = json.loads(note.read_text(encoding="utf-8"))
    assert start_mark(pid) == mark
    assert child.end_left_over() == ["child"]
    assert start_mark(pid) is None
