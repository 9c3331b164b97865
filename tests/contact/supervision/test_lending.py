"""Other queues for an agent for a while: at once for routing, over by itself, kept as history."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Agent, LaneCrew, Profile
from callcart.contact.supervision import public as supervision
from callcart.contact.supervision import timers
from callcart.contact.supervision.models import Loan
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.core.tenancy import tenant_transaction
from tests.contact.routing.floor import Floor, system
from tests.contact.supervision.people import boss_of, team_of


def lend(floor: Floor, agent: UUID, *queues: str, minutes: int = 60) -> None:
    chosen = [floor.queues[each] for each in queues]
    supervision.lend(floor.boss, agent, queues=chosen, minutes=minutes)


def pass_time(floor: Floor) -> int:
    """The loans that run are over now; how many ended."""
    with system() as db:
        db.execute("UPDATE supervision_loan SET until = now() - interval '1 second' WHERE ended_at IS NULL")
        return timers.run_once(db)


def test_it_holds_at_once_and_ends_by_itself(floor: Floor) -> None:
    agent = floor.agent()
    waiting, nobody = floor.call("returns")
    assert not nobody

    lend(floor, agent, "returns")
    assert floor.record(waiting).agent_id == agent  # offered in the same breath
    floor.finish(waiting)
    sales, nobody = floor.call("sales")
    assert not nobody  # his own queue is not his for now

    assert pass_time(floor) == 1
    assert floor.record(sales).agent_id == agent
    floor.finish(sales)
    assert not floor.call("returns")[1]
    assert pass_time(floor) == 0


def test_what_he_has_he_keeps(floor: Floor) -> None:
    agent = floor.agent()
    talk, hit = floor.call("sales")
    floor.accept(hit)
    lend(floor, agent, "returns")
    assert (floor.state(talk), floor.view(agent).state) == ("active", "talking")


def test_history_says_who_until_when_and_how_it_ended(floor: Floor) -> None:
    agent, boss = floor.agent(), boss_of(floor.tenant_id, new_id())
    first, second = [floor.queues["returns"]], [floor.queues["returns"], floor.queues["sales"]]
    supervision.lend(boss, agent, queues=first, minutes=30)
    supervision.lend(boss, agent, queues=second, minutes=60)
    supervision.give_back(boss, agent)
    supervision.lend(boss, agent, queues=first, minutes=30)
    pass_time(floor)
    with tenant_transaction(floor.tenant_id):
        kept = supervision.history_of(boss, agent)
        noted = AuditEntry.objects.filter(action="supervision.lend", subject_id=agent).count()
        told = Event.objects.filter(kind="agent.queues", audience="board", staff_id=agent).count()
    assert [each.ended_by for each in kept] == [None, boss.id, boss.id]
    assert [set(each.queues) for each in kept] == [set(first), set(second), set(first)]
    assert all(each.made_by == boss.id and each.ended_at is not None for each in kept)
    assert (noted, told) == (4, 5)


def test_nothing_of_it_is_left_in_matching(floor: Floor) -> None:
    agent, other = floor.agent(), floor.agent()
    with tenant_transaction(floor.tenant_id):
        before = (Profile.objects.count(), LaneCrew.objects.count())
    lend(floor, agent, "returns")
    lend(floor, other, "returns")
    with tenant_transaction(floor.tenant_id):
        assert Profile.objects.filter(lent_from__isnull=False).count() == 1  # shared by both
    supervision.give_back(floor.boss, agent)
    lend(floor, other, "returns", "vip")
    supervision.give_back(floor.boss, other)
    with tenant_transaction(floor.tenant_id):
        assert (Profile.objects.count(), LaneCrew.objects.count()) == before


def test_a_change_of_skills_keeps_it_and_another_group_ends_it(floor: Floor) -> None:
    agent = floor.agent()
    lend(floor, agent, "returns")
    floor.place(agent, "all", ["lang:en"])
    assert floor.call("returns")[1].staff_id == agent
    floor.profile("late", vip=1)
    floor.place(agent, "late")
    pass_time(floor)
    with tenant_transaction(floor.tenant_id):
        assert Agent.objects.get(staff_id=agent).crew.profile_id == floor.profiles["late"]
        assert not Loan.objects.filter(ended_at=None).exists()


def test_a_change_of_the_groups_capacity_reaches_him(floor: Floor) -> None:
    agent = floor.agent()
    lend(floor, agent, "returns")
    with tenant_transaction(floor.tenant_id):
        serves = {floor.queues["sales"]: 1}
        capacity = routing.Capacity(chat=7)
        routing.save_profile(floor.boss, "all", name="all", queues=serves, capacity=capacity)
        assert Agent.objects.get(staff_id=agent).cap_chat == 7


def test_what_cannot_be_is_refused_and_changes_nothing(floor: Floor) -> None:
    agent = floor.agent()
    with pytest.raises(Invalid) as refused:
        supervision.lend(floor.boss, agent, queues=[new_id()], minutes=1)
    assert set(refused.value.fields) == {"queues", "minutes"}
    with pytest.raises(routing.NotAnAgent):
        lend(floor, new_id(), "returns")
    with pytest.raises(NotFound):
        supervision.give_back(floor.boss, agent)
    with pytest.raises(PermissionDenied):
        supervision.lend(
            boss_of(floor.tenant_id, new_id(), only=()), agent, queues=[floor.queues["vip"]], minutes=60
        )
    with tenant_transaction(floor.tenant_id):
        assert not Loan.objects.exists()
    assert floor.call("sales")[1].staff_id == agent


def test_only_of_ones_own_team(floor: Floor) -> None:
    with tenant_transaction(floor.tenant_id):
        boss, mate = team_of("boss", "mate", team="One")
        (stranger,) = team_of("stranger", team="Two")
    for each in (mate, stranger):
        floor.place(each, "all")
    actor = boss_of(floor.tenant_id, boss, scope="team")
    with pytest.raises(NotFound):
        supervision.lend(actor, stranger, queues=[floor.queues["returns"]], minutes=60)
    with pytest.raises(NotFound):
        routing.force_state(actor, stranger, "ready")
    assert floor.view(stranger).state == "offline"
    until = supervision.lend(actor, mate, queues=[floor.queues["returns"]], minutes=60)
    assert abs(until - now() - timedelta(minutes=60)) < timedelta(seconds=5)
    with tenant_transaction(floor.tenant_id):
        assert set(supervision.running()) == {mate}
