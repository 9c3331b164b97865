"""A queue asks further with time: fewer needs, another queue's agents; and an agent has as much at once as his group allows."""

from __future__ import annotations

from uuid import UUID

import pytest

from callcart.contact.conversations.public import open_conversation
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Agent, Lane
from callcart.contact.routing.timers import run_once
from callcart.core.errors import Invalid
from callcart.core.tenancy import tenant_transaction
from tests.contact.routing.floor import Floor, system

ZH = ("lang:zh-hans",)


@pytest.fixture
def house(floor: Floor) -> Floor:
    """Sales overflows to returns, which others serve."""
    returns = floor.queue("returns", wrap_s=0)
    floor.queue("sales", wrap_s=30, relax_s=60, overflow_s=30, overflow_queue_id=returns)
    floor.profile("sellers", sales=1)
    floor.profile("returners", returns=1)
    return floor


def _time_passes(floor: Floor, seconds: int) -> None:
    """Everything that waits has waited so much longer."""
    with system() as db:
        db.execute(
            "UPDATE routing_ticket SET next_at = next_at - make_interval(secs => %s),"
            " enqueued_at = enqueued_at - make_interval(secs => %s)",
            [seconds, seconds],
        )
        run_once(db)


def _written(floor: Floor, channel: str) -> UUID:
    with tenant_transaction(floor.tenant_id):
        return open_conversation(floor.boss, channel=channel).id


def test_another_queues_agents_are_asked_after_a_while_and_not_before(house: Floor) -> None:
    helper = house.agent("returners")
    conversation, nothing = house.call("sales")
    assert not nothing
    _time_passes(house, 29)
    assert house.state(conversation) == "waiting"
    _time_passes(house, 2)
    record = house.record(conversation)
    assert (record.state, record.agent_id, record.queue_id) == ("offered", helper, house.queues["sales"])


def test_the_queues_own_agents_still_serve_it_and_are_asked_first(house: Floor) -> None:
    conversation, _nothing = house.call("sales")
    _time_passes(house, 31)
    helper, own = house.agent("returners", ready=False), house.agent("sellers", ready=False)
    with tenant_transaction(house.tenant_id):
        # Both become free while nobody looks; the sweep then asks the queue's own.
        Agent.objects.filter(staff_id__in=[helper, own]).update(state="ready")
    routing.sweep(house.tenant_id)
    assert house.record(conversation).agent_id == own


def test_needs_are_waived_at_their_own_time(house: Floor) -> None:
    conversation, _nothing = house.call("sales", skills=ZH)
    _time_passes(house, 31)
    plain = house.agent("returners")
    assert house.state(conversation) == "waiting", "another queue's agents, but who speak Chinese"
    _time_passes(house, 31)
    assert house.record(conversation).agent_id == plain


def test_a_queue_that_is_switched_off_helps_nobody(house: Floor) -> None:
    with tenant_transaction(house.tenant_id):
        routing.update_queue(house.boss, house.queues["returns"], is_active=False)
    house.agent("returners")
    conversation, _nothing = house.call("sales")
    _time_passes(house, 100)
    assert house.state(conversation) == "waiting"


def test_the_place_is_kept_over_widening_and_a_refusal(house: Floor) -> None:
    helper = house.agent("returners", ready=False)
    first, _nothing = house.call("sales")
    second, _nothing = house.call("sales")
    _time_passes(house, 31)
    hit = house.ready(helper)
    assert hit.conversation_id == first
    house.unoffer(hit, "rejected")
    assert (house.state(first), house.state(second)) == ("waiting", "waiting")
    assert house.ready(helper).conversation_id == first


@pytest.mark.parametrize(
    "wrong", [{"overflow_s": 0}, {"overflow_s": 90_000}, {"overflow_queue_id": UUID(int=1)}, {"itself": True}]
)
def test_what_cannot_overflow(house: Floor, wrong: dict[str, object]) -> None:
    sales = house.queues["sales"]
    changes = {"overflow_queue_id": sales} if "itself" in wrong else wrong
    with pytest.raises(Invalid), tenant_transaction(house.tenant_id):
        routing.update_queue(house.boss, sales, **changes)


def test_a_lane_is_made_once(house: Floor) -> None:
    for _time in range(2):
        house.call("sales", skills=ZH)
    with tenant_transaction(house.tenant_id):
        lanes = Lane.objects.filter(queue_id=house.queues["sales"], channel=0)
        assert sorted((len(each.need), each.also_queue_id is not None) for each in lanes) == [
            (0, True), (1, False), (1, True),
        ]  # fmt: skip


def test_a_group_says_how_much_its_agents_have_at_once(floor: Floor) -> None:
    agent = floor.agent()
    talks = [_written(floor, "chat") for _time in range(4)]
    for talk in talks:
        floor.enqueue(talk, channel="chat")
    assert [floor.state(each) for each in talks] == ["offered"] * 3 + ["waiting"]
    with tenant_transaction(floor.tenant_id):
        queues = dict.fromkeys(floor.queues.values(), 1)
        routing.save_profile(floor.boss, "all", name="all", queues=queues, capacity=routing.Capacity(chat=4))
    assert floor.state(talks[3]) == "offered", "at once, for those at work and those who wait"
    with tenant_transaction(floor.tenant_id):
        routing.save_profile(floor.boss, "all", name="all", queues=queues, capacity=routing.Capacity(chat=1))
        assert Agent.objects.get(staff_id=agent).load_chat == 4, "what he has he keeps"
    newcomer = floor.agent()
    with tenant_transaction(floor.tenant_id):
        assert Agent.objects.get(staff_id=newcomer).cap_chat == 1


@pytest.mark.parametrize(("blocks", "state"), [(True, "waiting"), (False, "offered")])
def test_whether_a_call_keeps_chats_away_is_the_groups_rule(floor: Floor, blocks: bool, state: str) -> None:
    with tenant_transaction(floor.tenant_id):
        queues = dict.fromkeys(floor.queues.values(), 1)
        rule = routing.Capacity(call_blocks=blocks, chat_blocks_calls=blocks)
        routing.save_profile(floor.boss, "all", name="all", queues=queues, capacity=rule)
    floor.agent()
    _call, hit = floor.call()
    assert floor.accept(hit)
    chat = _written(floor, "chat")
    floor.enqueue(chat, channel="chat")
    assert floor.state(chat) == state


@pytest.mark.parametrize("wrong", [{"voice": 2}, {"chat": 21}, {"mail": -1}, {"sms": 100}])
def test_capacities_have_bounds(floor: Floor, wrong: dict[str, int]) -> None:
    with pytest.raises(Invalid) as refused, tenant_transaction(floor.tenant_id):
        routing.save_profile(floor.boss, "all", name="all", queues={}, capacity=routing.Capacity(**wrong))
    assert set(refused.value.fields) == {f"cap_{next(iter(wrong))}"}
    with tenant_transaction(floor.tenant_id):
        rule = routing.Capacity(chat=7, call_blocks=False)
        assert (
            routing.Capacity.of(routing.save_profile(floor.boss, "x", name="x", queues={}, capacity=rule))
            == rule
        )
