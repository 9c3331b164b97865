"""Autocommit connections of an event loop, on real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest

from callcart.core.database import LoopConnections, raw

PID = "SELECT pg_backend_pid()"


@pytest.fixture
async def connections(fresh_db: str) -> AsyncIterator[LoopConnections]:
    made = LoopConnections(2)
    yield made
    await made.close()


async def pid(connections: LoopConnections) -> int:
    return int((await connections.one(PID))[0])


async def test_a_connection_is_used_again(connections: LoopConnections) -> None:
    assert await pid(connections) == await pid(connections)


async def test_there_are_never_more_than_its_size(connections: LoopConnections) -> None:
    found = await asyncio.gather(
        *(connections.one("SELECT pg_backend_pid(), pg_sleep(0.01)") for _each in range(20))
    )
    assert len({row[0] for row in found}) == 2


async def test_a_refused_statement_costs_no_connection(connections: LoopConnections) -> None:
    before = await pid(connections)
    with pytest.raises(psycopg.errors.DivisionByZero):
        await connections.one("SELECT 1 / 0")
    assert await pid(connections) == before


async def test_a_statement_without_a_row(connections: LoopConnections) -> None:
    with pytest.raises(LookupError):
        await connections.one("SELECT 1 WHERE false")
    assert await pid(connections)


async def test_one_given_up_in_mid_statement_leaves_nothing_running(connections: LoopConnections) -> None:
    slow = asyncio.create_task(connections.one("SELECT pg_sleep(60)"))
    while not _sleepers():
        await asyncio.sleep(0.01)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    assert (await connections.one("SELECT 7"))[0] == 7
    assert not _sleepers()


def _sleepers() -> int:
    statement = (
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(60)%%'"
    )
    return int(raw.autocommit_one(statement)[0])


async def test_connections_that_were_lost_are_opened_anew(connections: LoopConnections) -> None:
    both = {
        row[0] for row in await asyncio.gather(*(connections.one(PID + ", pg_sleep(0.05)") for _each in "ab"))
    }
    assert len(both) == 2
    for each in both:
        raw.autocommit_one("SELECT pg_terminate_backend(%s)", (each,))
    with pytest.raises(psycopg.OperationalError):
        await connections.one(PID)
    assert await pid(connections) not in both
