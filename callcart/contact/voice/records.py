"""What a call asks of the database: the interface between the call flow (asyncio, no SQL) and the verbs of
conversations, routing and voice. `ledger.py` is the real one; `fake_records.py` holds one in memory for virtual time.

Every method may be repeated without harm. Offers made as a side effect of any of them come back as `Offered`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from callcart.contact.voice.admitting import WAITS, Admitted
from callcart.contact.voice.engine import CallArrived, Softphone
from callcart.contact.voice.flow import CallFacts
from callcart.contact.voice.states import CallState, Media, Side, Silent

MOST_PASSES = 5  # times a conversation may be passed on


@dataclass(frozen=True, slots=True)
class Offered:
    """A conversation is offered to an agent. `username`: the account to dial, where the call is kept as dialling it already."""

    tenant_id: int
    conversation_id: UUID
    staff_id: UUID
    offer_id: UUID
    username: str | None = None


@dataclass(frozen=True, slots=True)
class Consult:
    """Somebody whom the agent has asked to join his talk: a colleague (`staff_id`) or a number outside. `passing`: the talk is theirs as
    soon as they answer."""

    channel: str
    side: Side = Side.CALLING
    staff_id: UUID | None = None
    offer_id: UUID | None = None
    number: str = ""
    passing: bool = False

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Consult | None:
        """As its row keeps it."""
        if kept is None:
            return None
        staff_id, offer_id = kept.get("staff_id"), kept.get("offer_id")
        return cls(
            channel=kept["channel"],
            side=Side(kept["side"]),
            staff_id=UUID(staff_id) if staff_id else None,
            offer_id=UUID(offer_id) if offer_id else None,
            number=kept.get("number", ""),
            passing=bool(kept.get("passing")),
        )

    def kept(self) -> dict[str, Any]:
        return {
            "channel": self.channel, "side": str(self.side), "number": self.number, "passing": self.passing,
            "staff_id": str(self.staff_id) if self.staff_id else None,
            "offer_id": str(self.offer_id) if self.offer_id else None,
        }  # fmt: skip


class NotPassed(StrEnum):
    """Why a talk was not passed on, or nobody could be asked."""

    GONE = "gone"  # it is not this agent's talk any more
    BUSY = "busy"
    LIMIT = "limit"  # passed on too often
    UNREACHABLE = "unreachable"  # no page open there


@dataclass(frozen=True, slots=True)
class Asked:
    """A colleague is offered the talk, and this is the account to dial; or it was not possible."""

    offer_id: UUID | None = None
    username: str = ""
    problem: NotPassed | None = None


class Back(StrEnum):
    """A call that we owe: who is called first."""

    AGENT = "agent"  # waits with nobody on the line until an agent takes it
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class LetOut:
    """A number that may be dialled now, the one it shows, and the seconds after which the call is ended."""

    number: str
    shown: str
    longest: int


@dataclass(frozen=True, slots=True)
class Line:
    """How the line of a talk stands. `silent`: whose sound does not come; `orbit`: parked, to be picked up by this number."""

    silent: Silent = Silent.NOBODY
    muted: bool = False
    orbit: int | None = None
    until: datetime | None = None  # then it is back with who parked it


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call as its row has it: what a restarted process begins with."""

    facts: CallFacts
    state: CallState
    customer_channel: str
    agent_channel: str = ""
    agent_staff_id: UUID | None = None
    offer_id: UUID | None = None
    legs_dialled: int = 0
    flow_state: dict[str, Any] = field(default_factory=dict)
    lost_at: datetime | None = None
    recorded: bool = True
    consult: Consult | None = None
    paused_for: tuple[str, ...] = ()  # why the recording is paused; none: it runs
    line: Line = Line()
    guest: str = ""  # the account of the page that is its other side

    @property
    def back(self) -> Back | None:
        """Who is called first, of a call that we owe and in which the customer has not been on the line yet."""
        kept = self.flow_state.get("calls_back")
        return Back(kept) if kept else None

    @property
    def is_owed(self) -> bool:
        """Whether it waits with nobody on the line: an agent takes it, then the customer is called."""
        return self.back is Back.AGENT and self.state in (CallState.WAITING, CallState.RINGING)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a waiting caller stands, and the guess of the seconds left (None: nothing honest to say)."""

    position: int
    seconds: int | None
    way: Admitted = WAITS  # what the queue does with one who has waited like that
    left: float | None = None  # seconds until one has waited as long as one may


class Records(Protocol):
    """The database as a call sees it."""

    async def open(self, arrival: CallArrived) -> CallRow | None:
        """Begin a conversation for a caller, or find the one begun for this very leg; None: nobody's number."""
        ...

    async def live(self) -> list[CallRow]:
        """Every call whose end has not been recorded, over all tenants, in the state that routing confirms (`states.agreed`)."""
        ...

    async def orphans(self) -> list[CallRow]:
        """Calls of other nodes that nobody steers any more."""
        ...

    async def live_offers(self) -> list[Offered]: ...

    async def save(
        self, row: CallRow, *, step: str = "", data: dict[str, Any] | None = None, media: Media | None = None
    ) -> None:
        """Keep how far the call is, with a step on the conversation's path; `media` tells the agent's desk what the caller
        hears from now on."""
        ...

    async def dial(self, row: CallRow) -> str | None:
        """Keep a call whose new agent leg is about to be dialled, and give the account to dial; None, and nothing kept, where
        the agent has no page open."""
        ...

    async def note(self, facts: CallFacts, step: str, data: dict[str, Any]) -> None: ...

    async def use_language(self, facts: CallFacts, language: str) -> None: ...

    async def look_up(self, facts: CallFacts, question: str, about: Mapping[str, str]) -> Any: ...

    async def admit(self, facts: CallFacts, language: str, queue: UUID | None, *, always: bool) -> Admitted:
        """Whether one may wait there, and where."""
        ...

    async def move_queue(self, facts: CallFacts, queue: UUID) -> Offered | None:
        """One who waits goes to another queue, with his age."""
        ...

    async def leave_queue(self, facts: CallFacts, way: Admitted) -> bool:
        """One who waits hears the menu again. False: an agent is about to answer."""
        ...

    async def enqueue(
        self, row: CallRow, language: str, leg: str, queue: UUID | None = None
    ) -> Offered | None:
        """Wait for a person, in this queue where one is asked for. An agent found at once whose page is open is kept as being
        dialled on this leg. Raises NoQueue where the shop has none."""
        ...

    async def accept(self, row: CallRow) -> bool:
        """The agent of the row answers. True: the row is kept as given and the desk told that they talk (or nothing, while the customer
        is still to be called); False: the offer is not his any more, nothing has changed."""
        ...

    async def unoffer(self, facts: CallFacts, offer_id: UUID, reason: str) -> Offered | None: ...

    async def requeue(self, facts: CallFacts) -> Offered | None: ...

    async def ask(self, row: CallRow, staff_id: UUID, *, passing: bool) -> Asked:
        """Offer the talk to a colleague beside its agent, and keep that the leg `row.consult` names is dialled to him."""
        ...

    async def keep_consult(self, row: CallRow, step: str, data: dict[str, Any]) -> None:
        """Keep who is asked to join and where everybody is, with a step; the agent's desk is told."""
        ...

    async def asked_answers(self, row: CallRow) -> bool:
        """The colleague of `row.consult` answers. True: the row is kept as given; False: he is not asked any more."""
        ...

    async def end_consult(self, row: CallRow, why: str, *, outside: bool) -> Offered | None:
        """Nobody is asked any more (withdrawn, timed_out, rejected, unreachable, ended); the row is kept as given, without a consult."""
        ...

    async def hand_over(self, row: CallRow, former: UUID) -> tuple[bool, Offered | None]:
        """The talk is the colleague's, as `row` says; the former agent has wrap-up. False: he is not asked any more."""
        ...

    async def hand_outside(self, row: CallRow, number: str) -> Offered | None:
        """The customer talks to somebody outside, as `row` says; for its agent the talk is over."""
        ...

    async def leave_to_flow(self, row: CallRow, former: UUID | None, to: str) -> Offered | None:
        """The talk is over, as `row` says; the caller hears the flow, the former agent has wrap-up."""
        ...

    async def to_queue(self, row: CallRow, queue_id: UUID) -> tuple[NotPassed | None, Offered | None]:
        """The talk waits in a queue with its first time of arrival, as `row` says. Raises NoQueue."""
        ...

    async def to_menu(self, row: CallRow) -> tuple[NotPassed | None, Offered | None]: ...

    async def let_out(self, row: CallRow) -> LetOut | None:
        """Ask the guard for a call that we owe, in the name of its agent where it has one; None: it may not be dialled."""
        ...

    async def picked_up(self, row: CallRow) -> None:
        """Whom we called before anybody had the call has answered."""
        ...

    async def reached(self, row: CallRow) -> None:
        """Whom the agent called has answered: the row is kept as given, and the desk told that they talk."""
        ...

    async def not_reached(self, row: CallRow, why: str) -> None:
        """Nobody was reached; the desk is told why."""
        ...

    async def keep_pause(self, row: CallRow, step: str, why: str) -> None:
        """Keep why the recording is paused; the desk is told."""
        ...

    async def keep_line(self, row: CallRow, step: str, data: dict[str, Any]) -> None:
        """Keep how the line stands, with a step; desks and the board are told."""
        ...

    async def park(self, row: CallRow, until: datetime) -> int | None:
        """Keep the talk as parked until then, by the lowest number that is free; None: none is."""
        ...

    async def watched(self, facts: CallFacts, staff_id: UUID | None, mode: str) -> None:
        """Keep what a supervisor does on the talk from now on; empty: he is gone, and without a name they all are."""
        ...

    async def place(self, facts: CallFacts) -> Place | None:
        """None: it does not wait any more."""
        ...

    async def finish(self, row: CallRow, reason: str | None) -> Offered | None:
        """The call is over: end the conversation, end the row, keep the recording."""
        ...

    async def username_of(self, facts: CallFacts, staff_id: UUID) -> str | None:
        """The account of the page in which this agent works; None where he has none open."""
        ...

    async def softphones(self) -> Sequence[Softphone]:
        """Every account that may register now, over all tenants."""
        ...

    async def softphone_at(self, username: str, *, here: bool) -> None:
        """A page has registered here, or is gone from here: other nodes are told."""
        ...

    async def softphone_nodes(self) -> Sequence[tuple[str, str]]:
        """Accounts, and the node where each has registered last."""
        ...

    async def tell_health(self, *, up: bool) -> None: ...

    async def sounds(self, tenant_id: int, utterances: Sequence[Any]) -> list[str]:
        """Names of sounds for the engine."""
        ...


class NoQueue(Exception):
    """The shop has no queue that this call could wait in."""
