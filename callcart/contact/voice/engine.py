"""What the voice domain asks of a telephone engine: legs, playbacks, music, bridges, softphone accounts.

Owns the interface and its typed events only. Ids of legs, playbacks and bridges are chosen by the caller of a command, so
that a restarted process finds its own again. A command on something that is gone returns False: the other side hung up
first, which is a race and no error. `EngineUnreachable` says that the engine itself cannot be reached.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class EngineUnreachable(Exception):
    """The telephone engine does not answer."""


class Refused(Exception):
    """The engine will not do this now (a leg to nobody, a leg not yet in our hands)."""


class HangUp(StrEnum):
    """Why we end a leg; the far side sees it as a SIP answer code or a Q.850 cause."""

    NORMAL = "normal"
    UNALLOCATED = "unallocated"
    BUSY = "busy"
    CONGESTION = "congestion"
    ANSWERED_ELSEWHERE = "answered_elsewhere"


@dataclass(frozen=True, slots=True)
class Softphone:
    """An account a browser registers with. A `guest`'s is a customer's page: it is rung, and can call nothing at all."""

    username: str
    password: str
    guest: bool = False


@dataclass(frozen=True, slots=True)
class CallArrived:
    """A caller's leg is in our hands, not answered yet. `caller` is what the network says, as it came."""

    channel: str
    dialled: str
    caller: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """A leg that we dialled was answered."""

    channel: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    """A leg is gone. `hung_up`: the far side said so; False: it was lost (no more media, no signalling) or cleared by us.
    `cause` is Q.850 (16 normal, 17 busy, 19 no answer, 21 rejected)."""

    channel: str
    cause: int = 16
    hung_up: bool = True


@dataclass(frozen=True, slots=True)
class KeyPressed:
    channel: str
    digit: str


@dataclass(frozen=True, slots=True)
class PlaybackEnded:
    channel: str
    playback: str


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """What a leg had to say has been written down. `failed`: it could not be (to its end)."""

    channel: str
    name: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class SoftphoneLost:
    """The account has no registered browser any more (page closed, network gone)."""

    username: str


@dataclass(frozen=True, slots=True)
class SoftphoneFound:
    """A browser has registered with the account."""

    username: str


@dataclass(frozen=True, slots=True)
class EngineUp:
    """Connected: take a snapshot now, events from here on follow. `restarted`: calls of before are gone."""

    restarted: bool = False


@dataclass(frozen=True, slots=True)
class EngineDown:
    """Not reachable for longer than a moment. `gone`: it runs no more, and no call of it is left. Told once more where a
    silent one is found gone."""

    gone: bool = False


EngineEvent = (
    CallArrived
    | LegAnswered
    | LegEnded
    | KeyPressed
    | PlaybackEnded
    | RecordingEnded
    | SoftphoneLost
    | SoftphoneFound
    | EngineUp
    | EngineDown
)


@dataclass(frozen=True, slots=True)
class Leg:
    """A live leg as the engine has it."""

    channel: str
    answered: bool
    inbound: bool
    dialled: str = ""
    caller: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of our legs, and the legs in each bridge, at one moment."""

    legs: dict[str, Leg] = field(default_factory=dict)
    bridges: dict[str, frozenset[str]] = field(default_factory=dict)


class Engine(Protocol):
    """A telephone engine. Every command may raise EngineUnreachable."""

    def events(self) -> AsyncIterator[EngineEvent]:
        """Everything that happens, for ever; connects again by itself."""
        ...

    async def snapshot(self) -> Snapshot: ...

    async def answer(self, channel: str) -> bool: ...

    async def hang_up(self, channel: str, reason: HangUp = HangUp.NORMAL) -> bool: ...

    async def play(self, channel: str, playback: str, sounds: Sequence[str]) -> bool:
        """Play sounds (names the engine knows) one after another; PlaybackEnded follows, also when stopped."""
        ...

    async def stop(self, playback: str) -> bool: ...

    async def music(self, channel: str, *, on: bool) -> bool: ...

    async def dial(
        self, channel: str, username: str, *, caller: str, seconds: int, originator: str, conversation: str
    ) -> bool:
        """Ring a softphone on a new leg `channel`; LegAnswered or LegEnded follows. False where nobody is registered."""
        ...

    async def dial_out(self, channel: str, number: str, *, shown: str, seconds: int, longest: int) -> bool:
        """Ring a number of the world outside (E.164) on a new leg, `shown` as the caller; LegAnswered or LegEnded follows, its cause
        saying why nobody answered. After `longest` seconds it is ended, whatever becomes of us. False where there is no way out."""
        ...

    async def join(self, bridge: str, *channels: str) -> bool:
        """Make the bridge where there is none and put legs into it; False where a leg is gone."""
        ...

    async def leave(self, bridge: str, channel: str) -> bool: ...

    async def drop_bridge(self, bridge: str) -> bool: ...

    async def stop_recording(self, channel: str) -> bool:
        """What the dial plan began to record of this leg is not wanted; the file may stay behind."""
        ...

    async def record_again(self, channel: str) -> bool:
        """Record a leg again, into the same place, whose recording was stopped. Both take the leg out of its bridge and its music for
        a moment: it is put back by who asked."""
        ...

    async def record(self, channel: str, name: str, *, seconds: int, silence: int) -> bool:
        """Write what this leg says into the file `name` of the folder of recordings, until `#`, its end, so many seconds of silence, or
        `seconds`; RecordingEnded follows. Said again it goes on, or, where it has ended, RecordingEnded is told again. Raises Refused
        where it cannot be written."""
        ...

    async def ring_tone(self, channel: str, *, on: bool) -> bool:
        """Let an answered leg hear that it rings elsewhere."""
        ...

    async def snoop(self, channel: str, name: str, *, whisper: bool) -> bool:
        """A leg `name` that hears what this leg hears and says; `whisper`: what is said to it, this leg alone hears. It ends with the
        leg, and LegEnded says so."""
        ...

    async def packets_received(self, channel: str) -> int | None:
        """RTP packets received so far on a leg; None where it is gone."""
        ...

    async def add_softphone(self, softphone: Softphone) -> None:
        """Let a browser register with this account; again is harmless."""
        ...

    async def remove_softphone(self, username: str) -> bool: ...

    def softphone_at(self, username: str, node: str) -> None:
        """Its page has registered at another node (empty: at none): it is rung by way of that one, where it is not here."""
        ...
