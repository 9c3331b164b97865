"""One take on the line: a leg, its row, one timer, and an inbox that is worked through one thing at a time.

It holds no truth: a process that starts again finds the row and the leg, and goes on with the step it was in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from callcart.contact.voice.causes import OUTSIDE_RINGS
from callcart.contact.voice.ear import Ear, tried
from callcart.contact.voice.engine import (
    EngineEvent,
    EngineUnreachable,
    HangUp,
    KeyPressed,
    Leg,
    LegAnswered,
    LegEnded,
    PlaybackEnded,
    RecordingEnded,
    Refused,
)
from callcart.contact.voice.flow import Utterance
from callcart.contact.voice.replace import MOST_SECONDS
from callcart.contact.voice.studio.book import Listened, TakeRow
from callcart.contact.voice.studio.states import TRANSITIONS, TakeState, Why
from callcart.contact.voice.studio.words import said, tone

if TYPE_CHECKING:
    from callcart.contact.voice.studio.studio import Studio

log = structlog.get_logger(__name__)

RINGS = 30  # seconds that a page rings
SILENCE = 6  # seconds that end what is said
PATIENCE = 20  # seconds past the longest recording until nobody believes that its end will be told
THINKING = 8  # seconds to press a key
TRIES = 3  # silences in a row, of either kind
MOST_ROUNDS = 20
KEEP, AGAIN, REPEAT = "1", "2", "*"

_CAUSES = {17: Why.BUSY, 19: Why.NO_ANSWER, 21: Why.REJECTED, 1: Why.UNREACHABLE, 28: Why.UNREACHABLE}


@dataclass(frozen=True, slots=True)
class Begin:
    """Ring."""


@dataclass(frozen=True, slots=True)
class GoOn:
    """The process has started again; this is the leg, if there still is one."""

    leg: Leg | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Whoever asked has thought better of it."""


@dataclass(frozen=True, slots=True)
class Due:
    serial: int


Given = EngineEvent | Begin | GoOn | Withdrawn | Due


