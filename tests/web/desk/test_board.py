"""The supervisor's board: who does what, what waits, the day's figures; and the supervisor's hand on a state."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Step
from callcart.contact.supervision import public as supervision
from callcart.core.models import AuditEntry
from callcart.insight.board import public as insight
from callcart.people.staff.public import resolve_session
from callcart.web.middleware import SESSION_COOKIE
from tests.web.desk.browser import Desk
from tests.web.desk.stage import STRANGER, Stage


def _board(desk: Stage) -> str:
    return desk.client("super").get("/desk/board/figures").content.decode()


def _row(page: str, which: str) -> str:
    start = page.index(f'<tr id="{which}"')
    return page[start : page.index("</tr>", start)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_it_opens(desk: Stage, language: str) -> None:
    client = desk.client("super", language=language)
    assert client.get("/desk/board").status_code == 200
    assert client.get("/desk/board/figures").status_code == 200


def test_not_for_agents(desk: Stage) -> None:
    for page in ("board", "board/figures"):
        assert desk.client("amy").get(f"/desk/{page}").status_code == 403


def test_everybody_stands_in_their_state(desk: Stage) -> None:
    desk.talking(login="amy")
    desk.ringing(STRANGER, login="ben")
    desk.send("state", {"state": "ready"}, login="cora")
    desk.send("state", {"state": "paused", "reason": "lunch"}, login="dev")
    page = _board(desk)
    for login, shown in (("amy", "Talking"), ("ben", "Ringing"), ("cora", "Ready"), ("dev", "Lunch")):
        assert shown in _row(page, f"agent-{desk.staff[login].id}"), login


@pytest.mark.parametrize(
    ("language", "held", "talking"), [("en", "On hold", "Talking"), ("zh-hans", "保持中", "通话中")]
)
def test_a_call_on_hold_is_said_so_with_its_own_clock(
    desk: Stage, language: str, held: str, talking: str
) -> None:
    made, which = desk.talking(login="amy"), f"agent-{desk.staff['amy'].id}"
    desk.put_on_hold(made)
    page = desk.client("super", language=language).get("/desk/board/figures").content.decode()
    assert held in _row(page, which) and talking not in _row(page, which)
    with desk.transaction():
        since = Step.objects.get(conversation_id=made, kind="hold.started").at
    assert since.isoformat() in _row(page, which)
    desk.take_back(made)
    page = desk.client("super", language=language).get("/desk/board/figures").content.decode()
    assert talking in _row(page, which) and held not in _row(page, which)


def test_by_keys_alone_an_agent_is_opened_paused_and_given_another_queue(
    desk: Stage, port: int, browser: Browser
) -> None:
    made, amy = desk.talking(login="amy"), desk.staff["amy"].id
    opened = Desk(desk, port, browser, login="super")
    page = opened.open("board")
    row = page.locator(f"#agent-{amy}")
    row.get_by_text("Talking").wait_for()
    desk.put_on_hold(made)
    page.evaluate("document.dispatchEvent(new CustomEvent('callcart:call.media', {detail: {}}))")
    row.get_by_text("On hold").wait_for(timeout=5000)  # the board itself looks only every 10 s
    opened.press("j", "Enter")
    panel = page.locator("#agent-panel")
    panel.get_by_role("button", name="Listen in").wait_for()
    opened.press("p")
    panel.get_by_role("button", name="Lunch").click()
    panel.get_by_text("paused after this").wait_for()
    assert (desk.state().state, desk.state().choice, desk.state().reason) == ("talking", "paused", "lunch")
    panel.get_by_role("button", name="Change at once").click()
    panel.get_by_text("Other queues until").wait_for()
    opened.press("v")
    page.locator("#talk-mirror .strip-name").wait_for()
    opened.press("Escape", "Escape")
    panel.wait_for(state="hidden")
    opened.context.close()
    assert opened.complaints == []
    supervision.give_back(desk.boss, amy)


def test_what_waits_is_counted_with_its_age(desk: Stage) -> None:
    for _each in range(3):
        desk.waiting(STRANGER)
    page = _board(desk)
    assert (
        '<b class="figure-value" id="board-waiting">3' in page
        or ">3<" in page[page.index("board-waiting") :][:300]
    )
    assert "longest" in page


def test_the_day_is_counted(desk: Stage) -> None:
    actor = _supervisor(desk)
    with desk.transaction():
        before = insight.floor(insight.queues_today(actor))
    desk.end(desk.talking())
    given_up = desk.waiting(STRANGER)
    desk.end(given_up)
    with desk.transaction():
        after = insight.floor(insight.queues_today(actor))
        agents = {each.staff_id: each for each in insight.agents_now(actor)}
    assert (after.day.answered - before.day.answered, after.day.abandoned - before.day.abandoned) == (1, 1)
    assert after.day.service_level is not None
    assert agents[desk.staff["amy"].id].state == "wrap_up"


def test_who_was_served_by_the_menu_is_neither_answered_nor_abandoned(desk: Stage) -> None:
    actor = _supervisor(desk)
    with desk.transaction():
        before = insight.queues_today(actor)
        made = conversations.open_conversation(desk.boss, caller_e164=STRANGER, caller_raw=STRANGER)
        assert conversations.close_conversation(desk.boss, made.id, reason="self_served")
    with desk.transaction():
        assert insight.queues_today(actor) == before
    assert desk.record(made.id).end_reason == "self_served"


def _supervisor(desk: Stage):  # type: ignore[no-untyped-def]
    client = desk.client("super")
    with desk.transaction():
        return resolve_session(client.cookies[SESSION_COOKIE].value)


def test_a_supervisor_sets_a_state_and_it_is_written_down(desk: Stage) -> None:
    amy = desk.staff["amy"].id
    desk.send("state", {"state": "ready"})
    assert desk.send(f"board/agents/{amy}", {"state": "paused"}, login="super").status_code == 200
    assert (desk.state().state, desk.state().reason) == ("paused", "supervisor")
    with desk.transaction():
        entry = AuditEntry.objects.filter(action="routing.force", subject_id=amy).latest("at")
    assert entry.actor_id == desk.staff["super"].id
    assert desk.send(f"board/agents/{amy}", {"state": "ready"}, login="super").status_code == 200
    assert desk.state().state == "ready"


def test_an_agent_steers_nobody(desk: Stage) -> None:
    ben = desk.staff["ben"].id
    desk.send("state", {"state": "ready"}, login="ben")
    assert desk.send(f"board/agents/{ben}", {"state": "offline"}).status_code == 403
    assert desk.state("ben").state == "ready"


def test_a_wish_that_is_none_is_refused(desk: Stage, other: Stage) -> None:
    amy = desk.staff["amy"].id
    assert desk.send(f"board/agents/{amy}", {"state": "asleep"}, login="super").status_code == 422
    theirs = other.staff["amy"].id
    assert desk.send(f"board/agents/{theirs}", {"state": "offline"}, login="super").status_code == 404
