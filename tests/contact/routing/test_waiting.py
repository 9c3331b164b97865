"""Tier, age and levels; a wait that has an end; one who waits goes to another queue with his age, or out of it."""

from __future__ import annotations

from uuid import UUID

import pytest

from callcart.contact.conversations.models import Step
from callcart.contact.conversations.public import WrongState, open_conversation
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Ticket
from callcart.contact.routing.public import Instead, Occasion, Rule
from callcart.contact.routing.timers import run_once
from callcart.core.ids import new_id
from callcart.core.tenancy import acting_for, tenant_transaction
from callcart.people.customers.public import create_customer
from tests.contact.routing.floor import Floor, system


def _time_passes(seconds: int) -> None:
    with system() as db:
        db.execute(
            "UPDATE routing_ticket SET next_at = next_at - make_interval(secs => %(s)s),"
            " enqueued_at = enqueued_at - make_interval(secs => %(s)s), position = position - %(s)s * 1000000",
            {"s": seconds},
        )
        run_once(db)


def _of_tier(floor: Floor, tier: str) -> UUID:
    with tenant_transaction(floor.tenant_id):
        phone = f"+1212555{len(tier):02}{sum(map(ord, tier)) % 100:02}"
        customer = create_customer(floor.boss, name=tier.title(), phone=phone, tier=tier)
        return open_conversation(floor.boss, customer_id=customer.id).id


def _standing(floor: Floor, conversation: UUID) -> routing.Standing | None:
    return routing.standing_in_queue(conversation, tenant_id=floor.tenant_id)


def test_a_tier_goes_before_those_who_came_first_as_far_as_its_queue_says(floor: Floor) -> None:
    floor.queue("sales", tier_boost={"vip": 200, "gold": 100})
    plain, _ = floor.call()
    gold, vip = _of_tier(floor, "gold"), _of_tier(floor, "vip")
    floor.enqueue(gold)
    floor.enqueue(vip)
    other, _ = floor.call("vip")  # that queue has a priority of 500
    agents = [floor.agent() for _time in range(4)]
    order = [floor.record(each).agent_id for each in (other, vip, gold, plain)]
    assert order == agents


def test_who_has_waited_long_goes_before_everything_that_is_not_as_old(floor: Floor) -> None:
    floor.queue("sales", urgent_s=600)
    old, _ = floor.call()
    _time_passes(599)
    young, _ = floor.call("vip")
    with tenant_transaction(floor.tenant_id):
        assert (
            Ticket.objects.get(conversation_id=young).position
            < Ticket.objects.get(conversation_id=old).position
        )
    _time_passes(2)
    with tenant_transaction(floor.tenant_id):
        assert (
            Ticket.objects.get(conversation_id=old).position
            < Ticket.objects.get(conversation_id=young).position
        )
        assert Step.objects.filter(conversation_id=old, kind="queue.urgent").count() == 1
    agent = floor.agent()
    assert floor.record(old).agent_id == agent


def test_a_mail_becomes_urgent_at_its_own_time(floor: Floor) -> None:
    floor.queue("sales", urgent_s=600, urgent_written_s=7200)
    with tenant_transaction(floor.tenant_id):
        mail = open_conversation(floor.boss, channel="mail").id
    floor.enqueue(mail, channel="mail")
    _time_passes(700)
    call, _ = floor.call("vip")
    agent = floor.agent()
    assert (floor.record(call).agent_id, floor.state(mail)) == (agent, "waiting")


def test_groups_are_asked_level_by_level(floor: Floor) -> None:
    floor.queue("sales", level_s=20)
    for level in (1, 2, 3):
        floor.profile(f"level{level}", sales=level)
    third = floor.agent("level3")
    second = floor.agent("level2")
    call, nothing = floor.call()
    assert not nothing, "only the first level is asked"
    _time_passes(19)
    assert floor.state(call) == "waiting"
    _time_passes(2)
    assert floor.record(call).agent_id == second
    other, _ = floor.call()
    _time_passes(21)
    assert floor.state(other) == "waiting", "the second level is busy"
    _time_passes(20)
    assert floor.record(other).agent_id == third


