"""An arrival against an agent becoming ready, at the same moment: neither transaction sees the other. Without the second
look after the commit such pairs stay open; with it none does. By hand first, then at random."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from callcart.contact.routing import public as routing
from callcart.contact.routing.calls import look_again
from callcart.core.database import parameters
from callcart.people.tenants.models import Tenant
from tests.contact.routing.floor import Floor, build, system

ROUNDS = 120


@pytest.fixture
def floor(fresh_db: str) -> Floor:
    return build(Tenant.objects.get(slug="harbor").id)


@pytest.fixture
def pair(fresh_db: str) -> Iterator[tuple[psycopg.Connection[Any], psycopg.Connection[Any]]]:
    with psycopg.connect(**parameters()) as one, psycopg.connect(**parameters()) as two:
        yield one, two


ENQUEUE = "SELECT offer_id FROM acd_enqueue(%s::int, %s::uuid, %s::uuid, 0::smallint, '{}', 0, NULL, NULL)"
READY = "SELECT offer_id FROM acd_agent_ready(%s::int, %s::uuid)"


def open_pairs() -> int:
    with system() as db:
        row = db.execute("SELECT count(*) FROM acd_open_pairs()").fetchone()
    return int(row[0]) if row else 0


def interleave(floor: Floor, pair: tuple[Any, Any], conversation: UUID, agent: UUID) -> None:
    one, two = pair
    assert one.execute(ENQUEUE, (floor.tenant_id, conversation, floor.queues["sales"])).fetchone() == (None,)
    assert two.execute(READY, (floor.tenant_id, agent)).fetchone() == (None,)
    one.commit()
    two.commit()
    assert open_pairs() == 1


def test_the_second_look_of_either_side_repairs(floor: Floor, pair: tuple[Any, Any]) -> None:
    agent, conversation = floor.agent(ready=False), floor.conversation()
    interleave(floor, pair, conversation, agent)

    assert look_again(floor.tenant_id, waiting=[conversation]).staff_id == agent
    assert open_pairs() == 0


def test_the_second_look_of_the_agent_repairs(floor: Floor, pair: tuple[Any, Any]) -> None:
    agent, conversation = floor.agent(ready=False), floor.conversation()
    interleave(floor, pair, conversation, agent)
    with system() as db:
        row = db.execute("SELECT id FROM routing_agent").fetchone()

    assert row is not None
    assert look_again(floor.tenant_id, free=[row[0]]).conversation_id == conversation


def test_both_sides_dead_before_their_second_look_are_swept(floor: Floor, pair: tuple[Any, Any]) -> None:
    agent, conversation = floor.agent(ready=False), floor.conversation()
    interleave(floor, pair, conversation, agent)

    assert routing.sweep(floor.tenant_id) == 1
    assert floor.record(conversation).agent_id == agent


def stuck(floor: Floor, *, second_look: bool) -> int:
    """How many of ROUNDS random races leave an open pair."""
    agent = floor.agent(ready=False)
    calls = [floor.conversation() for _ in range(ROUNDS)]
    meet, found = threading.Barrier(2, timeout=30), 0

    def arrive(connection: psycopg.Connection[Any], conversation: UUID) -> None:
        if second_look:
            floor.enqueue(conversation)
        else:
            connection.execute(ENQUEUE, (floor.tenant_id, conversation, floor.queues["sales"]))

    def side(number: int) -> None:
        nonlocal found
        chance = random.Random(number)
        with psycopg.connect(**parameters(), autocommit=True) as connection:
            for conversation in calls:
                meet.wait()
                time.sleep(chance.random() * 0.0008)
                if number == 0:
                    arrive(connection, conversation)
                elif second_look:
                    floor.ready(agent)
                else:
                    connection.execute(READY, (floor.tenant_id, agent))
                meet.wait()
                if number == 0:
                    found += open_pairs()
                    floor.finish(conversation)
                    routing.agent_offline(floor.boss, agent)
                meet.wait()

    threads = [threading.Thread(target=side, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_random_races_stick_without_and_never_with_the_second_look(floor: Floor) -> None:
    assert stuck(floor, second_look=False) > 0
    assert stuck(floor, second_look=True) == 0
