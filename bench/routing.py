"""The queue over all channels: whole lives of conversations a second and the time from enqueue to offer, from 20 agents and 10 waiting to
2,000 and 50,000, and with 2,000 agents of whom each has skills of his own. A life is enqueued, offered, accepted, finished and, after a
call, wrapped up: up to four transactions. The floor is as many bare commits of one row from the same processes.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import psycopg

from bench import Figure, say
from bench._installation import own_installation
from bench._routing_worker import Done, Work, commits, lives

# agents, waiting, distinct sets of skills
SIZES = ((20, 10, 5), (200, 500, 5), (2_000, 5_000, 5), (2_000, 50_000, 5), (2_000, 5_000, 2_000))
CHANNELS = ("voice", "chat", "mail", "sms")
JUDGED = SIZES[2:]  # the pass lines are those of a large centre
PROCESSES, THREADS = 4, 2
WARM_SECONDS, SECONDS = 3.0, 12.0
FRESH = 40_000
STEPS = 4  # transactions of one life

LEAST_LIVES = 300
MOST_P99_MS = 50
FLAT = 1.5


def run() -> list[Figure]:
    """Lives a second and enqueue → offer p99 at the larger size, and how far the sizes are apart."""
    with own_installation():
        return _run()


def _run() -> list[Figure]:
    from callcart.core.dsn import connection_parameters

    template = str(connection_parameters("owner")["dbname"])
    floor = _floor(template)
    rates, figures = [], []
    for size in SIZES:
        agents, waiting, skills = size
        done = _size(template, agents, waiting, skills)
        rate = sum(each.lives / each.seconds for each in done)
        rates.append(rate)
        offered = _p99([second for each in done for second in each.offered])
        freed = [second for each in done for second in each.freed]
        name = f"routing, {agents:,} agents, {waiting:,} waiting" + (
            f", {skills:,} skill sets" if skills > 5 else ""
        )
        big = size in JUDGED
        figures += [
            Figure(
                f"{name}: whole lives",
                rate,
                "/s",
                floor / STEPS,
                "4 bare commits",
                least=LEAST_LIVES if big else None,
            ),
            Figure(f"{name}: enqueue → offer p99", offered * 1000, "ms", most=MOST_P99_MS if big else None),
            *([Figure(f"{name}: agent free → offer p99", _p99(freed) * 1000, "ms")] if freed else []),
        ]
    figures.append(Figure("routing, the sizes apart", max(rates) / min(rates), "×", most=FLAT))
    return figures


def _floor(database: str) -> float:
    """Bare commits a second."""
    with _owner(database) as connection:
        connection.execute("CREATE TABLE bench_row (id bigint PRIMARY KEY, n int NOT NULL)")
    with _pool() as pool:
        pids = _spread_pids(pool)
        with _owner(database) as connection:
            connection.cursor().executemany(
                "INSERT INTO bench_row VALUES (%s, 0)",
                [(pid * 8 + n,) for pid in pids for n in range(THREADS)],
            )
        start = time.time() + 1.0
        counts = pool.map(commits, *_alike(database, start, 5.0, THREADS))
        rate = sum(counts) / 5.0
    with _owner(database) as connection:
        connection.execute("DROP TABLE bench_row")
    say(f"{rate:,.0f} bare commits a second")
    return rate


def _size(template: str, agents: int, waiting: int, skills: int) -> list[Done]:
    """One size on a database of its own: a warm-up, then the measured stretch."""
    database = f"bench_{agents}_{waiting}_{skills}"
    with _owner("postgres", anyway=template) as connection:
        connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
    works = _fill(database, agents, waiting, skills)
    say(
        f"{agents:,} agents, {waiting:,} waiting, {skills:,} skill sets: running {WARM_SECONDS + SECONDS:.0f} s"
    )
    with _pool() as pool:
        for seconds, seed in ((WARM_SECONDS, 1), (SECONDS, 2)):
            start = time.time() + 1.0
            parts = pool.map(lives, works, *_alike(start, seconds), range(seed * 10, seed * 10 + PROCESSES))
            done = [each for part in parts for each in part]
            works = _fill_again(database, works, done) if seed == 1 else works
    assert all(each.left for each in done), "the bench ran out of conversations"
    return done


def _fill(database: str, agents: int, waiting: int, skills: int) -> list[list[Work]]:
    from bench._copies import connected_to
    from callcart.core.database import parameters
    from tests.contact.routing.crowd import build_crowd, conversations
    from tests.shops import make_harbor

    with connected_to(database):
        tenant = make_harbor()
        with psycopg.connect(**parameters("system"), autocommit=True) as system:
            crowd = build_crowd(
                system, tenant.id, agents=agents, waiting=waiting, channels=CHANNELS, skills=skills
            )
            fresh = conversations(system, tenant.id, FRESH, "new")
            system.execute("ANALYZE conversations_conversation")
    parts = PROCESSES * THREADS
    works = [
        Work(
            tenant.id, database, crowd.hot_queues, crowd.cool_queues, crowd.talking[n::parts], fresh[n::parts]
        )
        for n in range(parts)
    ]
    return [works[n * THREADS : (n + 1) * THREADS] for n in range(PROCESSES)]


def _fill_again(database: str, works: list[list[Work]], done: Sequence[Done]) -> list[list[Work]]:
    """The same floor after the warm-up: who talks now, and the conversations nobody has used."""
    with _owner(database) as connection:
        talking = connection.execute(
            "SELECT a.staff_id, t.conversation_id FROM routing_ticket t JOIN routing_agent a ON a.id = t.agent_id"
            " WHERE t.state = 'active'"
        ).fetchall()
        fresh = [
            row[0]
            for row in connection.execute(
                "SELECT id FROM conversations_conversation WHERE state = 'new' ORDER BY id"
            ).fetchall()
        ]
    flat = [work for part in works for work in part]
    for n, work in enumerate(flat):
        work.talking, work.fresh = talking[n :: len(flat)], fresh[n :: len(flat)]
    return works


def _owner(database: str, *, anyway: str = "") -> psycopg.Connection[Any]:
    """An autocommit connection of the owner."""
    from callcart.core.dsn import connection_parameters

    parameters = {**connection_parameters("owner"), "dbname": database}
    if anyway:
        from django.db import connections

        connections.close_all()
    return psycopg.connect(**parameters, autocommit=True)  # type: ignore[arg-type]


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=PROCESSES, mp_context=multiprocessing.get_context("spawn"))


def _spread_pids(pool: ProcessPoolExecutor) -> set[int]:
    """The pids of all processes of the pool."""
    pids: set[int] = set()
    while len(pids) < PROCESSES:
        pids |= set(pool.map(_pid, range(PROCESSES * 4)))
    return pids


def _pid(_: int) -> int:
    import os

    time.sleep(0.05)
    return os.getpid()


def _alike(*values: object) -> list[list[Any]]:
    """The same arguments for every process."""
    return [[value] * PROCESSES for value in values]


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)]
