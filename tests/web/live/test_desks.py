"""An open desk keeps its agent at work; a vanished one does not, and a talk goes on without it."""

from __future__ import annotations

import time

import psycopg
import pytest

from callcart.contact.routing import public as routing
from callcart.contact.routing import timers
from callcart.core.database import parameters
from callcart.core.tenancy import tenant_transaction
from callcart.processes import live as process
from callcart.web.live import reader, vigil
from tests.contact.routing.floor import build, system


@pytest.fixture
def floor(harbor):
    return build(harbor.tenant_id)


def seen_at(staff_id):
    with system() as db:
        row = db.execute(
            "SELECT p.seen_at FROM routing_presence p JOIN routing_agent a ON a.id = p.agent_id WHERE a.staff_id = %s",
            (staff_id,),
        ).fetchone()
    return row[0] if row else None


def comes(what):
    deadline = time.monotonic() + 20
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def agent_of(floor, staff):
    floor.place(staff.id, "all")
    floor.ready(staff.id)
    return staff


def vanish_for(seconds):
    with psycopg.connect(**parameters("system"), autocommit=True) as db:
        db.execute("UPDATE routing_presence SET seen_at = seen_at - make_interval(secs => %s)", (seconds,))
        timers.run_once(db)


def shown(floor, staff):
    with tenant_transaction(floor.tenant_id):
        return routing.agent_state(staff.id).state


def test_an_open_desk_is_told_to_routing_and_again(harbor, floor, open_page, monkeypatch):
    monkeypatch.setattr(vigil, "BEAT_SECONDS", 0.3)
    amy = agent_of(floor, harbor.person("amy"))
    assert seen_at(amy.id) is None
    open_page(harbor, harbor.session(amy), desk="1")
    first = comes(lambda: seen_at(amy.id))
    comes(lambda: seen_at(amy.id) > first)


def test_other_pages_are_no_desk(harbor, floor, server, open_page):
    amy, ben = agent_of(floor, harbor.person("amy")), agent_of(floor, harbor.person("ben"))
    clerk = harbor.person("cleo", ("orders.view",))
    open_page(harbor, harbor.session(amy))
    open_page(harbor, harbor.session(clerk), desk="1")
    open_page(harbor, harbor.session(ben), desk="1")
    comes(lambda: seen_at(ben.id))
    assert seen_at(amy.id) is None
    assert server.live.guests.desks() == {harbor.tenant_id: {ben.id}}


def test_a_vanished_desk_takes_its_agent_off_work(harbor, floor, server, open_page):
    amy = agent_of(floor, harbor.person("amy"))
    page = open_page(harbor, harbor.session(amy), desk="1")
    comes(lambda: seen_at(amy.id))
    page.close()
    comes(lambda: not server.live.guests.everybody())
    assert shown(floor, amy) == "ready"
    vanish_for(timers.GONE_AFTER + 1)
    assert shown(floor, amy) == "offline"


def test_a_talk_outlives_the_desk(harbor, floor, server, open_page):
    amy = agent_of(floor, harbor.person("amy"))
    page = open_page(harbor, harbor.session(amy), desk="1")
    comes(lambda: seen_at(amy.id))
    conversation, hit = floor.call()
    assert hit.staff_id == amy.id and floor.accept(hit)
    page.close()
    comes(lambda: not server.live.guests.everybody())
    vanish_for(timers.GONE_AFTER + 1)
    assert shown(floor, amy) == "talking"
    again = open_page(harbor, harbor.session(amy), desk="1", token=page.token)
    assert not again.ended
    floor.finish(conversation)
    again.wait(lambda: any(event["data"].get("state") == "wrap_up" for event in again.events), "the wrap-up")


def test_a_laptop_that_falls_asleep_gets_no_offers_and_comes_back_clean(
    harbor, floor, server, open_page, monkeypatch
):
    """Its connection looks open for hours: nobody said good-bye. What is not confirmed in time ends it."""
    monkeypatch.setattr(process, "STALLED_MS", 1_000)
    process.wait_for_nobody_gone(server.socket)
    monkeypatch.setattr(reader, "PING_SECONDS", 0.3)
    amy = agent_of(floor, harbor.person("amy"))
    page = open_page(harbor, harbor.session(amy), desk="1")
    comes(lambda: seen_at(amy.id))
    page.fall_asleep()
    comes(lambda: not server.live.guests.everybody())
    vanish_for(timers.GONE_AFTER + 1)
    assert shown(floor, amy) == "offline"
    conversation, hit = floor.call()
    assert hit.staff_id is None and floor.state(conversation) == "waiting"
    woken = open_page(harbor, harbor.session(amy), desk="1", token=page.token)
    woken.wait(lambda: any(told["data"].get("state") == "offline" for told in woken.events), "what it missed")
    assert shown(floor, amy) == "offline", "nobody is at work who has not said so"
    assert floor.ready(amy.id).conversation_id == conversation
