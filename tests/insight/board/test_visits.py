"""The day of the queues from the paths: what each figure counts, and that it opens down to just that."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from callcart.contact.conversations.models import Step
from callcart.contact.conversations.public import PastTalk, record_past
from callcart.contact.routing import public as routing
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import now
from callcart.core.database import raw, sql
from callcart.core.errors import PermissionDenied
from callcart.core.ids import new_id
from callcart.insight.board import public as insight
from callcart.insight.board.visits import _values
from callcart.people.staff.models import Staff, Team
from callcart.people.tenants.models import Tenant

START = now() - timedelta(hours=3)


class Day:
    """Two queues (20 s to answer) and talks in them, so many minutes after the start of the time asked about."""

    def __init__(self, tenant: Tenant) -> None:
        self.boss = Actor.system(tenant.id, "test")
        self.sales, self.returns = (
            routing.add_queue(self.boss, code, name=code, target_s=20).id for code in ("sales", "returns")
        )

    def talk(
        self, minute: float, *, waits: float, talks: float = 0, wraps: float = 0, agent: UUID | None = None,
        queue: UUID | None = None,
    ) -> UUID:  # fmt: skip
        """One that waited so many seconds; without an agent it was given up then."""
        queued = START + timedelta(minutes=minute)
        answered = queued + timedelta(seconds=waits)
        ended = answered + timedelta(seconds=talks)
        made = record_past(
            self.boss,
            PastTalk(
                started_at=queued, queued_at=queued, answered_at=answered if agent else None,
                ended_at=ended if agent else answered, closed_at=ended + timedelta(seconds=wraps) if agent else None,
                queue_id=queue or self.sales, agent_id=agent,
            ),
        )  # fmt: skip
        return made.id

    def step(self, talk: UUID, kind: str, minute: float, queue: UUID | None = None) -> None:
        data = {"queue_id": str(queue)} if queue else {}
        Step.objects.create(
            conversation_id=talk, kind=kind, at=START + timedelta(minutes=minute), data=data, staff_id=None
        )

    def asked(self, queue: UUID | None = None, channel: str = "") -> insight.Asked:
        return insight.Asked(START, START + timedelta(hours=2), queue, channel)

    def numbers(self, queue: UUID) -> tuple[int, ...]:
        found = insight.by_queue(self.boss, self.asked()).get(queue, insight.Figures())
        return found.offered, found.answered, found.abandoned, found.in_time, found.counted


@pytest.fixture
def day(tenant: Tenant) -> Day:
    return Day(tenant)


def test_what_is_offered_answered_abandoned_and_in_time(day: Day) -> None:
    amy = new_id()
    day.talk(1, waits=10, talks=100, wraps=20, agent=amy)
    day.talk(2, waits=30, talks=200, wraps=40, agent=amy)
    day.talk(3, waits=90)
    day.talk(4, waits=3)  # a wrong number: abandoned, but not our fault
    day.talk(5, waits=5, talks=10, agent=amy, queue=day.returns)
    assert day.numbers(day.sales) == (4, 2, 2, 1, 3)
    found = insight.by_queue(day.boss, day.asked())[day.sales]
    assert (found.answer_seconds, found.handle_seconds, found.longest_seconds) == (20, 180, 90)
    assert found.service_level == pytest.approx(1 / 3)
    assert insight.by_queue(day.boss, day.asked(channel="chat")) == {}


def test_every_figure_opens_down_to_what_it_counts(day: Day) -> None:
    amy = new_id()
    quick, slow = (
        day.talk(1, waits=10, talks=9, agent=amy),
        day.talk(2, waits=30, talks=9, agent=amy),
    )
    gone, wrong = day.talk(3, waits=90), day.talk(4, waits=3)

    def behind(which: str) -> list[UUID]:
        return [each.conversation_id for each in insight.counted(day.boss, day.asked(), insight.Which(which))]

    assert behind("offered") == [wrong, gone, slow, quick]
    assert behind("answered") == behind("handled") == [slow, quick]
    assert behind("abandoned") == [wrong, gone]
    assert (behind("in_time"), behind("late")) == ([quick], [gone, slow])
    assert behind("longest") == [gone, slow, quick, wrong]


def test_intervals_add_up_to_the_whole(day: Day) -> None:
    for minute in (0, 14.9, 15, 44, 100):
        day.talk(minute, waits=7, talks=5, agent=new_id())
    found = insight.by_interval(day.boss, day.asked(), minutes=15)
    assert {place: each.offered for place, each in found.items()} == {0: 2, 1: 1, 2: 1, 6: 1}
    whole = insight.by_queue(day.boss, day.asked())[day.sales]
    assert insight.summed(found.values()) == whole
    hours = insight.by_interval(day.boss, day.asked(), minutes=60)
    assert {place: each.answered for place, each in hours.items()} == {0: 4, 1: 1}


def test_one_who_is_moved_or_passed_on_is_a_visit_of_each_queue(day: Day) -> None:
    talk = day.talk(1, waits=30, talks=60, agent=new_id())
    Step.objects.filter(conversation_id=talk, kind__in=("answered", "ended")).delete()
    day.step(talk, "queue.moved", 2, day.returns)
    day.step(talk, "answered", 2.1)
    day.step(talk, "transfer.queue", 4, day.sales)
    day.step(talk, "answered", 5)
    day.step(talk, "ended", 6)
    day.step(talk, "wrap_up.ended", 7)
    visits = {
        (each.entered_at, each.outcome)
        for each in insight.counted(day.boss, day.asked(), insight.Which.OFFERED)
    }
    at = [START + timedelta(minutes=minute) for minute in (1, 2, 4)]
    assert visits == {(at[0], "moved"), (at[1], "answered"), (at[2], "answered")}
    found = insight.by_queue(day.boss, day.asked())
    assert (found[day.returns].handle_seconds, found[day.sales].handle_seconds) == (pytest.approx(114), 120)
    assert found[day.sales].counted == 1  # the one moved on is in nobody's service level


def test_pages_follow_one_another_without_gap_or_double(day: Day) -> None:
    made = [day.talk(minute, waits=4) for minute in (1, 2, 2, 2, 3)]
    seen: list[UUID] = []
    before = None
    while rows := insight.counted(day.boss, day.asked(), insight.Which.OFFERED, before=before, limit=2):
        seen += [each.conversation_id for each in rows]
        before = (rows[-1].entered_at, rows[-1].id)
    assert len(seen) == 5 and set(seen) == set(made)


def test_a_supervisor_of_a_team_counts_what_his_team_answered(day: Day, tenant: Tenant) -> None:
    team = Team.objects.create(name="One")
    boss, mate = (
        Staff.objects.create(email=f"{name}@x.example", name=name, team=team).id for name in ("b", "m")
    )
    profile = routing.save_profile(day.boss, "sales", name="Sales", queues={day.sales: 1})
    routing.set_agent_profile(day.boss, mate, profile_id=profile.id)
    mine = day.talk(1, waits=1, talks=5, agent=mate)
    day.talk(2, waits=1, talks=5, agent=new_id())
    lost = day.talk(3, waits=60)
    day.talk(4, waits=60, queue=day.returns)
    actor = Actor(tenant.id, ActorKind.STAFF, boss, grants={"board.view": Grant(scope="team")})
    found = insight.counted(actor, day.asked(), insight.Which.OFFERED)
    assert [each.conversation_id for each in found] == [lost, mine]
    assert set(insight.by_queue(actor, day.asked())) == {day.sales}
    assert [each.id for each in insight.queues_now(actor)] == [day.sales]
    assert [each.staff_id for each in insight.agents_now(actor)] == [mate]
    with pytest.raises(PermissionDenied):
        insight.by_queue(Actor(tenant.id, ActorKind.STAFF, boss), day.asked())


def test_a_day_is_found_by_an_index_among_many(day: Day) -> None:
    raw.run("SET LOCAL enable_seqscan = off")
    values = _values(day.boss, day.asked())
    plan = "\n".join(
        row[0] for row in raw.all("EXPLAIN " + sql("callcart.insight.board", "by_queue"), values)
    )
    assert "conversations_step_waits" in plan and "conversations_step_path" in plan
    assert "Seq Scan on conversations_step" not in plan
