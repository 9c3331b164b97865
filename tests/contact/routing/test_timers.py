from __future__ import annotations

import threading
import time

from callcart.contact.routing import public as routing
from callcart.contact.routing.timers import run_once
from tests.contact.routing.floor import Floor, system


def test_an_offer_that_rang_out_goes_on(floor: Floor, other_floor: Floor) -> None:
    agents = [each.agent() for each in (floor, other_floor)]
    calls = [each.call()[0] for each in (floor, other_floor)]

    with system() as db:
        run_once(db)
        assert [each.state(call) for each, call in zip((floor, other_floor), calls, strict=True)] == [
            "offered"
        ] * 2
        db.execute("UPDATE routing_offer SET expires_at = clock_timestamp()")
        run_once(db)

    for each, agent, call in zip((floor, other_floor), agents, calls, strict=True):
        assert each.state(call) == "waiting"
        assert (each.view(agent).state, each.view(agent).reason) == ("paused", "no_answer")


def test_wrap_up_ends_at_its_limit_and_the_next_one_comes(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)
    floor.finish(conversation)
    waiting, _ = floor.call()

    with system() as db:
        run_once(db)
        assert floor.view(agent).state == "wrap_up"
        db.execute("UPDATE routing_agent SET wrap_until = clock_timestamp() WHERE wrap_until IS NOT NULL")
        run_once(db)

    assert floor.state(conversation) == "closed"
    assert floor.record(waiting).agent_id == agent


def not_seen(seconds: int) -> None:
    with system() as db:
        db.execute("UPDATE routing_presence SET seen_at = now() - make_interval(secs => %s::int)", (seconds,))
        run_once(db)


def test_a_desk_that_is_gone_takes_its_agent_offline(floor: Floor) -> None:
    agent, simulator = floor.agent(), floor.agent()
    routing.heartbeat(floor.tenant_id, [agent])

    not_seen(5)
    assert floor.view(agent).state == "ready"
    not_seen(60)
    assert (floor.view(agent).state, floor.view(agent).reason) == ("offline", "desk_gone")
    assert floor.view(simulator).state == "ready"


def test_a_desk_gone_while_it_rings_returns_the_customer(floor: Floor) -> None:
    agent = floor.agent()
    conversation, _ = floor.call()
    routing.heartbeat(floor.tenant_id, [agent])

    not_seen(60)

    assert (floor.state(conversation), floor.view(agent).state) == ("waiting", "offline")


def test_a_desk_gone_while_talking_changes_nothing(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)
    routing.heartbeat(floor.tenant_id, [agent])

    not_seen(60)

    assert (floor.state(conversation), floor.view(agent).choice) == ("active", "ready")


def test_a_desk_gone_in_wrap_up_keeps_the_wrap_up_and_gets_no_further_call(floor: Floor) -> None:
    agent = floor.agent()
    conversation, hit = floor.call()
    floor.accept(hit)
    routing.heartbeat(floor.tenant_id, [agent])
    floor.finish(conversation)

    not_seen(60)
    assert (floor.view(agent).state, floor.view(agent).choice) == ("wrap_up", "offline")
    with system() as db:
        db.execute("UPDATE routing_agent SET wrap_until = clock_timestamp() WHERE wrap_until IS NOT NULL")
        run_once(db)
    assert (floor.view(agent).state, floor.state(conversation)) == ("offline", "closed")


def test_the_sweep_repairs_what_a_dead_process_left(floor: Floor) -> None:
    agent = floor.agent(ready=False)
    conversation, _ = floor.call()
    with system() as db:
        db.execute("UPDATE routing_agent SET state = 'ready'")  # a process that died before its second look
        run_once(db)

    assert floor.record(conversation).agent_id == agent


def test_the_loop_runs_and_stops(floor: Floor) -> None:
    agent = floor.agent()
    conversation, _ = floor.call()
    stop = threading.Event()
    thread = threading.Thread(target=routing.run_timers, args=(stop,))
    thread.start()
    try:
        with system() as db:
            db.execute("UPDATE routing_offer SET expires_at = clock_timestamp()")
        deadline = time.monotonic() + 5
        while floor.state(conversation) != "waiting" and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        stop.set()
        thread.join(5)

    assert not thread.is_alive()
    assert floor.view(agent).reason == "no_answer"
