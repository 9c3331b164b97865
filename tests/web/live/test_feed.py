"""Who hears what; where a page continues; who is refused."""

from __future__ import annotations

import http.client

import psycopg
import pytest

from callcart.core import feed
from callcart.core.database import parameters
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Staff, Team
from callcart.web.live import feed as endpoint
from tests.web.live.conftest import BOSS
from tests.web.live.page import Page, Refused, origin


def test_a_page_hears_what_is_committed(harbor, open_page):
    amy = harbor.person("amy")
    page = open_page(harbor, harbor.session(amy))
    event_id = harbor.emit("order.placed", order_id="o-1")
    heard = page.hears("order.placed")
    assert (heard["id"], heard["data"]) == (event_id, {"order_id": "o-1"})
    assert page.headers["access-control-allow-origin"] == origin()
    assert page.headers["access-control-allow-credentials"] == "true"
    assert page.headers["cache-control"] == "no-store"


def test_each_hears_what_is_for_them(harbor, open_page):
    amy, ben, sue = harbor.person("amy"), harbor.person("ben"), harbor.person("sue", BOSS)
    pages = [open_page(harbor, harbor.session(who)) for who in (amy, ben, sue)]
    harbor.emit("offer.made", staff_id=amy.id, audience="one")
    harbor.emit("agent.state", staff_id=ben.id, audience="board")
    harbor.emit("queue.changed", audience="board")
    harbor.emit("mail.sent", audience="process")
    harbor.emit("wish.made", audience="nonsense")
    harbor.emit("the.end")
    for page in pages:
        page.hears("the.end")
    assert [page.kinds for page in pages] == [
        ["offer.made", "the.end"],
        ["agent.state", "the.end"],  # one's own state, which the board shows too
        ["agent.state", "queue.changed", "the.end"],
    ]


def test_who_sees_the_board_of_a_team_hears_of_its_agents_alone(harbor, open_page):
    sue, amy, ben = harbor.person("sue", BOSS), harbor.person("amy"), harbor.person("ben")
    with tenant_transaction(harbor.tenant_id):
        Staff.objects.filter(id__in=[sue.id, amy.id]).update(team=Team.objects.create(name="Ours"))
        role = sue.roles.get()
        role.grants = {each: {"scope": "team"} if each == "board.view" else {} for each in BOSS}
        role.save()
    page = open_page(harbor, harbor.session(sue))
    harbor.emit("agent.state", staff_id=ben.id, audience="board")
    harbor.emit("agent.queues", staff_id=amy.id, audience="board")
    harbor.emit("queue.changed", audience="board")
    harbor.emit("the.end")
    page.hears("the.end")
    assert page.kinds == ["agent.queues", "queue.changed", "the.end"]


def test_never_another_tenants(harbor, qinghe, open_page):
    page = open_page(harbor, harbor.session(harbor.person("sue", BOSS)))
    other = open_page(qinghe, qinghe.session(qinghe.person("wei", BOSS)))
    qinghe.emit("order.placed")
    qinghe.emit("queue.changed", audience="board")
    harbor.emit("the.end")
    qinghe.emit("the.end")
    page.hears("the.end"), other.hears("the.end")
    assert page.kinds == ["the.end"]
    assert other.kinds == ["order.placed", "queue.changed", "the.end"]


def test_a_missed_event_of_another_tenant_stays_theirs(harbor, qinghe, open_page):
    session = harbor.session(harbor.person("amy"))
    first = open_page(harbor, session)
    first.close()
    qinghe.emit("order.placed")
    harbor.emit("the.end")
    assert open_page(harbor, session, token=first.token).hears("the.end")
    assert open_page(harbor, session, token=first.token).kinds == ["the.end"]


def test_a_session_of_one_shop_opens_no_feed_of_another(harbor, qinghe, server):
    session = harbor.session(harbor.person("amy"))
    with pytest.raises(Refused) as refused:
        Page.open(server.port, session, host=qinghe.host)
    assert (refused.value.status, refused.value.code) == (401, "not_signed_in")


def test_what_was_missed_comes_first_and_once(harbor, open_page):
    session = harbor.session(harbor.person("amy"))
    page = open_page(harbor, session)
    seen = harbor.emit("first")
    page.hears("first")
    page.close()
    missed = [harbor.emit(f"missed.{n}") for n in range(5)]
    again = open_page(harbor, session, token=page.token)
    live = harbor.emit("the.end")
    again.hears("the.end")
    assert again.ids == [*missed, live]
    assert seen not in again.ids


