"""Callers and the agents' telephones, by plain SIP. A process that is told a line of JSON (where, which accounts, how many callers), then
that Asterisk died, then `stop`; it tells how each call went.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import django

django.setup()

from callcart.demo.caller.call import Caller, CallFailed, CallState  # noqa: E402
from chaos.handsets import CALLERS_VOICE, Handsets, QuietSound  # noqa: E402
from chaos.judge_calls import CallSeen  # noqa: E402

SERVICE = "+12025550100"
ADDRESSES = ("127.0.0.9", "127.0.0.10", "127.0.0.11", "127.0.0.12")
PATIENCE = (20.0, 70.0)  # seconds on the line
EARLY = (0.5, 8.0)  # of those who leave in the menu or while they wait
BETWEEN = (0.5, 3.0)
DIAL_SECONDS = 40.0


class QuietCaller(Caller):
    """A caller who speaks twice a second."""

    def __init__(self, number: str, server: tuple[str, int]) -> None:
        super().__init__(SERVICE, number=number, server=server, local=random.choice(ADDRESSES))
        self.quiet = self.sound = QuietSound(CALLERS_VOICE)
        self.number = number
        self.dialled_at, self.answered_at = time.time(), 0.0

    def lost(self) -> None:
        """The exchange died."""
        self._end("Asterisk died", by_us=True)

    def seen(self) -> CallSeen:
        if self.end_reason != "Asterisk died":
            self.quiet.look()
        return CallSeen(
            number=self.number,
            dialled_at=self.dialled_at,
            answered_at=self.answered_at or None,
            ended_at=time.time(),
            by_us=self.ended_by_us,
            reason=self.end_reason,
            talked=self.quiet.talked,
            silence=self.quiet.silence,
        )


class Telephones:
    """All of them, until told to stop."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._server = ("127.0.0.1", int(plan["sip_port"]))
        accounts = {each["username"]: each["password"] for each in plan["accounts"]}
        self.handsets = Handsets(self._server, accounts)
        self._callers = int(plan["callers"])
        self._numbers: Iterator[str] = (f"+1202{5_550_000 + n}" for n in itertools.count(1000))
        self._open: dict[str, QuietCaller] = {}
        self._stop = asyncio.Event()
        self.seen: list[CallSeen] = []

    async def run(self) -> None:
        await self.handsets.open()
        await asyncio.gather(*(self._call_on(number) for number in range(self._callers)))
        await asyncio.sleep(3)  # the last good-byes to agents
        await self.handsets.close()

    def stop(self) -> None:
        self._stop.set()

    def asterisk_died(self) -> None:
        self.handsets.lost()
        for caller in self._open.values():
            if caller.state is not CallState.ENDED:
                caller.lost()

    async def _call_on(self, place: int) -> None:
        chance = random.Random(5000 + place)
        await self._wait(chance.uniform(0, 8))
        while not self._stop.is_set():
            caller = QuietCaller(next(self._numbers), self._server)
            self._open[caller.number] = caller
            async with caller:
                try:
                    await self._call(caller, chance)
                except (CallFailed, TimeoutError) as error:
                    caller.end_reason = caller.end_reason or str(error)
                if caller.state is CallState.TALKING:
                    await caller.hang_up()
            self.seen.append(caller.seen())
            del self._open[caller.number]
            await self._wait(chance.uniform(*BETWEEN))

    async def _call(self, caller: QuietCaller, chance: random.Random) -> None:
        await caller.dial(patience=DIAL_SECONDS)
        caller.answered_at = time.time()
        early = chance.random() < 0.12
        leaves = time.monotonic() + chance.uniform(*(EARLY if early else PATIENCE))
        for key in "10":
            await self._on_line(caller, min(leaves, time.monotonic() + 2.5))
            if caller.state is CallState.TALKING and time.monotonic() < leaves:
                await caller.press(key)
        await self._on_line(caller, leaves)

    async def _on_line(self, caller: QuietCaller, until: float) -> None:
        """Until a moment, or until either side has enough."""
        while caller.state is CallState.TALKING and not self._stop.is_set() and time.monotonic() < until:
            await self._wait(0.1)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return


async def main() -> None:
    lines = await _lines()
    telephones = Telephones(json.loads(await lines.readline()))
    work = asyncio.create_task(telephones.run())
    _tell({"ready": True})
    while line := await lines.readline():
        if json.loads(line) == "stop":
            telephones.stop()
            await work
            _tell({"calls": [asdict(each) for each in telephones.seen]})
        else:
            telephones.asterisk_died()


async def _lines() -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


def _tell(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
