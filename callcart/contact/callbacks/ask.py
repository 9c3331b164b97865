"""A customer asks to be called back, or an agent gives his word. Whatever comes in, of one number and queue one callback is open: who asks
again has the one he has.

Before a number is promised the guard of calls outside is asked, and how often it, or whoever asks, has asked today: what a caller or a
visitor types is dialled at the shop's cost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.callbacks import queries
from callcart.contact.callbacks.models import Callback
from callcart.contact.callbacks.rules import Rules, rules_of
from callcart.contact.callbacks.states import OPEN, Source
from callcart.contact.conversations import public as conversations
from callcart.contact.hours.public import calendar_of
from callcart.contact.routing import public as routing
from callcart.contact.voice.outbound import Limit, Looked, look, words_for_staff
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import PermissionDenied
from callcart.core.fields import Fields
from callcart.people.tenants.public import list_service_numbers

DAY = timedelta(days=1)
SOON = timedelta(days=90)  # how far ahead one may promise
AGAIN_CLOSED = timedelta(hours=1)  # a queue that never opens is looked at again
MOST_NOTE = 500
MOST_CALLS = 50
HIDDEN = "?"  # who asks with a hidden number
HIDDEN_TOGETHER = 5  # times as many as one may ask for, all hidden ones may in a day


class Why(StrEnum):
    """Why nobody is called back."""

    OFF = "off"  # the queue offers none
    NUMBER = "number"  # not a telephone number
    FORBIDDEN = "forbidden"  # not one that is called from here
    OFTEN = "often"
    ANSWERED = "answered"  # somebody answers at this very moment


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking: the callback, or why there is none. A refusal is an answer, not an error: it is written down."""

    callback: Callback | None = None
    refused: Why | None = None

    @property
    def words(self) -> str:
        """A refusal in the reader's words."""
        return words_of(self.refused) if self.refused is not None else ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to call. `conversation_id`: the one in which it was asked; where it waits, it keeps its place and ends. `asked_from`: the number
    (or the address) of who asks, for the count. `at`: not before."""

    number: str
    queue_id: UUID | None = None
    source: Source = Source.WEB
    language: str = "en"
    customer_id: UUID | None = None
    conversation_id: UUID | None = None
    asked_from: str = ""
    shown: str = ""
    note: str = ""
    at: datetime | None = None
    since: datetime = field(default_factory=now)


def ask(actor: Actor, wanted: Wanted) -> Asked:
    """A customer wants to be called back, in the tenant's transaction. Raises NoSuchQueue."""
    queue_id = wanted.queue_id or first_queue()
    rules = rules_of(queue_id)
    if not rules.offered:
        return Asked(refused=Why.OFF)
    looked = look(actor, wanted.number, about=wanted.conversation_id or queue_id)
    if not looked.may_be_called:
        return Asked(refused=_why(looked))
    hold(actor, looked.number)
    found = open_one(looked.number, queue_id)
    if found is None and _too_often(looked.number, wanted, rules):
        return Asked(refused=Why.OFTEN)
    since, problem = _leave(actor, wanted, queue_id)
    if problem:
        return Asked(refused=Why.ANSWERED)
    return Asked(_made(actor, wanted, queue_id, looked.number, since, found))


def promise(
    actor: Actor, number: str, *, at: datetime, queue_id: UUID | None = None, customer_id: UUID | None = None, language: str = "",
    note: str = "", conversation_id: UUID | None = None,
) -> Callback:  # fmt: skip
    """An agent gives his word to call at a time: it comes up at his desk then, and goes to the queue where he is not there. Raises
    PermissionDenied, Invalid, NoSuchQueue."""
    actor.require("callbacks.work")
    if actor.id is None:
        raise PermissionDenied(permission="callbacks.work")
    form = Fields()
    text = form.block("note", note, most=MOST_NOTE)
    if not now() - timedelta(minutes=1) <= at <= now() + SOON:
        form.refuse("at", _("Choose a time within the next three months."))
    looked = look(actor, number, about=conversation_id or actor.id)
    if not looked.may_be_called:
        form.refuse("number", words_for_staff(looked.limit) if looked.limit else words_of(Why.NUMBER))
    form.done()
    queue_id = queue_id or first_queue()
    hold(actor, looked.number)
    rows = Callback.objects.select_for_update()  # its turn may begin at this moment
    found = rows.filter(number=looked.number, owner_id=actor.id, state__in=OPEN).first()
    if found is None:
        found = Callback(
            queue_id=queue_id, number=looked.number, shown=shown_of(actor, queue_id), language=language or actor.language,
            customer_id=customer_id, source=Source.PERSONAL, since=at, due_at=at, next_at=at, owner_id=actor.id,
        )  # fmt: skip
    found.due_at = found.next_at = found.since = at
    found.note = text or found.note
    found.save()
    told(found)
    audit.record(actor, "callbacks.promised", subject=("callback", found.id), after={"at": at})
    if conversation_id is not None:
        conversations.add_step(
            conversation_id, "callback.promised", staff_id=actor.id, data={"callback_id": str(found.id)}
        )
    return found


