"""A caller hangs up and keeps the place; whoever comes himself has the better of both; nothing is owed twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from callcart.contact.callbacks.states import State
from callcart.contact.voice.models import Exchange
from tests.contact.callbacks.desk import NUMBER, OTHER, Desk


def test_the_place_stays_and_the_agent_is_offered_it_in_its_turn(desk: Desk) -> None:
    first, second = desk.caller(NUMBER), desk.caller(OTHER)
    place = desk.ticket(first)
    assert place is not None
    asked = desk.asks(first)
    assert asked.callback is not None and asked.refused is None
    assert (desk.floor.record(first).end_reason, desk.ticket(first)) == ("callback", None)
    desk.turns()
    callback = desk.only()
    kept = desk.ticket(callback.conversation_id)
    assert kept is not None and callback.state == State.WAITING
    assert (kept.position, kept.enqueued_at, kept.queue_id) == (place.position, place.enqueued_at, desk.sales)
    attempt = desk.floor.record(kept.conversation_id)
    assert (attempt.direction, attempt.caller_e164, attempt.service_number) == (
        "outbound",
        NUMBER,
        "+12025550100",
    )
    agent = desk.floor.agent()
    assert desk.offered(agent) == kept.conversation_id, "before the one who came later and stayed"
    assert desk.accept(kept.conversation_id, agent, "dialling")
    assert desk.floor.record(kept.conversation_id).answered_at is None, "the customer has not"
    desk.turns()
    assert desk.only().state == State.CALLING
    desk.reached(kept.conversation_id, agent)
    desk.floor.finish(kept.conversation_id)
    desk.turns()
    done = desk.only()
    assert (done.state, done.talks, done.attempts) == (State.DONE, [kept.conversation_id], 0)
    assert desk.floor.state(second) == "waiting"


def test_who_comes_himself_has_his_old_place_and_nobody_calls_him(desk: Desk) -> None:
    first = desk.caller(NUMBER)
    place = desk.ticket(first)
    desk.asks(first)
    desk.turns()
    attempt = desk.only().conversation_id
    assert place is not None and attempt is not None
    desk.caller(OTHER)
    agent = desk.floor.agent()
    assert desk.offered(agent) == attempt, "his telephone rings for the callback"
    himself = desk.caller(NUMBER)
    kept = desk.ticket(himself)
    assert kept is not None and kept.enqueued_at == place.enqueued_at
    assert desk.ticket(attempt) is None and desk.call(attempt).state == "ended"
    assert (desk.only().state, desk.only().came_id) == (State.HERE, himself)
    desk.turns()
    assert desk.only().state == State.HERE, "as long as he waits"
    desk.hangs_up(himself)
    desk.turns(2)
    assert desk.only().state == State.WAITING, "he gave up again: it is owed as before, once"
    assert desk.only().since == place.enqueued_at
    again = desk.caller(NUMBER)
    ticket = desk.ticket(again)
    assert ticket is not None and ticket.enqueued_at == place.enqueued_at
    other = desk.floor.agent()
    assert desk.offered(other) == again and desk.accept(again, other)
    desk.turns()
    assert (desk.only().state, desk.only().came_id) == (State.CAME, again)


def test_who_calls_while_his_own_telephone_rings_is_called_no_more(desk: Desk) -> None:
    desk.asks(desk.caller(NUMBER))
    agent = desk.floor.agent()
    desk.turns()
    attempt = desk.only().conversation_id
    assert attempt is not None and desk.accept(attempt, agent, "dialling")
    himself = desk.caller(NUMBER)
    assert desk.ticket(attempt) is not None, "an agent has it, and it goes on"
    desk.hangs_up(attempt, reason="not_reached")
    desk.turns()
    assert (desk.only().state, desk.only().attempts) == (State.HERE, 0)
    assert desk.floor.state(himself) == "waiting"


def test_nobody_reached_is_tried_again_by_the_rules_and_then_given_up(desk: Desk) -> None:
    desk.asks(desk.caller(NUMBER))
    place = desk.only().since
    agent = desk.floor.agent()

    def tried() -> UUID:
        desk.turns()
        attempt = desk.only().conversation_id
        assert attempt is not None and desk.accept(attempt, agent, "dialling")
        desk.hangs_up(attempt, reason="not_reached")
        desk.turns()
        desk.floor.ready(agent)
        return attempt

    first = tried()
    between = desk.only()
    assert (between.state, between.attempts, between.conversation_id) == (State.SCHEDULED, 1, None)
    assert timedelta(minutes=29) < between.due_at - between.changed_at < timedelta(minutes=31)
    desk.turns()
    assert desk.only().state == State.SCHEDULED, "not before its time"
    with desk.later(minutes=31):
        second = tried()
    over = desk.only()
    assert (over.state, over.attempts, over.talks, over.since) == (
        State.NOT_REACHED,
        2,
        [first, second],
        place,
    )


def test_an_attempt_lost_on_the_way_is_made_again_and_not_counted_and_an_agent_has_one_at_a_time(
    desk: Desk,
) -> None:
    desk.asks(desk.caller(NUMBER))
    desk.turns()
    attempt = desk.only().conversation_id
    assert attempt is not None
    desk.hangs_up(attempt, reason="telephony_lost")
    desk.turns()
    assert (desk.only().state, desk.only().attempts) == (State.SCHEDULED, 0)
    agent = desk.floor.agent()
    desk.asks(desk.caller(OTHER, waits=False), OTHER)
    with desk.later(minutes=1):
        desk.turns()
    assert [each.state for each in desk.all()] == [State.WAITING, State.WAITING]
    assert desk.all()[0].conversation_id not in (None, attempt)
    assert len([each for each in desk.offers() if each.staff_id == agent]) == 1


def test_outside_the_hours_of_the_queue_and_without_telephones_it_waits(desk: Desk) -> None:
    desk.hours()  # closed all week
    asked = desk.asks(desk.caller(NUMBER, waits=False))
    assert asked.callback is not None and asked.callback.due_at > asked.callback.made_at + timedelta(
        minutes=50
    )
    with desk.later(hours=2):
        desk.turns()
    assert desk.only().state == State.SCHEDULED
    desk.hours(("00:00", "24:00"))
    with desk.later(hours=4):
        Exchange.objects.update(up=False)
        desk.turns()
        assert desk.only().state == State.SCHEDULED
        Exchange.objects.update(up=True)
        desk.turns()
    assert desk.only().state == State.WAITING
