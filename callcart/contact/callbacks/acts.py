"""What an agent does with a callback: call now, put it off, say that it is done or that nobody was reached. Each is in the audit.

Calling now chooses the conversation's id before the number is dialled and keeps it with the callback, so a process that dies in between
leaves either a call that is looked at when it has ended, or a callback that is scheduled again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.callbacks.ask import MOST_NOTE, SOON, told
from callcart.contact.callbacks.models import Callback
from callcart.contact.callbacks.queries import may_work_on
from callcart.contact.callbacks.rules import rules_of
from callcart.contact.callbacks.states import OPEN, State
from callcart.contact.callbacks.turns import close
from callcart.contact.voice.outbound import dial
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import Conflict, NotFound
from callcart.core.fields import Fields
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction

LEAST_AHEAD = timedelta(minutes=1)


class TakenUp(Conflict):
    """Somebody has this callback already, or it is over."""

    code = "callbacks.taken_up"


def call_now(actor: Actor, callback_id: UUID) -> UUID:
    """Call the customer out of turn, from one's own desk. The new conversation. Outside of any transaction. Raises TakenUp, NotFound, and
    as `voice.dial` does; the callback is as it was then."""
    actor.require("callbacks.work")
    conversation_id = new_id()
    with tenant_transaction(actor.tenant_id):
        callback = _mine(actor, callback_id)
        before = callback.next_at
        callback.state, callback.conversation_id, callback.changed_at = State.CALLING, conversation_id, now()
        callback.save()
        told(callback)
        _audit(actor, "called", callback)
    try:
        return dial(
            actor, callback.number, customer_id=callback.customer_id, language=callback.language,
            conversation_id=conversation_id, shown=callback.shown,
        )  # fmt: skip
    except Exception:
        _give_back(actor, callback_id, conversation_id, before)
        raise


def done(actor: Actor, callback_id: UUID, *, note: str = "") -> None:
    """Not needed any more, or seen to in another way. Raises TakenUp, NotFound, Invalid."""
    actor.require("callbacks.work")
    text = _note(note)
    callback = _mine(actor, callback_id)
    close(callback, State.WITHDRAWN, by=actor.id, outcome=text)
    _audit(actor, "done", callback, note=text)


def not_reached(actor: Actor, callback_id: UUID, *, note: str = "") -> Callback:
    """Tried, and nobody answered: it counts as an attempt, and comes again by the queue's rules. Raises TakenUp, NotFound, Invalid."""
    actor.require("callbacks.work")
    text = _note(note)
    callback = _mine(actor, callback_id)
    rules = rules_of(callback.queue_id)
    callback.attempts += 1
    callback.note = text or callback.note
    if callback.attempts >= rules.attempts:
        close(callback, State.NOT_REACHED, by=actor.id, outcome=text)
    else:
        _schedule(callback, now() + timedelta(minutes=rules.minutes_apart))
    _audit(actor, "not_reached", callback, note=text)
    return callback


def put_off(actor: Actor, callback_id: UUID, *, at: datetime, note: str = "") -> Callback:
    """Later, as the customer wants it; the place in the queue stays. Raises TakenUp, NotFound, Invalid."""
    actor.require("callbacks.work")
    form = Fields()
    text = form.block("note", note, most=MOST_NOTE)
    if not now() + LEAST_AHEAD <= at <= now() + SOON:
        form.refuse("at", _("Choose a time within the next three months."))
    form.done()
    callback = _mine(actor, callback_id)
    callback.note = text or callback.note
    _schedule(callback, at)
    _audit(actor, "put_off", callback, at=at)
    return callback


def _schedule(callback: Callback, at: datetime) -> None:
    callback.due_at = callback.next_at = at
    callback.changed_at = now()
    callback.save()
    told(callback)


def _mine(actor: Actor, callback_id: UUID) -> Callback:
    """One that nobody else has, locked; what waits for it in the queue stops."""
    callback = Callback.objects.select_for_update().filter(id=callback_id).first()
    if callback is None or not may_work_on(actor, callback):
        raise NotFound
    if callback.state not in (State.SCHEDULED, State.WAITING):
        raise TakenUp
    if not raw.value("SELECT callbacks_stop(%s::int, %s::uuid)", (actor.tenant_id, callback_id)):
        raise TakenUp
    callback.refresh_from_db()
    return callback


def _give_back(actor: Actor, callback_id: UUID, conversation_id: UUID, next_at: datetime) -> None:
    """It could not be dialled: as before."""
    with tenant_transaction(actor.tenant_id):
        callback = (
            Callback.objects.select_for_update()
            .filter(id=callback_id, conversation_id=conversation_id)
            .first()
        )
        if callback is not None and callback.state in OPEN:
            callback.state, callback.conversation_id = State.SCHEDULED, None
            _schedule(callback, next_at)


def _note(note: str) -> str:
    form = Fields()
    text = form.block("note", note, most=MOST_NOTE)
    form.done()
    return text


def _audit(actor: Actor, what: str, callback: Callback, **after: object) -> None:
    audit.record(
        actor,
        f"callbacks.{what}",
        subject=("callback", callback.id),
        after={"state": callback.state, **after},
    )
