"""What a call is told besides the engine's events: offers, wishes of the desk, timers, answers of the business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from callcart.contact.voice.engine import EngineEvent, Leg
from callcart.contact.voice.records import Offered
from callcart.contact.voice.states import Request


@dataclass(frozen=True, slots=True)
class Ring:
    """The call is offered to an agent; told twice is told once."""

    offered: Offered


@dataclass(frozen=True, slots=True)
class OfferOver:
    """An offer has come to its end: answered, timed out, declined, withdrawn."""

    conversation_id: UUID
    offer_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Something the desk asks of a call."""

    conversation_id: UUID
    request: Request
    wanted: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """A timer of this call has run out. `serial` tells it from an earlier one of the same name."""

    timer: str
    serial: int


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the business answered the flow."""

    question: str
    value: Any = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The process has started again and found this call with these legs, some of them in the call's bridge."""

    legs: dict[str, Leg]
    bridged: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dial:
    """An agent wants this call dialled."""


CallInput = EngineEvent | Dial | Ring | OfferOver | Wish | Due | LookedUp | Found