class Take:
    """`post` gives it something, `run` works it off until the end."""

    def __init__(self, studio: Studio, row: TakeRow) -> None:
        self.studio, self.engine, self.book = studio, studio.engine, studio.book
        self.row = row
        self.inbox: asyncio.Queue[Given] = asyncio.Queue()
        self.gone = False
        self.heard: Listened | None = None
        self.silences = 0
        self._ear = Ear(studio.engine, row.channel)
        self._then: Callable[[], Awaitable[None]] | None = None  # what follows what is being said
        self._handle: asyncio.TimerHandle | None = None
        self._serial = 0

    def post(self, given: Given) -> None:
        self.inbox.put_nowait(given)

    async def run(self) -> None:
        while not self.gone:
            given = await self.inbox.get()
            try:
                await self._take(given)
            except Exception as error:
                log.exception("take.failed", input=type(given).__name__, error=type(error).__name__)
                await self._break_off()
        self._stop()

    async def _take(self, given: Given) -> None:
        match given:
            case Begin():
                await self._ring()
            case GoOn(leg=leg):
                await self._go_on(leg)
            case Withdrawn():
                await self._end(Why.WITHDRAWN)
            case LegAnswered():
                await self._tell("begin")
            case LegEnded():
                await self._leg_ended(given)
            case KeyPressed(digit=digit):
                await self._key(digit)
            case PlaybackEnded(playback=playback) if self._ear.ended(playback):
                await self._said()
            case RecordingEnded(name=name) if (
                name == self.row.file_name and self.row.state is TakeState.SPEAKING
            ):
                await self._recorded(failed=given.failed)
            case Due(serial=serial) if serial == self._serial:
                await self._due()

    # ---- the telephone rings ----

    async def _ring(self) -> None:
        try:
            rings = await (self._dial_out() if self.row.number else self._dial())
        except (EngineUnreachable, Refused):
            rings = False
        if not rings:
            await self._end(Why.UNREACHABLE)

    async def _dial(self) -> bool:
        account = await self.book.account(self.row)
        return bool(account) and await self.engine.dial(
            self.row.channel, account, caller=self.row.shown, seconds=RINGS, originator="", conversation=str(self.row.id)
        )  # fmt: skip

    async def _dial_out(self) -> bool:
        row = self.row
        return await self.engine.dial_out(
            row.channel, row.number, shown=row.shown, seconds=OUTSIDE_RINGS, longest=row.longest
        )

    async def _go_on(self, leg: Leg | None) -> None:
        """With the step it was in; what was being said is said again."""
        if leg is None:
            await self._end(Why.LOST)
        elif leg.answered:
            await self._ear.silence()
            match self.row.state:
                case TakeState.SPEAKING:
                    await self._write()  # it runs on, or its end is told again
                case TakeState.HEARD:
                    await self._listen()
                case _:
                    await self._tell("begin")

    # ---- he is told, and speaks ----

    async def _tell(self, *words: str) -> None:
        """What to do, and the tone. A key is as good as having listened to it."""
        if self.row.round >= MOST_ROUNDS:
            await self._farewell("not_kept", Why.TOO_OFTEN)
        elif await self._go(TakeState.TOLD):
            await self._say([said(word, self.row.language) for word in words], self._sound_tone)

    async def _sound_tone(self) -> None:
        await self._say([tone(self.row.language)], self._speak)

    async def _speak(self) -> None:
        if await self._go(TakeState.SPEAKING, round=self.row.round + 1):
            await self._write()

    async def _write(self) -> None:
        self._timer(MOST_SECONDS + PATIENCE)
        try:
            await self.engine.record(
                self.row.channel, self.row.file_name, seconds=MOST_SECONDS, silence=SILENCE
            )
        except Refused:
            self.post(RecordingEnded(self.row.channel, self.row.file_name, failed=True))
        except EngineUnreachable:
            return  # all is looked at again once it is back

    async def _recorded(self, *, failed: bool) -> None:
        self._stop()
        if failed:
            await self._farewell("failed", Why.NOT_WRITTEN)
        else:
            await self._listen()

    # ---- he hears it, and decides ----

    async def _listen(self) -> None:
        self.heard = heard = await self.book.listen(self.row)
        if heard.problem is Why.SILENT:
            await self._nothing_heard()
        elif heard.problem is not None:
            await self._farewell("failed", heard.problem)
        elif self.row.state is TakeState.HEARD or await self._go(TakeState.HEARD):
            self.silences = 0
            await self._play_back()

    async def _nothing_heard(self) -> None:
        self.silences += 1
        if self.silences < TRIES:
            await self._tell("silent", "again")
        else:
            await self._farewell("not_kept", Why.SILENT)

    async def _play_back(self) -> None:
        heard, language = self.heard, self.row.language
        assert heard is not None
        first = ["cut"] if heard.seconds >= MOST_SECONDS - 1 else []
        before = await self.book.sounds(self.row, [said(word, language) for word in first])
        after = await self.book.sounds(self.row, [said("ask", language)])
        await self._play([*before, heard.sound, *after], self._wait)

    async def _wait(self) -> None:
        self._timer(THINKING)

    async def _due(self) -> None:
        if self.row.state is TakeState.SPEAKING:
            await self._farewell("failed", Why.NOT_WRITTEN)
        elif self.row.state is TakeState.HEARD:
            self.silences += 1
            await (self._play_back() if self.silences < TRIES else self._farewell("not_kept", Why.UNDECIDED))

    async def _key(self, digit: str) -> None:
        if self._ear.hears_double(digit):
            return
        if self.row.state is TakeState.TOLD and self._then == self._sound_tone:
            await self._sound_tone()
        elif self.row.state is TakeState.HEARD and digit in (KEEP, AGAIN, REPEAT):
            self._stop()
            self.silences = 0
            await self._ear.hush()
            await {KEEP: self._keep, AGAIN: self._once_more, REPEAT: self._play_back}[digit]()

    async def _once_more(self) -> None:
        await self._tell("again")

    async def _keep(self) -> None:
        problem = await self.book.keep(self.row)
        if problem is not None:
            await self._farewell("failed", problem)
        else:
            self.row = replace(self.row, state=TakeState.KEPT)
            await self._say([said("kept", self.row.language)], self._hang_up)

    # ---- the end ----

    async def _farewell(self, word: str, why: Why) -> None:
        """It is over; he is told so, as long as he listens."""
        self._stop()
        await self._over(why)
        await self._say([said(word, self.row.language)], self._hang_up)

    async def _leg_ended(self, ended: LegEnded) -> None:
        why = Why.HUNG_UP if ended.hung_up else Why.LOST
        if self.row.state is TakeState.RINGING:
            why = _CAUSES.get(ended.cause, Why.NO_ANSWER)
        await self._end(why)

    async def _end(self, why: Why) -> None:
        await self._over(why)
        await self._hang_up()

    async def _over(self, why: Why) -> None:
        if self.row.state not in (TakeState.KEPT, TakeState.OVER):
            await self.book.over(self.row, why)
            self.row = replace(self.row, state=TakeState.OVER)

    async def _hang_up(self) -> None:
        self._stop()
        self.gone = True
        await tried(self.engine.hang_up(self.row.channel, HangUp.NORMAL))
        self.studio.ended(self)

    async def _break_off(self) -> None:
        """Something went wrong. A row that cannot be ended now is ended by the next process, or by the next take."""
        with suppress(Exception):
            await self._over(Why.LOST)
        await self._hang_up()

    # ---- what the steps share ----

    async def _go(self, state: TakeState, *, round: int | None = None) -> bool:
        """Into another state, written down; False where it has been withdrawn meanwhile."""
        if state is not self.row.state and state not in TRANSITIONS[self.row.state]:
            raise AssertionError(f"a take does not go from {self.row.state} to {state}")
        self.row = replace(self.row, state=state, round=self.row.round if round is None else round)
        if await self.book.note(self.row):
            return True
        self.row = replace(self.row, state=TakeState.OVER)
        await self._hang_up()
        return False

    async def _say(self, utterances: Sequence[Utterance], then: Callable[[], Awaitable[None]]) -> None:
        await self._play(await self.book.sounds(self.row, utterances), then)

    async def _play(self, sounds: Sequence[str], then: Callable[[], Awaitable[None]]) -> None:
        self._then = then
        if not await self._ear.say(sounds):
            self.post(PlaybackEnded(self.row.channel, ""))  # nothing to hear: go on as if it had been heard

    async def _said(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            await then()

    def _timer(self, seconds: float) -> None:
        self._stop()
        due = Due(self._serial)
        self._handle = asyncio.get_running_loop().call_later(seconds, self.post, due)

    def _stop(self) -> None:
        self._serial += 1
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
