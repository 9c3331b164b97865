"""Mail and SMS at the demo shop's desk: lines whose providers are in memory, and customers who write."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID

from callcart.contact.conversations.models import Conversation, Step
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.fake import FakeChannel, FakeSms
from callcart.contact.messaging.models import Delivery, Line, Message
from callcart.contact.routing import public as routing
from tests.web.desk.stage import Stage

CHANNELS = {
    "fake_mail": f"{FakeChannel.__module__}.{FakeChannel.__qualname__}",
    "fake_sms": f"{FakeSms.__module__}.{FakeSms.__qualname__}",
}
_serial = count(1)


@dataclass
class Letters:
    """`lines` by channel."""

    stage: Stage
    lines: dict[str, UUID] = field(default_factory=dict)

    def open_lines(self) -> None:
        with self.stage.transaction():
            found = {row.channel: row.id for row in Line.objects.filter(kind__in=CHANNELS)}
            for channel, kind, address in (
                ("mail", "fake_mail", "letters@harbor.example"),
                ("sms", "fake_sms", "+12025550190"),
            ):
                if channel not in found:
                    line = messaging.add_line(
                        self.stage.boss,
                        kind,
                        name=channel,
                        address=address,
                        queue_id=routing.queues()[0].id,
                        values={},
                    )
                    found[channel] = line.id
        self.lines = found

    def hears(
        self, text: str = "Where is my lamp?", *, channel: str = "mail", peer: str = "", **more: Any
    ) -> Message:
        """Something comes in, with all that follows its commit."""
        serial = next(_serial)
        values = {
            "external_id": f"<{serial}@there.example>",
            "peer": peer or f"c{serial}@there.example",
            **more,
        }
        incoming = messaging.Incoming(text=text, **values)
        messaging.LineSink(self.stage.tenant_id, self.lines[channel]).message(incoming)
        with self.stage.transaction():
            return Message.objects.get(line_id=self.lines[channel], external_id=incoming.external_id)

    def offered(self, text: str = "Where is my lamp?", *, login: str = "amy", **more: Any) -> UUID:
        """One that is offered to an agent."""
        routing.agent_ready(self.stage.boss, self.stage.staff[login].id)
        return self.hears(text, **more).conversation_id

    def taken(self, text: str = "Where is my lamp?", *, login: str = "amy", **more: Any) -> UUID:
        made = self.offered(text, login=login, **more)
        assert routing.accept(made, self.stage.staff[login].id, tenant_id=self.stage.tenant_id)
        return made

    def record(self, conversation_id: UUID) -> Conversation:
        return self.stage.record(conversation_id)

    def texts(self, conversation_id: UUID) -> list[str]:
        with self.stage.transaction():
            rows = Message.objects.filter(conversation_id=conversation_id).order_by("place")
            return list(rows.values_list("text", flat=True))

    def first_id(self, conversation_id: UUID) -> str:
        """The Message-ID it began with."""
        with self.stage.transaction():
            return Message.objects.get(conversation_id=conversation_id, place=1).external_id

    def path(self, conversation_id: UUID) -> list[str]:
        with self.stage.transaction():
            rows = Step.objects.filter(conversation_id=conversation_id).order_by("id")
            return list(rows.values_list("kind", flat=True))

    def fails(self, conversation_id: UUID, state: str, words: str) -> UUID:
        """The last message of ours did not arrive."""
        with self.stage.transaction():
            row = Delivery.objects.filter(conversation_id=conversation_id).latest("id")
            Delivery.objects.filter(id=row.id).update(state=state, words=words)
            return row.message_id
