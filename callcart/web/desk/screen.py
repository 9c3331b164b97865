"""What the regions of the desk show, as plain values: made by `pop.py`, read by the templates. Nothing in here is unmasked
but `caller_fill`, which only those get who may see numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from callcart.core.clock import now
from callcart.core.money import Money
from callcart.web.desk.labels import Mark

LATE_WRAP_UP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Line:
    """`silent`: caller, agent, both. `orbit`: parked by this number, `until` it comes back."""

    silent: str = ""
    orbit: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversation as the strip and the thread show it. `phase`: before, offered, active, wrap_up or closed."""

    id: str
    number: str
    phase: str
    label: str
    tone: str
    mine: bool
    language: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    channel: str = "voice"
    offer_id: str = ""
    expires_at: datetime | None = None
    wrap_until: datetime | None = None
    wrap_note: str = ""
    disposition: str = ""
    wrapped: bool = False
    held_since: datetime | None = None
    second: Second | None = None
    recorded: bool = False
    recording_paused: bool = False
    line: Line = Line()
    has_number: bool = False
    chat_id: str = ""

    @property
    def talk_seconds(self) -> float | None:
        if self.answered_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.answered_at).total_seconds()

    @property
    def may_wrap(self) -> bool:
        return self.mine and (self.phase in {"active", "wrap_up"} or self.unfinished)

    @property
    def unfinished(self) -> bool:
        """The wrap-up's time is over, and it was not sent: for a while it still can be."""
        if self.phase != "closed" or self.wrapped or self.answered_at is None or self.ended_at is None:
            return False
        return now() - self.ended_at < LATE_WRAP_UP


@dataclass(frozen=True, slots=True)
class Second:
    """A second person on the line, as the agent who asked sees it. `side`: calling, in, out."""

    name: str
    side: str
    passing: bool
    together: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    clock: str
    text: str
    icon: str
    tone: str
    who: str


@dataclass(frozen=True, slots=True)
class Note:
    at: datetime
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class Wrap:
    """The draft of a wrap-up, or what was sent. Ids are text, empty for none."""

    note: str = ""
    disposition_id: str = ""
    parent_id: str = ""
    saved_at: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    id: str
    shown: str
    label: str


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    number: str
    name: str
    tier_label: str
    tier_tone: str
    category: str
    language_label: str
    blocked: bool
    blocked_because: str
    note: str
    since: datetime
    address: str
    phones: list[Phone]
    emails: list[str]
    flags: list[Mark]


@dataclass(frozen=True, slots=True)
class Candidate:
    id: str
    name: str
    tier_label: str
    tier_tone: str
    reason: str
    last_order: str


@dataclass(frozen=True, slots=True)
class OrderCard:
    id: str
    number: str
    placed_at: datetime
    total: Money
    items: str
    states: list[Mark]
    parcel: str
    office_url: str
    return_url: str = ""


@dataclass(frozen=True, slots=True)
class ReturnCard:
    """A return, exchange, claim or repair of theirs."""

    number: str
    label: str
    state: Mark
    items: str
    at: datetime
    office_url: str


@dataclass(frozen=True, slots=True)
class Past:
    id: str
    icon: str
    label: str
    at: datetime


@dataclass(slots=True)
class Screen:
    """Everything the regions of the desk show of a conversation or a customer."""

    talk: Talk | None
    who: str
    about: str
    customer: Person | None
    candidates: list[Candidate] = field(default_factory=list)
    wanted: list[Mark] = field(default_factory=list)
    orders: list[OrderCard] = field(default_factory=list)
    returns: list[ReturnCard] = field(default_factory=list)
    due: list[Money] = field(default_factory=list)
    open: list[Past] = field(default_factory=list)
    history: list[Past] = field(default_factory=list)
    path: list[Step] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    wrap: Wrap = field(default_factory=Wrap)
    caller_fill: str = ""
    name_fill: str = ""  # what somebody we do not know calls himself
    caller_masked: str = ""
    hidden_number: bool = False
    recognised: bool = False
    sees_orders: bool = True  # all of them; else some may be out of this reader's reach
    sees_talks: bool = True
    bad_number: str = ""
    proof: Mark | None = None  # how sure it is that the caller is this customer
    proof_advice: str = ""
    channel: str = "voice"
