"""The guard before calls outside: what is not allowed does not leave, and whoever tried is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from callcart.contact.conversations.public import open_conversation
from callcart.contact.voice.models import OutboundCall
from callcart.contact.voice.outbound import DialRefused, Limit, allow
from callcart.core import clock
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.people.tenants import directory
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import add_service_number, update_tenant

NUMBER = "+12125550777"


@pytest.fixture
def actor(tenant: Tenant) -> Actor:
    return Actor(tenant.id, ActorKind.STAFF, new_id(), grants={"voice.dial_out": Grant()})


@pytest.fixture
def talk(tenant: Tenant) -> UUID:
    system = Actor.system(tenant.id)
    add_service_number(system, "+12025550100", name="Service")
    add_service_number(system, "+12025550101", name="Sales")
    directory.forget()
    return open_conversation(system, service_number="+12025550101").id


def rules(tenant: Tenant, **values: Any) -> None:
    update_tenant(Actor.system(tenant.id), settings={"dial_prefixes": ["+1212", "+44"], **values})
    directory.forget()


def dialled(
    talk: UUID, actor: Actor | None = None, *, minutes: float = 0, hours_ago: float = 0, going: bool = False
) -> None:
    began = clock.now() - timedelta(hours=hours_ago, minutes=minutes)
    OutboundCall.objects.create(
        conversation_id=talk, staff_id=actor.id if actor else new_id(), number=NUMBER, started_at=began,
        answered_at=began if minutes else None,
        ended_at=None if going else began + timedelta(minutes=minutes),
    )  # fmt: skip


def refused(actor: Actor, talk: UUID, number: str = NUMBER) -> Limit:
    before = OutboundCall.objects.count()
    with pytest.raises(DialRefused) as caught:
        allow(actor, talk, number)
    assert OutboundCall.objects.count() == before
    entry = AuditEntry.objects.filter(action="voice.dial_refused").order_by("-id").first()
    assert entry is not None and entry.after["limit"] == caught.value.details["limit"]
    assert number[-7:] not in str(entry.after)
    assert Event.objects.filter(kind="voice.alarm").count() == 1
    return Limit(caught.value.details["limit"])


def test_an_allowed_number_is_written_down_and_shows_our_own(
    tenant: Tenant, actor: Actor, talk: UUID
) -> None:
    rules(tenant)
    allowed = allow(actor, talk, "(212) 555-0777")
    assert (allowed.number, allowed.shown) == (NUMBER, "+12025550101")
    assert OutboundCall.objects.get().staff_id == actor.id
    assert allowed.longest == 7200
    rules(tenant, dial_shows="+12025550100", dial_longest_minutes=30)
    assert allow(actor, talk, NUMBER).longest == 1800
    assert allow(actor, talk, NUMBER).shown == "+12025550100"
    rules(tenant, dial_shows="+12125550000")  # nobody's of ours: never shown
    assert allow(actor, talk, NUMBER).shown == "+12025550101"


def test_without_the_right_nothing_is_dialled(tenant: Tenant, talk: UUID) -> None:
    rules(tenant)
    with pytest.raises(PermissionDenied):
        allow(Actor(tenant.id, ActorKind.STAFF, new_id()), talk, NUMBER)
    assert not OutboundCall.objects.exists()


@pytest.mark.parametrize("number", ["", "abc", "911;ext=1", "+1212", "+1212555077@evil.example", "0" * 400])
def test_what_is_no_number_is_not_dialled(tenant: Tenant, actor: Actor, talk: UUID, number: str) -> None:
    rules(tenant)
    with pytest.raises(Invalid):
        allow(actor, talk, number)
    assert not OutboundCall.objects.exists()


@pytest.mark.parametrize("number", ["+19005550177", "+8613800001234", "+88213123456"])
def test_other_beginnings_are_refused_and_an_alarm(
    tenant: Tenant, actor: Actor, talk: UUID, number: str
) -> None:
    rules(tenant)
    try:
        assert refused(actor, talk, number) is Limit.PREFIX
    except Invalid:  # a plan that has no such numbers
        assert not OutboundCall.objects.exists()


def test_a_shop_that_allowed_nothing_dials_nothing(tenant: Tenant, actor: Actor, talk: UUID) -> None:
    assert refused(actor, talk) is Limit.PREFIX


def test_our_own_numbers_would_come_back_to_us(tenant: Tenant, actor: Actor, talk: UUID) -> None:
    rules(tenant, dial_prefixes=["+1"])
    assert refused(actor, talk, "+12025550100") is Limit.OWN_NUMBER


def test_so_many_an_hour_for_each_and_for_all(tenant: Tenant, actor: Actor, talk: UUID) -> None:
    rules(tenant, dial_hourly_agent=2, dial_hourly=4)
    dialled(talk, actor)
    dialled(talk, actor, hours_ago=2)
    allow(actor, talk, NUMBER)
    assert refused(actor, talk) is Limit.RATE_AGENT


def test_so_many_an_hour_for_the_shop(tenant: Tenant, actor: Actor, talk: UUID) -> None:
    rules(tenant, dial_hourly_agent=9, dial_hourly=2)
    dialled(talk)
    dialled(talk)
    assert refused(actor, talk) is Limit.RATE


@pytest.mark.parametrize("going", [True, False])
def test_so_much_a_day_for_each(tenant: Tenant, actor: Actor, talk: UUID, going: bool) -> None:
    rules(tenant, dial_minor_per_minute=10, dial_daily_spend_agent=50)
    dialled(talk, actor, minutes=3.5, hours_ago=0 if going else 3, going=going)  # four begun
    allow(actor, talk, NUMBER)  # the fifth
    assert refused(actor, talk) is Limit.SPEND_AGENT


def test_so_much_a_day_for_the_shop(tenant: Tenant, actor: Actor, talk: UUID) -> None:
    rules(tenant, dial_minor_per_minute=10, dial_daily_spend=50)
    dialled(talk, minutes=4.5, hours_ago=3)
    assert refused(actor, talk) is Limit.SPEND
