"""A chat that becomes a call: either side asks, the other one agrees, and then there is one call of the agent's with an account of its own
for the visitor's page. Who waits, who is busy, who is another: refused, and nothing has changed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connections
from django.test import Client

from callcart.contact.conversations.models import Conversation, Step
from callcart.contact.conversations.public import linked_to, set_customer
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Visitor
from callcart.contact.messaging.public import visitors
from callcart.contact.routing import public as routing
from callcart.contact.voice import public as voice
from callcart.contact.voice import standing
from callcart.contact.voice.engine import Softphone
from callcart.contact.voice.guests import come_in
from callcart.contact.voice.models import Call, GuestAccount, OutboundCall
from callcart.contact.webcalls import handlers
from callcart.contact.webcalls import public as webcalls
from callcart.contact.webcalls.models import WebCall
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import frozen, now
from callcart.core.database import raw
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.models import Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant
from tests.web.chat.conftest import Chat


@dataclass
class Talk:
    """A visitor and the agent who answers him."""

    chat: Chat
    client: Client
    token: str
    staff_id: UUID

    @property
    def tenant_id(self) -> int:
        return self.chat.floor.tenant_id

    @property
    def agent(self) -> Actor:
        grants = {each: Grant() for each in ("voice.phone", "conversations.view", "desk.use")}
        return Actor(self.tenant_id, ActorKind.STAFF, self.staff_id, grants=grants)

    @property
    def id(self) -> UUID:
        with tenant_transaction(self.tenant_id):
            found = visitors.visitor_of(self.token).conversation_id
        assert found is not None
        return found

    def ask(self, path: str = "call", status: int = 200) -> Any:
        """What the visitor's page asks; `call` of the answer where it is one."""
        answer = self.chat.post(self.client, path, {}, self.token)
        assert answer.status_code == status, answer.content
        told = answer.json()  # type: ignore[attr-defined]
        return told.get("call", told) if status == 200 else told

    def call(self) -> webcalls.Standing:
        with tenant_transaction(self.tenant_id):
            return webcalls.agent_calls(self.agent, self.id)

    def decline(self) -> None:
        with tenant_transaction(self.tenant_id):
            webcalls.agent_declines(self.agent, self.id)

    def told(self) -> Any:
        return self.chat.heard(self.client, self.token)["call"]

    def rows(self) -> list[WebCall]:
        with tenant_transaction(self.tenant_id):
            return list(WebCall.objects.filter(chat_id=self.id).order_by("id"))

    def path(self) -> list[str]:
        with tenant_transaction(self.tenant_id):
            steps = Step.objects.filter(conversation_id=self.id, kind__startswith="webcall").order_by("id")
            return [f"{each.kind} {(each.data or {}).get('why', '')}".strip() for each in steps]

    def is_in_a_call(self) -> UUID:
        """With somebody else."""
        with tenant_transaction(self.tenant_id):
            return voice.dial_page(self.agent, name="Somebody else")

    def end(self, call_id: UUID, *, answered: bool = True) -> None:
        """The voice process writes down its end, and the worker hears of it."""
        with tenant_transaction(self.tenant_id):
            if answered:
                Conversation.objects.filter(id=call_id).update(answered_at=now())
        raw.autocommit_one(
            "SELECT (voice_finish(%s::int, %s::uuid, NULL, 2, 'events', 'nothing')).conversation_id",
            (self.tenant_id, call_id),
        )
        with tenant_transaction(self.tenant_id):
            handlers.on_ended(_event(call_id))


def _event(conversation_id: UUID) -> Any:
    @dataclass
    class Told:
        data: dict[str, str]

    return Told({"conversation_id": str(conversation_id)})


def _switch(chat: Chat, value: str) -> None:
    with tenant_transaction(chat.floor.tenant_id):
        line = messaging.line_by_id(chat.line_id)
        messaging.change_line(
            chat.floor.boss, line.id, version=line.version, name=line.name, address=line.address, queue_id=line.queue_id,
            values={**line.values, "calls": value},
        )  # fmt: skip


