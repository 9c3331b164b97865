"""Dead letters: what could not be read, and what could not be sent or may have been. A person looks, and has it tried again."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F

from callcart.contact.conversations.public import to_handle
from callcart.contact.messaging import jobs
from callcart.contact.messaging.models import Arrival, Delivery
from callcart.contact.messaging.states import DEAD, ArrivalState, DeliveryState
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.core.jobs import defer

PAGE = 50


class NotDead(Conflict):
    """This is on its way already."""

    code = "messaging.not_dead"


def dead_deliveries(actor: Actor, *, before: int | None = None) -> list[Delivery]:
    """What did not go out, or perhaps did, newest first; `before` pages on. Raises PermissionDenied."""
    actor.require("messaging.dead")
    rows = Delivery.objects.filter(state__in=DEAD).exclude(conversation_id=F("message_id"))
    rows = rows.select_related("message", "line")
    rows = rows if before is None else rows.filter(id__lt=before)
    return list(rows.order_by("-id")[:PAGE])


def dead_arrivals(actor: Actor, *, before: int | None = None) -> list[Arrival]:
    """What could not be read, newest first. Raises PermissionDenied."""
    actor.require("messaging.dead")
    rows = Arrival.objects.filter(state=ArrivalState.DEAD).select_related("line")
    rows = rows if before is None else rows.filter(id__lt=before)
    return list(rows.order_by("-id")[:PAGE])


def send_again(actor: Actor, message_id: UUID) -> None:
    """Send one again that failed, or is in doubt: whoever asks says that a second one is better than none. In a conversation within the
    actor's reach, or by who sees to all dead letters. Raises NotFound, PermissionDenied, NotDead."""
    actor.require("messaging.write")
    delivery = Delivery.objects.select_for_update().filter(message_id=message_id).first()
    if delivery is None or delivery.conversation_id == message_id:
        raise NotFound
    if not actor.can("messaging.dead"):
        to_handle(actor, delivery.conversation_id)
    if delivery.state not in DEAD:
        raise NotDead
    before = delivery.state
    delivery.state, delivery.words, delivery.next_at = DeliveryState.WAITING, "", now()
    delivery.reference, delivery.ended_at = "", None
    delivery.save(update_fields=["state", "words", "next_at", "reference", "ended_at"])
    audit.record(
        actor, "messaging.send_again", subject=("message", message_id), before={"state": before}, after={}
    )
    events.emit(
        "message.delivery",
        subject=("conversation", delivery.conversation_id),
        data={
            "conversation_id": delivery.conversation_id,
            "message_id": message_id,
            "state": delivery.state,
        },
    )


def read_again(actor: Actor, arrival_id: int) -> None:
    """Try to read one again that could not be read (a newer version may know how). Raises NotFound, NotDead."""
    actor.require("messaging.dead")
    arrival = Arrival.objects.select_for_update().filter(id=arrival_id).first()
    if arrival is None:
        raise NotFound
    if arrival.state != ArrivalState.DEAD:
        raise NotDead
    arrival.state = ArrivalState.RECEIVED
    arrival.save(update_fields=["state"])
    audit.record(actor, "messaging.read_again", subject=("line", arrival.line_id))
    defer(jobs.read_arrival, arrival_id=arrival.id)
