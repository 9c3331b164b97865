"""The two probes of matching walk index heads: no sort and no scan below the inner LIMIT, with row-level security on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from callcart.core.database import parameters, sql
from callcart.people.tenants.models import Tenant
from tests.contact.routing.crowd import PRESENT, build_crowd
from tests.contact.routing.floor import system


def statement(function: str, start: str) -> str:
    body = (
        sql("callcart.contact.routing", "functions")
        .split(f"CREATE FUNCTION {function}(", 1)[1]
        .split("END $$;", 1)[0]
    )
    found = body[body.index(start) :].split(";", 1)[0]
    return found.replace(" INTO v_found", "")


@pytest.fixture
def app(fresh_db: str) -> Iterator[psycopg.Connection[Any]]:
    tenant = Tenant.objects.get(slug="harbor")
    with system() as db:
        build_crowd(db, tenant.id, agents=500, waiting=2000)
    with psycopg.connect(**parameters(), autocommit=True) as connection:
        connection.execute(PRESENT, (tenant.id,))
        connection.execute("SET plan_cache_mode = force_generic_plan")
        yield connection


def nodes(plan: dict[str, Any], under_limit: bool = False) -> Iterator[tuple[dict[str, Any], bool]]:
    yield plan, under_limit
    for child in plan.get("Plans", ()):
        yield from nodes(child, under_limit or plan["Node Type"] == "Limit")


def inner_nodes(app: psycopg.Connection[Any], query: str, types: str, arguments: str) -> list[dict[str, Any]]:
    """Nodes under the LIMIT of the lateral probe (the second LIMIT from the top). What the planner puts between the loop and the probe
    (a Memoize, as statistics come out) is no matter."""
    app.execute(f"PREPARE probe ({types}) AS {query}")
    row = app.execute(f"EXPLAIN (FORMAT JSON) EXECUTE probe ({arguments})").fetchone()
    assert row is not None
    plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
    loop = next(node for node, _ in nodes(plan[0]["Plan"]) if node["Node Type"] == "Nested Loop")
    probe = next(node for node, _ in nodes(loop) if node["Node Type"] == "Limit")
    return [node for node, _ in nodes(probe)]


def test_the_best_waiting_conversation_is_an_index_head(app: psycopg.Connection[Any]) -> None:
    query = statement("acd_peek_agent", "SELECT x.conversation_id")
    for name, place in (("p_agent", "$1"), ("v_crew", "$2"), ("v_room", "$3"), ("p_tried", "$4")):
        query = re.sub(rf"\b{name}\b", place, query)
    found = inner_nodes(app, query, "int, int, smallint[], uuid[]", "1, 1, '{0}', '{}'")

    assert [node["Node Type"] for node in found[:2]] in (
        ["Limit", "Index Scan"],
        ["Limit", "Index Only Scan"],
    )
    assert found[1]["Index Name"] == "routing_ticket_wait"
    assert "lane_id" in found[1]["Index Cond"]
    assert not [
        node
        for node in found
        if "Sort" in node["Node Type"] or node["Node Type"] in ("Seq Scan", "Bitmap Heap Scan")
    ]


@pytest.mark.parametrize(("channel", "index"), [(0, "voice"), (1, "chat"), (2, "mail"), (3, "sms")])
def test_the_best_free_agent_is_an_index_head(app: psycopg.Connection[Any], channel: int, index: str) -> None:
    start = f"WHEN {channel} THEN" if channel < 3 else "ELSE\n"
    query = statement("acd_peek_lane", start).split("\n", 1)[1]
    query = re.sub(r"\bp_lane\b", "$1", re.sub(r"\bp_tried\b", "$2", query))
    found = inner_nodes(app, query, "bigint, int[]", "1, '{}'")

    assert found[1]["Node Type"] in ("Index Scan", "Index Only Scan")
    assert found[1]["Index Name"] == f"routing_agent_{index}"
    assert "crew_id" in found[1]["Index Cond"]
    assert not [node for node in found if "Sort" in node["Node Type"]]


def test_what_is_due_is_found_by_index(app: psycopg.Connection[Any]) -> None:
    with system() as db:
        row = db.execute("EXPLAIN (FORMAT JSON) " + sql("callcart.contact.routing", "due")).fetchone()
    assert row is not None
    scanned = [node["Index Name"] for node, _ in nodes(row[0][0]["Plan"]) if "Index Name" in node]
    # Two of the three tables are empty of such rows here, and cheap to read anyhow; the crowded one must not be read.
    assert "routing_ticket_due" in scanned