@pytest.fixture
def chat(chat: Chat) -> Iterator[Chat]:
    _switch(chat, "on")
    with tenant_transaction(chat.floor.tenant_id):  # nobody else waits for the agent
        waiting = list(
            Conversation.objects.filter(channel="chat", closed_at=None).values_list("id", flat=True)
        )
    for each in waiting:
        chat.floor.finish(each, wrap_seconds=0)
    yield chat
    _switch(chat, "off")


@pytest.fixture
def talk(chat: Chat) -> Iterator[Talk]:
    """Taken up by an agent."""
    client, token, _told = chat.begin(name="Ann")
    agent = chat.floor.agent()
    made = Talk(chat, client, token, agent)
    if chat.floor.state(made.id) == "waiting":
        assert routing.take(made.id, agent, tenant_id=made.tenant_id)
    else:
        assert routing.accept(made.id, agent, tenant_id=made.tenant_id)
    yield made
    for row in made.rows():
        if row.call_id is not None and row.ended_at is None:
            made.end(row.call_id)
    routing.agent_offline(chat.floor.boss, agent)


def test_the_visitor_asks_and_the_agent_agrees(talk: Talk) -> None:
    asked = talk.ask()
    assert (asked["state"], asked["answered"]) == ("asked", False)
    assert [(each.state, each.agent_id) for each in talk.rows()] == [("asked", talk.staff_id)]
    begun = talk.call()
    assert begun.state == "calling" and begun.call_id is not None
    with tenant_transaction(talk.tenant_id):
        made = Conversation.objects.get(id=begun.call_id)
        row = Call.objects.get(conversation_id=made.id)
        account = GuestAccount.objects.get(conversation_id=made.id)
        assert (made.channel, made.state, made.agent_id, made.direction) == (
            "voice",
            "active",
            talk.staff_id,
            "outbound",
        )
        assert (made.caller_e164, made.caller_raw) == ("", "web:Ann")
        assert (row.state, row.guest_id, row.agent_staff_id) == ("dialling", account.id, talk.staff_id)
        assert OutboundCall.objects.filter(conversation_id=made.id).count() == 0
        assert [each.id for each in linked_to("conversation", talk.id)] == [made.id]  # both in one path
        assert Event.objects.filter(kind="call.dial", subject_id=made.id).count() == 1
        told = Event.objects.filter(kind="webcall.changed", subject_id=talk.id).order_by("id")
        assert [(each.data["state"], each.audience, each.staff_id) for each in told] == [
            ("asked", "one", talk.staff_id),
            ("calling", "one", talk.staff_id),
        ]
    assert routing_load(talk) == 1  # his capacity for calls is used while it lasts
    assert talk.told()["state"] == "calling"
    assert talk.path() == ["webcall.asked", "webcall.begun"]
    talk.end(begun.call_id)
    assert (talk.told()["state"], talk.told()["why"]) == ("ended", "over")
    assert talk.path()[-1] == "webcall.ended over"
    assert talk.chat.heard(talk.client, talk.token)["state"] == "active"  # the chat goes on


def routing_load(talk: Talk) -> int:
    with tenant_transaction(talk.tenant_id):
        return int(raw.value("SELECT load_voice FROM routing_agent WHERE staff_id = %s", (talk.staff_id,)))


def test_the_agent_invites_and_the_visitor_agrees(talk: Talk) -> None:
    assert talk.call().state == "invited"
    assert talk.told()["state"] == "invited"
    assert talk.call().state == "invited"  # asked twice, it is one
    begun = talk.ask()
    assert begun["state"] == "calling"
    assert talk.ask()["id"] == begun["id"]
    assert [(each.state, each.call_id is not None) for each in talk.rows()] == [("calling", True)]
    assert talk.path() == ["webcall.invited", "webcall.begun"]


