"""Which process is which: a pid alone is not proof, a pid with its start time is.

Locks are kernel locks on a file (gone with their holder, whatever ended it); the file's text tells people who
holds it. Nothing here ends a process it cannot identify.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process holds the lock."""

    def __init__(self, path: Path, holder: str) -> None:
        super().__init__(f"{path} is held by {holder or 'another process'}")
        self.holder = holder


def start_mark(pid: int) -> str | None:
    """What tells this process from a later one with the same pid; None when there is none (or only a zombie)."""
    try:
        # The name in brackets may hold spaces and brackets itself: the fields count from the last one.
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return _mark_by_ps(pid) if not Path("/proc/self").exists() else None
    return None if fields[0] in "ZX" else f"{_boot_id()}:{fields[19]}"


def is_same(pid: int, mark: str | None) -> bool:
    """True while the process that had this mark lives."""
    return mark is not None and pid > 1 and start_mark(pid) == mark


def end(pid: int, mark: str | None, *, stop: signal.Signals = signal.SIGTERM, grace: float = 10.0) -> None:
    """Ask the marked process to stop; after `grace` seconds end it hard. A stranger with its pid is left alone."""
    for sign, wait in ((stop, grace), (signal.SIGKILL, 5.0)):
        if not is_same(pid, mark):
            return
        with suppress(ProcessLookupError):
            os.kill(pid, sign)
        deadline = time.monotonic() + wait
        while is_same(pid, mark) and time.monotonic() < deadline:
            time.sleep(0.05)


def group_of(leader: int) -> list[tuple[int, str | None]]:
    """Pids and marks of the live processes in a process's group, itself among them."""
    found = []
    for entry in Path("/proc").iterdir() if Path("/proc").exists() else ():
        if entry.name.isdigit():
            with suppress(OSError):
                pid = int(entry.name)
                if os.getpgid(pid) == leader:
                    found.append((pid, start_mark(pid)))
    return found


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file for the block; raises AlreadyRunning at once when someone else has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                path, os.pread(descriptor, 200, 0).decode(errors="replace").strip()
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()}\n".encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _boot_id() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _mark_by_ps(pid: int) -> str | None:
    """For systems without /proc."""
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or None
