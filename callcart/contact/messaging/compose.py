"""A message of ours as its channel hands it over: where it goes, what it answers to, and the mark its answer comes back with."""

from __future__ import annotations

from callcart.contact.conversations.public import get_conversation
from callcart.contact.messaging import attach
from callcart.contact.messaging.models import Delivery, Message
from callcart.contact.messaging.states import Author, MessageKind
from callcart.contact.messaging.tokens import reply_token
from callcart.contact.messaging.transport import Outgoing

MOST_REFERENCES = 20


def outgoing(delivery: Delivery) -> Outgoing:
    """What is handed over for a delivery; in the tenant's transaction."""
    message = delivery.message
    if message.kind == MessageKind.NOTICE:
        return Outgoing(
            key=str(message.id),
            to=message.peer,
            text=message.text,
            language=message.data["language"],
            automatic=True,
        )
    conversation = get_conversation(message.conversation_id)
    return Outgoing(
        key=str(message.id),
        to=message.peer,
        to_name=message.peer_name,
        text=message.text,
        html=message.html,
        subject=message.subject,
        token=reply_token(conversation.number),
        references=_references(message),
        copies=tuple(message.others),
        files=attach.opened(list(message.files.all())),
        language=conversation.language,
        automatic=message.author == Author.SYSTEM,
    )


def _references(message: Message) -> tuple[str, ...]:
    """The Message-IDs before it, oldest first: the first one, which began it, and the newest ones."""
    before = list(
        Message.objects.filter(conversation_id=message.conversation_id, place__lt=message.place)
        .exclude(external_id="")
        .order_by("place")
        .values_list("external_id", flat=True)
    )
    return tuple(before[:1] + before[1:][-MOST_REFERENCES:])