def test_what_the_page_registers_with_changes_each_time_and_ends_with_the_call(talk: Talk) -> None:
    talk.call()
    assert talk.ask("call/phone", 409)["code"] == "webcalls.too_late"
    talk.ask()
    first, second = talk.ask("call/phone"), talk.ask("call/phone")
    assert first["username"] == second["username"] and first["username"].startswith("guest-")
    assert first["password"] != second["password"] and len(first["password"]) == 40
    assert first["conversation"] == str(talk.rows()[0].call_id)
    with tenant_transaction(talk.tenant_id):
        assert come_in(first["ticket"]) is None  # only the newest opens
        assert second["ticket"] not in GuestAccount.objects.get(conversation_id=first["conversation"]).ticket
        assert come_in(second["ticket"]) is not None
        assert come_in(second["ticket"]) is None  # once
    for _each in range(3):
        talk.ask("call/phone")
    talk.ask("call/phone", 409)  # not for ever
    call_id = talk.rows()[0].call_id
    assert call_id is not None
    with tenant_transaction(talk.tenant_id):
        GuestAccount.objects.filter(conversation_id=call_id).update(serial=1)
    last = talk.ask("call/phone")
    talk.end(call_id)
    talk.ask("call/phone", 409)
    with tenant_transaction(talk.tenant_id):
        account = GuestAccount.objects.get(conversation_id=call_id)
        assert account.removed_at is not None and come_in(last["ticket"]) is None
        ended = Event.objects.get(kind="guest.ended", subject_id=call_id)
        assert ended.data == {"account_id": str(account.id)}


def test_a_voice_process_that_starts_again_knows_the_page(talk: Talk) -> None:
    talk.call()
    talk.ask()
    told = talk.ask("call/phone")
    call_id = UUID(told["conversation"])
    (row,) = [each for each in standing.live_calls() if each.facts.conversation_id == call_id]
    assert (row.guest, row.state, row.customer_channel) == (
        told["username"],
        "dialling",
        f"agent-{call_id}-0",
    )
    known = {each.username: each for each in standing.accounts()}
    assert known[told["username"]] == Softphone(told["username"], told["password"], guest=True)
    standing.softphone_at(told["username"], "b", here=True)
    standing.softphone_at(told["username"], "a", here=False)  # it has moved on
    with tenant_transaction(talk.tenant_id):
        account = GuestAccount.objects.get(conversation_id=call_id)
        told_of = [
            each.data
            for each in Event.objects.filter(kind="softphone.at")
            if each.data["account_id"] == str(account.id)
        ]
        assert account.node == "b"
    assert told_of == [{"account_id": str(account.id), "node": "b", "here": True, "guest": True}]
    talk.end(call_id)
    assert told["username"] not in {each.username for each in standing.accounts()}


def test_after_the_first_minute_nothing_more_is_told(talk: Talk) -> None:
    talk.call()
    talk.ask()
    ticket = talk.ask("call/phone")["ticket"]
    with frozen(now() + timedelta(seconds=61)):
        talk.ask("call/phone", 409)
        with tenant_transaction(talk.tenant_id):
            assert come_in(ticket) is None


@pytest.mark.parametrize("who", ["visitor", "agent"])
def test_the_other_side_does_not_want_to(talk: Talk, who: str) -> None:
    if who == "visitor":
        talk.call()
        assert talk.ask("call/decline")["why"] == "declined"
    else:
        talk.ask()
        talk.decline()
        assert (talk.told()["state"], talk.told()["why"]) == ("ended", "declined")
    assert talk.path()[-1] == "webcall.ended declined"
    assert [each.call_id for each in talk.rows()] == [None]
    talk.decline()
    talk.ask("call/decline")  # late, it changes nothing
    assert len(talk.rows()) == 1
    assert talk.ask()["state"] == "asked"  # and may be asked again


