"""What the shop tells somebody by its own SMS line outside of any conversation: a sign-in code, a notice of an order. It leaves as everything
does, so it is sent once, by whichever process holds the line, and a line that is down is waited for. An answer to it opens a conversation.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from callcart.contact.messaging.models import Delivery, Line, Message
from callcart.contact.messaging.states import Author, DeliveryState, MessageKind
from callcart.core.clock import now
from callcart.core.ids import new_id
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.people.customers.public import CodeMessage, NoTransport

BEFORE_NOTICES = 1  # somebody waits for his code
NOTICE = 5


class LineCodes:
    """`CodeTransport` by the SMS line of the tenant in hand: the first it has set up and not switched off. Raises NoTransport where it has
    none."""

    shows_code: ClassVar[bool] = False

    def __init__(self) -> None:
        with tenant_transaction(current_tenant()):
            line = Line.objects.filter(channel="sms", is_active=True).order_by("id").first()
        if line is None:
            raise NoTransport
        self._line = line

    def send(self, message: CodeMessage) -> None:
        """Put it on its way. With the same `key` it goes once."""
        told = message.key or new_id()
        with tenant_transaction(current_tenant()):
            _row, made = Message.objects.get_or_create(
                id=told,
                defaults={
                    "conversation_id": told,
                    "place": 1,
                    "line": self._line,
                    "author": Author.SYSTEM,
                    "kind": MessageKind.NOTICE,
                    "at": now(),
                    "text": message.text,
                    "peer": message.e164,
                    "data": {"language": message.language, "asked": bool(message.code)},
                },
            )
            if made:
                Delivery.objects.create(
                    message_id=told,
                    conversation_id=told,
                    line=self._line,
                    priority=BEFORE_NOTICES if message.code else NOTICE,
                    until=message.until,
                )


def went(key: UUID) -> tuple[DeliveryState, str] | None:
    """How far what was told with this key has come, and why no further; None where nothing was."""
    row = Delivery.objects.filter(message_id=key).values_list("state", "words").first()
    return None if row is None else (DeliveryState(row[0]), row[1])
