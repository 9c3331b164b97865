from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from callcart.contact.routing import public as routing
from callcart.contact.routing.timers import ClockWatch, clock_moved, run_once
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


# ---- the clock is set ----

HOUR = 3600.0


def as_if_set(seconds: float) -> None:
    """As if the database's clock had just been set by so much: all that was written before is as far away the other way."""
    with system() as db:
        db.execute(
            "UPDATE routing_offer SET made_at = made_at - %(d)s, expires_at = expires_at - %(d)s",
            {"d": timedelta(seconds=seconds)},
        )
        db.execute(
            "UPDATE routing_agent SET free_since = free_since - %(d)s, wrap_until = wrap_until - %(d)s,"
            " shown_since = shown_since - %(d)s",
            {"d": timedelta(seconds=seconds)},
        )
        db.execute("UPDATE routing_presence SET seen_at = seen_at - %s", (timedelta(seconds=seconds),))
        db.execute(
            "UPDATE routing_ticket SET enqueued_at = enqueued_at - %(d)s, next_at = next_at - %(d)s,"
            " position = position - %(us)s",
            {"d": timedelta(seconds=seconds), "us": int(seconds * 1_000_000)},
        )


@pytest.mark.parametrize("moved", [HOUR, -HOUR], ids=["forward", "back"])
def test_a_clock_that_is_set_rings_wraps_and_waits_no_longer_and_no_shorter(
    floor: Floor, moved: float
) -> None:
    rung, wrapping = floor.agent(), floor.agent()
    first, hit = floor.call()
    floor.accept(hit)
    floor.finish(first)  # whoever had it wraps up
    ringing, offered = floor.call()
    waiting = [floor.call()[0] for _each in range(2)]
    routing.heartbeat(floor.tenant_id, [rung, wrapping])
    as_if_set(moved)
    with system() as db:
        clock_moved(db, moved, within=0.5)
        run_once(db)
        late = floor.call()[0]
        left = db.execute(
            "SELECT extract(epoch FROM expires_at - clock_timestamp()) FROM routing_offer WHERE state = 'live'"
        ).fetchone()
        wraps = db.execute(
            "SELECT extract(epoch FROM wrap_until - clock_timestamp()) FROM routing_agent WHERE wrap_until IS NOT NULL"
        ).fetchone()
        order = db.execute(
            "SELECT conversation_id FROM routing_ticket WHERE state = 'waiting' ORDER BY position"
        ).fetchall()
        waited = db.execute(
            "SELECT extract(epoch FROM clock_timestamp() - enqueued_at) FROM routing_ticket WHERE conversation_id = %s",
            (waiting[0],),
        ).fetchone()
    assert floor.state(ringing) == "offered" and offered.staff_id is not None
    assert left is not None and 10 < left[0] <= 20
    assert wraps is not None and 20 < wraps[0] <= 30
    assert [row[0] for row in order] == [*waiting, late], "who comes later waits behind"
    assert waited is not None and 0 < waited[0] < 30
    assert {floor.view(each).state for each in (rung, wrapping)} == {"ringing", "wrap_up"}, "no desk is gone"


def test_a_clock_that_is_set_is_noticed_by_one_that_only_rises() -> None:
    class Database:
        """`at` is what its clock says."""

        at, moved = 1_000_000.0, [0.0]

        def execute(self, _query: object, values: dict[str, float] | None = None) -> Database:
            if values is not None:
                self.moved.append(values["moved"])
            return self

        def fetchone(self) -> tuple[float]:
            return (self.at,)

    database, rising = Database(), [50.0]
    watch = ClockWatch(lambda: rising[0])

    def after(seconds: float, *, moved: float = 0.0) -> float:
        rising[0] += seconds
        database.at += seconds + moved
        return watch.look(database)  # type: ignore[arg-type]

    assert [after(0.1) for _look in range(3)] == [0.0] * 3
    assert after(60.0) == 0.0, "the database was away for a while"
    assert after(0.1, moved=0.4) == 0.0, "kept right in small steps"
    assert round(after(0.1, moved=HOUR)) == HOUR
    assert round(after(0.1, moved=-HOUR)) == -HOUR
    assert [round(each) for each in database.moved] == [0, HOUR, -HOUR]
    assert after(0.1) == 0.0
