"""What an earlier server left in a data folder, and whose the pid in `postmaster.pid` is now.

A process is ours when it is a `postgres` whose working folder is the data folder: all its children stay in there. A pid file
that names a live stranger is only removed, the stranger is never signalled. While children of a killed server still
live, the file stays: PostgreSQL needs it to refuse a second server on the same pages.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from callcart.processes.identity import end, start_mark

PROC = Path("/proc")


def pid_in_file(data: Path) -> int | None:
    """The pid of the first line of `postmaster.pid`."""
    try:
        first = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()[:1]
        return abs(int(first[0]))
    except (OSError, ValueError, IndexError):
        return None


def processes_in(data: Path) -> list[int]:
    """Live processes that work in the data folder."""
    if not PROC.exists():
        return []
    here = data.resolve()
    found = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        # EACCES: another user's process, so not our server; ENOENT: it ended while we looked.
        with suppress(OSError):
            if (entry / "comm").read_text(encoding="utf-8", errors="replace").strip() != "postgres":
                continue
            if Path(os.readlink(entry / "cwd")) == here and start_mark(int(entry.name)) is not None:
                found.append(int(entry.name))
    return found


def running_server(data: Path) -> int | None:
    """The pid of a server that runs on this data folder."""
    pid = pid_in_file(data)
    return pid if pid is not None and pid in processes_in(data) else None


def forget_stranger(data: Path) -> bool:
    """Remove a pid file whose server is gone with all its children; True when one was removed."""
    if pid_in_file(data) is None or not PROC.exists() or processes_in(data):
        return False
    (data / "postmaster.pid").unlink(missing_ok=True)
    return True


def end_orphan(data: Path) -> int | None:
    """Stop (fast) a server whose supervisor is gone: the caller holds the lock, so it is. The answer is its pid."""
    pid = running_server(data)
    if pid is not None:
        end(pid, start_mark(pid), stop=signal.SIGINT, grace=60)
    return pid
