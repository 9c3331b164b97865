"""A worker of which a part has broken ends, so that it is started again."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from callcart.processes import worker


def test_a_part_that_breaks_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: told.append((pid, number)))

    def breaks(_stop: threading.Event) -> None:
        raise KeyError("nobody thought of")

    worker.watched(breaks, threading.Event())
    assert told == [(os.getpid(), signal.SIGTERM)]


def test_a_part_that_ends_when_told_ends_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "kill", lambda pid, number: pytest.fail("killed"))
    stop = threading.Event()
    stop.set()
    worker.watched(lambda each: None if each.wait(1) else pytest.fail("not told"), stop)
