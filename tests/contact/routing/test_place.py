from __future__ import annotations

from uuid import UUID

import pytest

from callcart.contact.routing import public as routing
from tests.contact.routing.floor import Floor, system


def answers(floor: Floor, *seconds_ago: float, waited: float = 600, by: int = 1) -> None:
    """Answers in the queue `sales` so long ago, of customers who had waited, by so many agents in turn."""
    with system() as db:
        for number, ago in enumerate(seconds_ago):
            db.execute(
                "INSERT INTO routing_offer (id, tenant_id, conversation_id, agent_id, staff_id, queue_id, channel, state,"
                " enqueued_at, made_at, expires_at, ended_at) VALUES (gen_random_uuid(), %s, gen_random_uuid(), 1,"
                " %s::uuid, %s, 0, 'accepted', now() - make_interval(secs => %s::float), now(), now(),"
                " now() - make_interval(secs => %s::float))",
                (floor.tenant_id, UUID(int=number % by), floor.queues["sales"], ago + waited, ago),
            )


def busy(floor: Floor) -> UUID:
    """An agent at work who has a talk."""
    agent = floor.agent()
    with system() as db:
        db.execute("UPDATE routing_agent SET load_voice = 1 WHERE staff_id = %s", (agent,))
    return agent


def test_the_wait_is_the_place_times_the_median_gap_between_answers(floor: Floor) -> None:
    busy(floor)
    answers(floor, 300, 240, 180, 120, 20)  # gaps 60, 60, 60, 100
    first, _ = floor.call()
    second, _ = floor.call()

    assert floor.place_and_wait(first) == (1, pytest.approx(60, abs=1))
    assert floor.place_and_wait(second) == (2, pytest.approx(120, abs=1))


def test_too_few_answers_say_nothing(floor: Floor) -> None:
    busy(floor)
    answers(floor, 300, 240, 180)
    conversation, _ = floor.call()

    assert floor.place_and_wait(conversation) == (1, None)


def test_gaps_in_which_nobody_waited_say_nothing(floor: Floor) -> None:
    busy(floor)
    answers(floor, 900, 700, 500, 300, 100, waited=5)
    conversation, _ = floor.call()

    assert floor.place_and_wait(conversation) == (1, None)


def test_old_answers_say_nothing(floor: Floor) -> None:
    busy(floor)
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


def test_the_last_hour_counts(floor: Floor) -> None:
    busy(floor)
    answers(floor, 3500, 3400, 3300, 3200)
    conversation, _ = floor.call()

    assert floor.place_and_wait(conversation) == (1, pytest.approx(100, abs=1))


def test_fewer_at_work_than_gave_the_answers_make_it_longer_and_more_do_not_shorten_it(floor: Floor) -> None:
    busy(floor)
    answers(floor, 300, 240, 180, 120, by=3)
    conversation, _ = floor.call()
    assert floor.place_and_wait(conversation) == (1, pytest.approx(180, abs=1)), "three then, one now"
    for _more in range(5):
        floor.agent(ready=False)
        routing.agent_pause(floor.boss, "lunch", floor.agent(ready=False))
    assert floor.place_and_wait(conversation) == (1, pytest.approx(180, abs=1)), (
        "who is away or paused is not there"
    )
    with system() as db:
        db.execute("UPDATE routing_agent SET state = 'ready', load_voice = 1")
    assert floor.place_and_wait(conversation) == (1, pytest.approx(60, abs=1))


def test_with_nobody_ready_no_figure_is_said(floor: Floor) -> None:
    agent = busy(floor)
    answers(floor, 300, 240, 180, 120, 20)
    conversation, _ = floor.call()
    routing.agent_pause(floor.boss, "lunch", agent)

    assert floor.place_and_wait(conversation) == (1, None)


def test_it_is_never_shorter_further_back(floor: Floor) -> None:
    busy(floor)
    answers(floor, 300, 240, 180, 120, 20)
    waits = [floor.place_and_wait(floor.call()[0])[1] or 0 for _time in range(4)]

    assert waits == sorted(waits) and waits[0] > 0
