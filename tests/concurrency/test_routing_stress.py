"""Two shops at once, several processes at random work, some killed with SIGKILL in mid-transaction: nobody is offered to
two agents, nobody is lost, loads add up, wrap-up is honoured, and nothing that could be matched stays unmatched."""

from __future__ import annotations

import os
import random
import time
from typing import Any
from uuid import UUID

import psycopg
import pytest

from callcart.contact.routing import public as routing
from callcart.contact.routing.timers import run_once
from callcart.people.tenants.models import Tenant
from tests.concurrency import routing_load as load
from tests.contact.routing.floor import Floor, build, system

SECONDS = 9.0
WORKERS = 4
AGENTS = 12

INVARIANTS = """
SELECT
 (SELECT count(*) FROM (SELECT FROM routing_offer WHERE state = 'live' GROUP BY conversation_id HAVING count(*) > 1) x) AS twice,
 (SELECT count(*) FROM (SELECT FROM routing_offer WHERE state = 'live' AND channel = 0
    GROUP BY agent_id HAVING count(*) > 1) x) AS two_for_one,
 (SELECT count(*) FROM routing_ticket t WHERE state = 'offered' AND NOT EXISTS (SELECT 1 FROM routing_offer o
    WHERE o.conversation_id = t.conversation_id AND o.agent_id = t.agent_id AND o.state = 'live')) AS no_offer,
 (SELECT count(*) FROM routing_offer o WHERE state = 'live' AND NOT EXISTS (SELECT 1 FROM routing_ticket t
    WHERE t.conversation_id = o.conversation_id AND t.agent_id = o.agent_id AND t.state = 'offered')) AS no_ticket,
 (SELECT count(*) FROM routing_agent a WHERE (load_voice, load_chat, ringing) <> (
    SELECT count(*) FILTER (WHERE channel = 0), count(*) FILTER (WHERE channel = 1),
           count(*) FILTER (WHERE t.state = 'offered') FROM routing_ticket t WHERE t.agent_id = a.id)) AS wrong_load,
 (SELECT count(*) FROM routing_agent WHERE load_voice > cap_voice OR load_chat > cap_chat
    OR (load_voice > 0 AND load_chat > 0 AND false)) AS over_capacity,
 (SELECT count(*) FROM conversations_conversation c FULL JOIN routing_ticket t ON t.conversation_id = c.id
    WHERE (c.state IN ('waiting', 'offered', 'active') OR t.conversation_id IS NOT NULL)
      AND c.state IS DISTINCT FROM t.state) AS lost,
 (SELECT count(*) FROM routing_agent a JOIN conversations_conversation c ON c.id = a.wrap_conversation_id
    WHERE c.state <> 'wrap_up') AS wrong_wrap,
 (SELECT count(*) FROM routing_ticket t JOIN routing_agent a ON a.id = t.agent_id WHERE a.tenant_id <> t.tenant_id) AS crossed
"""
AFTERWARDS = """
SELECT
 (SELECT count(*) FROM routing_offer o JOIN routing_agenthistory h ON h.staff_id = o.staff_id AND h.state = 'wrap_up'
    WHERE o.channel = 0 AND h.started_at < o.made_at AND o.made_at < h.ended_at) AS offered_in_wrap_up,
 (SELECT count(*) FROM conversations_conversation WHERE state = 'wrap_up' AND id NOT IN (
    SELECT wrap_conversation_id FROM routing_agent WHERE wrap_conversation_id IS NOT NULL)) AS orphaned_wrap_up,
 (SELECT count(*) FROM acd_open_pairs()) AS left_open,
 (SELECT count(*) FROM routing_offer o JOIN routing_agent a ON a.id = o.agent_id WHERE a.tenant_id <> o.tenant_id) AS crossed
"""


def fetch(db: psycopg.Connection[Any], statement: str) -> dict[str, int]:
    cursor = db.execute(statement)
    row = cursor.fetchone()
    assert row is not None and cursor.description is not None
    return {column.name: value for column, value in zip(cursor.description, row, strict=True) if value}


def watch(
    db: psycopg.Connection[Any], floors: list[Floor], staff: dict[int, list[UUID]], until: float
) -> tuple[int, float]:
    """Keep workers running and killed, check each snapshot; the number of kills, and the longest time one pair stayed open."""
    chance, seed, kills, longest = random.Random(5), 100, 0, 0.0
    pids = [load.spawn(floors, staff, n, until) for n in range(WORKERS)]
    next_kill, since = time.time() + 1.0, {}
    while time.time() < until:
        assert fetch(db, INVARIANTS) == {}
        moment = time.time()
        still = {row[0] for row in db.execute("SELECT conversation_id FROM acd_open_pairs()").fetchall()}
        since = {id: since.get(id, moment) for id in still}
        longest = max([longest, *(moment - start for start in since.values())])
        if moment > next_kill:
            load.kill(pids.pop(chance.randrange(len(pids))))
            seed, kills, next_kill = seed + 1, kills + 1, moment + chance.random() * 0.4
            pids.append(load.spawn(floors, staff, seed, until))
        time.sleep(0.02)
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * len(pids)
    return kills, longest


@pytest.mark.kill
def test_kills_and_races_break_nothing(fresh_db: str) -> None:
    floors = [build(tenant.id) for tenant in Tenant.objects.all()]
    staff = {floor.tenant_id: load.prepare(floor, AGENTS, 3000) for floor in floors}
    ticking = load.timers()
    try:
        with system() as db:
            kills, longest = watch(db, floors, staff, time.time() + SECONDS)
    finally:
        load.kill(ticking)
    with system() as db:
        run_once(db)
        for floor in floors:
            routing.sweep(floor.tenant_id)
        assert fetch(db, INVARIANTS) == {}
        assert fetch(db, AFTERWARDS) == {}
        offers, channels = db.execute(
            "SELECT count(*), count(DISTINCT (tenant_id, channel)) FROM routing_offer WHERE state = 'accepted'"
        ).fetchone() or (0, 0)
    assert kills >= 10
    assert offers > 100 and channels == 4
    assert longest < 3.0
