"""What a caller hears from us: a playback, music, or nothing. One of them at a time; the bridge is another matter.

A leg that is gone, or an engine out of reach, makes these commands come to nothing: the leg's end is an event of its own,
and an engine that comes back is asked for a snapshot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

from callcart.contact.voice.engine import Engine, EngineUnreachable, Refused


async def tried(command: Awaitable[bool]) -> bool:
    """Whether a command was done; False too where the engine is out of reach or refuses."""
    try:
        return await command
    except (EngineUnreachable, Refused):
        return False


# One press that a line tells twice, in band and as an event, comes within this; a finger needs longer for a second one.
DOUBLE_S = 0.08

# Names of playbacks come round again, so that a process that starts again can name all that may still be playing.
NAMES = 4


class Ear:
    """The caller's side of one leg."""

    def __init__(self, engine: Engine, channel: str) -> None:
        self._engine = engine
        self.channel = channel
        self.playing = ""
        self.musical = False
        self._said = 0
        self._stopped: set[int] = set()
        self._pressed = ("", float("-inf"))

    def hears_double(self, digit: str) -> bool:
        """Whether this key is the last one told twice."""
        moment = asyncio.get_running_loop().time()
        before, self._pressed = self._pressed, (digit, moment)
        return before[0] == digit and moment - before[1] < DOUBLE_S

    async def say(self, sounds: Sequence[str]) -> bool:
        """Play these instead of what is heard now. False: nothing is played, and nothing will end."""
        if not sounds:
            return False
        await self.quiet()
        self.playing = self._next()
        if not await tried(self._engine.play(self.channel, self.playing, sounds)):
            self.playing = ""
        return bool(self.playing)

    def ended(self, playback: str) -> bool:
        """Whether this was the playback in hand; an earlier one that we stopped ends too."""
        if playback != self.playing:
            return False
        self.playing = ""
        return True

    async def music(self) -> None:
        """Music instead of what is heard now."""
        await self.hush()
        if not self.musical:
            self.musical = await tried(self._engine.music(self.channel, on=True))

    async def silence(self) -> None:
        """Stop whatever a former process let it hear, which is not known here."""
        self.playing, self.musical = "", False
        for number in range(NAMES):
            if await tried(self._engine.stop(self._name(number))):
                self._stopped.add(number)  # its end is still to be told: the name is left alone
        await tried(self._engine.music(self.channel, on=False))

    async def hush(self) -> None:
        """No playback any more; music goes on."""
        playing, self.playing = self.playing, ""
        if playing:
            await tried(self._engine.stop(playing))

    async def quiet(self) -> None:
        """Neither playback nor music."""
        await self.hush()
        if self.musical:
            self.musical = False
            await tried(self._engine.music(self.channel, on=False))

    def _next(self) -> str:
        for _each in range(NAMES):
            self._said = (self._said + 1) % NAMES
            if self._said not in self._stopped:
                break
        return self._name(self._said)

    def _name(self, number: int) -> str:
        return f"say-{number}-{self.channel}"
