"""An open feed ends with its session, at once where somebody ends it; what it may see follows the roles."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.tenancy import tenant_transaction
from callcart.core.tokens import digest
from callcart.people.staff.models import Session
from callcart.people.staff.public import deactivate_staff, log_out, revoke_session, update_role
from callcart.web.live import vigil
from tests.web.live.conftest import AGENT, BOSS
from tests.web.live.page import Page, Refused


def expire(shop, token):
    with tenant_transaction(shop.tenant_id):
        Session.objects.filter(token_hash=digest(token)).update(last_seen_at=now() - timedelta(hours=13))


def test_revoking_a_session_ends_its_pages_and_no_others(harbor, server, open_page):
    amy = harbor.person("amy")
    session, other = harbor.session(amy), harbor.session(amy)
    pages = [open_page(harbor, session), open_page(harbor, session)]
    stays = open_page(harbor, other)
    with tenant_transaction(harbor.tenant_id):
        revoke_session(Actor.system(harbor.tenant_id), Session.objects.get(token_hash=digest(session)).id)
    for page in pages:
        page.ends()
        assert page.kinds == ["session.ended"]
        assert page.names()[-1] == "signed_out"
    harbor.emit("the.end")
    stays.hears("the.end")
    assert not stays.ended
    with pytest.raises(Refused) as refused:
        Page.open(server.port, session)
    assert refused.value.status == 401


def test_signing_out_ends_the_feed(harbor, open_page):
    session = harbor.session(harbor.person("amy"))
    page = open_page(harbor, session)
    with tenant_transaction(harbor.tenant_id):
        log_out(session)
    page.ends()


def test_a_deactivated_person_hears_nothing_more(harbor, open_page):
    amy = harbor.person("amy")
    page = open_page(harbor, harbor.session(amy))
    harbor.person("sue", BOSS)
    with tenant_transaction(harbor.tenant_id):
        deactivate_staff(Actor.system(harbor.tenant_id), amy.id)
    page.ends()


def test_a_revocation_while_coming_in_is_noticed(harbor, server, monkeypatch):
    """Between the sign-in and the entry nobody hears the event for us; the second look does."""
    session = harbor.session(harbor.person("amy"))
    admit = server.live.reader.admit

    async def revoked_meanwhile(listener):
        from callcart.web.live.access import in_database

        def end():
            with tenant_transaction(harbor.tenant_id):
                log_out(session)

        await in_database(end)
        return await admit(listener)

    monkeypatch.setattr(server.live.reader, "admit", revoked_meanwhile)
    with pytest.raises(Refused) as refused:
        Page.open(server.port, session)
    assert refused.value.status == 401
    deadline = time.monotonic() + 20
    while server.live.guests.everybody():
        assert time.monotonic() < deadline, "the refused one is forgotten"
        time.sleep(0.01)


def test_an_expired_session_ends_its_feed_at_the_next_look(harbor, open_page):
    session = harbor.session(harbor.person("amy"))
    page = open_page(harbor, session)
    expire(harbor, session)
    harbor.emit("role.changed")
    page.ends()


def test_an_open_feed_keeps_no_session_alive(harbor, server, open_page, monkeypatch):
    session = harbor.session(harbor.person("amy"))
    page = open_page(harbor, session)
    before = now() - timedelta(hours=11)
    with tenant_transaction(harbor.tenant_id):
        Session.objects.update(last_seen_at=before)
    harbor.emit("role.changed")
    page.hears("role.changed")
    harbor.emit("the.end")
    page.hears("the.end")
    with tenant_transaction(harbor.tenant_id):
        assert Session.objects.get().last_seen_at == before


def test_a_changed_role_changes_what_is_seen(harbor, server, open_page):
    sue = harbor.person("sue", BOSS)
    page = open_page(harbor, harbor.session(sue))
    harbor.emit("queue.changed", audience="board")
    page.hears("queue.changed")
    with tenant_transaction(harbor.tenant_id):
        role = sue.roles.get()
        update_role(
            Actor.system(harbor.tenant_id),
            role.id,
            name=role.name,
            wanted={each: {} for each in (*AGENT, "staff.manage")},
        )
    (listener,) = server.live.guests.listeners()
    page.wait(lambda: not listener.sees_board, "the narrower view")
    harbor.emit("queue.changed.again", audience="board")
    harbor.emit("the.end")
    page.hears("the.end")
    assert "queue.changed.again" not in page.kinds


def test_a_look_in_portions_reaches_everybody(harbor, open_page, monkeypatch):
    monkeypatch.setattr(vigil, "AT_ONCE", 2)
    amy = harbor.person("amy")
    sessions = [harbor.session(amy) for _each in range(5)]
    pages = [open_page(harbor, session) for session in sessions]
    for session in sessions[:-1]:
        expire(harbor, session)
    harbor.emit("role.changed")
    for page in pages[:-1]:
        page.ends()
    harbor.emit("the.end")
    pages[-1].hears("the.end")
