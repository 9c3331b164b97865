"""Limits of calls outside in the office: set, refused where wrong, seen by those who may; what was used, refused, turned away."""

from __future__ import annotations

from typing import Any

from callcart.contact.voice import strangers
from callcart.contact.voice.models import OutboundCall, RefusedCall
from callcart.core import clock, ids
from callcart.core.models import AuditEntry
from callcart.people.tenants.public import get_tenant, settings_of
from tests.web.office.office import Office, field_error, words

ADDRESS = "/office/calls-outside"
GOOD = {
    "dial_prefixes": "+1, +8610\n+44", "dial_shows": "", "dial_hourly": "50", "dial_hourly_agent": "10",
    "dial_minor_per_minute": "0.25", "dial_daily_spend": "100", "dial_daily_spend_agent": "12,50", "dial_longest_minutes": "45",
}  # fmt: skip


def save(office: Office, role: str = "supervisor", **changes: str) -> Any:
    version = get_tenant(office.boss.tenant_id).version
    return office.client(role).post(ADDRESS, {**GOOD, "version": str(version), **changes})


def test_limits_are_set_and_audited(office: Office) -> None:
    assert save(office).status_code == 303
    options = settings_of(get_tenant(office.boss.tenant_id))
    assert options.dial_prefixes == ("+1", "+8610", "+44")
    assert (options.dial_minor_per_minute, options.dial_daily_spend, options.dial_daily_spend_agent) == (
        25, 10_000, 1250,
    )  # fmt: skip
    assert (options.dial_hourly, options.dial_hourly_agent, options.dial_longest_minutes) == (50, 10, 45)
    entry = AuditEntry.objects.filter(action="tenants.update").latest("at")
    assert (entry.actor_id, entry.after["dial_daily_spend_agent"]) == (office.staff["supervisor"].id, 1250)


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_set(office: Office) -> None:
    before = settings_of(get_tenant(office.boss.tenant_id))
    answer = save(office, dial_prefixes="0044", dial_daily_spend="much", dial_hourly="-1")
    assert answer.status_code == 422
    for name in ("dial_daily_spend", "dial_prefixes", "dial_hourly"):
        assert field_error(answer, name), name
    assert settings_of(get_tenant(office.boss.tenant_id)) == before


def test_the_second_of_two_is_told(office: Office) -> None:
    save(office)
    late = save(office, version="1", dial_hourly="7")
    assert late.status_code == 409 and "What you typed is kept below" in words(late)
    assert settings_of(get_tenant(office.boss.tenant_id)).dial_hourly == 50


def test_an_agent_neither_sees_nor_sets_them(office: Office) -> None:
    before = settings_of(get_tenant(office.boss.tenant_id))
    assert office.client("agent").get(ADDRESS).status_code == 403
    assert save(office, "agent").status_code == 403
    assert settings_of(get_tenant(office.boss.tenant_id)) == before
    assert "Outbound calls" not in words(office.client("agent").get("/desk"))


def test_other_settings_stay_with_who_manages_the_shop(office: Office) -> None:
    save(office, record_calls="", wrap_up_seconds="1")
    assert settings_of(get_tenant(office.boss.tenant_id)).wrap_up_seconds != 1


def test_what_was_used_refused_and_turned_away_is_seen(office: Office) -> None:
    save(office)
    agent = office.staff["agent"]
    now = clock.now()
    OutboundCall.objects.create(
        conversation_id=ids.new_id(), staff_id=agent.id, number="+12125550777", answered_at=now, ended_at=now
    )
    RefusedCall.objects.create(staff_id=agent.id, number="+1900•••177", limit="prefix")
    strangers.count({"203.0.113.9": 31})
    said = words(office.client("supervisor").get(ADDRESS))
    assert "Agent Example 1 1 $0.25" in said
    assert "Agent Example +1900•••177 Such numbers are not allowed" in said
    assert "203.0.113.9 31" in said
    chinese = words(office.client("supervisor", language="zh-hans").get(ADDRESS))
    assert "不允许拨打此类号码" in chinese


def test_refusals_are_read_page_by_page(office: Office) -> None:
    for number in range(35):
        RefusedCall.objects.create(staff_id=None, number=f"number {number:02}", limit="rate")
    client = office.client("supervisor")
    first = client.get(ADDRESS)
    assert "number 34" in words(first) and "number 04" not in words(first)
    after = first.content.decode().partition("?after=")[2].partition('"')[0]
    second = words(client.get(f"{ADDRESS}?after={after}"))
    assert "number 04" in second and "number 05" not in second
    assert client.get(f"{ADDRESS}?after=nonsense").status_code == 200
