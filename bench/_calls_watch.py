"""Looks at an Asterisk from outside: the moments at which calls are set up, and the processor time of process trees.

A call is set up when its bridge first holds the caller and an agent. Both moments are Asterisk's own: when the caller's
channel was made and when the second of the two entered. Listens to bridges only, so that it costs both systems alike.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
import psutil

PATIENCE = 10.0
APPLICATION = "bench"


@dataclass
class Pairs:
    """What the bridges held since `clear`. `callers`: how the names of callers' channels begin."""

    callers: tuple[str, ...]
    set_up: dict[str, float] = field(default_factory=dict)  # seconds, by the caller's channel
    _inside: dict[str, dict[str, datetime]] = field(default_factory=dict)

    def clear(self) -> None:
        self.set_up.clear()
        self._inside.clear()

    def enter(self, message: dict[str, Any]) -> None:
        """A ChannelEnteredBridge."""
        channel, bridge = message["channel"], message["bridge"]["id"]
        moment = datetime.fromisoformat(message["timestamp"])
        inside = self._inside.setdefault(bridge, {})
        if channel["name"].startswith(self.callers):
            inside[channel["id"]] = datetime.fromisoformat(channel["creationtime"])
        else:
            inside.setdefault("", moment)
        if "" in inside and len(inside) == 2:
            caller = next(name for name in inside if name)
            self.set_up.setdefault(caller, (moment - inside[caller]).total_seconds())


class Watch:
    """Listens on a thread of its own between `start` and `stop`."""

    def __init__(self, port: int, password: str, pairs: Pairs) -> None:
        self.pairs = pairs
        self._address = f"http://127.0.0.1:{port}/ari"
        self._headers = {"Authorization": aiohttp.encode_basic_auth("callcart", password)}
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Returns once it listens. Raises TimeoutError."""
        self._thread.start()
        if not self._ready.wait(PATIENCE):
            raise TimeoutError("Asterisk does not tell of its bridges")

    def stop(self) -> None:
        if self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        self._task = self._loop.create_task(self._listen())
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)

    async def _listen(self) -> None:
        async with (
            aiohttp.ClientSession(headers=self._headers) as session,
            session.ws_connect(
                f"{self._address}/events", params={"app": APPLICATION}, max_msg_size=0
            ) as socket,
        ):
            async with session.post(
                f"{self._address}/applications/{APPLICATION}/subscription", params={"eventSource": "bridge:"}
            ) as answer:
                answer.raise_for_status()
            async with session.put(
                f"{self._address}/applications/{APPLICATION}/eventFilter",
                json={"allowed": [{"type": "ChannelEnteredBridge"}]},
            ) as answer:
                answer.raise_for_status()
            self._ready.set()
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT and (found := message.json()).get("bridge"):
                    self.pairs.enter(found)


def cpu_seconds(roots: Iterable[int]) -> float:
    """Processor time so far of these processes and all below them, those that have ended among the latter included."""
    total = 0.0
    for root in map(psutil.Process, roots):
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
                if process.pid == root.pid:
                    total += times.children_user + times.children_system
    return total
