"""A telephone engine in memory: callers and agents whose every move is scripted, on the running loop's time.

Behaves as the interface promises: each leg ends once, commands on what is gone come to nothing, and while it is away
every command raises EngineUnreachable. What a leg hears can be asked at any moment.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from callcart.contact.voice.engine import (
    CallArrived,
    EngineDown,
    EngineEvent,
    EngineUnreachable,
    EngineUp,
    HangUp,
    KeyPressed,
    Leg,
    LegAnswered,
    LegEnded,
    PlaybackEnded,
    RecordingEnded,
    Refused,
    Snapshot,
    Softphone,
    SoftphoneFound,
    SoftphoneLost,
)

SOUND_SECONDS = 2.0


class Hears(StrEnum):
    """What reaches the ear at the far end of a leg."""

    NOTHING = "nothing"
    MUSIC = "music"
    PROMPT = "prompt"
    PEOPLE = "people"


@dataclass
class FakeLeg:
    """One leg. `media`: sound still comes from its far end."""

    channel: str
    inbound: bool
    dialled: str = ""
    caller: str = ""
    hidden: bool = False
    username: str = ""
    answered: bool = False
    music: bool = False
    recording: bool = True
    media: bool = True
    rings: bool = False  # hears the tone of ringing
    snoops: str = ""  # the leg this is a copy of
    whispers: bool = False
    playbacks: list[str] = field(default_factory=list)
    says: str = ""  # the file into which it speaks


class FakeEngine:
    """`call_in`, `press`, `hang_up_far`, `pick_up`, `decline`, `register`, `unregister`, `crash` … move the far ends."""

    def __init__(self) -> None:
        self.legs: dict[str, FakeLeg] = {}
        self.bridges: dict[str, set[str]] = defaultdict(set)
        self.registered: set[str] = set()
        self.accounts: set[str] = set()
        self.elsewhere: dict[str, str] = {}  # account -> node
        self.played: list[tuple[str, tuple[str, ...]]] = []
        self.hang_ups: list[tuple[str, HangUp]] = []
        self.is_up = True
        self.has_trunk = True
        self.join_failures = 0  # so many joins fail although all legs live
        self.written: dict[str, float] = {}  # seconds of sound by file, of recordings that have ended
        self.can_write = True
        self._begun: dict[str, float] = {}
        self._events: asyncio.Queue[EngineEvent] = asyncio.Queue()
        self._ends: dict[str, asyncio.TimerHandle] = {}
        self._serial = itertools.count(1)
        self._packets: dict[str, int] = defaultdict(int)

    # ---- far ends ----

    def call_in(self, dialled: str, caller: str = "+12025550123", *, hidden: bool = False) -> str:
        """Somebody calls; the name of the leg."""
        channel = f"caller-{next(self._serial)}"
        self.legs[channel] = FakeLeg(channel, True, dialled, caller, hidden)
        self._tell(CallArrived(channel, dialled, caller, hidden))
        return channel

    def press(self, channel: str, digit: str) -> None:
        if channel in self.legs:
            self._tell(KeyPressed(channel, digit))
            if digit == "#":
                self._end_recording(self.legs[channel])

    def fall_silent(self, channel: str) -> None:
        """Whoever is being recorded says no more: the engine waits no longer."""
        self._end_recording(self.legs[channel])

    def hang_up_far(self, channel: str, cause: int = 16) -> None:
        """The far end hangs up (or declines, before it has answered)."""
        self._end(channel, cause, hung_up=True)

    def lose(self, channel: str) -> None:
        """The far end is gone without a word."""
        self._end(channel, 0, hung_up=False)

    def pick_up(self, username: str) -> None:
        """The page with this account answers the newest leg that rings there."""
        for leg in reversed(self.ringing(username)):
            leg.answered = True
            self._tell(LegAnswered(leg.channel))
            return

    def decline(self, username: str) -> None:
        for leg in self.ringing(username):
            self._end(leg.channel, 21, hung_up=True)

    def register(self, username: str) -> None:
        self.registered.add(username)
        self._tell(SoftphoneFound(username))

    def unregister(self, username: str, *, media_stops: bool = True) -> None:
        """The page is gone (or only its signalling is); its legs know nothing of it."""
        self.registered.discard(username)
        for leg in self.legs.values():
            if leg.username == username and media_stops:
                leg.media = False
        self._tell(SoftphoneLost(username))

    def crash(self) -> None:
        """The engine dies with all its calls."""
        for handle in self._ends.values():
            handle.cancel()
        self.legs.clear()
        self.bridges.clear()
        self.registered.clear()
        self.disconnect(gone=True)

    def disconnect(self, *, gone: bool = False) -> None:
        """Out of reach; calls go on, unless it is gone."""
        self.is_up = False
        self._tell(EngineDown(gone))

    def reconnect(self, *, restarted: bool = False) -> None:
        self.is_up = True
        self._tell(EngineUp(restarted))

    # ---- looking ----

    def ringing(self, username: str) -> list[FakeLeg]:
        return [leg for leg in self.legs.values() if leg.username == username and not leg.answered]

    def talking(self, username: str) -> list[FakeLeg]:
        return [leg for leg in self.legs.values() if leg.username == username and leg.answered]

    def hears(self, channel: str) -> Hears:
        leg = self.legs[channel]
        for members in self.bridges.values():
            if channel in members and any(
                other != channel and self.legs[other].answered for other in members
            ):
                return Hears.PEOPLE
        if leg.playbacks:
            return Hears.PROMPT
        return Hears.MUSIC if leg.music else Hears.NOTHING

    # ---- the interface ----

    async def events(self) -> AsyncIterator[EngineEvent]:
        self._events = asyncio.Queue()
        if self.is_up:
            self._tell(EngineUp())
        while True:
            yield await self._events.get()

    async def snapshot(self) -> Snapshot:
        self._reach()
        legs = {
            leg.channel: Leg(leg.channel, leg.answered, leg.inbound, leg.dialled, leg.caller, leg.hidden)
            for leg in self.legs.values()
        }
        return Snapshot(legs, {name: frozenset(members) for name, members in self.bridges.items()})

    async def answer(self, channel: str) -> bool:
        leg = self._leg(channel)
        if leg is not None:
            leg.answered = True
        return leg is not None

    async def hang_up(self, channel: str, reason: HangUp = HangUp.NORMAL) -> bool:
        if self._leg(channel) is None:
            return False
        self.hang_ups.append((channel, reason))
        self._end(channel, 16, hung_up=False)
        return True

    async def play(self, channel: str, playback: str, sounds: Sequence[str]) -> bool:
        leg = self._leg(channel)
        if leg is None or not leg.answered:
            return False
        self.played.append((channel, tuple(sounds)))
        leg.playbacks.append(playback)
        self._ends[playback] = asyncio.get_running_loop().call_later(
            SOUND_SECONDS * len(sounds), self._end_playback, leg, playback
        )
        return True

    async def stop(self, playback: str) -> bool:
        self._reach()
        for leg in self.legs.values():
            if playback in leg.playbacks:
                self._ends.pop(playback).cancel()
                self._end_playback(leg, playback)
                return True
        return False

    async def music(self, channel: str, *, on: bool) -> bool:
        leg = self._leg(channel)
        if leg is not None:
            leg.music = on
        return leg is not None

    async def dial(
        self, channel: str, username: str, *, caller: str, seconds: int, originator: str, conversation: str
    ) -> bool:
        self._reach()
        if channel in self.legs:
            raise AssertionError(f"two legs called {channel}")
        if username not in self.registered:
            return False
        self.legs[channel] = FakeLeg(channel, False, username=username, caller=caller)
        asyncio.get_running_loop().call_later(seconds, self._ring_out, channel)
        return True

    async def dial_out(self, channel: str, number: str, *, shown: str, seconds: int, longest: int) -> bool:
        self._reach()
        if channel in self.legs:
            raise AssertionError(f"two legs called {channel}")
        if not self.has_trunk:
            return False
        self.legs[channel] = FakeLeg(
            channel, False, dialled=number, username=f"outside {number}", caller=shown
        )
        asyncio.get_running_loop().call_later(seconds, self._ring_out, channel)
        asyncio.get_running_loop().call_later(longest, self.hang_up_far, channel)
        return True

    async def join(self, bridge: str, *channels: str) -> bool:
        if any(self._leg(channel) is None for channel in channels):
            return False
        if self.join_failures:
            self.join_failures -= 1
            return False
        self.bridges[bridge].update(channels)
        return True

    async def leave(self, bridge: str, channel: str) -> bool:
        self._reach()
        members = self.bridges.get(bridge, set())
        there = channel in members
        members.discard(channel)
        return there

    async def drop_bridge(self, bridge: str) -> bool:
        self._reach()
        return self.bridges.pop(bridge, None) is not None

    async def stop_recording(self, channel: str) -> bool:
        return self._record(channel, on=False)

    async def record_again(self, channel: str) -> bool:
        return self._record(channel, on=True)

    def _record(self, channel: str, *, on: bool) -> bool:
        leg = self._leg(channel)
        if leg is not None:
            leg.recording, leg.music = on, False
            for members in self.bridges.values():
                members.discard(channel)
        return leg is not None

    async def record(self, channel: str, name: str, *, seconds: int, silence: int) -> bool:
        leg = self._leg(channel)
        if leg is None:
            return False
        if not self.can_write:
            raise Refused
        if name in self.written:
            self._tell(RecordingEnded(channel, name))
        elif leg.says != name:
            leg.says, self._begun[name] = name, asyncio.get_running_loop().time()
            asyncio.get_running_loop().call_later(seconds, self._end_recording, leg, name)
        return True

    async def ring_tone(self, channel: str, *, on: bool) -> bool:
        leg = self._leg(channel)
        if leg is not None:
            leg.rings = on
        return leg is not None

    async def snoop(self, channel: str, name: str, *, whisper: bool) -> bool:
        if self._leg(channel) is None:
            return False
        self.legs[name] = FakeLeg(name, False, answered=True, snoops=channel, whispers=whisper)
        return True

    async def packets_received(self, channel: str) -> int | None:
        leg = self._leg(channel)
        if leg is None:
            return None
        if leg.media:
            self._packets[channel] += 100
        return self._packets[channel]

    async def add_softphone(self, softphone: Softphone) -> None:
        self._reach()
        self.accounts.add(softphone.username)

    def softphone_at(self, username: str, node: str) -> None:
        self.elsewhere[username] = node

    async def remove_softphone(self, username: str) -> bool:
        self._reach()
        there = username in self.accounts
        self.accounts.discard(username)
        return there

    # ---- inside ----

    def _reach(self) -> None:
        if not self.is_up:
            raise EngineUnreachable

    def _leg(self, channel: str) -> FakeLeg | None:
        self._reach()
        return self.legs.get(channel)

    def _tell(self, event: EngineEvent) -> None:
        if self.is_up or isinstance(event, EngineDown):
            self._events.put_nowait(event)

    def _end(self, channel: str, cause: int, *, hung_up: bool) -> None:
        leg = self.legs.get(channel)
        if leg is None:
            return
        for playback in list(leg.playbacks):
            self._ends.pop(playback).cancel()
            self._end_playback(leg, playback)
        self._end_recording(leg)
        del self.legs[channel]
        for members in self.bridges.values():
            members.discard(channel)
        self._tell(LegEnded(channel, cause, hung_up))
        for copy in [each.channel for each in self.legs.values() if each.snoops == channel]:
            self._end(copy, 16, hung_up=False)

    def _end_playback(self, leg: FakeLeg, playback: str) -> None:
        self._ends.pop(playback, None)
        if playback in leg.playbacks:
            leg.playbacks.remove(playback)
            self._tell(PlaybackEnded(leg.channel, playback))

    def _end_recording(self, leg: FakeLeg, name: str = "") -> None:
        said = leg.says
        if said and name in ("", said):
            leg.says = ""
            self.written[said] = asyncio.get_running_loop().time() - self._begun[said]
            self._tell(RecordingEnded(leg.channel, said))

    def _ring_out(self, channel: str) -> None:
        leg = self.legs.get(channel)
        if leg is not None and not leg.answered:
            self._end(channel, 19, hung_up=False)
