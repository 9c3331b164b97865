"""An attempt too many is refused with the time to wait, counted also where the work it was for is undone."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from callcart.core import clock
from callcart.core.models import ThrottleHit
from callcart.core.tenancy import tenant_transaction
from callcart.core.throttle import Limit, TriedTooOften, count, network_of
from callcart.people.tenants.public import tenant_by_slug

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def harbor_id(fresh_db: str) -> int:
    found = tenant_by_slug("harbor")
    assert found is not None
    return found.id


def limit(key: str = "a", most: int = 3) -> Limit:
    return Limit("test", key, most, HOUR)


def hits(tenant_id: int) -> int:
    with tenant_transaction(tenant_id):
        return ThrottleHit.objects.count()


def test_the_fourth_of_three_waits_until_the_first_is_an_hour_old(harbor_id: int) -> None:
    for minute in range(3):
        with clock.frozen(START + timedelta(minutes=minute)):
            count(harbor_id, [limit()])
    with clock.frozen(START + timedelta(minutes=30)), pytest.raises(TriedTooOften) as refused:
        count(harbor_id, [limit()])
    assert refused.value.details["retry_after"] == 30 * 60 + 1
    assert refused.value.message == "Too many attempts. Try again in 31 minutes."
    with clock.frozen(START + HOUR):
        count(harbor_id, [limit()])


def test_a_refused_attempt_counts_for_nothing(harbor_id: int) -> None:
    with clock.frozen(START):
        count(harbor_id, [limit("a", 1), limit("b", 5)])
        with pytest.raises(TriedTooOften):
            count(harbor_id, [limit("a", 1), limit("b", 5)])
    assert hits(harbor_id) == 2


def test_an_attempt_stays_counted_when_its_work_is_undone(harbor_id: int) -> None:
    with pytest.raises(RuntimeError), tenant_transaction(harbor_id):
        count(harbor_id, [limit()])
        raise RuntimeError
    assert hits(harbor_id) == 1


def test_keys_kinds_and_tenants_are_counted_apart_and_empty_keys_not_at_all(harbor_id: int) -> None:
    other = tenant_by_slug("qinghe")
    assert other is not None
    for tenant_id in (harbor_id, other.id):
        for each in (limit("a", 1), limit("b", 1), Limit("else", "a", 1, HOUR)):
            count(tenant_id, [each, limit("", 1)])
    assert hits(harbor_id) == hits(other.id) == 3


def test_what_is_kept_names_nobody(harbor_id: int) -> None:
    count(harbor_id, [limit("+12025550199")])
    with tenant_transaction(harbor_id):
        assert "555" not in ThrottleHit.objects.get().key


def test_of_many_at_once_no_more_than_allowed_pass(harbor_id: int) -> None:
    gate, passed = threading.Barrier(8), []

    def attempt() -> None:
        gate.wait(30)
        try:
            count(harbor_id, [limit()])
            passed.append(1)
        except TriedTooOften:
            pass
        connections.close_all()

    threads = [threading.Thread(target=attempt) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(passed) == 3


def test_old_hits_are_swept_away(harbor_id: int) -> None:
    with clock.frozen(START):
        count(harbor_id, [limit("a"), limit("b")])
    with clock.frozen(START + timedelta(days=1, seconds=1)):
        count(harbor_id, [limit("c")])
    assert hits(harbor_id) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"), ("2001:DB8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"), ("fe80::1%eth0", "fe80::/64"), ("::1", "::/64"), ("a", "a"), ("+12025550100", "+12025550100"),
    ],
)  # fmt: skip
def test_of_ipv6_the_network_is_counted(address: str, network: str) -> None:
    assert network_of(address) == network


def test_whoever_has_a_network_of_ipv6_is_counted_once(harbor_id: int) -> None:
    """One customer's line has a whole /64: each of its addresses would be a new one."""
    for number in range(3):
        count(harbor_id, [limit(f"2001:db8:1:2::{number}")])
    with pytest.raises(TriedTooOften):
        count(harbor_id, [limit("2001:db8:1:2:ffff::1")])
    count(harbor_id, [limit("2001:db8:1:3::1")])
