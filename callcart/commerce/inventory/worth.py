"""What units on a shelf are worth, as far as the books know: what a unit cost when last bought there or elsewhere, else what
the catalogue says it costs; where nobody said, what it sells for, so that a limit is rather too narrow than too wide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models.functions import Coalesce

from callcart.commerce.catalog.models import Variant
from callcart.commerce.inventory.models import Stock
from callcart.core.actor import Actor
from callcart.core.money import Money
from callcart.people.approvals import public as approvals
from callcart.people.tenants.public import get_tenant


def unit_costs(rows: Iterable[Stock]) -> dict[UUID, int]:
    """Minor units by stock row: its own cost, else the newest known elsewhere, else the catalogue's, else the price."""
    found = list(rows)
    costs = {row.id: row.cost_minor for row in found if row.cost_minor is not None}
    missing = {row.variant_id for row in found if row.id not in costs}
    elsewhere: dict[UUID, int] = {}
    if missing:
        known = Stock.objects.filter(variant_id__in=missing, cost_minor__isnull=False).order_by("id")
        elsewhere = {variant: cost or 0 for variant, cost in known.values_list("variant_id", "cost_minor")}
        unknown = Variant.objects.filter(id__in=missing - elsewhere.keys())
        said = unknown.values_list("id", Coalesce("cost_minor", "price_minor"))
        elsewhere |= dict(said)
    return {row.id: costs[row.id] if row.id in costs else elsewhere[row.variant_id] for row in found}


def worth_of(units: Sequence[tuple[Stock, int]]) -> int:
    """What so many units of each row are worth, in minor units of the shop's currency."""
    costs = unit_costs(row for row, _ in units)
    return sum(costs[row.id] * abs(count) for row, count in units)


def require_worth(actor: Actor, permission: str, minor: int) -> None:
    """Count goods of this worth against the actor's limit, which holds for all they took out of the books within a day: many small
    documents are a large one. Raises NeedsApproval above it, PermissionDenied without the permission."""
    approvals.use(actor, permission, amount=Money(minor, get_tenant().currency), within=approvals.DAY)