@pytest.mark.parametrize("who", ["visitor", "agent"])
def test_who_asked_takes_it_back(talk: Talk, who: str) -> None:
    if who == "visitor":
        talk.ask()
        talk.ask("call/decline")
    else:
        talk.call()
        talk.decline()
    assert [each.why for each in talk.rows()] == ["withdrawn"]


def test_nobody_answers_in_time(talk: Talk) -> None:
    talk.call()
    with frozen(now() + timedelta(seconds=61)):
        assert (talk.told()["state"], talk.told()["why"]) == ("ended", "expired")
        assert talk.ask()["state"] == "asked"  # a new one, which the agent has to agree to
    assert [(each.state, each.why) for each in talk.rows()] == [("ended", "expired"), ("asked", "")]


def test_an_agent_who_is_in_a_call_is_not_asked_and_does_not_invite(talk: Talk) -> None:
    other = talk.is_in_a_call()
    assert talk.ask(status=409)["code"] == "webcalls.agent_busy"
    with pytest.raises(webcalls.NotFree):
        talk.call()
    assert talk.rows() == [] and talk.path() == []
    talk.end(other)


def test_one_who_became_busy_meanwhile_is_told_and_nothing_begins(talk: Talk) -> None:
    talk.ask()
    other = talk.is_in_a_call()
    with pytest.raises(webcalls.NotFree):
        talk.call()
    assert [(each.state, each.call_id) for each in talk.rows()] == [("asked", None)]
    with tenant_transaction(talk.tenant_id):
        assert [each.conversation_id for each in Call.objects.filter(agent_staff_id=talk.staff_id)] == [other]
    assert routing_load(talk) == 1
    talk.end(other)


def test_a_chat_that_waits_is_no_call(chat: Chat) -> None:
    client, token, _told = chat.begin()
    answer = chat.post(client, "call", {}, token)
    assert (answer.status_code, answer.json()["code"]) == (409, "webcalls.not_now")  # type: ignore[attr-defined]
    assert chat.heard(client, token)["call"] is None


def test_where_the_shop_wants_none_there_is_no_way_to_ask(talk: Talk) -> None:
    assert 'id="call-panel"' in talk.client.get(talk.chat.url()).content.decode()
    _switch(talk.chat, "off")
    assert 'id="call-panel"' not in talk.client.get(talk.chat.url()).content.decode()
    assert talk.ask(status=404)["code"] == "not_found"
    with pytest.raises(NotFound):
        talk.call()
    assert talk.rows() == [] and talk.told() is None


def test_no_secret_is_in_the_page_and_the_frame_is_lent_the_microphone(talk: Talk) -> None:
    talk.call()
    talk.ask()
    told = talk.ask("call/phone")
    page = talk.client.get(talk.chat.url(), headers={"X-Chat-Token": talk.token})
    assert told["password"] not in page.content.decode() and told["ticket"] not in page.content.decode()
    assert "microphone=(self)" in page.headers["Permissions-Policy"]
    assert "https://blog.example" in page.headers["Content-Security-Policy"]
    script = talk.client.get("/chat/widget.js").content.decode()
    assert 'frame.allow = "microphone' in script
    heard = talk.client.get(talk.chat.url("heard"), headers={"X-Chat-Token": talk.token}).content.decode()
    assert told["password"] not in heard


def test_tokens_of_others_and_none_at_all(talk: Talk) -> None:
    talk.call()
    other = Talk(talk.chat, *talk.chat.begin()[:2], talk.staff_id)
    for path in ("call", "call/phone", "call/decline"):
        assert talk.chat.post(talk.client, path, {}).status_code == 401
        assert talk.chat.post(talk.client, path, {}, "x" * 43).status_code == 401
        elsewhere = Client(HTTP_HOST="qinghe.localhost", REMOTE_ADDR="203.0.113.9")
        answer = elsewhere.post(
            talk.chat.url(path), "{}", content_type="application/json", headers={"X-Chat-Token": talk.token}
        )
        assert answer.status_code in (401, 404)
    assert other.ask("call/phone", 409)["code"] == "webcalls.too_late"
    other.ask("call/decline")  # of nothing
    assert talk.told()["state"] == "invited"


