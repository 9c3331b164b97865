"""Goods that were taken for a document and go back on their shelf. They are on the books all the while; the list tells people what
to carry where, and each line is ticked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from callcart.commerce.fulfilment.models import PutBack
from callcart.commerce.fulfilment.place import check_place, places_of
from callcart.commerce.inventory.public import Stock
from callcart.commerce.shipping.public import Dispatch
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound

CANCELLED, SHORT, BY_HAND = "cancelled", "short", "by_hand"


@dataclass(frozen=True, slots=True)
class Return:
    """A line of the list, and the bin it goes to."""

    row: PutBack
    bin: str


def note_put_back(dispatch: Dispatch, units: Mapping[UUID, int], *, reason: str) -> None:
    """Write down what is to be carried back, by SKU."""
    PutBack.objects.bulk_create(
        [
            PutBack(
                warehouse_id=dispatch.warehouse_id, dispatch_id=dispatch.id, dispatch_number=dispatch.number,
                variant_id=variant_id, quantity=count, reason=reason, made_at=now(),
            )
            for variant_id, count in units.items()
            if count > 0
        ]
    )  # fmt: skip


def list_put_back(actor: Actor, *, limit: int = 200) -> list[Return]:
    """What waits to be carried back, the oldest first, in the warehouses the actor works in."""
    places = [each.id for each in places_of(actor)]
    rows = list(
        PutBack.objects.filter(done_at=None, warehouse_id__in=places).select_related("variant").order_by("id")[:limit]
    )  # fmt: skip
    stock = Stock.objects.filter(
        variant__in={each.variant_id for each in rows}, warehouse__in={each.warehouse_id for each in rows}
    )
    bins = {(each.variant_id, each.warehouse_id): each.bin for each in stock}
    return [Return(each, bins.get((each.variant_id, each.warehouse_id), "")) for each in rows]


def done_putting_back(actor: Actor, put_back_id: UUID) -> PutBack:
    """It lies on its shelf again; ticked twice, it stays as it was. Raises NotFound, PermissionDenied."""
    row = PutBack.objects.select_for_update().select_related("variant").filter(id=put_back_id).first()
    if row is None:
        raise NotFound
    check_place(actor, row.warehouse_id)
    if row.done_at is None:
        row.done_at, row.done_by = now(), actor.name
        row.save(update_fields=["done_at", "done_by"])
        audit.record(
            actor,
            "fulfilment.put_back",
            subject=("dispatch", row.dispatch_id),
            after={"variant_id": row.variant_id, "quantity": row.quantity},
        )
    return row