def hold(actor: Actor, number: str) -> None:
    """Whoever makes callbacks of a number does so one after the other."""
    raw.run("SELECT callbacks_hold(%s::int, %s::text)", (actor.tenant_id, number))


def open_one(number: str, queue_id: UUID) -> Callback | None:
    """What is owed to a number in a queue now, nobody's word aside; locked."""
    rows = Callback.objects.select_for_update().filter(number=number, queue_id=queue_id, owner_id=None)
    return rows.filter(state__in=OPEN).first()


def first_queue() -> UUID:
    """The queue of those who name none: the most general one."""
    found = routing.most_general(routing.queues())
    if found is None:
        raise routing.NoSuchQueue
    return found.id


def shown_of(actor: Actor, queue_id: UUID, wanted: str = "") -> str:
    """The number that a customer of a queue sees: the one that was dialled, the one that leads to the queue, the shop's first."""
    own = list_service_numbers(actor.tenant_id)
    numbers = [each.number for each in own]
    if wanted in numbers:
        return wanted
    leads = [each.number for each in own if each.queue_id == queue_id]
    return (leads or numbers or [""])[0]


def opening(queue_id: UUID, moment: datetime) -> datetime:
    """The first moment from this one on at which the queue is open; of one that does not open in sight a later look."""
    calendar = calendar_of(queue_id)
    if calendar.is_open(moment):
        return moment
    return calendar.next_opening(moment) or moment + AGAIN_CLOSED


def told(callback: Callback) -> None:
    """Desks show it as it is now."""
    events.emit(
        "callback.changed",
        subject=("callback", callback.id),
        staff_id=callback.owner_id,
        data={"callback_id": callback.id, "queue_id": callback.queue_id, "state": str(callback.state)},
    )


def words_of(why: Why) -> str:
    match why:
        case Why.OFF:
            return _("We do not call back at the moment.")
        case Why.NUMBER:
            return _("This is not a telephone number that can be called.")
        case Why.FORBIDDEN:
            return _("We cannot call this number. Please give another one.")
        case Why.OFTEN:
            return _("You have asked for this often enough today. Please call us, or try again tomorrow.")
        case Why.ANSWERED:
            return _("Somebody is just answering.")


def _why(looked: Looked) -> Why:
    if not looked.number:
        return Why.NUMBER
    return Why.FORBIDDEN if looked.limit in (Limit.PREFIX, Limit.OWN_NUMBER) else Why.OFTEN


def _too_often(number: str, wanted: Wanted, rules: Rules) -> bool:
    since, most = now() - DAY, rules.per_day
    if queries.asked_since(since, number=number) >= most:
        return True
    by = queries.asked_since(since, asked_from=wanted.asked_from or HIDDEN)
    return by >= (most if wanted.asked_from else most * HIDDEN_TOGETHER)


def _leave(actor: Actor, wanted: Wanted, queue_id: UUID) -> tuple[datetime, bool]:
    """The place that is kept, and whether it is too late, for somebody answers. Whoever waits in this queue ends his wait here."""
    if wanted.conversation_id is None:
        return wanted.since, False
    found = raw.one(
        "SELECT queue_id, since, problem FROM callbacks_leave(%s::int, %s::uuid)",
        (actor.tenant_id, wanted.conversation_id),
    )
    assert found is not None
    waited_in, since, problem = found
    if problem:
        return wanted.since, problem == "answered"
    return (since if waited_in == queue_id else wanted.since), False


def _made(
    actor: Actor, wanted: Wanted, queue_id: UUID, number: str, since: datetime, found: Callback | None
) -> Callback:
    """The one that is open, with the better of both places; or a new one."""
    due_at = opening(queue_id, max(wanted.at or now(), now()))
    if found is None:
        found = Callback(
            queue_id=queue_id, number=number, shown=shown_of(actor, queue_id, wanted.shown), language=wanted.language,
            customer_id=wanted.customer_id, source=wanted.source, since=since, due_at=due_at, next_at=due_at,
            asked_from=wanted.asked_from or HIDDEN,
        )  # fmt: skip
    found.since = min(found.since, since)
    found.customer_id = found.customer_id or wanted.customer_id
    found.note = found.note or wanted.note[:MOST_NOTE]
    if wanted.conversation_id is not None:
        if wanted.conversation_id not in found.calls:
            found.calls = [*found.calls, wanted.conversation_id][-MOST_CALLS:]
        conversations.add_step(
            wanted.conversation_id,
            "callback.asked",
            data={"callback_id": str(found.id), "source": wanted.source},
        )
    found.changed_at = now()
    found.save()
    told(found)
    return found
