"""Wrap-up: what it was about and what is to be remembered. Saved while the agent types, so that a closed browser loses
nothing; sent once. The timer and the agent's own state are routing's (`routing.public.complete_wrap_up` does both).
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Conversation, Disposition, WrapUp
from callcart.contact.conversations.open import WrongState
from callcart.contact.conversations.path import add_step, clean_text
from callcart.contact.conversations.scope import to_handle
from callcart.contact.conversations.states import ConversationState
from callcart.core import audit, clock, events
from callcart.core.actor import Actor
from callcart.core.errors import Invalid

_BEFORE_TALK = {ConversationState.NEW, ConversationState.IVR, ConversationState.WAITING}


def wrap_up_of(conversation_id: UUID) -> WrapUp | None:
    """The draft, or what was sent."""
    return WrapUp.objects.filter(conversation_id=conversation_id).select_related("disposition").first()


def save_wrap_up_draft(
    actor: Actor, conversation_id: UUID, *, note: str, disposition_id: UUID | None = None
) -> WrapUp:
    """Keep what is written so far; possible from the answer on, also while talking. A sent wrap-up stays as sent."""
    actor.require("conversations.handle")
    conversation = _handled(actor, conversation_id)
    row, _made = WrapUp.objects.select_for_update().get_or_create(
        conversation=conversation, defaults={"staff_id": actor.id}
    )
    if row.submitted_at is not None:
        return row
    row.note = clean_text(note, field="note")
    row.disposition = _disposition(disposition_id, leaf=False)
    row.staff_id, row.saved_at = actor.id, clock.now()
    row.save(update_fields=["note", "disposition", "staff_id", "saved_at"])
    return row


def submit_wrap_up(actor: Actor, conversation_id: UUID, *, note: str, disposition_id: UUID | None) -> WrapUp:
    """Send the wrap-up. Raises Invalid (disposition, note), WrongState while the talk goes on. Sending again changes the
    note and disposition and leaves a trace in the audit."""
    actor.require("conversations.handle")
    conversation = _handled(actor, conversation_id)
    if conversation.state not in (ConversationState.WRAP_UP, ConversationState.CLOSED):
        raise WrongState(state=conversation.state, wanted="wrap_up")
    disposition = _disposition(disposition_id, leaf=True)
    note = clean_text(note, field="note")
    row, _made = WrapUp.objects.select_for_update().get_or_create(
        conversation=conversation, defaults={"staff_id": actor.id}
    )
    before = {"note": row.note, "disposition": row.disposition_id} if row.submitted_at else {}
    row.note, row.disposition, row.staff_id = note, disposition, actor.id
    row.saved_at = row.submitted_at = clock.now()
    row.save()
    code = disposition.code if disposition else ""
    add_step(conversation_id, "wrap_up.sent", staff_id=actor.id, data={"disposition": code})
    audit.record(
        actor,
        "conversations.wrap_up",
        subject=("conversation", conversation_id),
        before=before,
        after={"disposition": code},
    )
    events.emit(
        "conversation.wrapped",
        subject=("conversation", conversation_id),
        audience="process",
        data={"conversation_id": conversation_id},
    )
    return row


def _handled(actor: Actor, conversation_id: UUID) -> Conversation:
    """A conversation whose talk a person has had; its own agent's only, unless the actor sees all."""
    conversation = to_handle(actor, conversation_id)
    if conversation.state in _BEFORE_TALK:
        raise WrongState(state=conversation.state, wanted="active")
    return conversation


def _disposition(disposition_id: UUID | None, *, leaf: bool) -> Disposition | None:
    if disposition_id is None:
        if leaf and Disposition.objects.filter(is_active=True).exists():
            raise Invalid(fields={"disposition": _("Choose what the conversation was about.")})
        return None
    found = Disposition.objects.filter(id=disposition_id, is_active=True).first()
    if found is None:
        raise Invalid(fields={"disposition": _("This choice does not exist any more.")})
    if leaf and found.children.filter(is_active=True).exists():
        raise Invalid(fields={"disposition": _("Choose the second level too.")})
    return found
