"""Strangers are counted by hour and address, whatever a flood writes; too many within a minute are told once in a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.contact.voice import strangers
from callcart.contact.voice.models import Stranger
from callcart.core import clock
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import Event
from callcart.people.tenants.models import Tenant


def reader(tenant: Tenant, *permissions: str) -> Actor:
    return Actor(tenant.id, ActorKind.STAFF, new_id(), grants={name: Grant() for name in permissions})


def test_they_are_added_up_by_address(tenant: Tenant) -> None:
    strangers.count({"203.0.113.9": 3, "198.51.100.1": 1})
    strangers.count({"203.0.113.9": 4})
    strangers.count({})
    found = strangers.knocking(reader(tenant, "voice.limits"))
    assert (found.day, found.addresses) == (8, (("203.0.113.9", 7), ("198.51.100.1", 1)))
    assert found.hour == 8
    assert found.last_at is not None


def test_only_those_who_set_limits_see_them(tenant: Tenant) -> None:
    with pytest.raises(PermissionDenied):
        strangers.knocking(reader(tenant, "voice.phone"))


def test_a_flood_of_invented_addresses_keeps_the_table_small(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "MOST_ADDRESSES", 3)
    strangers.count({f"10.0.0.{n}": n for n in range(1, 9)})
    strangers.count({"10.0.0.8": 1, "10.0.9.9": 1})
    assert dict(Stranger.objects.values_list("address", "count")) == {
        "10.0.0.8": 9, "10.0.0.7": 7, "10.0.0.6": 6, "": 5 + 4 + 3 + 2 + 1 + 1,
    }  # fmt: skip


def test_yesterday_is_forgotten_by_the_page_and_last_month_by_the_table(tenant: Tenant) -> None:
    strangers.count({"203.0.113.9": 3})
    Stranger.objects.update(hour=clock.now() - timedelta(days=2))
    assert strangers.knocking(reader(tenant, "voice.limits")) == strangers.Knocking(0, 0, None, ())
    Stranger.objects.update(hour=clock.now() - timedelta(days=31))
    strangers.forget_strangers()
    assert not Stranger.objects.exists()


def test_the_alarm_is_a_rate_and_is_not_told_all_the_time() -> None:
    rate = strangers.Rate(10)
    assert rate.add(10, 0.0) == 0
    assert rate.add(10, 61.0) == 0  # the first ones are over
    assert rate.add(1, 62.0) == 11
    assert rate.add(500, 63.0) == 0  # said a moment ago
    assert rate.add(500, 662.5) == 500


def test_everybody_who_watches_a_floor_is_told(tenant: Tenant) -> None:
    strangers.alarm(120)
    event = Event.objects.get(kind="voice.alarm")
    assert (event.audience, event.data) == ("board", {"limit": "strangers", "count": 120})
