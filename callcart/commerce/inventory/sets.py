"""Sets and stock. A set (`catalog.Component`) has no stock of its own: there are as many as what it is made of allows, at every
moment and everywhere, and nothing is ever booked on its own code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from callcart.commerce.catalog import public as catalog
from callcart.commerce.inventory.documents.tables import DocumentLine
from callcart.commerce.inventory.models import Stock
from callcart.core.errors import Invalid

if TYPE_CHECKING:
    from callcart.commerce.inventory.queries import WarehouseStock

SEVERAL = UUID(int=0)
"""Stands for the warehouse of sets that are complete only when several warehouses send what they have."""


class SetHasNoStock(Invalid):
    """This is a set, which has no stock of its own. Book what it is made of."""

    code = "inventory.set_has_no_stock"


def refuse_sets(variant_ids: Iterable[UUID]) -> None:
    """Raise SetHasNoStock where one of these is a set."""
    if found := catalog.bundles_among(variant_ids):
        codes = catalog.Variant.objects.filter(id__in=found).order_by("sku").values_list("sku", flat=True)
        said = gettext("%(codes)s: a set has no stock of its own. Book what it is made of.")
        raise SetHasNoStock(fields={"variant_id": said % {"codes": gettext(", ").join(codes)}})


def whole_sets(
    bundle_id: UUID, units: Mapping[UUID, int], stock: Mapping[UUID, Sequence[WarehouseStock]]
) -> list[WarehouseStock]:
    """How many sets lie where, from the stock of their components: complete ones by warehouse, and those that take several.
    A set may be ordered back where all of its components may."""
    rows = {each.warehouse_id: each for variant_id in units for each in stock[variant_id]}
    free = {
        variant_id: {each.warehouse_id: max(each.available, 0) for each in stock[variant_id]}
        for variant_id in units
    }
    later = all(any(each.backorderable for each in stock[variant_id]) for variant_id in units)
    found = []
    for place, row in rows.items():
        here = min(free[variant_id].get(place, 0) // count for variant_id, count in units.items())
        found.append(replace(row, variant_id=bundle_id, on_hand=here, allocated=0, backorderable=later))
    total = min((sum(free[each].values()) // count for each, count in units.items()), default=0)
    if rows and (scattered := total - sum(each.on_hand for each in found)):
        found.append(
            replace(
                found[0], warehouse_id=SEVERAL, code="", name="several warehouses", name_zh="多个仓库合计",
                on_hand=scattered,
            )
        )  # fmt: skip
    return found


@catalog.objection
def lies_somewhere(variant_id: UUID) -> str | None:
    """Why a SKU that is counted cannot become a set."""
    counted = (
        Q(on_hand__gt=0) | Q(damaged__gt=0) | Q(inspecting__gt=0) | Q(in_transit__gt=0) | Q(allocated__gt=0)
    )
    if Stock.objects.filter(counted, variant_id=variant_id).exists():
        return gettext("There is stock of this product. Make a new product for the set.")
    if DocumentLine.objects.filter(variant_id=variant_id, open_units__gt=0).exists():
        return gettext("This product is on its way in. Make a new product for the set.")
    return None
