"""Passing a call on from the desk: whom it offers, what it asks of the voice process, and what each of the two agents sees meanwhile."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import expect

from callcart.contact.routing import public as routing
from callcart.contact.voice.models import Call, OutboundCall
from callcart.contact.voice.records import Consult
from callcart.contact.voice.states import Side
from callcart.core.database import raw
from callcart.core.models import AuditEntry, Event
from callcart.people.tenants import directory
from callcart.people.tenants.public import update_tenant
from tests.web.desk.browser import Desk
from tests.web.desk.stage import Stage

NUMBER = "+12125550777"


def on_the_phone(desk: Stage) -> UUID:
    """A talk of Amy's with a call behind it."""
    talk = desk.talking()
    desk.put_on_hold(talk)
    desk.take_back(talk)
    return talk


def wishes(desk: Stage) -> list[dict[str, Any]]:
    with desk.transaction():
        return [dict(each.data) for each in Event.objects.filter(kind="call.request").order_by("id")]


def ask_ben(desk: Stage, talk: UUID, side: Side = Side.CALLING) -> None:
    """As the voice process does it."""
    amy, ben = desk.staff["amy"].id, desk.staff["ben"].id
    routing.agent_ready(desk.boss, ben)
    problem = raw.autocommit_one(
        "SELECT problem FROM acd_consult(%s::int, %s::uuid, %s::uuid, %s::uuid, 5)",
        (desk.tenant_id, talk, amy, ben),
    )[0]
    assert problem == ""
    if side is not Side.CALLING:
        assert raw.autocommit_one(
            "SELECT acd_consult_answered(%s::int, %s::uuid, %s::uuid)", (desk.tenant_id, talk, ben)
        )[0]
    with desk.transaction():
        Call.objects.filter(conversation_id=talk).update(consult=Consult("agent-2", side, ben).kept())


def shown(desk: Stage, talk: UUID, login: str = "amy") -> str:
    found = desk.client(login).get(f"/desk/c/{talk}")
    assert found.status_code == 200
    return str(found.content.decode())


def test_colleagues_at_work_queues_and_the_menu_are_offered(desk: Stage) -> None:
    talk = on_the_phone(desk)
    routing.agent_ready(desk.boss, desk.staff["ben"].id)
    page = desk.client().get(f"/desk/c/{talk}/pass-on").content.decode()
    assert "Ben" in page and 'data-to="queue"' in page and 'data-to="menu"' in page
    assert f'data-id="{desk.staff["amy"].id}"' not in page


def test_the_wish_is_told_to_the_voice_process(desk: Stage) -> None:
    talk = on_the_phone(desk)
    before, ben = len(wishes(desk)), desk.staff["ben"].id
    with desk.transaction():
        queue = routing.queues()[0].id
    for body in (
        {"to": "colleague", "id": str(ben), "ask": True},
        {"to": "queue", "id": str(queue)},
        {"to": "menu"},
    ):
        assert desk.send(f"c/{talk}/pass-on/to", body).status_code == 200
    told = wishes(desk)[before:]
    assert [each["request"] for each in told] == ["consult", "to_queue", "to_menu"]
    assert told[0]["wanted"] == {"staff_id": str(ben), "passing": False}
    assert told[1]["wanted"] == {"queue_id": str(queue)}


def test_only_the_agent_who_has_it_passes_it_on(desk: Stage) -> None:
    talk = on_the_phone(desk)
    before = len(wishes(desk))
    refused = desk.send(f"c/{talk}/pass-on/to", {"to": "menu"}, login="super")
    assert (refused.status_code, refused.json()["code"]) == (409, "desk.not_your_call")
    assert desk.send(f"c/{talk}/pass-on/to", {"to": "moon"}).status_code == 422
    assert desk.send(f"c/{talk}/pass-on/to", {"to": "colleague", "id": str(talk)}).status_code == 404
    assert desk.send(f"c/{talk}/call/complete").status_code == 409  # nobody is asked
    assert len(wishes(desk)) == before


def test_a_number_outside_goes_by_the_guard(desk: Stage) -> None:
    talk = on_the_phone(desk)
    before = len(wishes(desk))
    body = {"to": "outside", "number": NUMBER, "ask": True}
    refused = desk.send(f"c/{talk}/pass-on/to", body)
    assert (refused.status_code, refused.json()["code"]) == (403, "voice.dial_refused")
    assert len(wishes(desk)) == before
    with desk.transaction():
        assert AuditEntry.objects.filter(action="voice.dial_refused", subject_id=talk).count() == 1
        assert not OutboundCall.objects.filter(conversation_id=talk).exists()
        update_tenant(desk.boss, settings={"dial_prefixes": ["+1212"]})
    directory.forget()
    assert desk.send(f"c/{talk}/pass-on/to", body).status_code == 200
    wanted = wishes(desk)[-1]["wanted"]
    assert (wanted["number"], wanted["passing"]) == (NUMBER, False)
    with desk.transaction():
        assert OutboundCall.objects.get(conversation_id=talk).staff_id == desk.staff["amy"].id


