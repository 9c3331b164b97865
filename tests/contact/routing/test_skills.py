from __future__ import annotations

from callcart.contact.routing import public as routing
from callcart.contact.routing.timers import run_once
from callcart.core.tenancy import tenant_transaction
from tests.contact.routing.floor import Floor, system

ZH = ("lang:zh-hans",)


def due_now(floor: Floor) -> None:
    """Let the next step of every waiting ticket be due."""
    with system() as db:
        db.execute("UPDATE routing_ticket SET next_at = clock_timestamp() WHERE next_at IS NOT NULL")
        run_once(db)


def test_a_needed_skill_is_honoured(floor: Floor) -> None:
    floor.agent()
    conversation, nothing = floor.call(skills=ZH)
    assert not nothing

    speaker = floor.agent(skills=ZH, ready=False)
    assert floor.ready(speaker).conversation_id == conversation


def test_needs_relax_with_time_and_keep_their_place(floor: Floor) -> None:
    floor.queue("sales", relax_s=60, wrap_s=30, urgent_s=None)
    agent = floor.agent(ready=False)
    old, _ = floor.call(skills=ZH)
    young, _ = floor.call()
    due_now(floor)

    assert floor.ready(agent).conversation_id == old
    assert floor.state(young) == "waiting"


def test_skills_given_to_an_agent_at_work_hold_at_once(floor: Floor) -> None:
    agent = floor.agent()
    conversation, _ = floor.call(skills=ZH)
    assert floor.state(conversation) == "waiting"

    floor.place(agent, "all", ZH)

    assert floor.record(conversation).agent_id == agent


def test_a_queue_given_to_a_profile_holds_at_once(floor: Floor) -> None:
    floor.queue("returns", wrap_s=0)
    agent = floor.agent()
    conversation, _ = floor.call("returns")
    assert floor.state(conversation) == "waiting"

    floor.profile("all", sales=1, vip=1, returns=2)

    assert floor.record(conversation).agent_id == agent


def test_a_queue_taken_from_a_profile_holds_at_once(floor: Floor) -> None:
    agent = floor.agent()
    floor.profile("all", vip=1)

    conversation, nothing = floor.call("sales")

    assert not nothing
    assert floor.state(conversation) == "waiting"
    assert floor.call("vip")[1].staff_id == agent


def test_ones_own_agent_is_waited_for_a_while(floor: Floor) -> None:
    own, other = floor.agent(), floor.agent(ready=False)
    busy, hit = floor.call()
    floor.accept(hit)
    floor.ready(other)

    conversation, nothing = floor.call(sticky_staff_id=own)
    assert not nothing
    assert floor.view(other).state == "ready"
    assert floor.finish(busy, wrap_seconds=0).staff_id == own
    assert floor.record(conversation).agent_id == own


def test_ones_own_agent_is_not_waited_for_longer_than_the_limit(floor: Floor) -> None:
    own, other = floor.agent(), floor.agent(ready=False)
    _busy, hit = floor.call()
    floor.accept(hit)
    floor.ready(other)
    conversation, _ = floor.call(sticky_staff_id=own, sticky_seconds=5)

    due_now(floor)

    assert floor.record(conversation).agent_id == other


def test_ones_own_agent_who_is_away_is_not_waited_for(floor: Floor) -> None:
    away, other = floor.agent(ready=False), floor.agent()

    assert floor.call(sticky_staff_id=away)[1].staff_id == other


def test_ones_own_agent_who_does_not_answer_is_not_asked_again(floor: Floor) -> None:
    own, other = floor.agent(), floor.agent()
    conversation, hit = floor.call(sticky_staff_id=own)
    assert hit.staff_id == own

    assert floor.unoffer(hit).staff_id == other
    assert floor.record(conversation).agent_id == other


def test_lanes_are_the_same_whatever_the_order_of_skills(floor: Floor) -> None:
    with tenant_transaction(floor.tenant_id):
        one = routing.ensure_lane(floor.tenant_id, floor.queues["sales"], skills=["b", "a", "b"])
        two = routing.ensure_lane(floor.tenant_id, floor.queues["sales"], skills=["a", "b"])
    assert one == two
