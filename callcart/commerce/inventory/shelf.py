"""Where a SKU lies in a warehouse, and how few of it are to be kept back."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.inventory.change import MOST_UNITS
from callcart.commerce.inventory.models import Stock
from callcart.commerce.inventory.moves import lock_rows, within_scope
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.fields import Fields


def set_shelf(
    actor: Actor, *, variant_id: UUID, warehouse_id: UUID, bin_name: str, route: int = 0, safety: int = 0
) -> Stock:
    """Say in which bin a SKU lies, when on the way round a picker passes it (lower is earlier), and below how many units it
    is low. Raises PermissionDenied, Invalid, NotFound."""
    within_scope(actor, "inventory.adjust", warehouse_id)
    fields = Fields()
    name = fields.line("bin", bin_name, most=50)
    if not 0 <= route <= 1_000_000:
        fields.refuse("route", gettext("Give a whole number from 0 to 1,000,000."))
    if not 0 <= safety <= MOST_UNITS:
        fields.refuse("safety", gettext("Give a whole number that is not below zero."))
    fields.done()
    row = lock_rows([(variant_id, warehouse_id)])[variant_id, warehouse_id]
    before = {"bin": row.bin, "route": row.route, "safety": row.safety}
    row.bin, row.route, row.safety = name, route, safety
    row.save(update_fields=["bin", "route", "safety"])
    after = {"bin": name, "route": route, "safety": safety}
    audit.record(actor, "inventory.set_shelf", subject=("stock", row.id), before=before, after=after)
    return row
