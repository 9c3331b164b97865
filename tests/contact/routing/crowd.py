"""A big floor made by SQL, for plans and benches: 20 queues (even ones full, odd ones idle), 20 profiles of 5 queues, five skill sets (or
as many as are asked for), so 100 crews and 80 lanes a channel. Agents of even profiles talk while others wait; those of odd ones are free. Of a small floor's queues only those that
somebody serves are used.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from callcart.contact.routing import public as routing
from callcart.contact.routing.models import DEFAULT_BLOCKS
from callcart.contact.routing.states import RoutingChannel
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction

NEEDS: tuple[tuple[str, ...], ...] = ((), ("a",), ("b",), ("c",))
SKILLS: tuple[tuple[str, ...], ...] = ((), ("a",), ("a", "b"), ("a", "c"), ("a", "b", "c"))
ALL_BLOCK = 0xFFFF  # one conversation at a time, of whatever channel
MORE = tuple(f"s{n:02}" for n in range(14))
PRESENT = "SELECT set_config('callcart.tenant', %s::text, false)"


@dataclass
class Crowd:
    tenant_id: int
    hot_queues: list[UUID]
    cool_queues: list[UUID]
    talking: list[tuple[UUID, UUID]]  # staff, conversation


def conversations(connection: psycopg.Connection[Any], tenant_id: int, count: int, state: str) -> list[UUID]:
    """Rows of conversations made in bulk."""
    ids = [new_id() for _ in range(count)]
    connection.execute(
        "INSERT INTO conversations_conversation (id, tenant_id, number, channel, direction, state, language, caller_e164,"
        " caller_raw, service_number, end_reason)"
        " SELECT id, %s, id::text, 'voice', 'inbound', %s, 'en', '', '', '', '' FROM unnest(%s::uuid[]) id",
        (tenant_id, state, ids),
    )
    return ids


def skill_sets(count: int) -> list[tuple[str, ...]]:
    """So many distinct sets of skills: the five, each with others that nobody asks for."""
    return [
        tuple(sorted((*SKILLS[n % 5], *(code for bit, code in enumerate(MORE) if n // 5 >> bit & 1))))
        for n in range(count)
    ]


def build_crowd(
    system: psycopg.Connection[Any],
    tenant_id: int,
    *,
    agents: int,
    waiting: int,
    seed: int = 1,
    channels: Sequence[str] = ("voice",),
    skills: int = len(SKILLS),
) -> Crowd:
    """Fill one tenant of an empty database. With more channels than the telephone's, an agent has one conversation at a time."""
    chance, one = random.Random(seed), tuple(channels) == ("voice",)
    boss = Actor.system(tenant_id, "bench")
    with tenant_transaction(tenant_id):
        queues = [routing.add_queue(boss, f"q{i:02}", name=f"Q{i}", wrap_s=60).id for i in range(20)]
        for number in range(20):
            mine = [queues[(number % 2 + 2 * (number // 2 + i)) % 20] for i in range(5)]
            profile = routing.save_profile(
                boss,
                f"p{number:02}",
                name=f"P{number}",
                queues={q: 1 if i < 3 else 2 for i, q in enumerate(mine)},
            )
            for mine_of in skill_sets(skills)[number % 20 :: 20] if skills > len(SKILLS) else SKILLS:
                raw.value(
                    "INSERT INTO routing_crew (tenant_id, profile_id, skills) VALUES (%s, %s, %s::text[]) RETURNING id",
                    (tenant_id, profile.id, list(mine_of)),
                )
        for queue in queues:
            for need in NEEDS:
                for channel in channels:
                    routing.ensure_lane(tenant_id, queue, channel=channel, skills=need)
        raw.value("SELECT acd_rebuild(%s::int)", (tenant_id,))
    system.execute(
        "INSERT INTO routing_agent (tenant_id, staff_id, crew_id, cap_chat, cap_mail, cap_sms, blocks, state, shown, free_since)"
        " SELECT %(t)s, gen_random_uuid(), c.ids[1 + n %% cardinality(c.ids)], %(cap)s, %(cap)s, %(cap)s, %(blocks)s, 'ready', 'ready',"
        "        now() - interval '1 day' + n * interval '1 s'"
        "   FROM generate_series(0, %(n)s - 1) n,"
        "        (SELECT array_agg(id ORDER BY id) AS ids FROM routing_crew WHERE tenant_id = %(t)s) c",
        {"t": tenant_id, "n": agents, "cap": 3 if one else 1, "blocks": DEFAULT_BLOCKS if one else ALL_BLOCK},
    )
    hot = system.execute(
        "SELECT a.id, a.staff_id FROM routing_agent a JOIN routing_crew c ON c.id = a.crew_id JOIN routing_profile p"
        " ON p.id = c.profile_id WHERE a.tenant_id = %s AND right(p.code, 1)::int %% 2 = 0 ORDER BY a.id",
        (tenant_id,),
    ).fetchall()
    talks = conversations(system, tenant_id, len(hot), "active")
    lanes = {
        (row[0], tuple(row[1]), row[2]): row[3]
        for row in system.execute(
            "SELECT queue_id, need, channel, id FROM routing_lane WHERE tenant_id = %s", (tenant_id,)
        ).fetchall()
    }
    ticket = (
        "INSERT INTO routing_ticket (conversation_id, tenant_id, queue_id, channel, state, lane_id, position, agent_id)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
    )
    with system.cursor() as cursor:
        cursor.executemany(
            ticket,
            [
                (talk, tenant_id, queues[0], 0, "active", lanes[queues[0], (), 0], 0, agent_id)
                for (agent_id, _staff), talk in zip(hot, talks, strict=True)
            ],
        )
    system.execute(
        "UPDATE routing_agent SET load_voice = 1 WHERE id = ANY (%s)", ([agent_id for agent_id, _ in hot],)
    )
    served = {
        row[0]
        for row in system.execute(
            "SELECT DISTINCT pq.queue_id FROM routing_agent a JOIN routing_crew c ON c.id = a.crew_id"
            " JOIN routing_profilequeue pq ON pq.profile_id = c.profile_id WHERE a.tenant_id = %s",
            (tenant_id,),
        ).fetchall()
    }
    hot_queues, cool_queues = ([queue for queue in queues[n::2] if queue in served] for n in (0, 1))
    rows = []
    for number, id in enumerate(conversations(system, tenant_id, waiting, "waiting")):
        queue, need = chance.choice(hot_queues), chance.choices(NEEDS, (5, 1, 1, 1))[0]
        place = 800 * 10**16 + 1_700_000_000_000_000 + number * 1000
        channel = RoutingChannel(channels[number % len(channels)]).number
        rows.append((id, tenant_id, queue, channel, "waiting", lanes[queue, need, channel], place, None))
    with system.cursor() as cursor:
        cursor.executemany(ticket, rows)
    for table in ("queue", "crew", "lane", "lanecrew", "agent", "ticket"):
        system.execute(f"ANALYZE routing_{table}")
    return Crowd(
        tenant_id,
        hot_queues,
        cool_queues,
        [(staff, talk) for (_, staff), talk in zip(hot, talks, strict=True)],
    )
