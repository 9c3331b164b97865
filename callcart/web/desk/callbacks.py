"""Callbacks at the desk: one's own promises and those of one's queues beside the inbox; call now, done, not reached, put off, and a new
promise."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.contact.callbacks import public as contact
from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound
from callcart.core.http import non_atomic
from callcart.people.customers.models import Phone
from callcart.people.customers.public import get_customer, mask_phone
from callcart.web import formats
from callcart.web.callback_words import source_labels, state_labels, state_tone
from callcart.web.desk.bodies import answer, body_of, id_of, text_of
from callcart.web.desk.moments import near
from callcart.web.http import actor_of, page, requires
from callcart.web.names import customer_names, queue_names
from callcart.web.reader import reader

NEXT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One callback: whom to call and why; `when`: its time, of a promise or of one put off, else since when it waits."""

    id: UUID
    who: str
    about: str
    when: str
    is_late: bool
    may_call: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """`count`: how many wait in one's queues."""

    mine: list[Line] = field(default_factory=list)
    queues: list[Line] = field(default_factory=list)
    count: int = 0
    may_promise: bool = False


def callbacks_of(actor: Actor) -> Lines:
    """What the desk of an agent shows."""
    found = contact.of_desk(actor)
    rows = [*found.mine, *found.queues]
    customers = customer_names(each.customer_id for each in rows)
    queues = queue_names(each.queue_id for each in rows)
    return Lines(
        mine=[_line(each, customers, queues) for each in found.mine],
        queues=[_line(each, customers, queues) for each in found.queues],
        count=found.waiting,
        may_promise=actor.can("callbacks.work"),
    )


def _line(row: contact.Callback, customers: dict[UUID, str], queues: dict[UUID, str]) -> Line:
    who = (customers.get(row.customer_id) if row.customer_id else "") or mask_phone(
        row.number, reader().country
    )
    why = row.note or source_labels().get(contact.Source(row.source), "")
    state = "" if row.state == contact.State.SCHEDULED else state_labels()[contact.State(row.state)]
    about = " · ".join(part for part in (state, why, queues.get(row.queue_id, "")) if part)
    planned = row.owner_id is not None or row.due_at > now()
    return Line(
        row.id, who, about, near(row.due_at) if planned else formats.since(row.since),
        is_late=row.owner_id is not None and row.due_at <= now(),
        may_call=row.state in (contact.State.SCHEDULED, contact.State.WAITING),
    )  # fmt: skip


@requires("desk.use", "callbacks.work")
@require_GET
def show(request: HttpRequest, callback_id: UUID) -> HttpResponse:
    """One callback, with what can be done about it."""
    actor, row = actor_of(request), contact.get_callback(callback_id)
    if not contact.may_work_on(actor, row):
        raise NotFound
    customers = customer_names([row.customer_id])
    return page(
        request, "desk/_callback.html", row=row, who=customers.get(row.customer_id, "") if row.customer_id else "",
        number=mask_phone(row.number, reader().country), queue=queue_names([row.queue_id]).get(row.queue_id, ""),
        source=source_labels().get(contact.Source(row.source), ""), state=state_labels()[contact.State(row.state)],
        tone=state_tone(row.state), open=row.state in (contact.State.SCHEDULED, contact.State.WAITING),
        later=_field(now() + NEXT), waits=row.since <= now(), attempts=contact.rules_of(row.queue_id).attempts,
    )  # fmt: skip


@requires("desk.use", "routing.work", "voice.dial_out", "callbacks.work")
@require_POST
@non_atomic
def call(request: HttpRequest, callback_id: UUID) -> HttpResponse:
    """Call now: the desk's own phone rings and answers by itself. The new conversation."""
    return answer(conversation=str(contact.call_now(actor_of(request), callback_id)))


@requires("desk.use", "callbacks.work")
@require_POST
def act(request: HttpRequest, callback_id: UUID, verb: str) -> HttpResponse:
    """Done, not reached, or put off."""
    actor, body = actor_of(request), body_of(request)
    note = text_of(body, "note", most=2000)
    match verb:
        case "done":
            contact.done(actor, callback_id, note=note)
            return answer(text=_("Done. Nobody calls any more."))
        case "not-reached":
            row = contact.not_reached(actor, callback_id, note=note)
            if not row.is_open:
                return answer(text=_("Not reached. That was the last attempt."))
            return answer(text=_("Not reached. Again at %(time)s.") % {"time": near(row.due_at)})
        case "put-off":
            row = contact.put_off(actor, callback_id, at=_time(body), note=note)
            return answer(text=_("Put off until %(time)s.") % {"time": near(row.due_at)})
        case _:
            raise NotFound


@requires("desk.use", "callbacks.work")
def promise(request: HttpRequest) -> HttpResponse:
    """The form of a new promise, for the open conversation, the customer beside it, or a number that is typed; and the promise."""
    actor = actor_of(request)
    if request.method != "POST":
        given: dict[str, object] = {name: request.GET.get(name, "") for name in ("talk", "customer")}
        number, customer_id, _talk = _whom(actor, given)
        names = customer_names([customer_id])
        return page(
            request, "desk/_promise.html", number=mask_phone(number, reader().country) if number else "",
            who=names.get(customer_id, "") if customer_id else "", given=given, later=_field(now() + NEXT),
        )  # fmt: skip
    body = body_of(request)
    number, customer_id, talk = _whom(actor, body)
    typed = text_of(body, "number", most=40).strip()
    made = contact.promise(
        actor, typed or number, at=_time(body), customer_id=None if typed else customer_id, note=text_of(body, "note", most=2000),
        queue_id=talk.queue_id if talk else None, language=talk.language if talk else "", conversation_id=talk.id if talk else None,
    )  # fmt: skip
    return answer(text=_("Promised for %(time)s. It comes up here then.") % {"time": near(made.due_at)})


def _whom(actor: Actor, given: dict[str, object]) -> tuple[str, UUID | None, Conversation | None]:
    """The number, the customer and the conversation that a promise is about."""
    talk_id, customer_id = id_of(given, "talk"), id_of(given, "customer")
    talk = conversations.get_conversation(talk_id, actor) if talk_id is not None else None
    if talk is not None:
        customer_id = talk.customer_id or customer_id
        if talk.caller_e164:
            return talk.caller_e164, customer_id, talk
    if customer_id is not None and actor.can("customers.view"):
        get_customer(customer_id)
        phone = Phone.objects.filter(customer_id=customer_id).order_by("id").first()
        return (phone.e164 if phone else ""), customer_id, talk
    return "", customer_id, talk


def _field(moment: datetime) -> str:
    """As a field of date and time takes it: by the reader's clock, to five minutes."""
    local = moment.astimezone(reader().tz)
    return local.replace(minute=local.minute // 5 * 5, second=0, microsecond=0).strftime("%Y-%m-%dT%H:%M")


def _time(body: dict[str, object]) -> datetime:
    try:
        found = datetime.fromisoformat(text_of(body, "at", most=40))
    except ValueError:
        raise Invalid(fields={"at": _("Choose a date and a time.")}) from None
    return found if found.tzinfo else found.replace(tzinfo=reader().tz)
