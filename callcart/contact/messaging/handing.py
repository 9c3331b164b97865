"""Handing a written conversation over, to a colleague who is ready or to another queue: it waits again as one that is due, for the
colleague first; of a queue it goes to whoever else could take it now, and only then back to the giver. Whoever dies in between leaves it where `timers` take it up: somebody is to answer, and nobody has it.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Conversation, Step
from callcart.contact.conversations.public import ConversationState, WrongState, locked, to_handle
from callcart.contact.messaging import queueing
from callcart.contact.messaging.life import FORGET_AFTER
from callcart.contact.routing import public as routing
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid
from callcart.core.tenancy import tenant_transaction

MOST_TIMES = 10
HANDED = "handed_over"


class HandedOften(Conflict):
    """This conversation has been handed over ten times. Answer it, or ask your supervisor."""

    code = "messaging.handed_often"


def hand_over(
    actor: Actor, conversation_id: UUID, *, staff_id: UUID | None = None, queue_id: UUID | None = None
) -> None:
    """Give away what one has: to a colleague who is ready, or to a queue. Outside of the request's transaction. Raises Invalid (to),
    NotFound, PermissionDenied, WrongState (it is not with this actor), HandedOften."""
    actor.require("messaging.write")
    if actor.id is None or (staff_id is None) == (queue_id is None):
        raise Invalid(fields={"to": _("Choose a colleague or a queue.")})
    with tenant_transaction(actor.tenant_id):
        to_handle(actor, conversation_id)
        row = locked(conversation_id)
        _check(actor, row)
        if staff_id is not None:
            _ready(actor, staff_id)
            row.owner_id = staff_id
        else:
            if not routing.is_in_use(queue_id):
                raise Invalid(fields={"to": _("There is no such queue, or it is not in use.")})
            row.owner_id, row.queue_id = None, queue_id
        row.heard_at = row.heard_at or now()
        row.save(update_fields=["owner_id", "queue_id", "heard_at"])
        audit.record(
            actor,
            "messaging.hand_over",
            subject=("conversation", conversation_id),
            after={"staff": str(staff_id or ""), "queue": str(queue_id or "")},
        )
    routing.set_aside(conversation_id, actor.id, kind=HANDED, tenant_id=actor.tenant_id)
    queueing.enqueue(actor.tenant_id, conversation_id, not_to=actor.id)


def _check(actor: Actor, row: Conversation) -> None:
    if row.channel not in FORGET_AFTER or row.agent_id != actor.id or row.state != ConversationState.ACTIVE:
        raise WrongState(state=row.state, wanted="active")
    if Step.objects.filter(conversation_id=row.id, kind=HANDED).count() >= MOST_TIMES:
        raise HandedOften


def _ready(actor: Actor, staff_id: UUID) -> None:
    ready = {each.staff_id for each in routing.colleagues(actor.id) if each.state != "paused"}
    if staff_id == actor.id or staff_id not in ready:
        raise Invalid(fields={"to": _("This colleague is not ready. Choose somebody else, or a queue.")})
