from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.contact.conversations.public import WrongState, path_of
from callcart.contact.routing import public as routing
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from tests.contact.routing.floor import Floor, system


def test_an_arrival_is_offered_to_a_ready_agent(floor: Floor) -> None:
    agent = floor.agent()

    conversation, hit = floor.call()

    assert (hit.conversation_id, hit.staff_id) == (conversation, agent)
    view = floor.view(agent)
    assert (view.state, view.choice, view.offer_id, view.conversation_id) == (
        "ringing",
        "ready",
        hit.offer_id,
        conversation,
    )
    record = floor.record(conversation)
    assert (record.state, record.agent_id, record.queue_id) == ("offered", agent, floor.queues["sales"])


def test_a_whole_life(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()

    assert floor.accept(hit)
    assert (floor.view(agent).state, floor.state(conversation)) == ("talking", "active")
    assert not floor.finish(conversation)
    view = floor.view(agent)
    assert (view.state, view.wrap_conversation_id, floor.state(conversation)) == (
        "wrap_up",
        conversation,
        "wrap_up",
    )
    assert timedelta(seconds=25) < view.wrap_until - view.since <= timedelta(seconds=31)
    assert not routing.agent_wrap_done(floor.boss, agent)
    assert (floor.view(agent).state, floor.state(conversation)) == ("ready", "closed")

    with tenant_transaction(floor.tenant_id):
        kinds = [step.kind for step in path_of(conversation)]
        offer = routing.offers_of(conversation)[0]
    assert kinds == ["opened", "queue.entered", "offer.made", "answered", "ended", "wrap_up.ended"]
    assert (offer.state, offer.staff_id) == ("accepted", agent)
    record = floor.record(conversation)
    assert record.queued_at <= record.answered_at <= record.ended_at <= record.closed_at
    assert record.end_reason == "completed"


def test_events_of_a_life_name_what_desk_and_voice_need(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)
    floor.finish(conversation)

    with system() as db:
        rows = db.execute("SELECT kind, audience, staff_id, data FROM core_event ORDER BY id").fetchall()
    made = next(row for row in rows if row[0] == "offer.made")
    assert made[1:3] == ("one", agent)
    assert made[3]["conversation_id"] == str(conversation)
    assert made[3]["offer_id"] == str(hit.offer_id)
    assert made[3]["queue_id"] == str(floor.queues["sales"])
    ended = next(row for row in rows if row[0] == "offer.ended")
    assert ended[3]["state"] == "accepted"
    states = [row[3]["state"] for row in rows if row[0] == "conversation.state"]
    assert states == ["new", "waiting", "offered", "active", "wrap_up"]
    shown = [row[3]["state"] for row in rows if row[0] == "agent.state"]
    assert shown == ["ready", "ringing", "talking", "wrap_up"]
    assert all(row[1] == "board" for row in rows if row[0] in {"agent.state", "queue.changed"})


def test_no_agent_free_then_the_longest_waiting_is_offered_first(floor: Floor) -> None:
    first, _ = floor.call()
    second, nothing = floor.call()
    assert not nothing
    agent = floor.agent(ready=False)

    assert floor.ready(agent).conversation_id == first
    assert floor.finish(first, reason="hung_up").conversation_id == second


def test_priority_goes_before_age(floor: Floor) -> None:
    floor.call("sales")
    vip, _ = floor.call("vip")
    pressing, _ = floor.call("sales", priority=600)
    agent = floor.agent(ready=False)

    assert floor.ready(agent).conversation_id == pressing
    assert floor.finish(pressing).conversation_id == vip


def test_the_longest_idle_agent_is_asked_first_and_who_only_rang_keeps_his_turn(floor: Floor) -> None:
    first, second = floor.agent(), floor.agent()
    conversation, hit = floor.call()
    assert hit.staff_id == first
    floor.finish(conversation)  # the caller hung up while it rang

    assert floor.call()[1].staff_id == first
    assert floor.call()[1].staff_id == second


def test_levels_are_asked_in_order(floor: Floor) -> None:
    floor.profile("helpers", sales=2)
    helper = floor.agent("helpers")
    own = floor.agent("all")

    assert floor.call()[1].staff_id == own
    assert floor.call()[1].staff_id == helper


def test_no_answer_pauses_the_agent_and_keeps_the_customers_place(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    later, _ = floor.call()

    assert not floor.unoffer(hit, "timed_out")

    view = floor.view(agent)
    assert (view.state, view.reason) == ("paused", "no_answer")
    assert floor.state(conversation) == "waiting"
    assert floor.place_and_wait(conversation)[0] == 1
    assert floor.ready(agent).conversation_id == conversation
    assert floor.state(later) == "waiting"


@pytest.mark.parametrize("reason", ["rejected", "unreachable"])
def test_an_offer_not_taken_goes_to_the_next_agent(floor: Floor, reason: str) -> None:
    first, second = floor.agent(), floor.agent()
    conversation, hit = floor.call()
    assert hit.staff_id == first

    again = floor.unoffer(hit, reason)

    assert (again.conversation_id, again.staff_id) == (conversation, second)
    assert (floor.view(first).state, floor.view(first).reason) == ("paused", reason)


def test_answering_too_late_changes_nothing(floor: Floor) -> None:
    agent = floor.agent()
    _conversation, hit = floor.call()
    floor.unoffer(hit)

    assert not floor.accept(hit)
    assert floor.view(agent).state == "paused"


def test_another_agent_cannot_take_the_offer(floor: Floor) -> None:
    floor.agent()
    stranger = floor.agent()
    conversation, _hit = floor.call()

    assert not routing.accept(conversation, stranger, tenant_id=floor.tenant_id)
    assert floor.state(conversation) == "offered"


def test_hanging_up_while_it_rings_frees_the_agent_without_wrap_up(floor: Floor) -> None:
    agent = floor.agent()
    conversation, _hit = floor.call()

    floor.finish(conversation)

    record = floor.record(conversation)
    assert (record.state, record.end_reason, record.answered_at) == ("closed", "abandoned", None)
    assert (floor.view(agent).state, floor.view(agent).offer_id) == ("ready", None)


def test_hanging_up_while_waiting_and_in_the_menu(floor: Floor) -> None:
    waiting, _ = floor.call()
    menu = floor.conversation()

    floor.finish(waiting)
    floor.finish(menu, reason="hung_up_in_menu")

    assert (floor.state(waiting), floor.record(menu).end_reason) == ("closed", "hung_up_in_menu")


def test_finishing_twice_leaves_wrap_up_alone(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)
    floor.finish(conversation)
    until = floor.view(agent).wrap_until

    assert not floor.finish(conversation)

    assert (floor.state(conversation), floor.view(agent).wrap_until) == ("wrap_up", until)


def test_without_wrap_up_the_next_one_comes_at_once(floor: Floor) -> None:
    floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)
    following, _ = floor.call()

    assert floor.finish(conversation, wrap_seconds=0).conversation_id == following
    assert floor.state(conversation) == "closed"


def test_enqueuing_twice_is_enqueuing_once(floor: Floor) -> None:
    conversation, _ = floor.call()

    assert not floor.enqueue(conversation)

    with system() as db:
        assert db.execute("SELECT count(*) FROM routing_ticket").fetchone() == (1,)


def test_a_closed_conversation_and_an_unknown_queue_are_refused(floor: Floor) -> None:
    conversation, _ = floor.call()
    floor.finish(conversation)
    with pytest.raises(WrongState):
        floor.enqueue(conversation)
    with pytest.raises(routing.NoSuchQueue):
        routing.enqueue(floor.tenant_id, floor.conversation(), new_id())


def test_a_lost_agent_puts_the_customer_back_at_his_place(floor: Floor) -> None:
    agent, other = floor.agent(), floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)

    again = routing.requeue(conversation, reason="phone_lost", tenant_id=floor.tenant_id)

    assert (again.conversation_id, again.staff_id) == (conversation, other)
    view = floor.view(agent)
    assert (view.state, view.reason) == ("paused", "phone_lost")


def test_a_ticket_of_a_conversation_ended_elsewhere_is_thrown_away(floor: Floor) -> None:
    dead, _ = floor.call()
    alive, _ = floor.call()
    with system() as db:
        db.execute(
            "UPDATE conversations_conversation SET state = 'closed', closed_at = now() WHERE id = %s", (dead,)
        )

    agent = floor.agent(ready=False)
    assert floor.ready(agent).conversation_id == alive
    with system() as db:
        assert db.execute("SELECT conversation_id FROM routing_ticket").fetchall() == [(alive,)]
