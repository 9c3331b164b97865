"""What a desk asks of telephones, and its account."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from callcart.contact.conversations.public import open_conversation
from callcart.contact.voice import public as voice
from callcart.contact.voice.accounts import end_accounts
from callcart.contact.voice.models import Call, SoftphoneAccount
from callcart.contact.voice.news import AccountEnded, AccountWanted, news_of
from callcart.core import clock, events
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import Event
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Staff, Team
from callcart.people.tenants.models import Tenant


def agent(tenant: Tenant, *permissions: str, session: UUID | None = None) -> Actor:
    grants = {name: Grant() for name in permissions or ("voice.phone",)}
    return Actor(tenant.id, ActorKind.STAFF, new_id(), grants=grants, session=session or new_id())


def talk(tenant: Tenant, staff: Actor | None, *, state: str = "talking") -> Call:
    conversation = open_conversation(Actor.system(tenant.id))
    if staff is not None:
        type(conversation).objects.filter(id=conversation.id).update(agent_id=staff.id, state="active")
    return Call.objects.create(
        conversation_id=conversation.id, customer_channel=f"c-{conversation.id}", state=state
    )


def facts(kind: str) -> list[Any]:
    return [event.data for event in Event.objects.filter(kind=kind).order_by("id")]


def test_each_session_has_its_own_account(tenant: Tenant) -> None:
    someone = agent(tenant)
    again = voice.softphone_credentials(someone)
    assert voice.softphone_credentials(someone) == again
    other_tab = Actor(tenant.id, ActorKind.STAFF, someone.id, grants=someone.grants, session=new_id())
    other = voice.softphone_credentials(other_tab)
    assert other.username != again.username and other.password != again.password
    assert SoftphoneAccount.objects.filter(staff_id=someone.id).count() == 2
    assert (again.ws_path, again.realm) == ("/sip", "asterisk")


def test_a_password_cannot_be_guessed_from_the_table(tenant: Tenant) -> None:
    found = voice.softphone_credentials(agent(tenant))
    account = SoftphoneAccount.objects.get()
    kept = " ".join(str(value) for value in vars(account).values())
    assert len(found.password) == 40 and found.password not in kept
    assert found.password not in str(facts("softphone.wanted"))


def test_half_a_day_later_a_page_gets_another_password(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone, now = agent(tenant), clock.now()
    before = voice.softphone_credentials(someone)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=11, minutes=59))
    assert voice.softphone_credentials(someone) == before
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=12, minutes=1))
    after = voice.softphone_credentials(someone)
    assert after.username != before.username and after.password != before.password
    assert SoftphoneAccount.objects.filter(staff_id=someone.id, removed_at=None).count() == 1
    assert len(facts("softphone.ended")) == 1  # the exchange takes the old one away


def test_the_page_opened_last_rings_also_where_the_clock_has_been_set_back(tenant: Tenant) -> None:
    staff = agent(tenant)
    again = replace(staff, session=new_id())
    voice.softphone_credentials(staff)
    with clock.frozen(clock.now() - timedelta(hours=1)):
        voice.softphone_credentials(again)
    (last, *_rest) = SoftphoneAccount.objects.filter(staff_id=staff.id).order_by("-wanted_at", "-id")
    assert last.session_id == again.session


def test_without_the_permission_there_is_no_account(tenant: Tenant) -> None:
    with pytest.raises(PermissionDenied):
        voice.softphone_credentials(agent(tenant, "desk.use"))
    assert not SoftphoneAccount.objects.exists() and not facts("softphone.wanted")


def test_an_account_ends_with_its_session(tenant: Tenant) -> None:
    someone = agent(tenant)
    before = voice.softphone_credentials(someone)
    assert end_accounts(someone.session) == 1
    assert end_accounts(someone.session) == 0
    assert len(facts("softphone.ended")) == 1
    assert voice.softphone_credentials(someone).username != before.username


def test_accounts_are_told_to_the_voice_process(tenant: Tenant) -> None:
    someone = agent(tenant)
    found = voice.softphone_credentials(someone)
    end_accounts(someone.session)
    told = [
        news_of(events.Event(**_plain(row))) for row in Event.objects.filter(kind__startswith="softphone.")
    ]
    wanted, ended = told
    assert isinstance(wanted, AccountWanted) and isinstance(ended, AccountEnded)
    assert (wanted.softphone.username, wanted.softphone.password) == (found.username, found.password)
    assert ended.username == found.username


@pytest.mark.parametrize("verb", ["hangup", "hold", "unhold", "rejoin"])
def test_the_agent_of_a_talk_may_ask(tenant: Tenant, verb: str) -> None:
    someone = agent(tenant)
    call = talk(tenant, someone)
    getattr(voice, f"request_{verb}")(someone, call.conversation_id)
    request = {"hangup": "hang_up"}.get(verb, verb)
    assert facts("call.request") == [{"conversation_id": str(call.conversation_id), "request": request}]


@pytest.mark.parametrize("state", ["menu", "waiting", "ended"])
def test_a_call_nobody_talks_cannot_be_asked_anything(tenant: Tenant, state: str) -> None:
    someone = agent(tenant)
    call = talk(tenant, someone, state=state)
    with pytest.raises(voice.NoSuchTalk):
        voice.request_hold(someone, call.conversation_id)
    assert not facts("call.request")


def test_another_agents_call_is_not_found(tenant: Tenant) -> None:
    call = talk(tenant, agent(tenant))
    with pytest.raises(NotFound):
        voice.request_hangup(agent(tenant), call.conversation_id)
    with pytest.raises(PermissionDenied):
        voice.request_hangup(agent(tenant, "desk.use"), call.conversation_id)
    assert not facts("call.request")
    voice.request_hangup(agent(tenant, "voice.phone", "routing.force"), call.conversation_id)
    assert len(facts("call.request")) == 1


def test_a_right_over_a_team_ends_no_call_of_another_team(tenant: Tenant) -> None:
    north, south = (Team.objects.create(name=name) for name in ("North", "South"))
    boss, amy, ben = (
        Staff.objects.create(email=f"{name}@x.example", name=name, team=team)
        for name, team in (("boss", north), ("amy", north), ("ben", south))
    )
    grants = {
        "voice.phone": Grant(),
        "routing.force": Grant(scope="team"),
        "voice.supervise": Grant(scope="team"),
    }
    supervisor = Actor(tenant.id, ActorKind.STAFF, boss.id, grants=grants, session=new_id())
    theirs, ours = (talk(tenant, Actor(tenant.id, ActorKind.STAFF, each.id)) for each in (ben, amy))
    with pytest.raises(NotFound):
        voice.request_hangup(supervisor, theirs.conversation_id)
    assert not facts("call.request")
    voice.request_hangup(supervisor, ours.conversation_id)
    assert len(facts("call.request")) == 1


def test_another_shops_call_is_not_found(tenant: Tenant, other_tenant: Tenant) -> None:
    call = talk(tenant, agent(tenant))
    with tenant_transaction(other_tenant.id):
        boss = agent(other_tenant, "voice.phone", "routing.force")
        for verb in (voice.request_hangup, voice.request_rejoin):
            with pytest.raises(NotFound):
                verb(boss, call.conversation_id)
        assert voice.media_state(call.conversation_id) is None


def test_what_the_caller_hears(tenant: Tenant) -> None:
    states = {"talking": "talk", "held": "hold", "agent_lost": "agent_lost", "waiting": None}
    for state, media in states.items():
        assert voice.media_state(talk(tenant, None, state=state).conversation_id) == media


def _plain(row: Event) -> dict[str, Any]:
    names = ("id", "tenant_id", "at", "kind", "subject_kind", "subject_id", "staff_id", "audience", "data")
    return {name: getattr(row, name) for name in names}
