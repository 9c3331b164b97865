"""What a supervisor does from the board's pages, and what they refuse: agents, who waits, limits, messages, wall displays, the day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.test import Client

from callcart.contact.routing import public as routing
from callcart.contact.supervision import public as supervision
from callcart.contact.supervision.models import Broadcast, Limit, Loan, Wall
from callcart.contact.voice.models import Call, Watching
from callcart.core.models import AuditEntry, Event
from callcart.people.staff.models import Role, Staff, Team
from callcart.people.tenants.public import update_tenant
from callcart.web.floor import shown
from callcart.web.middleware import SESSION_COOKIE
from tests.web.desk.stage import STRANGER, Stage


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    shown._kept.clear()


@pytest.fixture
def two_teams(desk: Stage) -> Iterator[None]:
    """The supervisor sees a team of his own, with Amy in it; Ben is of another."""
    with desk.transaction():
        mine, theirs = Team.objects.create(name="Ours"), Team.objects.create(name="Theirs")
        former = dict(Staff.objects.values_list("id", "team_id"))
        Staff.objects.filter(id__in=[desk.staff["super"].id, desk.staff["amy"].id]).update(team=mine)
        Staff.objects.filter(id=desk.staff["ben"].id).update(team=theirs)
        role = Role.objects.get(key="supervisor")
        grants = dict(role.grants)
        narrow = ("board.view", "routing.force", "voice.supervise", "supervision.broadcast")
        Role.objects.filter(id=role.id).update(grants=grants | {key: {"scope": "team"} for key in narrow})
    yield
    with desk.transaction():
        Role.objects.filter(id=role.id).update(grants=grants)
        for staff_id, team in former.items():
            Staff.objects.filter(id=staff_id).update(team_id=team)


def get(desk: Stage, path: str, *, login: str = "super", language: str = "en") -> str:
    response = desk.client(login, language=language).get(f"/desk/{path}")
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def on_the_phone(desk: Stage, login: str = "amy") -> UUID:
    made = desk.talking(login=login)
    with desk.transaction():
        Call.objects.create(
            conversation_id=made,
            customer_channel=str(made),
            state="talking",
            agent_staff_id=desk.staff[login].id,
        )
    return made


PAGES = ("board", "board/day", "board/day/list", "board/limits", "board/messages", "board/walls")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens(desk: Stage, language: str) -> None:
    client = desk.client("super", language=language)
    made = on_the_phone(desk)
    pages = [*PAGES, f"board/agents/{desk.staff['amy'].id}", f"board/queues/{desk.record(made).queue_id}"]
    assert [client.get(f"/desk/{page}").status_code for page in pages] == [200] * len(pages)


def test_none_of_it_is_for_agents(desk: Stage) -> None:
    ben, client = desk.staff["ben"].id, desk.client("amy")
    for page in (*PAGES, f"board/agents/{ben}"):
        assert client.get(f"/desk/{page}").status_code == 403, page
    made = on_the_phone(desk, "ben")
    for path in (f"board/talks/{made}/listen", f"board/agents/{ben}/lend", f"board/waiting/{made}/move"):
        assert desk.send(path, {}).status_code == 403, path
    with desk.transaction():
        assert not Event.objects.filter(kind="call.request", subject_id=made).exists()


# ---- on a talk ----


def test_each_act_on_a_talk_is_asked_of_the_voice_process(desk: Stage) -> None:
    made = on_the_phone(desk)
    for act in ("listen", "whisper", "barge", "stop"):
        assert desk.send(f"board/talks/{made}/{act}", login="super").json() == {"asked": act}
    assert desk.send(f"board/talks/{made}/tickle", login="super").status_code == 404
    assert desk.send(f"board/talks/{uuid4()}/listen", login="super").status_code == 404
    with desk.transaction():
        asked = Event.objects.filter(kind="call.request", subject_id=made).order_by("id")
        assert [each.data["request"] for each in asked] == ["watch", "watch", "watch", "unwatch"]
        assert AuditEntry.objects.filter(action="voice.supervise", subject_id=made).count() == 3


def test_the_panel_says_who_is_on_the_call_and_the_desk_is_told(desk: Stage) -> None:
    made, amy, boss = on_the_phone(desk), desk.staff["amy"].id, desk.staff["super"].id
    with desk.transaction():
        Watching.objects.create(conversation_id=made, staff_id=boss, agent_id=amy, mode="whisper")
    panel = get(desk, f"board/agents/{amy}")
    assert 'data-act="whisper" aria-pressed="true"' in panel and 'data-act="stop"' in panel
    assert desk.client("amy").get("/desk/board/told").json()["watched"] == "whisper"
    with desk.transaction():
        update_tenant(desk.boss, settings={"tell_watched": False})
    assert desk.client("amy").get("/desk/board/told").json()["watched"] == ""
    with desk.transaction():
        update_tenant(desk.boss, settings={"tell_watched": True})


# ---- states, queues lent, the waiting ----


def test_a_pause_with_a_reason_and_logging_out_let_the_talk_go_on(desk: Stage) -> None:
    made, amy = desk.talking(), desk.staff["amy"].id
    assert (
        desk.send(f"board/agents/{amy}", {"state": "paused", "reason": "lunch"}, login="super").status_code
        == 200
    )
    assert (desk.state().state, desk.state().reason) == ("talking", "lunch")
    refused = desk.send(f"board/agents/{amy}", {"state": "paused", "reason": "whim"}, login="super")
    assert (refused.status_code, set(refused.json()["fields"])) == (422, {"reason"})
    assert desk.send(f"board/agents/{amy}", {"state": "offline"}, login="super").status_code == 200
    assert (desk.state().state, desk.state().choice, desk.record(made).state) == (
        "talking",
        "offline",
        "active",
    )
    assert "logs out after this" in get(desk, f"board/agents/{amy}")


def test_other_queues_for_an_hour_and_back(desk: Stage) -> None:
    amy = desk.staff["amy"].id
    with desk.transaction():
        queue = routing.queues()[-1]
    refused = desk.send(f"board/agents/{amy}/lend", {"queues": ["x"], "minutes": "never"}, login="super")
    assert (refused.status_code, set(refused.json()["fields"])) == (422, {"queues", "minutes"})
    body = {"queues": [str(queue.id)], "minutes": "60"}
    assert desk.send(f"board/agents/{amy}/lend", body, login="super").status_code == 200
    with desk.transaction():
        assert routing.queues_served([amy]) == {queue.id}
    assert "Other queues until" in get(desk, "board/figures")
    assert queue.name in desk.client("amy").get("/desk/board/told").json()["lent"]
    assert desk.send(f"board/agents/{amy}/give-back", login="super").status_code == 200
    assert desk.send(f"board/agents/{amy}/give-back", login="super").status_code == 404
    assert desk.client("amy").get("/desk/board/told").json()["lent"] == ""
    assert "Earlier changes" in get(desk, f"board/agents/{amy}")


def test_one_or_all_who_wait_are_moved(desk: Stage) -> None:
    made = [desk.waiting(STRANGER) for _each in range(3)]
    with desk.transaction():
        start, *_others, goal = routing.queues()
    assert str(desk.record(made[0]).number) in get(desk, f"board/queues/{start.id}")
    body = {"queue": str(goal.id)}
    assert desk.send(f"board/waiting/{made[1]}/move", body, login="super").status_code == 200
    said = desk.send(f"board/queues/{start.id}/move", body, login="super").json()["text"]
    assert said.startswith("2 moved")
    assert {desk.record(each).queue_id for each in made} == {goal.id}
    assert desk.send(f"board/queues/{start.id}/move", {}, login="super").status_code == 422


# ---- limits ----


def test_a_limit_set_by_page_colours_and_rings(desk: Stage) -> None:
    client = desk.client("super")
    queue = desk.record(desk.waiting(STRANGER)).queue_id
    assert client.post("/desk/board/limits", {"version": "0", "waiting_warn": "x"}).status_code == 422
    form = {"version": "0", "waiting_warn": "1", "waiting_alarm": "2"}
    assert client.post(f"/desk/board/limits/{queue}", form).status_code == 303
    board = get(desk, "board/figures")
    assert 'class="queue-warn"' in board and f'data-alarm="{queue}.waiting"' not in board
    desk.waiting(STRANGER)
    board = get(desk, "board/figures")
    assert 'class="queue-alarm"' in board and f'data-alarm="{queue}.waiting"' in board
    assert client.post(f"/desk/board/limits/{queue}", {"drop": "1"}).status_code == 303
    with desk.transaction():
        assert not Limit.objects.exists()


# ---- messages ----


def test_a_message_stands_at_the_desks_until_read(desk: Stage) -> None:
    boss, amy = desk.client("super"), desk.client("amy")
    assert boss.post("/desk/board/messages", {"to": "all", "text": ""}).status_code == 422
    assert boss.post("/desk/board/messages", {"to": "all", "text": "Fire drill at noon."}).status_code == 303
    (told,) = amy.get("/desk/board/told").json()["messages"]
    assert told["text"] == "Fire drill at noon." and told["who"] == desk.staff["super"].name
    assert amy.post(f"/desk/board/messages/{told['id']}/read").status_code == 200
    assert amy.get("/desk/board/told").json()["messages"] == []
    assert "Fire drill at noon." in get(desk, "board/messages")
    assert "Not yet" in get(desk, f"board/messages/{told['id']}")
    assert boss.post(f"/desk/board/messages/{told['id']}/withdraw").status_code == 303
    with desk.transaction():
        Broadcast.objects.all().delete()


# ---- scope ----


def test_a_supervisor_of_a_team_sees_and_steers_it_alone(desk: Stage, two_teams: None) -> None:
    mine, theirs = on_the_phone(desk, "amy"), on_the_phone(desk, "ben")
    amy, ben = desk.staff["amy"].id, desk.staff["ben"].id
    board = get(desk, "board/figures")
    assert f'id="agent-{amy}"' in board and f'id="agent-{ben}"' not in board
    client = desk.client("super")
    assert client.get(f"/desk/board/agents/{ben}").status_code == 404
    for path, body in (
        (f"board/agents/{ben}", {"state": "offline"}),
        (f"board/agents/{ben}/lend", {"queues": [], "minutes": "60"}),
        (f"board/talks/{theirs}/listen", {}),
    ):
        assert desk.send(path, body, login="super").status_code == 404, path
    assert desk.state("ben").choice == "ready"
    with desk.transaction():
        assert not Loan.objects.filter(staff_id=ben, ended_at=None).exists()
    assert desk.send(f"board/talks/{mine}/listen", login="super").status_code == 200


def test_another_shops_agent_and_display_do_not_exist(desk: Stage, other: Stage) -> None:
    theirs = other.staff["amy"].id
    assert desk.client("super").get(f"/desk/board/agents/{theirs}").status_code == 404
    assert desk.send(
        f"board/agents/{theirs}/lend", {"queues": [], "minutes": "60"}, login="super"
    ).status_code in (404, 422)
    with other.transaction():
        wall, token = supervision.make_wall(other.boss, "Hall")
    assert Client(HTTP_HOST=f"{other.slug}.localhost").get(f"/desk/wall/{token}").status_code == 200
    assert Client(HTTP_HOST=f"{desk.slug}.localhost").get(f"/desk/wall/{token}").status_code == 404
    with other.transaction():
        supervision.revoke_wall(other.boss, wall.id)


# ---- wall displays ----


def test_a_display_needs_no_sign_in_shows_no_secret_and_ends_when_withdrawn(desk: Stage) -> None:
    made = desk.waiting()
    answer = (
        desk.client("super")
        .post("/desk/board/walls", {"name": "Hall", "language": "zh-hans"})
        .content.decode()
    )
    found = re.search(r'id="wall-address" href="http://[^/]+(/desk/wall/[\w-]+)"', answer)
    assert found is not None
    assert found[1] not in get(desk, "board/walls")  # said once
    anybody = Client(HTTP_HOST=f"{desk.slug}.localhost")
    page, figures = anybody.get(found[1]), anybody.get(f"{found[1]}/figures")
    assert (page.status_code, figures.status_code) == (200, 200)
    assert page["Cache-Control"] == "no-store" and SESSION_COOKIE not in page.cookies
    text = page.content.decode() + figures.content.decode()
    secrets = [str(desk.record(made).number), "Grace", "+12025550123", desk.staff["amy"].name, str(made)]
    assert "服务水平" in text and [each for each in secrets if each in text] == []
    with desk.transaction():
        wall = Wall.objects.get(name="Hall")
    assert desk.client("super").post(f"/desk/board/walls/{wall.id}/withdraw").status_code == 303
    assert {anybody.get(found[1]).status_code, anybody.get(f"{found[1]}/figures").status_code} == {404}
    assert anybody.get("/desk/wall/no-such-token").status_code == 404


# ---- the day ----


def test_the_day_opens_down_to_the_conversation_and_its_path(desk: Stage) -> None:
    made = desk.talking()
    desk.end(made)
    day = get(desk, "board/day?minutes=60")
    assert "which=answered" in day
    listed = get(desk, "board/day/list?which=answered")
    assert f"/office/calls/{made}" in listed
    assert re.search(r"\d\d:\d\d:\d\d\.\d{3}", get_office(desk, f"calls/{made}"))
    assert "No conversation is counted here" in get(
        desk, "board/day/list?which=abandoned&since=2020-01-01T00:00:00%2B00:00"
    )
    for odd in ("?queue=x&minutes=7&channel=fax", "/list?which=x&since=never&after=zz"):
        get(desk, f"board/day{odd}")


def get_office(desk: Stage, path: str) -> str:
    return str(desk.client("super").get(f"/office/{path}").content.decode())