def test_the_header_of_a_reconnecting_browser_wins(harbor, open_page):
    session = harbor.session(harbor.person("amy"))
    page = open_page(harbor, session)
    old = page.token
    harbor.emit("first")
    page.hears("first")
    second = harbor.emit("second")
    page.hears("second")
    newest = page.token
    again = open_page(harbor, session, token=old, last_event_id=newest)
    end = harbor.emit("the.end")
    again.hears("the.end")
    assert again.ids == [end]
    assert second in open_page(harbor, session, token=old).ids


def test_a_late_commit_is_heard_by_those_who_were_away(harbor, open_page):
    session = harbor.session(harbor.person("amy"))
    statement = "SELECT core_emit(%s, %s, '', NULL, NULL, 'staff', '{}')"
    with psycopg.connect(**parameters("system")) as late:
        late.execute(statement, (harbor.tenant_id, "late"))  # takes its id now, commits at the end
        page = open_page(harbor, session)
        after = harbor.emit("early")
        page.hears("early")
        page.close()
        late.commit()
    again = open_page(harbor, session, token=page.token)
    end = harbor.emit("the.end")
    again.hears("the.end")
    assert again.kinds == ["late", "the.end"]
    assert again.ids[0] < after < end


def test_too_much_missed_is_a_reset(harbor, open_page, monkeypatch):
    monkeypatch.setattr(endpoint, "MOST_MISSED", 3)
    session = harbor.session(harbor.person("amy"))
    page = open_page(harbor, session)
    page.close()
    for n in range(4):
        harbor.emit(f"missed.{n}")
    again = open_page(harbor, session, token=page.token)
    harbor.emit("the.end")
    again.hears("the.end")
    assert again.names()[0] == "reset"
    assert again.kinds == ["the.end"]


def test_a_token_older_than_what_is_kept_is_a_reset(harbor, open_page):
    session = harbor.session(harbor.person("amy"))
    page = open_page(harbor, session)
    page.close()
    harbor.emit("old")
    harbor.emit("old")
    with psycopg.connect(**parameters("system"), autocommit=True) as system:
        system.execute("UPDATE core_event SET at = at - interval '30 days'")
        assert feed.forget_old(system) > 0
    again = open_page(harbor, session, token=page.token)
    assert again.names() == ["reset"]
    assert open_page(harbor, session, token=again.token).names() == ["ping"], "the new token is good"


def test_a_token_from_the_future_is_a_reset(harbor, open_page):
    session = harbor.session(harbor.person("amy"))
    assert open_page(harbor, session, token="900000000:900000000:").names() == ["reset"]


@pytest.mark.parametrize(
    "token",
    [
        "x", "0:0:", "5:3:", "3:5:2", "3:5:5", "3:9:7,4", "3:5:3,", "1:2:3'; DROP TABLE core_event; --", "-1:5:", "٣:٥:",
        "99999999999999999999:99999999999999999999:", "3:5:4;", " 3:5:", "3:5:\n", "1:9:" + ",".join(["2"] * 9000),
    ],
)  # fmt: skip
def test_a_forged_token_is_refused_before_the_database_sees_it(harbor, server, token):
    session = harbor.session(harbor.person("amy"))
    with pytest.raises(Refused) as refused:
        Page.open(server.port, session, token=token)
    assert (refused.value.status, refused.value.code) == (422, "live.token")
    assert refused.value.headers["access-control-allow-origin"] == origin()


@pytest.mark.parametrize(
    "page",
    [
        None,
        "null",
        "*",
        "https://evil.example",
        "https://harbor.localhost",
        "https://harbor.localhost:1",
        "http://harbor.localhost:{web}",
        "https://harbor.localhost:{web}.evil.example",
        "https://harbor.localhost:{web}/",
        "https://qinghe.localhost:{web}",
        "https://harbor.localhost:{gateway}",
    ],
)
def test_other_pages_are_refused(harbor, server, page):
    from callcart.config import config

    session = harbor.session(harbor.person("amy"))
    named = page and page.format(web=config().web_port, gateway=config().gateway_port)
    with pytest.raises(Refused) as refused:
        Page.open(server.port, session, from_page=named)
    assert (refused.value.status, refused.value.code) == (403, "live.foreign_page")
    assert "access-control-allow-origin" not in refused.value.headers


@pytest.mark.parametrize("session", [None, "", "nobody", "x" * 5000, "é"])
def test_who_is_not_signed_in_is_refused(harbor, server, session):
    with pytest.raises(Refused) as refused:
        Page.open(server.port, session)
    assert (refused.value.status, refused.value.code) == (401, "not_signed_in")
    assert refused.value.headers["access-control-allow-origin"] == origin(), "our page may read why"


def test_only_get(harbor, server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for method in ("POST", "OPTIONS", "DELETE"):
        connection.request(method, "/feed", headers={"Origin": origin()})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 405
        assert answer.getheader("Access-Control-Allow-Origin") is None
    connection.close()