def test_colleagues_and_those_without_a_telephone_do_not_invite(talk: Talk) -> None:
    stranger = Actor(talk.tenant_id, ActorKind.STAFF, uuid4(), grants=dict(talk.agent.grants))
    mute = Actor(talk.tenant_id, ActorKind.STAFF, talk.staff_id, grants={"conversations.view": Grant()})
    for actor, refusal in ((stranger, NotFound), (mute, PermissionDenied)):
        for verb in (webcalls.agent_calls, webcalls.agent_declines):
            with pytest.raises(refusal), tenant_transaction(talk.tenant_id):
                verb(actor, talk.id)
    assert talk.rows() == []


def test_a_visitor_asks_so_often_and_no_more(talk: Talk) -> None:
    for _each in range(6):
        talk.ask()
        talk.ask("call/decline")
    assert talk.ask(status=429)["code"] == "throttle.tried_too_often"
    assert len(talk.rows()) == 6


def test_the_end_of_a_chat_ends_no_call_and_a_wish_is_not_granted_any_more(talk: Talk) -> None:
    talk.ask()
    talk.ask("end")
    with pytest.raises(NotFound):
        talk.call()
    assert [each.call_id for each in talk.rows()] == [None]


def test_a_page_that_closes_ends_its_call(talk: Talk) -> None:
    talk.call()
    talk.ask()
    call_id = talk.rows()[0].call_id
    talk.ask("call/decline")
    with tenant_transaction(talk.tenant_id):
        told = Event.objects.filter(kind="call.request", subject_id=call_id)
        assert [each.data["request"] for each in told] == ["gone"]
    assert call_id is not None
    talk.end(call_id, answered=False)
    assert talk.told()["why"] == "not_reached"


def test_who_is_known_in_one_is_known_in_the_other(talk: Talk) -> None:
    talk.call()
    talk.ask()
    call_id, customer_id = talk.rows()[0].call_id, uuid4()
    assert call_id is not None
    with tenant_transaction(talk.tenant_id):
        set_customer(talk.chat.floor.boss, call_id, customer_id)
        for _twice in range(2):
            handlers.on_customer(_event(call_id))
        assert Conversation.objects.get(id=talk.id).customer_id == customer_id


def test_two_wishes_at_once_are_one(talk: Talk) -> None:
    """The unique index says so, whatever the code does."""
    talk.ask()
    with tenant_transaction(talk.tenant_id):
        visitor = Visitor.objects.get(conversation_id=talk.id)
    with pytest.raises(IntegrityError), tenant_transaction(talk.tenant_id):
        WebCall.objects.create(
            visitor_id=visitor.id, chat_id=talk.id, agent_id=talk.staff_id, state="invited", until=now()
        )


def test_both_want_it_at_the_same_moment(talk: Talk) -> None:
    """Each with a connection of its own: one wish, which is agreed to by the other, and one call."""
    ready = Barrier(2)

    def visitor() -> None:
        ready.wait()
        talk.ask()
        connections.close_all()

    def agent() -> None:
        ready.wait()
        talk.call()
        connections.close_all()

    with ThreadPoolExecutor(2) as together:
        for done in [together.submit(visitor), together.submit(agent)]:
            done.result(20)
    assert [(each.state, each.call_id is not None) for each in talk.rows()] == [("calling", True)]
    with tenant_transaction(talk.tenant_id):
        assert Call.objects.filter(agent_staff_id=talk.staff_id).count() == 1
    assert routing_load(talk) == 1


def test_of_another_shop_nothing_is_seen(talk: Talk) -> None:
    talk.ask()
    with tenant_transaction(Tenant.objects.get(slug="qinghe").id):
        assert not WebCall.objects.exists() and not GuestAccount.objects.exists()
