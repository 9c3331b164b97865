"""An event loop on virtual time: when nothing is ready, the clock jumps to the next timer. A call of half an hour takes
milliseconds and is the same each time. Nothing real (sockets, threads) may be waited for in it.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class NothingWillHappen(RuntimeError):
    """Everybody waits, and no timer is set: on real time this would hang."""


class _Jump(selectors.DefaultSelector):
    """Instead of sleeping, tells the loop how long it would have slept."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise NothingWillHappen
        if not ready and timeout is not None and timeout > 0:
            self.passed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose `time()` begins at zero and passes only by timers."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.passed


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run to its end on virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
