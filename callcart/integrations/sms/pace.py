"""How fast a line may send: so many messages a second, evenly, and slower for a while when its centre says that it was too fast."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0


class TooFarOff(Exception):
    """The next place is too far off to wait for it."""


class Pace:
    """For any number of threads: each gets a moment of its own."""

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap, self._clock, self._sleep = 1.0 / per_second, clock, sleep
        self._next = 0.0
        self._pause = FIRST_PAUSE
        self._lock = threading.Lock()

    def wait(self, most: float) -> None:
        """Until it is this thread's turn. Raises TooFarOff where that would take longer than `most` seconds."""
        with self._lock:
            now = self._clock()
            turn = max(self._next, now)
            if turn - now > most:
                raise TooFarOff
            self._next = turn + self._gap
        if turn > now:
            self._sleep(turn - now)

    def too_fast(self) -> None:
        """The centre wants less: nobody sends for a while, longer each time in a row."""
        with self._lock:
            self._next = max(self._next, self._clock() + self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def went_well(self) -> None:
        with self._lock:
            self._pause = FIRST_PAUSE
