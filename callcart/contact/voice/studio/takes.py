"""What the office asks for: ring me, I speak the prompt; leave it; how far is it. The voice process hears of it by the feed and does it.

One take at a time for everybody: the next one ends the one before, so nobody is ever kept waiting by a telephone that was not put down.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet

from callcart.contact.voice import outbound
from callcart.contact.voice.accounts import node_of
from callcart.contact.voice.models import MAIN_NODE, OutboundCall, PromptTake
from callcart.contact.voice.replace import check_prompt
from callcart.contact.voice.requests import Telephones, telephones
from callcart.contact.voice.studio import rows
from callcart.contact.voice.studio.states import TakeState, Why
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import list_service_numbers

LATELY = timedelta(minutes=10)
LONGEST = 900  # seconds that a call outside may last, for one prompt


class NoTelephones(Conflict):
    """The telephones are away just now. Try again in a minute."""

    code = "voice.no_telephones"


class AnotherTake(Conflict):
    """You are being rung already."""

    code = "voice.another_take"


@dataclass(frozen=True, slots=True)
class TakeView:
    """A take as its page shows it."""

    id: UUID
    key: str
    language: str
    state: TakeState
    why: Why | None

    @property
    def is_over(self) -> bool:
        return self.state in (TakeState.KEPT, TakeState.OVER)


def begin(actor: Actor, key: str, language: str, *, number: str | None = None) -> UUID:
    """Ring who asks, at his page or at a number, to speak this prompt; the new take. A transaction of its own, outside of the request's.
    Raises PermissionDenied, NotFound, Invalid (number), DialRefused, NoTelephones, AnotherTake."""
    actor.require("voice.manage")
    actor.require("voice.phone" if number is None else "voice.dial_out")
    if actor.id is None:
        raise PermissionDenied(permission="voice.manage")
    with tenant_transaction(actor.tenant_id):
        check_prompt(key, language)
        if telephones() is not Telephones.UP:
            raise NoTelephones
    take_id = new_id()
    allowed = outbound.allow(actor, take_id, number) if number is not None else None
    try:
        with tenant_transaction(actor.tenant_id):
            _begin(actor, take_id, key, language, allowed)
    except IntegrityError:  # the same page, twice in the same moment
        with tenant_transaction(actor.tenant_id):
            OutboundCall.objects.filter(conversation_id=take_id).update(ended_at=now())
        raise AnotherTake from None
    return take_id


def withdraw(actor: Actor, take_id: UUID) -> None:
    """Ring no more, or put down the telephone: nothing is kept. Of one that is over nothing changes. Raises NotFound."""
    actor.require("voice.manage")
    if not _own(actor).filter(id=take_id).exists():
        raise NotFound
    _withdraw(actor, take_id)


def of_prompt(actor: Actor, key: str) -> TakeView | None:
    """One's own newest take of this prompt, under way or of the last minutes."""
    actor.require("voice.manage")
    row = _own(actor).order_by("-id").first()
    if row is None or row.key != key or (row.ended_at is not None and row.ended_at < now() - LATELY):
        return None
    return TakeView(row.id, row.key, row.language, TakeState(row.state), Why(row.why) if row.why else None)


def _own(actor: Actor) -> QuerySet[PromptTake]:
    return PromptTake.objects.none() if actor.id is None else PromptTake.objects.filter(staff_id=actor.id)


def _begin(actor: Actor, take_id: UUID, key: str, language: str, allowed: outbound.Allowed | None) -> None:
    assert actor.id is not None
    for old in _own(actor).filter(ended_at=None).values_list("id", flat=True):
        _withdraw(actor, old)
    own = list_service_numbers(actor.tenant_id)
    take = PromptTake.objects.create(
        id=take_id, key=key, language=language, staff_id=actor.id, spoken=actor.language,
        number=allowed.number if allowed else "", longest=min(allowed.longest, LONGEST) if allowed else 0,
        shown=allowed.shown if allowed else own[0].number if own else "",
        node=node_of(actor.id) if allowed is None else MAIN_NODE,
    )  # fmt: skip
    audit.record(
        actor, "voice.record_prompt", subject=("take", take.id),
        after={"key": key, "language": language, "by": "number" if allowed else "page"},
    )  # fmt: skip
    events.emit("take.wanted", subject=("take", take.id), audience="process", data={"take_id": take.id})


def _withdraw(actor: Actor, take_id: UUID) -> None:
    if rows.end(actor.tenant_id, take_id, TakeState.OVER, Why.WITHDRAWN):
        events.emit(
            "take.withdrawn", subject=("take", take_id), audience="process", data={"take_id": take_id}
        )
