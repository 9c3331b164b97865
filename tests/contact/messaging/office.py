"""A shop that is written to: the floor of routing with a mailbox and an SMS number, their providers in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

from callcart.contact.conversations.models import Conversation, Step
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Delivery, Line, Message
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.tenancy import tenant_transaction
from tests.contact.routing.floor import Floor

MAY = {
    name: Grant()
    for name in (
        "messaging.write",
        "messaging.dead",
        "conversations.view",
        "conversations.handle",
        "routing.work",
    )
}
_serial = count(1)


@dataclass
class Office:
    floor: Floor
    lines: dict[str, UUID] = field(default_factory=dict)

    @property
    def tenant_id(self) -> int:
        return self.floor.tenant_id

    def open_lines(self) -> None:
        for channel, kind, address in (
            ("mail", "fake_mail", f"help{self.tenant_id}@shop.example"),
            ("sms", "fake_sms", "+12025550100"),
        ):
            with tenant_transaction(self.tenant_id):
                line = messaging.add_line(
                    self.floor.boss, kind, name=channel, address=address,
                    queue_id=self.floor.queues["sales"], values={},
                )  # fmt: skip
            self.lines[channel] = line.id

    def actor(self, staff_id: UUID, **grants: Any) -> Actor:
        return Actor(self.tenant_id, ActorKind.STAFF, id=staff_id, name="Amy", grants={**MAY, **grants})

    def hears(
        self, text: str = "Where is it?", *, channel: str = "mail", peer: str = "", **more: Any
    ) -> Message:
        """Something comes in, with all that follows its commit."""
        serial = next(_serial)
        values = {
            "external_id": f"<{serial}@there.example>",
            "peer": peer or f"c{serial}@there.example",
            **more,
        }
        incoming = messaging.Incoming(text=text, **values)
        sink = messaging.LineSink(self.tenant_id, self.lines[channel])
        sink.message(incoming)
        with tenant_transaction(self.tenant_id):
            return Message.objects.get(line_id=self.lines[channel], external_id=incoming.external_id)

    def record(self, conversation_id: UUID) -> Conversation:
        return self.floor.record(conversation_id)

    def path(self, conversation_id: UUID) -> list[str]:
        with tenant_transaction(self.tenant_id):
            rows = Step.objects.filter(conversation_id=conversation_id).order_by("id")
            return list(rows.values_list("kind", flat=True))

    def messages(self, conversation_id: UUID) -> list[str]:
        with tenant_transaction(self.tenant_id):
            rows = Message.objects.filter(conversation_id=conversation_id).order_by("place")
            return list(rows.values_list("text", flat=True))

    def reply(self, staff_id: UUID, conversation_id: UUID, text: str, **more: Any) -> Message:
        with tenant_transaction(self.tenant_id):
            return messaging.reply(self.actor(staff_id), conversation_id, messaging.Words(text), **more)

    def delivery(self, message: Message) -> Delivery:
        with tenant_transaction(self.tenant_id):
            return Delivery.objects.get(message_id=message.id)

    def line(self, channel: str = "mail") -> Line:
        with tenant_transaction(self.tenant_id):
            return Line.objects.get(id=self.lines[channel])
