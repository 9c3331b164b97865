"""Looks at the outbox: their plan with many events kept, and forgetting the old ones without losing sight of it."""

from __future__ import annotations

import psycopg
import pytest

from callcart.core import feed
from callcart.core.database import parameters, sql
from callcart.people.tenants.models import Tenant

FILL = (
    "INSERT INTO core_event (tenant_id, kind, data, at)"
    " SELECT %s, 'made', '{}', clock_timestamp() - make_interval(days => %s) FROM generate_series(1, %s)"
)


@pytest.fixture
def system(fresh_db):
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def tenant_id(fresh_db) -> int:
    return Tenant.objects.get(slug="harbor").id


def count(system) -> int:
    return system.execute("SELECT count(*) FROM core_event WHERE kind = 'made'").fetchone()[0]


def test_looks_read_only_the_new_end_of_a_long_table(system, tenant_id):
    for _batch in range(40):
        system.execute(FILL, (tenant_id, 1, 1000))
    with psycopg.connect(**parameters("owner"), autocommit=True) as owner:
        owner.execute("ANALYZE core_event")
    token = feed.present_token(system)
    system.execute(FILL, (tenant_id, 0, 3))
    values = {
        "token": token,
        "since": token,
        "until": feed.present_token(system),
        "tenant": tenant_id,
        "most": 100,
        "kinds": None,
    }
    for name in ("feed_events", "feed_missed"):
        (plan,) = system.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {sql('callcart.core', name)}", values
        ).fetchone()
        arms = scans(plan[0]["Plan"])
        assert {arm["Node Type"] for arm in arms} <= {"Index Scan", "Bitmap Heap Scan"}, arms
        assert sorted(arm["Actual Rows"] for arm in arms) == [0, 3]
        assert sum(arm.get("Rows Removed by Filter", 0) for arm in arms) == 0


def test_a_reader_of_some_kinds_is_spared_the_others(system, tenant_id):
    token = feed.present_token(system)
    system.execute(FILL, (tenant_id, 0, 3))
    step = feed.read_since(system, token, kinds=["broken", "made"])
    assert [event.kind for event in step.events] == ["made"] * 3
    system.execute(FILL, (tenant_id, 0, 2))
    nothing = feed.read_since(system, step.token, kinds=["broken"])
    assert nothing.events == ()
    assert feed.read_since(system, nothing.token).events == (), "what was passed over is in the past"


def scans(node) -> list[dict]:
    below = [each for child in node.get("Plans", ()) for each in scans(child)]
    return below + ([node] if node.get("Relation Name") == "core_event" else [])


def test_old_events_are_forgotten_but_for_the_last(system, tenant_id):
    before = feed.present_token(system)
    for days in (30, 20, 10):
        system.execute(FILL, (tenant_id, days, 2))
    within = feed.present_token(system)
    system.execute(FILL, (tenant_id, 1, 2))
    assert not feed.is_forgotten(system, within)
    feed.forget_old(system)
    left = system.execute(
        "SELECT count(*) FILTER (WHERE at < now() - interval '7 days'),"
        " count(*) FILTER (WHERE at > now() - interval '7 days') FROM core_event WHERE kind = 'made'"
    ).fetchone()
    assert left[0] in {1, 2}, "those of the last old transaction stay"
    assert left[1] == 2
    assert feed.is_forgotten(system, before)
    assert not feed.is_forgotten(system, within), "nothing after this one is gone"
    assert feed.forget_old(system) == 0


def test_a_quiet_week_forgets_nothing_that_an_open_page_still_needs(system, tenant_id):
    system.execute(FILL, (tenant_id, 30, 5))
    token = feed.present_token(system)
    feed.forget_old(system)
    system.execute(FILL, (tenant_id, 0, 1))
    assert not feed.is_forgotten(system, token)
    until = feed.present_token(system)
    assert len(feed.read_between(system, token, until, tenant_id=tenant_id, most=10)) == 1


def test_what_was_missed_is_the_same_whenever_it_is_asked(system, tenant_id):
    since = feed.present_token(system)
    with psycopg.connect(**parameters("system")) as late:
        late.execute(FILL, (tenant_id, 0, 1))
        system.execute(FILL, (tenant_id, 0, 2))
        until = feed.present_token(system)
        first = feed.read_between(system, since, until, tenant_id=tenant_id, most=10)
        late.commit()
    assert len(first) == 2
    assert feed.read_between(system, since, until, tenant_id=tenant_id, most=10) == first
    after = feed.present_token(system)
    (came_late,) = feed.read_between(system, until, after, tenant_id=tenant_id, most=10)
    assert came_late.id < first[0].id
    assert count(system) == 3


def test_a_token_of_another_cluster_is_noticed(system, tenant_id):
    ahead = "900000000:900000000:"
    assert feed.is_foreign(system, ahead)
    assert not feed.is_foreign(system, feed.present_token(system))
    with pytest.raises(feed.TooFarBehind):
        feed.read_between(system, ahead, feed.present_token(system), tenant_id=tenant_id, most=10)
