"""Calling out from the desk: by click without seeing the number, by a typed one, again; and what the agent sees of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from callcart.contact.conversations.models import Conversation
from callcart.contact.routing import public as routing
from callcart.contact.voice.models import Call, OutboundCall
from callcart.core.database import raw
from callcart.core.models import Event
from callcart.people.customers.models import Phone
from callcart.people.tenants import directory
from callcart.people.tenants.public import update_tenant
from tests.web.desk.stage import GRACE, Stage


@pytest.fixture
def allowed(desk: Stage) -> Iterator[Stage]:
    """The shop may call numbers of its country; Amy is at work."""
    with desk.transaction():
        update_tenant(desk.boss, settings={"dial_prefixes": ["+1"], "dial_hourly_agent": 1000})
    directory.forget()
    routing.agent_ready(desk.boss, desk.staff["amy"].id)
    yield desk
    with desk.transaction():
        update_tenant(desk.boss, settings={"dial_prefixes": []})
    directory.forget()


def asked(desk: Stage) -> int:
    with desk.transaction():
        return Event.objects.filter(kind="call.dial").count()


def dialled(desk: Stage, body: dict[str, Any]) -> Conversation:
    sent = desk.send("dial", body)
    assert sent.status_code == 200, sent.content
    with desk.transaction():
        return Conversation.objects.get(id=sent.json()["conversation"])


def test_a_customers_number_by_click(allowed: Stage) -> None:
    desk, before = allowed, asked(allowed)
    with desk.transaction():
        phone = Phone.objects.get(e164=GRACE)
    talk = dialled(desk, {"phone": str(phone.id)})
    assert (talk.direction, talk.state, talk.answered_at) == ("outbound", "active", None)
    assert (talk.caller_e164, talk.customer_id, talk.agent_id) == (
        GRACE,
        phone.customer_id,
        desk.staff["amy"].id,
    )
    assert asked(desk) == before + 1
    assert (desk.state().state, desk.state().conversation_id) == ("talking", talk.id)
    with desk.transaction():
        call = Call.objects.get(conversation_id=talk.id)
        assert OutboundCall.objects.get(conversation_id=talk.id).number == GRACE
    assert (call.state, call.legs_dialled) == ("dialling", 1)
    page = desk.client().get(f"/desk/c/{talk.id}").content.decode()
    assert 'data-phase="dialling"' in page and 'data-call="hangup"' in page and "called by us" in page
    assert desk.send(f"c/{talk.id}/call/hangup").status_code == 200
    # The other side answers: from now on it is a talk like any.
    raw.autocommit_one(
        "SELECT voice_reached(%s::int, %s::uuid, %s::uuid)", (desk.tenant_id, talk.id, talk.agent_id)
    )
    page = desk.client().get(f"/desk/c/{talk.id}").content.decode()
    assert 'data-phase="active"' in page and 'data-call="hold"' in page
    desk.end(talk.id)
    assert (desk.record(talk.id).state, desk.state().state) == ("wrap_up", "wrap_up")


def test_one_typed_and_again(allowed: Stage) -> None:
    desk = allowed
    talk = dialled(desk, {"number": "(212) 555-0177"})
    assert (talk.caller_e164, talk.customer_id) == ("+12125550177", None)
    routing.finish(talk.id, reason="not_reached", wrap_seconds=0, tenant_id=desk.tenant_id)
    page = desk.client().get(f"/desk/c/{talk.id}").content.decode()
    assert f'data-dial data-talk="{talk.id}"' in page
    again = dialled(desk, {"talk": str(talk.id)})
    assert again.caller_e164 == talk.caller_e164 and again.id != talk.id


def test_nobody_calls_while_on_a_call_or_off_work(allowed: Stage) -> None:
    desk = allowed
    desk.talking()
    before = asked(desk)
    refused = desk.send("dial", {"number": "+12125550177"})
    assert (refused.status_code, refused.json()["code"]) == (409, "voice.cannot_dial")
    off = desk.send("dial", {"number": "+12125550177"}, login="ben")
    assert off.status_code == 409
    assert asked(desk) == before
    with desk.transaction():
        assert not OutboundCall.objects.filter(
            number="+12125550177", ended_at=None, answered_at=None
        ).exclude(conversation_id__in=Conversation.objects.values("id"))


def test_what_the_shop_has_not_allowed_leaves_nothing_behind(desk: Stage) -> None:
    routing.agent_ready(desk.boss, desk.staff["amy"].id)
    with desk.transaction():
        before = Conversation.objects.count()
    refused = desk.send("dial", {"number": "+12125550177"})
    assert (refused.status_code, refused.json()["code"]) == (403, "voice.dial_refused")
    assert desk.send("dial", {}).status_code == 422
    assert desk.send("dial", {"phone": str(desk.staff["amy"].id)}).status_code == 404
    with desk.transaction():
        assert Conversation.objects.count() == before
    assert desk.state().state == "ready"
