"""Called instead of waiting: from a chat in which nobody answers yet, and from a page of the shop. What is dialled at the shop's cost is
checked before it is promised, and counted."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from callcart.contact.callbacks import public as callbacks
from callcart.contact.callbacks.models import Callback
from callcart.contact.conversations.models import Conversation
from callcart.contact.messaging.public import visitors
from callcart.contact.routing.models import Ticket
from callcart.core.models import AuditEntry
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants import directory
from callcart.people.tenants.public import update_tenant
from tests.web.chat.conftest import Chat

NUMBER = "+12125550777"


@pytest.fixture
def calling(chat: Chat) -> Iterator[Chat]:
    """The chat's queue calls back, numbers of one area."""
    queue = chat.floor.queues["sales"]
    with tenant_transaction(chat.floor.tenant_id):
        callbacks.save_rules(chat.floor.boss, queue, callbacks.Rules(offered=True))
        update_tenant(chat.floor.boss, settings={"dial_prefixes": ["+1212"]})
    directory.forget()
    yield chat
    with tenant_transaction(chat.floor.tenant_id):
        Callback.objects.all().delete()
        callbacks.save_rules(chat.floor.boss, queue, callbacks.Rules())
        update_tenant(chat.floor.boss, settings={"dial_prefixes": []})
    directory.forget()


def owed(chat: Chat) -> list[Callback]:
    with tenant_transaction(chat.floor.tenant_id):
        return list(Callback.objects.order_by("made_at"))


def test_the_call_has_the_place_of_the_chat_which_ends(calling: Chat) -> None:
    client, token, _told = calling.begin()
    assert "call-me-open" in client.get(calling.url()).content.decode()
    with tenant_transaction(calling.floor.tenant_id):
        talk = visitors.visitor_of(token).conversation_id
        since = Ticket.objects.get(conversation_id=talk).enqueued_at
    refused = calling.post(client, "call-me", {"number": "+447700900123"}, token)
    assert (refused.status_code, refused.json()["fields"]) == (  # type: ignore[attr-defined]
        422,
        {"number": "We cannot call this number. Please give another one."},
    )
    assert owed(calling) == [] and calling.heard(client, token)["state"] == "waiting"
    with tenant_transaction(calling.floor.tenant_id):
        assert AuditEntry.objects.filter(action="voice.dial_refused", subject_id=talk).exists()
    assert calling.post(client, "call-me", {"number": NUMBER}, token).status_code == 200
    (callback,) = owed(calling)
    assert (callback.number, callback.source, callback.since) == (NUMBER, "chat", since)
    assert calling.heard(client, token)["state"] == "closed"
    with tenant_transaction(calling.floor.tenant_id):
        assert Conversation.objects.get(id=talk).end_reason == "callback"


def test_before_a_word_was_said_too(calling: Chat) -> None:
    assert calling.post(calling.client(), "call-me", {"number": NUMBER}).status_code == 200
    assert [each.calls for each in owed(calling)] == [[]]


def test_a_shop_that_calls_nobody_shows_no_way_to_ask(chat: Chat) -> None:
    client = chat.client()
    assert "call-me-open" not in client.get(chat.url()).content.decode()
    assert chat.post(client, "call-me", {"number": NUMBER}).status_code == 404
    assert client.get("/call-me").status_code == 404


def form(client: Client, number: str) -> tuple[int, str]:
    page = client.get("/call-me")
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    token = found[1] if found else ""
    sent = client.post("/call-me", {"number": number, "csrfmiddlewaretoken": token}, follow=True)
    assert page.status_code == 200
    return sent.status_code, sent.content.decode()


def test_on_a_page_of_the_shop_and_not_too_often(calling: Chat) -> None:
    client = calling.client()
    assert "Please fill this in." in form(client, "")[1]
    status, text = form(client, "+447700900123")
    assert status == 422 and "We cannot call this number." in text
    status, text = form(client, "(212) 555-0777")
    assert status == 200 and "We will call you." in text
    assert [(each.number, each.source) for each in owed(calling)] == [(NUMBER, "web")]
    for _each in range(6):
        status, text = form(client, "+12125550999")
    assert status == 429 and len(owed(calling)) <= 3
