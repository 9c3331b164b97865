"""A supervisor listens, whispers, joins, takes over; nothing of it changes the talk, and each of it is written down."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from callcart.contact.conversations.public import open_conversation
from callcart.contact.routing.models import Agent as Agent_
from callcart.contact.routing.models import Crew, Profile
from callcart.contact.voice import public as voice
from callcart.contact.voice.fake import FakeLeg, Hears
from callcart.contact.voice.fake_passing import Agent
from callcart.contact.voice.models import Call, Watching
from callcart.contact.voice.states import CallState, Request, Watch
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.database import raw
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.people.staff.models import Staff, Team
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import update_tenant
from tests.contact.voice.hall import Hall, settle
from tests.contact.voice.test_transfers import together


async def watched(hall: Hall, mode: Watch) -> tuple[str, Agent, Agent]:
    """A caller, his agent, and a supervisor who has answered his page."""
    caller, agent = await hall.talking()
    boss = await hall.agent(ready=False)
    await hall.ask(Request.WATCH, staff_id=str(boss.staff_id), mode=mode)
    await hall.pick_up(boss)
    return caller, agent, boss


def copy_heard_by(hall: Hall, boss: Agent) -> FakeLeg:
    """The copy of a leg that shares a bridge with the supervisor, and nothing else."""
    leg = hall.leg_of(boss)
    (members,) = [members for members in hall.engine.bridges.values() if leg in members]
    (copy,) = [hall.engine.legs[each] for each in members if each != leg]
    return copy


@pytest.mark.parametrize("mode", [Watch.LISTEN, Watch.WHISPER])
async def test_he_hears_the_agents_sound_and_the_caller_never_hears_him(hall: Hall, mode: Watch) -> None:
    caller, agent, boss = await watched(hall, mode)
    copy = copy_heard_by(hall, boss)
    assert (copy.snoops, copy.whispers) == (hall.leg_of(agent), mode is Watch.WHISPER)
    assert together(hall, caller, hall.leg_of(agent))


async def test_from_listening_to_whispering_to_joining_and_back(hall: Hall) -> None:
    caller, agent, boss = await watched(hall, Watch.LISTEN)
    await hall.ask(Request.WATCH, staff_id=str(boss.staff_id), mode=Watch.WHISPER)
    assert copy_heard_by(hall, boss).whispers
    await hall.ask(Request.WATCH, staff_id=str(boss.staff_id), mode=Watch.BARGE)
    assert together(hall, caller, hall.leg_of(agent), hall.leg_of(boss))
    assert "supervisor.joined" in [step for step, _data in hall.talk.steps]
    await hall.ask(Request.WATCH, staff_id=str(boss.staff_id), mode=Watch.LISTEN)
    assert together(hall, caller, hall.leg_of(agent)) and not copy_heard_by(hall, boss).whispers
    assert hall.talk.watchers == {boss.staff_id: "listen"}
    assert len([leg for leg in hall.engine.legs.values() if leg.snoops]) == 1


@pytest.mark.parametrize("by", ["himself", "the desk", "the caller", "the agent", "a restart"])
async def test_it_ends_without_a_trace_on_the_line(hall: Hall, by: str) -> None:
    caller, agent, boss = await watched(hall, Watch.WHISPER)
    match by:
        case "himself":
            await hall.hang_up(hall.leg_of(boss))
        case "the desk":
            await hall.ask(Request.UNWATCH, staff_id=str(boss.staff_id))
        case "the caller":
            await hall.hang_up(caller)
        case "the agent":
            await hall.hang_up(hall.leg_of(agent))
        case _:
            await hall.restart()
    await settle()
    assert not hall.engine.talking(boss.username or "")
    assert not [leg for leg in hall.engine.legs.values() if leg.snoops]
    assert hall.talk.watchers == {}
    goes_on = by not in ("the caller", "the agent")
    assert (hall.talk.row.state is CallState.TALKING) == goes_on
    assert [name for name in hall.engine.bridges if name.startswith("watch-")] == []
    if goes_on:
        assert together(hall, caller, hall.leg_of(agent))


async def test_he_stays_with_a_talk_that_is_passed_on(hall: Hall) -> None:
    caller, first, second = await hall.consulted()
    boss = await hall.agent(ready=False)
    await hall.ask(Request.WATCH, staff_id=str(boss.staff_id), mode=Watch.LISTEN)
    await hall.pick_up(boss)
    assert copy_heard_by(hall, boss).snoops == hall.leg_of(first)
    await hall.ask(Request.COMPLETE)
    assert copy_heard_by(hall, boss).snoops == hall.leg_of(second)
    assert hall.hears(caller) is Hears.PEOPLE


async def test_who_does_not_answer_or_has_no_page_is_forgotten(hall: Hall) -> None:
    caller, agent = await hall.talking()
    away, boss = await hall.agent(ready=False, username=None), await hall.agent(ready=False)
    await hall.ask(Request.WATCH, staff_id=str(away.staff_id), mode=Watch.LISTEN)
    await hall.ask(Request.WATCH, staff_id=str(boss.staff_id), mode=Watch.LISTEN)
    await settle(31)
    (call,) = hall.exchange.calls.values()
    assert call.watchers == [] and together(hall, caller, hall.leg_of(agent))


# ---- who may ----


def boss_of(tenant: Tenant, *permissions: str) -> Actor:
    grants = {name: Grant() for name in permissions}
    return Actor(tenant.id, ActorKind.STAFF, new_id(), grants=grants)


def a_talk(tenant: Tenant, staff_id: UUID) -> UUID:
    made = open_conversation(Actor.system(tenant.id))
    type(made).objects.filter(id=made.id).update(agent_id=staff_id, state="active")
    Call.objects.create(conversation_id=made.id, customer_channel=f"c-{made.id}", state="talking")
    return made.id


def told() -> list[dict[str, Any]]:
    return [dict(each.data) for each in Event.objects.filter(kind="call.request").order_by("id")]


def ready_as_an_agent(tenant: Tenant, staff_id: UUID) -> None:
    profile = Profile.objects.create(code="all", name="All")
    crew = Crew.objects.create(profile=profile)
    Agent_.objects.create(staff_id=staff_id, crew=crew, state="ready", shown="ready")


def test_each_act_is_in_the_audit_and_asked_of_the_voice_process(tenant: Tenant) -> None:
    boss = boss_of(tenant, "voice.supervise", "voice.phone")
    assert boss.id is not None
    ready_as_an_agent(tenant, boss.id)
    talk = a_talk(tenant, new_id())
    for mode in Watch:
        voice.watch(boss, talk, mode)
    voice.take_over(boss, talk)
    voice.unwatch(boss, talk)
    kept = AuditEntry.objects.filter(action="voice.supervise").order_by("id")
    assert [each.after["what"] for each in kept] == ["listen", "whisper", "barge", "take_over"]
    assert [each["request"] for each in told()] == ["watch", "watch", "watch", "consult", "unwatch"]
    assert told()[3]["wanted"] == {"staff_id": str(boss.id), "passing": True}


def test_without_the_right_or_of_ones_own_talk_nothing_is_asked(tenant: Tenant) -> None:
    boss = boss_of(tenant, "voice.supervise", "voice.phone")
    assert boss.id is not None
    with pytest.raises(PermissionDenied):
        voice.watch(boss_of(tenant, "voice.phone", "routing.force"), a_talk(tenant, new_id()), Watch.LISTEN)
    with pytest.raises(voice.NoSuchTalk):
        voice.take_over(boss, a_talk(tenant, boss.id))
    assert told() == [] and not AuditEntry.objects.filter(action="voice.supervise").exists()


def test_to_take_over_one_is_ready_as_any_agent(tenant: Tenant) -> None:
    boss = boss_of(tenant, "voice.supervise", "voice.phone")
    assert boss.id is not None
    ready_as_an_agent(tenant, boss.id)
    Agent_.objects.filter(staff_id=boss.id).update(shown="paused", state="paused")
    with pytest.raises(voice.NotReady):
        voice.take_over(boss, a_talk(tenant, new_id()))
    assert told() == []


def test_a_supervisor_of_a_team_does_not_know_of_other_teams_talks(tenant: Tenant) -> None:
    boss, mate, stranger = people_of_two_teams(tenant)
    actor = Actor(
        tenant.id,
        ActorKind.STAFF,
        boss,
        grants={"voice.supervise": Grant(scope="team"), "voice.phone": Grant()},
    )
    with pytest.raises(NotFound):
        voice.watch(actor, a_talk(tenant, stranger), Watch.LISTEN)
    assert told() == [] and not AuditEntry.objects.filter(action="voice.supervise").exists()
    voice.watch(actor, a_talk(tenant, mate), Watch.LISTEN)
    assert [each["request"] for each in told()] == ["watch"]


def people_of_two_teams(tenant: Tenant) -> list[UUID]:
    """A supervisor, one of his team, one of another."""
    mine, theirs = Team.objects.create(name="One"), Team.objects.create(name="Two")
    return [
        Staff.objects.create(email=f"{name}@x.example", name=name, team=team).id
        for name, team in (("boss", mine), ("mate", mine), ("stranger", theirs))
    ]


# ---- who is told ----


def watched_row(tenant: Tenant, talk: UUID, staff_id: UUID | None, mode: str) -> None:
    raw.value("SELECT voice_watched(%s::int, %s::uuid, %s::uuid, %s)", (tenant.id, talk, staff_id, mode))


@pytest.mark.parametrize("tells", [True, False])
def test_the_agent_is_told_where_the_shop_says_so(tenant: Tenant, tells: bool) -> None:
    agent, boss = new_id(), new_id()
    talk = a_talk(tenant, agent)
    Call.objects.filter(conversation_id=talk).update(agent_staff_id=agent)
    update_tenant(Actor.system(tenant.id), settings={"tell_watched": tells})
    for mode in ("listen", "listen", "whisper", ""):
        watched_row(tenant, talk, boss, mode)
    told = [
        (each.kind, each.staff_id, each.data["mode"])
        for each in Event.objects.filter(kind__startswith="call.watch").order_by("id")
    ]
    agents = [("call.watched", agent, mode) for mode in ("listen", "whisper", "")] if tells else []
    assert [each for each in told if each[0] == "call.watched"] == agents
    assert [each for each in told if each[0] == "call.watching"] == [
        ("call.watching", boss, mode) for mode in ("listen", "whisper", "")
    ]


def test_who_was_on_a_talk_stays_known_and_who_is_there_now_too(tenant: Tenant) -> None:
    talk, one, other = a_talk(tenant, new_id()), new_id(), new_id()
    watched_row(tenant, talk, one, "listen")
    watched_row(tenant, talk, one, "barge")
    watched_row(tenant, talk, other, "listen")
    assert voice.watchers(talk) == [(one, Watch.BARGE), (other, Watch.LISTEN)]
    watched_row(tenant, talk, None, "")
    assert voice.watchers(talk) == []
    assert [each.mode for each in Watching.objects.order_by("started_at")] == ["listen", "barge", "listen"]
    assert not Watching.objects.filter(ended_at=None).exists()
