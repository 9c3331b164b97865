"""Whether one may wait in a queue: its hours, how many wait, whether anybody is there; and what it does where not, as data."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from callcart.contact.hours import public as hours
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Agent, QueueRule
from callcart.contact.routing.public import Instead, Occasion, Rule
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import frozen
from callcart.core.database import raw
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant

MONDAY = datetime(2026, 11, 30, 15, tzinfo=UTC)
ZH = "lang:zh-hans"


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id, "test")


def _queue(boss: Actor, code: str, **settings: object) -> UUID:
    return routing.add_queue(boss, code, name=code, **settings).id


def _agent(
    boss: Actor, *queues: UUID, skills: tuple[str, ...] = (), state: str = "ready", **group: int
) -> UUID:
    for code in skills:
        routing.save_skill(boss, code, name=code)
    code = f"g{len(queues)}{new_id()}"
    profile = routing.save_profile(
        boss, code, name=code, queues=dict.fromkeys(queues, 1), capacity=routing.Capacity(**group)
    )
    staff_id = new_id()
    routing.set_agent_profile(boss, staff_id, profile_id=profile.id, skills=skills)
    Agent.objects.filter(staff_id=staff_id).update(state=state)
    return staff_id


def _waiting(boss: Actor, queue: UUID, count: int) -> None:
    lane = routing.ensure_lane(boss.tenant_id, queue)
    for place in range(count):
        raw.run(
            "INSERT INTO routing_ticket (conversation_id, tenant_id, queue_id, channel, state, lane_id, position)"
            " VALUES (gen_random_uuid(), %s, %s, 0, 'waiting', %s, %s)",
            (boss.tenant_id, queue, lane, place),
        )


def _on(boss: Actor, queue: UUID, occasion: Occasion, action: Instead, to: UUID | None = None) -> None:
    routing.set_rules(boss, queue, {occasion: Rule(action, to)})


def test_an_open_queue_with_somebody_there_takes_one(boss: Actor) -> None:
    sales = _queue(boss, "sales")
    _agent(boss, sales, state="paused")
    assert routing.admission(sales) == routing.Admission(sales)
    assert raw.value("SELECT acd_is_plain(%s, 0::smallint, '{}')", (sales,)) is True


def test_out_of_hours_one_is_told_when_it_opens(boss: Actor) -> None:
    sales = _queue(boss, "sales")
    _agent(boss, sales)
    with frozen(MONDAY):
        hours.override(boss, sales, is_open=False, ends_at=datetime(2026, 11, 30, 18, tzinfo=UTC))
        found = routing.admission(sales)
        assert raw.value("SELECT acd_is_plain(%s, 0::smallint, '{}')", (sales,)) is False
        assert (found.occasion, found.action) == (Occasion.CLOSED, Instead.MESSAGE)
        assert found.opens_at == datetime(2026, 11, 30, 18, tzinfo=UTC)
        assert routing.admission(sales, always=True).action is Instead.WAIT
        _on(boss, sales, Occasion.CLOSED, Instead.VOICEMAIL)
        assert routing.admission(sales).action is Instead.VOICEMAIL


def test_what_is_in_the_way_of_the_quick_look(boss: Actor) -> None:
    sales = _queue(boss, "sales")
    agent = _agent(boss, sales)

    def plain() -> bool:
        return bool(raw.value("SELECT acd_is_plain(%s, 0::smallint, '{}')", (sales,)))

    assert plain()
    for change in (
        lambda: Agent.objects.filter(staff_id=agent).update(state="offline"),
        lambda: routing.update_queue(boss, sales, max_waiting=5),
        lambda: hours.set_queue_hours(boss, sales, week=None),
        lambda: hours.save_special_day(boss, None, datetime.now(UTC).date(), spans=()),
        lambda: hours.override(boss, None, is_open=True),
        lambda: Tenant.objects.filter(id=boss.tenant_id).update(settings={"business_hours": [[]] * 7}),
    ):
        with pytest.raises(ZeroDivisionError), tenant_transaction(boss.tenant_id):  # each by itself
            change()
            assert not plain()
            raise ZeroDivisionError
        assert plain()
    Tenant.objects.filter(id=boss.tenant_id).update(settings={"business_hours": [[["00:00", "24:00"]]] * 7})
    assert plain()


def test_as_many_wait_as_may_and_the_next_one_hears_so(boss: Actor) -> None:
    sales = _queue(boss, "sales", max_waiting=2)
    _agent(boss, sales)
    _waiting(boss, sales, 1)
    assert routing.admission(sales).occasion is None
    _waiting(boss, sales, 1)
    found = routing.admission(sales)
    assert (found.occasion, found.action) == (Occasion.FULL, Instead.MESSAGE)


@pytest.mark.parametrize("state", ["ready", "paused", "offline"])
def test_nobody_is_there_when_all_are_off_work(boss: Actor, state: str) -> None:
    sales = _queue(boss, "sales")
    _agent(boss, sales, state=state)
    found = routing.admission(sales)
    assert found.occasion is (Occasion.NOBODY if state == "offline" else None)
    assert found.action is Instead.WAIT, "as usual: somebody may come"


def test_nobody_is_there_who_has_the_skill_the_channel_or_the_queue(boss: Actor) -> None:
    sales, returns = _queue(boss, "sales"), _queue(boss, "returns")
    _agent(boss, sales, chat=0)
    _agent(boss, sales, skills=(ZH,), state="offline")
    assert routing.admission(sales).occasion is None
    assert routing.admission(sales, skills=[ZH]).occasion is Occasion.NOBODY
    assert routing.admission(sales, channel="chat").occasion is Occasion.NOBODY
    assert routing.admission(returns).occasion is Occasion.NOBODY
    routing.update_queue(boss, sales, relax_s=30)
    assert routing.admission(sales, skills=[ZH]).occasion is None, "needs are waived in the end"
    routing.update_queue(boss, returns, overflow_s=30, overflow_queue_id=sales)
    assert routing.admission(returns).occasion is None, "another queue's agents are asked in the end"


def test_full_counts_where_nobody_there_only_waits(boss: Actor) -> None:
    sales = _queue(boss, "sales", max_waiting=1)
    _waiting(boss, sales, 1)
    assert routing.admission(sales).occasion is Occasion.FULL


def test_one_is_sent_on_to_a_queue_that_takes_him(boss: Actor) -> None:
    sales, night, desk = (_queue(boss, code) for code in ("sales", "night", "desk"))
    _agent(boss, desk)
    _on(boss, sales, Occasion.NOBODY, Instead.QUEUE, night)
    _on(boss, night, Occasion.NOBODY, Instead.QUEUE, desk)
    assert routing.admission(sales) == routing.Admission(desk, Occasion.NOBODY, Instead.WAIT)


def test_queues_that_send_on_to_one_another_have_an_end(boss: Actor) -> None:
    queues = [_queue(boss, f"q{n}") for n in range(6)]
    for here, there in zip(queues, queues[1:] + queues[:1], strict=True):
        _on(boss, here, Occasion.NOBODY, Instead.QUEUE, there)
    assert routing.admission(queues[0]).action is Instead.MESSAGE
    _on(boss, queues[0], Occasion.NOBODY, Instead.QUEUE, queues[1])
    _on(boss, queues[1], Occasion.NOBODY, Instead.QUEUE, queues[0])
    assert routing.admission(queues[0]).action is Instead.MESSAGE


def test_a_queue_that_is_switched_off_takes_nobody_who_is_sent_on(boss: Actor) -> None:
    sales, night = _queue(boss, "sales"), _queue(boss, "night")
    _on(boss, sales, Occasion.NOBODY, Instead.QUEUE, night)
    routing.update_queue(boss, night, is_active=False)
    assert routing.admission(sales) == routing.Admission(sales, Occasion.NOBODY, Instead.WAIT)
    with pytest.raises(routing.NoSuchQueue):
        routing.admission(night)


@pytest.mark.parametrize(
    ("occasion", "action", "to"),
    [
        (Occasion.LATE, Instead.WAIT, None), (Occasion.FULL, Instead.WAIT, None), (Occasion.CLOSED, Instead.WAIT, None),
        (Occasion.NOBODY, Instead.QUEUE, None), (Occasion.NOBODY, Instead.QUEUE, "itself"), (Occasion.NOBODY, Instead.QUEUE, "gone"),
    ],
)  # fmt: skip
def test_rules_that_cannot_be(boss: Actor, occasion: Occasion, action: Instead, to: str | None) -> None:
    sales = _queue(boss, "sales")
    target = {"itself": sales, "gone": new_id(), None: None}[to]
    with pytest.raises(Invalid) as refused:
        routing.set_rules(boss, sales, {occasion: Rule(action, target), Occasion.FULL: Rule(Instead.WAIT)})
    assert set(refused.value.fields) == {occasion, Occasion.FULL}
    assert not QueueRule.objects.exists()


def test_rules_are_kept_with_history_and_only_by_who_may(boss: Actor) -> None:
    sales = _queue(boss, "sales")
    ann = Actor(tenant_id=boss.tenant_id, kind=ActorKind.STAFF, id=new_id(), name="Ann", grants={})
    with pytest.raises(PermissionDenied):
        routing.set_rules(ann, sales, {Occasion.LATE: Rule(Instead.CALLBACK)})
    with pytest.raises(NotFound):
        routing.set_rules(boss, new_id(), {})
    assert routing.rules_of(sales)[Occasion.LATE] == Rule(Instead.MESSAGE)
    routing.set_rules(boss, sales, {Occasion.LATE: Rule(Instead.CALLBACK, sales)})
    assert routing.rules_of(sales)[Occasion.LATE] == Rule(Instead.CALLBACK)
    before, after = raw.one(
        "SELECT before ->> 'late', after ->> 'late' FROM core_auditentry WHERE subject_id = %s ORDER BY id DESC LIMIT 1", (sales,)
    ) or ("", "")  # fmt: skip
    assert (before, after) == ("message", "callback")


def test_a_queue_without_agents_and_who_waits_for_nobody_are_seen(boss: Actor) -> None:
    sales, returns, empty = (_queue(boss, code) for code in ("sales", "returns", "empty"))
    _agent(boss, sales, returns)
    _agent(boss, sales, state="paused")
    _agent(boss, returns, state="offline")
    found = routing.staffing()
    assert found[sales] == routing.Staffing(agents=2, at_work=2, ready=1)
    assert found[returns] == routing.Staffing(agents=2, at_work=1, ready=1)
    assert found[empty] == routing.Staffing(agents=0, at_work=0, ready=0)
    _waiting(boss, sales, 1)
    assert routing.stranded() == []
    _waiting(boss, empty, 2)
    assert [(each.queue_id, each.needs, each.waiting) for each in routing.stranded()] == [(empty, (), 2)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_wait_s": 9}, {"max_waiting": 0}, {"level_s": 0}, {"urgent_s": 0}, {"urgent_written_s": -1},
        {"tier_boost": {"vip": 901}}, {"tier_boost": {"nobility": 1}}, {"tier_boost": {"vip": "1"}}, {"tier_boost": {"vip": True}},
    ],
)  # fmt: skip
def test_settings_have_bounds(boss: Actor, wrong: dict[str, object]) -> None:
    sales = _queue(boss, "sales")
    with pytest.raises(Invalid) as refused:
        routing.update_queue(boss, sales, **wrong)
    assert set(refused.value.fields) == set(wrong)