def test_both_see_the_consult(desk: Stage) -> None:
    talk = on_the_phone(desk)
    ask_ben(desk, talk)
    amys, bens = shown(desk, talk), shown(desk, talk, "ben")
    assert "is being called" in amys and 'data-second-step="give_up"' in amys and "data-pass-on=" not in amys
    assert 'data-phase="offered"' in bens and 'data-call="answer"' in bens and "asked by" in bens
    assert desk.state("ben").conversation_id == talk
    assert desk.send(f"c/{talk}/call/complete").status_code == 200
    assert wishes(desk)[-1]["request"] == "complete"
    again = desk.send(f"c/{talk}/pass-on/to", {"to": "colleague", "id": str(desk.staff["ben"].id)})
    assert again.json()["code"] == "voice.another_is_there"


def test_the_recording_is_paused_from_the_desk(desk: Stage) -> None:
    talk = on_the_phone(desk)
    assert 'data-call="recording"' not in shown(desk, talk)  # nothing is recorded of it
    with desk.transaction():
        Call.objects.filter(conversation_id=talk).update(recording="pending")
    assert 'data-call="recording" aria-pressed="false"' in shown(desk, talk)
    assert desk.send(f"c/{talk}/call/pause_recording").status_code == 200
    told = wishes(desk)[-1]
    assert (told["request"], told["wanted"]) == ("pause_recording", {"why": "agent"})
    with desk.transaction():
        Call.objects.filter(conversation_id=talk).update(paused_for=["agent"])
    assert 'data-call="recording" aria-pressed="true"' in shown(desk, talk)


def test_who_joined_hangs_up_and_writes_no_wrap_up(desk: Stage) -> None:
    talk = on_the_phone(desk)
    ask_ben(desk, talk, Side.IN)
    bens = shown(desk, talk, "ben")
    assert 'data-phase="asked"' in bens and 'data-call="leave"' in bens and "data-wrap=" not in bens
    assert 'data-second-step="three_way"' in shown(desk, talk) or "all three" in shown(desk, talk)


def test_passed_on_the_first_one_may_still_write_a_note(desk: Stage) -> None:
    talk = on_the_phone(desk)
    ask_ben(desk, talk, Side.IN)
    assert raw.autocommit_one(
        "SELECT done FROM acd_consult_complete(%s::int, %s::uuid)", (desk.tenant_id, talk)
    )[0]
    amys, bens = shown(desk, talk), shown(desk, talk, "ben")
    assert 'data-phase="passed_on"' in amys and "data-note-form" in amys and 'data-mine="0"' in amys
    assert 'data-phase="active"' in bens and 'data-mine="1"' in bens and "data-wrap=" in bens
    assert desk.send(f"c/{talk}/note", {"text": "She is right."}).status_code == 200
    assert desk.send("state", {"state": "ready"}).status_code == 200
    assert desk.record(talk).state == "active"


@pytest.mark.parametrize("step", ["consult.joined", "transfer.completed"])
def test_who_is_heard_by_all_three_or_by_the_next_one_is_not_on_hold(desk: Stage, step: str) -> None:
    talk = on_the_phone(desk)
    desk.put_on_hold(talk)
    assert "on hold for" in shown(desk, talk)
    desk._keep_call(talk, "talking", step, "talk")
    assert "on hold for" not in shown(desk, talk)


@pytest.mark.journey
def test_by_keys_alone(agent: Desk, desk: Stage) -> None:
    talk = on_the_phone(desk)
    routing.agent_ready(desk.boss, desk.staff["ben"].id)
    page = agent.open()
    expect(page.locator(f"#strip [data-conversation-id='{talk}']")).to_be_visible()
    agent.press("t")
    expect(page.locator("#pass-on[open] [data-ask]:focus")).to_have_count(1)
    agent.press("Enter")
    expect(page.locator("#pass-on[open]")).to_have_count(0)
    assert wishes(desk)[-1]["request"] == "consult"
    ask_ben(desk, talk, Side.IN)
    page.reload()
    expect(page.locator("[data-second-step='complete']")).to_be_visible()
    with page.expect_response("**/call/complete"):
        agent.press("g")
    assert wishes(desk)[-1]["request"] == "complete"
    assert raw.autocommit_one(
        "SELECT done FROM acd_consult_complete(%s::int, %s::uuid)", (desk.tenant_id, talk)
    )[0]
    told = {"staff_id": str(desk.staff["amy"].id), "conversation_id": str(talk), "state": "completed"}
    page.evaluate(
        "told => document.dispatchEvent(new CustomEvent('callcart:call.consult', {detail: {data: told}}))",
        told,
    )
    page.locator("#strip [data-agent='ready']").click()
    expect(page.locator("#state")).to_have_attribute("data-state", "ready")
