"""What may be called outside, as an administrator sets and watches it: the limits that `outbound.allow` asks for, what was used of them,
and what was refused. Decides about no call itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from callcart.contact.voice.models import RefusedCall
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.database import raw, sql
from callcart.core.errors import Invalid
from callcart.people.tenants.public import Options, Tenant, get_tenant, settings_of, update_tenant

SETTINGS = (
    "dial_prefixes", "dial_shows", "dial_hourly", "dial_hourly_agent", "dial_minor_per_minute", "dial_daily_spend",
    "dial_daily_spend_agent", "dial_longest_minutes",
)  # fmt: skip
MOST_AGENTS = 100


@dataclass(frozen=True, slots=True)
class Used:
    """Calls outside of the last hour, and minutes and their price (minor units) of the last day. `staff_id` None: all of the shop."""

    staff_id: UUID | None
    hour: int
    minutes: int
    spend: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """One that was not let through; `limit` is the name of the rule it would have broken."""

    id: UUID
    at: datetime
    staff_id: UUID | None
    number: str
    limit: str


def dial_limits(actor: Actor) -> tuple[Tenant, Options]:
    """The shop and its limits; the tenant's `version` is that of the limits. Raises PermissionDenied."""
    actor.require("voice.limits")
    tenant = get_tenant(actor.tenant_id)
    return tenant, settings_of(tenant)


def set_dial_limits(actor: Actor, values: Mapping[str, Any], *, version: int) -> None:
    """Change limits (`SETTINGS`); they hold from the next call on. Raises PermissionDenied, Invalid, Conflict."""
    actor.require("voice.limits")
    if strange := set(values) - set(SETTINGS):
        raise Invalid(fields=dict.fromkeys(strange, ""))
    update_tenant(actor, version=version, settings=values, permission="voice.limits")


def used(actor: Actor) -> tuple[Used, Sequence[Used]]:
    """Of the whole shop, and of each agent, who spent most first. Raises PermissionDenied."""
    _tenant, options = dial_limits(actor)
    price = options.dial_minor_per_minute
    statement = sql("callcart.contact.voice", "outbound_by_agent")
    rows = raw.all(statement, {"now": clock.now(), "most": MOST_AGENTS})
    found = [Used(staff, hour, minutes, minutes * price) for staff, hour, minutes, _all in rows]
    total_row = next((each for each in rows if each[3]), None)
    whole = Used(None, total_row[1], total_row[2], total_row[2] * price) if total_row else Used(None, 0, 0, 0)
    return whole, [each for each, row in zip(found, rows, strict=True) if not row[3]]


def refusals(actor: Actor, *, before: UUID | None = None, limit: int = 50) -> Sequence[Refusal]:
    """The newest first, `before` an id of the list. Raises PermissionDenied."""
    actor.require("voice.limits")
    found = RefusedCall.objects.order_by("-id")
    if before is not None:
        found = found.filter(id__lt=before)
    return [Refusal(row.id, row.at, row.staff_id, row.number, row.limit) for row in found[:limit]]
