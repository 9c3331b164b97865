"""A chat at the demo shop's desk: a line of its own, and visitors who write in it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from callcart.contact.conversations.models import Conversation
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Line
from callcart.contact.messaging.public import visitors
from callcart.contact.routing import public as routing
from callcart.core.tokens import new_token
from tests.web.desk.stage import Stage

_serial = count(1)


@dataclass
class Chats:
    stage: Stage
    line: UUID

    def visitor(self, text: str = "Hello", *, customer: UUID | None = None, **more: Any) -> Guest:
        """Somebody begins a chat, as the customer who is signed in to the shop."""
        token, serial = new_token(), next(_serial)
        with self.stage.transaction():
            made = visitors.begin(
                visitors.chat_line(self.line), token=token, name="Ann", email="", language="en",
                address=f"203.0.113.{serial % 250}", customer_id=customer, **more,
            )  # fmt: skip
            visitors.says(made, text, key=f"k{serial}")
        return Guest(self, token, made.id)

    def taken(self, *, login: str = "amy", **who: Any) -> Guest:
        routing.agent_ready(self.stage.boss, self.stage.staff[login].id)
        guest = self.visitor(**who)
        talk = guest.talk
        if talk.state == "offered":
            assert routing.accept(talk.id, self.stage.staff[login].id, tenant_id=self.stage.tenant_id)
        else:
            assert routing.take(talk.id, self.stage.staff[login].id, tenant_id=self.stage.tenant_id)
        return guest


@dataclass
class Guest:
    chats: Chats
    token: str
    id: UUID

    @property
    def talk(self) -> Conversation:
        with self.chats.stage.transaction():
            return Conversation.objects.get(id=visitors.visitor_of(self.token).conversation_id)

    def ask(self, path: str, body: Any = None, *, language: str = "en") -> HttpResponse:
        """What the frame asks, as a page would."""
        client = Client(
            HTTP_HOST=f"{self.chats.stage.slug}.localhost",
            HTTP_ACCEPT_LANGUAGE=language,
            enforce_csrf_checks=True,
        )
        headers, address = {"X-Chat-Token": self.token}, f"/chat/{self.chats.line}/{path}"
        if body is None:
            return client.get(address, headers=headers)  # type: ignore[return-value]
        return client.post(address, body, content_type="application/json", headers=headers)  # type: ignore[return-value]


def chats_of(stage: Stage) -> Chats:
    with stage.transaction():
        line = Line.objects.filter(kind="web").first()
        if line is None:
            line = messaging.add_line(
                stage.boss, "web", name="Chat", address="shop", queue_id=routing.queues()[0].id, values={}
            )
        return Chats(stage, line.id)
