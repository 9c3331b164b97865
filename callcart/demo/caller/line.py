"""`Caller` for code that does not run in an event loop: the same verbs, each returning when done.

The call lives in a thread of its own, so its sound flows while the code here does other things (drives a browser).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from callcart.demo.caller.call import Caller, CallState
from callcart.demo.caller.media import Received

T = TypeVar("T")


class Line:
    """`with Line(service, number=…) as line: line.dial()`. Takes Caller's arguments."""

    def __init__(self, service: str, **arguments: Any) -> None:
        self._call = Caller(service, **arguments)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="caller", daemon=True)

    def __enter__(self) -> Line:
        self._thread.start()
        self._run(self._call.__aenter__())
        return self

    def __exit__(self, *what: object) -> None:
        try:
            self._run(self._call.__aexit__(*what))
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop.close()

    @property
    def state(self) -> CallState:
        return self._call.state

    @property
    def end_reason(self) -> str:
        return self._call.end_reason

    @property
    def received(self) -> Received:
        return self._call.received

    @property
    def sent(self) -> int:
        """Sound packets sent."""
        return self._call.sound.sent

    def dial(self, *, patience: float = 60.0) -> None:
        """Raises CallFailed."""
        self._run(self._call.dial(patience=patience))

    def press(self, keys: str) -> None:
        self._run(self._call.press(keys))

    def play(self, samples: Sequence[int], *, repeat: bool = False) -> None:
        self._loop.call_soon_threadsafe(lambda: self._call.play(samples, repeat=repeat))

    def until(self, happened: Callable[[Received], bool], *, patience: float = 20.0) -> None:
        """Raises TimeoutError."""
        self._run(self._call.until(happened, patience=patience))

    def wait_until_ended(self, *, patience: float | None = None) -> None:
        """Raises TimeoutError."""
        self._run(self._call.wait_until_ended(patience=patience))

    def hang_up(self) -> None:
        self._run(self._call.hang_up())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