def test_a_caller_is_late_after_as_long_as_one_may_wait_and_a_mail_never_is(floor: Floor) -> None:
    floor.queue("sales", max_wait_s=60)
    floor.agent(ready=False)
    routing.agent_pause(floor.boss, "lunch", floor.agent(ready=False))
    call, _ = floor.call()
    with tenant_transaction(floor.tenant_id):
        mail = open_conversation(floor.boss, channel="mail").id
        routing.set_rules(floor.boss, floor.queues["sales"], {Occasion.LATE: Rule(Instead.CALLBACK)})
    floor.enqueue(mail, channel="mail")
    found = _standing(floor, call)
    assert found and found.occasion is None and 55 < (found.left or 0) <= 60
    _time_passes(61)
    found, of_mail = _standing(floor, call), _standing(floor, mail)
    assert found and (found.occasion, found.action) == (Occasion.LATE, Instead.CALLBACK)
    assert of_mail and (of_mail.occasion, of_mail.left) == (None, None)
    assert routing.leave(call, "late", "callback", tenant_id=floor.tenant_id)
    assert (floor.state(call), _standing(floor, call)) == ("ivr", None)
    assert not routing.leave(call, "late", "callback", tenant_id=floor.tenant_id)


def test_one_who_waits_for_nobody_is_asked_after_and_goes_elsewhere_with_his_age(floor: Floor) -> None:
    returns = floor.queue("returns", max_wait_s=None)
    floor.profile("returners", returns=1)
    helper = floor.agent("returners", ready=False)
    call, _ = floor.call(skills=("lang:zh",))
    found = _standing(floor, call)
    assert found and (found.occasion, found.action) == (Occasion.NOBODY, Instead.WAIT)
    with tenant_transaction(floor.tenant_id):
        routing.set_rules(floor.boss, floor.queues["sales"], {Occasion.NOBODY: Rule(Instead.QUEUE, returns)})
        routing.set_rules(floor.boss, returns, {Occasion.NOBODY: Rule(Instead.QUEUE, floor.queues["sales"])})
    found = _standing(floor, call)
    assert found and (found.action, found.to_queue) == (Instead.QUEUE, returns)
    since = floor.record(call).queued_at
    young, _ = floor.call("returns")
    assert not routing.move_waiting(floor.boss, call, returns, why="overflow")
    found = _standing(floor, call)
    assert found and (found.place, found.occasion, found.action) == (1, Occasion.NOBODY, Instead.MESSAGE), (
        "back and forth ends"
    )
    moved = floor.record(call)
    assert (moved.queue_id, moved.queued_at, moved.state) == (returns, since, "waiting")
    floor.place(helper, "returners", ("lang:zh",))
    assert floor.ready(helper).conversation_id == call
    assert floor.state(young) == "waiting"
    with pytest.raises(WrongState):
        routing.move_waiting(floor.boss, call, floor.queues["sales"])
    with pytest.raises(routing.NoSuchQueue):
        routing.move_waiting(floor.boss, young, new_id())
    assert floor.record(young).queue_id == returns


def test_one_agent_with_room_for_three_gets_three_at_once(floor: Floor) -> None:
    chats = []
    for _time in range(4):
        with tenant_transaction(floor.tenant_id):
            chats.append(open_conversation(floor.boss, channel="chat").id)
        floor.enqueue(chats[-1], channel="chat")
    floor.agent()
    assert [floor.state(each) for each in chats] == ["offered"] * 3 + ["waiting"]
    assert routing.sweep(floor.tenant_id) == 0, "nothing was left for the sweeper"


def test_another_shops_waiting_is_not_touched(floor: Floor, other_floor: Floor) -> None:
    call, _ = floor.call()
    with pytest.raises(WrongState):
        routing.move_waiting(other_floor.boss, call, other_floor.queues["vip"])
    with pytest.raises(routing.NoSuchQueue):
        routing.move_waiting(other_floor.boss, call, floor.queues["vip"])
    assert not routing.leave(call, "late", "message", tenant_id=other_floor.tenant_id)
    with acting_for(other_floor.tenant_id):
        assert routing.standing_in_queue(call) is None
    assert (floor.state(call), floor.record(call).queue_id) == ("waiting", floor.queues["sales"])
