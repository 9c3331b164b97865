"""Two at one moment about one conversation or one agent: each on a real connection, held in the middle of its transaction. Nobody is
lost, nothing is done twice, and no two wait for one another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections

from callcart.contact.conversations.public import open_conversation
from callcart.contact.routing import public as routing
from callcart.core.database import parameters
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant
from tests.contact.routing.floor import Floor, build, system

ENQUEUE = "SELECT offer_id FROM acd_enqueue(%s::int, %s::uuid, %s::uuid, 0::smallint, '{}', 0, NULL, NULL)"


@pytest.fixture
def floor(fresh_db: str) -> Floor:
    return build(Tenant.objects.get(slug="harbor").id)


@contextmanager
def held(statement: str, *arguments: Any) -> Iterator[psycopg.Connection[Any]]:
    """A transaction that has done this and not committed; whoever uses it commits."""
    with psycopg.connect(**parameters()) as connection:
        connection.execute(statement, arguments)
        yield connection


def meanwhile(act: Callable[[], Any]) -> Callable[[], Any]:
    """Begin something in a thread that has to wait; call for its answer."""
    told: list[Any] = []

    def run() -> None:
        try:
            told.append(act())
        except Exception as error:  # noqa: BLE001  carried to the test
            told.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    _until_somebody_waits()

    def answer() -> Any:
        thread.join(20)
        assert told, "it never came to an end"
        return told[0]

    return answer


def _until_somebody_waits() -> None:
    with system() as db:
        for _look in range(500):
            waits = db.execute(
                "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
                " WHERE NOT l.granted AND a.datname = current_database()"
            ).fetchone()
            if waits and waits[0]:
                return
            db.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waits")


def left_open(floor: Floor) -> int:
    with system() as db:
        found = db.execute("SELECT count(*) FROM acd_open_pairs()").fetchone()
    return int(found[0]) if found else 0


def loads(floor: Floor, staff: UUID) -> tuple[int, ...]:
    with system() as db:
        found = db.execute(
            "SELECT load_voice, load_chat, ringing FROM routing_agent WHERE staff_id = %s", (staff,)
        ).fetchone()
    assert found
    return tuple(found)


def test_who_goes_while_he_is_put_into_the_queue_leaves_nothing_behind(floor: Floor) -> None:
    agent, call = floor.agent(), floor.conversation()
    with held(ENQUEUE, floor.tenant_id, call, floor.queues["sales"]) as arriving:
        gone = meanwhile(lambda: floor.finish(call))
        arriving.commit()
        assert not isinstance(gone(), Exception), gone()
    assert (floor.state(call), floor.record(call).end_reason) == ("closed", "abandoned")
    with system() as db:
        assert db.execute("SELECT count(*) FROM routing_ticket").fetchone() == (0,)
    assert loads(floor, agent) == (0, 0, 0) and floor.view(agent).state == "ready"


def test_said_twice_at_one_moment_is_said_once(floor: Floor) -> None:
    call = floor.conversation()
    with held(ENQUEUE, floor.tenant_id, call, floor.queues["sales"]) as first:
        second = meanwhile(lambda: floor.enqueue(call, "vip"))
        first.commit()
        assert second() == routing.Hit()
    assert floor.record(call).queue_id == floor.queues["sales"]


def test_one_who_is_moved_while_an_agent_comes_is_not_lost(floor: Floor) -> None:
    call, _nothing = floor.call()
    agent = floor.agent(ready=False)
    move = "SELECT offer_id FROM acd_move_waiting(%s::int, %s::uuid, %s::uuid, 'moved', NULL)"
    with held(move, floor.tenant_id, call, floor.queues["vip"]) as moving:
        assert not floor.ready(agent), "his ticket is in other hands"
        moving.commit()
    # the mover is bound to look again after its commit; where it has died, the sweeper does
    assert left_open(floor) == 1 and routing.sweep(floor.tenant_id) == 1
    assert floor.record(call).agent_id == agent


def test_one_who_leaves_while_he_is_offered_is_with_the_agent(floor: Floor) -> None:
    call, _nothing = floor.call()
    agent = floor.agent(ready=False)
    ready = "SELECT offer_id FROM acd_agent_ready(%s::int, %s::uuid)"
    with held(ready, floor.tenant_id, agent) as coming:
        leaves = meanwhile(lambda: routing.leave(call, "late", "message", tenant_id=floor.tenant_id))
        coming.commit()
        assert leaves() is False
    assert floor.state(call) == "offered" and loads(floor, agent) == (1, 0, 1)


def test_an_agent_who_goes_home_while_he_answers_keeps_the_talk(floor: Floor) -> None:
    agent = floor.agent()
    call, _hit = floor.call()
    with held("SELECT acd_accept(%s::int, %s::uuid, %s::uuid)", floor.tenant_id, call, agent) as answering:
        goes = meanwhile(lambda: routing.agent_offline(floor.boss, agent))
        answering.commit()
        assert goes() == routing.Hit()
    assert floor.state(call) == "active" and loads(floor, agent) == (1, 0, 0)
    floor.finish(call, wrap_seconds=0)
    assert loads(floor, agent) == (0, 0, 0)


def test_set_up_and_work_do_not_wait_for_one_another(floor: Floor) -> None:
    """A group is changed (its set-up, then its agents) while its agents answer and new needs make new lanes."""
    agents = [floor.agent() for _each in range(3)]
    wrong: list[BaseException] = []

    def guard(act: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                act()
            except BaseException as error:  # noqa: BLE001  carried to the test
                wrong.append(error)
            finally:
                connections.close_all()

        return threading.Thread(target=run)

    def set_up() -> None:
        for count in range(12):
            with tenant_transaction(floor.tenant_id):
                queues = dict.fromkeys(floor.queues.values(), 1 + count % 2)
                rule = routing.Capacity(chat=1 + count % 3)
                routing.save_profile(floor.boss, "all", name="all", queues=queues, capacity=rule)

    def work(number: int) -> None:
        for count in range(12):
            with tenant_transaction(floor.tenant_id):
                call = open_conversation(floor.boss, channel="chat").id
            floor.enqueue(call, channel="chat", skills=(f"new{number}-{count}",))
            routing.agent_ready(floor.boss, agents[number])
            floor.finish(call)

    threads = [guard(set_up), *(guard(lambda number=number: work(number)) for number in range(3))]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong and not any(thread.is_alive() for thread in threads)
    assert left_open(floor) == 0
    with system() as db:
        assert db.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone() == (0,)
