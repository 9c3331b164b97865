from __future__ import annotations

import pytest

from tests.contact.routing.floor import Floor, system


def answers(floor: Floor, *seconds_ago: float, waited: float = 600) -> None:
    """Answers in the queue `sales` so long ago, of customers who had waited."""
    with system() as db:
        for ago in seconds_ago:
            db.execute(
                "INSERT INTO routing_offer (id, tenant_id, conversation_id, agent_id, staff_id, queue_id, channel, state,"
                " enqueued_at, made_at, expires_at, ended_at) VALUES (gen_random_uuid(), %s, gen_random_uuid(), 1,"
                " gen_random_uuid(), %s, 0, 'accepted', now() - make_interval(secs => %s::float), now(), now(),"
                " now() - make_interval(secs => %s::float))",
                (floor.tenant_id, floor.queues["sales"], ago + waited, ago),
            )


def test_the_wait_is_the_place_times_the_median_gap_between_answers(floor: Floor) -> None:
    answers(floor, 300, 240, 180, 120, 20)  # gaps 60, 60, 60, 100
    first, _ = floor.call()
    second, _ = floor.call()

    assert floor.place_and_wait(first) == (1, pytest.approx(60, abs=1))
    assert floor.place_and_wait(second) == (2, pytest.approx(120, abs=1))


def test_too_few_answers_say_nothing(floor: Floor) -> None:
    answers(floor, 300, 240, 180)
    conversation, _ = floor.call()

    assert floor.place_and_wait(conversation) == (1, None)


def test_gaps_in_which_nobody_waited_say_nothing(floor: Floor) -> None:
    answers(floor, 900, 700, 500, 300, 100, waited=5)
    conversation, _ = floor.call()

    assert floor.place_and_wait(conversation) == (1, None)


def test_old_answers_say_nothing(floor: Floor) -> None:
    answers(floor, 7500, 7400, 7300, 7200, 7100)
    conversation, _ = floor.call()

    assert floor.place_and_wait(conversation) == (1, None)


def test_who_does_not_wait_has_no_place(floor: Floor) -> None:
    floor.agent()
    conversation, _ = floor.call()

    assert floor.place_and_wait(conversation) == (None, None)


def test_those_waiting_for_their_own_agent_are_counted(floor: Floor) -> None:
    own = floor.agent()
    _busy, hit = floor.call()
    floor.accept(hit)
    floor.call(sticky_staff_id=own)
    conversation, _ = floor.call()

    assert floor.place_and_wait(conversation)[0] == 2
