"""Opening a conversation, who it is with, and ending it. What happens between is told by `path` and routing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.path import add_step
from callcart.contact.conversations.scope import to_handle
from callcart.contact.conversations.states import ConversationState, EndReason
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import Conflict, NotFound
from callcart.core.ids import next_number

_MAX_NUMBER = 80
_MAX_ADDRESS = 320  # of a mail (RFC 5321, 4.5.3.1)


class WrongState(Conflict):
    """This conversation is not in a state in which that is possible."""

    code = "conversation.wrong_state"


def open_conversation(
    actor: Actor,
    *,
    channel: str = "voice",
    direction: str = "inbound",
    caller_e164: str = "",
    caller_raw: str = "",
    service_number: str = "",
    language: str = "en",
    customer_id: UUID | None = None,
    conversation_id: UUID | None = None,
    peer: str = "",
    title: str = "",
    owner_id: UUID | None = None,
) -> Conversation:
    """Begin a conversation. `caller_e164` is empty for a hidden or malformed number; `caller_raw` is kept as it came. A written one
    has the address of the other side (`peer`), perhaps a title, and an owner where it goes on from one of his.
    With a `conversation_id` chosen by the caller, opening twice gives the same conversation."""
    if conversation_id is not None:
        found = Conversation.objects.filter(id=conversation_id).first()
        if found is not None:
            return found
    conversation = Conversation(
        number=next_number("conversation"),
        channel=channel,
        direction=direction,
        caller_e164=_plain(caller_e164),
        caller_raw=_plain(caller_raw),
        service_number=_plain(service_number),
        language=language,
        customer_id=customer_id,
        peer=_plain(peer, most=_MAX_ADDRESS),
        title=title,
        owner_id=owner_id,
    )
    if conversation_id is not None:
        conversation.id = conversation_id
    conversation.save(force_insert=True)
    add_step(
        conversation.id, "opened", staff_id=actor.id if actor.is_staff else None, data={"channel": channel}
    )
    _tell(conversation)
    return conversation


def enter_menu(actor: Actor, conversation_id: UUID) -> None:
    """The customer is with the menu. Raises WrongState once a person has it."""
    move(actor, conversation_id, ConversationState.IVR, kind="menu.entered")


def close_conversation(actor: Actor, conversation_id: UUID, *, reason: str) -> bool:
    """End a conversation that routing does not hold (in the menu, or never begun); False where it has ended already.
    One that waits, is offered or is talked is ended by `routing.finish`, which calls down to the same place."""
    return _move(actor, conversation_id, ConversationState.CLOSED, kind="closed", reason=reason)


def left_message(conversation_id: UUID) -> None:
    """The caller has left a message that was kept, though it looked as if he had only hung up."""
    rows = Conversation.objects.filter(id=conversation_id, state=ConversationState.CLOSED)
    rows.filter(end_reason__in=(EndReason.HUNG_UP_IN_MENU, EndReason.REJECTED)).update(
        end_reason=EndReason.LEFT_MESSAGE
    )


def set_customer(actor: Actor, conversation_id: UUID, customer_id: UUID | None) -> None:
    """Say who this is with; staff of conversations within their reach. Raises NotFound, PermissionDenied."""
    before = to_handle(actor, conversation_id) if actor.is_staff else _get(conversation_id)
    if before.customer_id == customer_id:
        return
    Conversation.objects.filter(id=conversation_id).update(customer_id=customer_id)
    staff_id = actor.id if actor.is_staff else None
    add_step(conversation_id, "customer.set", staff_id=staff_id, data={"customer_id": str(customer_id or "")})
    if actor.is_staff:
        audit.record(
            actor,
            "conversations.handle",
            subject=("conversation", conversation_id),
            before={"customer_id": before.customer_id},
            after={"customer_id": customer_id},
        )
    events.emit(
        "conversation.customer",
        subject=("conversation", conversation_id),
        data={"conversation_id": conversation_id, "customer_id": customer_id},
    )


def set_language(conversation_id: UUID, language: str) -> None:
    """The language the customer chose or speaks (`en`, `zh-hans`)."""
    changed = (
        Conversation.objects.filter(id=conversation_id).exclude(language=language).update(language=language)
    )
    if changed:
        add_step(conversation_id, "language.set", data={"language": language})


def move(
    actor: Actor,
    conversation_id: UUID,
    state: ConversationState,
    *,
    kind: str,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Change the state, in the transaction in hand; raises WrongState or NotFound."""
    if not _move(actor, conversation_id, state, kind=kind, reason=reason, data=data):
        raise WrongState(state=_get(conversation_id).state, wanted=str(state))


def _move(
    actor: Actor,
    conversation_id: UUID,
    state: ConversationState,
    *,
    kind: str,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> bool:
    return bool(
        raw.value(
            "SELECT conversations_move(%s::int, %s::uuid, %s::text, %s::text, %s::uuid, NULL, %s::text, %s::jsonb)",
            (
                actor.tenant_id,
                conversation_id,
                str(state),
                kind,
                actor.id if actor.is_staff else None,
                reason,
                json.dumps(dict(data or {})),
            ),
        )
    )


def _get(conversation_id: UUID) -> Conversation:
    found = Conversation.objects.filter(id=conversation_id).first()
    if found is None:
        raise NotFound
    return found


def _plain(number: str, *, most: int = _MAX_NUMBER) -> str:
    """What a network sends as a number may be anything: keep what can be stored and shown."""
    return "".join(c for c in number if c.isprintable())[:most]


def _tell(conversation: Conversation) -> None:
    events.emit(
        "conversation.state",
        subject=("conversation", conversation.id),
        data={"conversation_id": conversation.id, "state": str(conversation.state)},
    )
