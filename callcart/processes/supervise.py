"""Keeps a set of child processes running: start in order, log with their names, start again with a growing pause, stop
in the opposite order.

A child leads its own process group, so a terminal's Ctrl-C reaches us alone, and what a dead child leaves in its group
ends with it. Every child is noted with its start time: those of a killed supervisor are found and ended by the next one.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from callcart.config import ConfigurationError
from callcart.processes.identity import end, group_of, is_same, start_mark

WRONG_CONFIGURATION = 2  # how our commands end after having said what is wrong
FIRST_PAUSE, LONGEST_PAUSE, YOUNG = 0.2, 10.0, 30.0  # seconds


@dataclass(frozen=True, eq=False)
class Program:
    """What to run. `ready` is asked until it says so; a program without one is ready once it lives."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool] | None = None
    patience: float = 60.0
    grace: float = 15.0
    environment: dict[str, str] = field(default_factory=dict)


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[str]
    mark: str | None
    started: float
    pause: float = FIRST_PAUSE
    again_at: float | None = None


class Stopped(Exception):
    """A signal asked us to stop while we were starting."""


class Supervisor:
    """Runs programs until `stop` is set. Not for use from several threads."""

    def __init__(self, note: Path, *, out: TextIO = sys.stdout) -> None:
        self.note = note
        self.out = out
        self.stop = threading.Event()
        self.children: list[_Child] = []
        self._printing = threading.Lock()

    def end_left_over(self) -> list[str]:
        """End the children of a supervisor that was killed; their names. The caller holds the lock of this home."""
        try:
            noted = json.loads(self.note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        ended = []
        for name, pid, mark in reversed(noted):
            if is_same(int(pid), mark):
                ended.append(str(name))
                group = group_of(int(pid))
                end(int(pid), mark, grace=15)
                for member, its_mark in group:
                    end(member, its_mark, grace=1)
        self.note.unlink(missing_ok=True)
        return ended

    def start(self, program: Program) -> None:
        """Start one program and wait until it is ready. Raises ConfigurationError when it is not in time."""
        self._spawn(program)
        self.wait_ready([program])

    def start_all(self, programs: Iterable[Program]) -> None:
        """Start several at once and wait for all of them."""
        programs = list(programs)
        for program in programs:
            self._spawn(program)
        self.wait_ready(programs)

    def run_once(self, program: Program) -> None:
        """Run a program to its end; ConfigurationError when it fails."""
        process = self._popen(program)
        while process.poll() is None:
            if self.stop.wait(0.05):
                process.terminate()
                process.wait()
                raise Stopped
        if process.returncode != 0:
            raise ConfigurationError(f"{program.name} failed, see above.")

    def wait_ready(self, programs: Iterable[Program]) -> None:
        deadlines = {program: time.monotonic() + program.patience for program in programs if program.ready}
        while deadlines:
            if self.stop.is_set():
                raise Stopped
            self.look_after()
            self._refuse_unusable(deadlines)
            for program, deadline in list(deadlines.items()):
                if program.ready is not None and program.ready():
                    del deadlines[program]
                elif time.monotonic() > deadline:
                    raise ConfigurationError(f"{program.name} was not ready after {program.patience:.0f} s.")
            time.sleep(0.1)

    def watch(self) -> None:
        """Look after the children until asked to stop."""
        while not self.stop.wait(0.1):
            self.look_after()

    def look_after(self) -> None:
        """One round: start the dead again when their pause is over."""
        now = time.monotonic()
        for child in self.children:
            if child.again_at is not None:
                if now >= child.again_at:
                    self._respawn(child)
            elif _has_ended(child.process):
                _end_group(child.process.pid)
                code = child.process.wait()
                child.pause = (
                    FIRST_PAUSE if now - child.started > YOUNG else min(child.pause * 2, LONGEST_PAUSE)
                )
                child.again_at = now + child.pause
                self.say(child.program.name, f"ended ({_cause(code)}), starting again in {child.pause:.1f} s")

    def _refuse_unusable(self, programs: Iterable[Program]) -> None:
        """One that ended because its configuration is wrong ends no better the next time."""
        for child in self.children:
            if child.program in programs and child.process.returncode == WRONG_CONFIGURATION:
                raise ConfigurationError(f"{child.program.name} cannot start, see above.")

    def stop_all(self) -> None:
        """Stop the children, last started first; each has its grace, then it is ended hard."""
        for child in reversed(self.children):
            if child.again_at is None and not _has_ended(child.process):
                child.process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(child.program.grace)
            if child.process.returncode is None:
                _end_group(child.process.pid)
                child.process.wait()
        self.children.clear()
        self.note.unlink(missing_ok=True)

    def say(self, name: str, line: str) -> None:
        with self._printing:
            self.out.write(f"{name:<9}| {line}\n")
            self.out.flush()

    def _spawn(self, program: Program) -> None:
        process = self._popen(program)
        self.children.append(_Child(program, process, start_mark(process.pid), time.monotonic()))
        self._write_note()

    def _respawn(self, child: _Child) -> None:
        child.process = self._popen(child.program)
        child.mark, child.started, child.again_at = start_mark(child.process.pid), time.monotonic(), None
        self._write_note()

    def _popen(self, program: Program) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            program.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **program.environment},
        )
        threading.Thread(target=self._relay, args=(program.name, process), daemon=True).start()
        return process

    def _relay(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.say(name, line.rstrip())

    def _write_note(self) -> None:
        noted = [(child.program.name, child.process.pid, child.mark) for child in self.children]
        draft = self.note.with_suffix(".new")
        draft.write_text(json.dumps(noted), encoding="utf-8")
        draft.replace(self.note)


def _has_ended(process: subprocess.Popen[str]) -> bool:
    """Like poll(), but leaves the dead unburied: while it keeps its pid, its group cannot be mistaken for another."""
    if process.returncode is not None:
        return True
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def _end_group(pid: int) -> None:
    """End what a child left in its group. Postgres and Asterisk lead groups of their own and are not in it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _cause(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
