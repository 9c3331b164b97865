"""The one place where counts change: rows the caller has locked, each with its movement, in one statement.

What the page of stock shows is told by one event for all SKUs of a verb.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from callcart.commerce.inventory.models import Condition, MovementKind, Stock, Warehouse
from callcart.commerce.inventory.sets import refuse_sets
from callcart.core import events, ids
from callcart.core.actor import Actor
from callcart.core.database import raw, sql
from callcart.core.errors import NotFound, PermissionDenied

_KEEP = "SELECT id FROM catalog_variant WHERE id = ANY(%s::uuid[]) ORDER BY id FOR KEY SHARE"
MOST_TOLD = 50
"""So many SKUs an event names; of more it says `many`, and pages read all again."""


@dataclass(frozen=True, slots=True)
class Change:
    """By how much each count of a stock row changes, and why, where the rows of one verb have reasons of their own."""

    on_hand: int = 0
    allocated: int = 0
    damaged: int = 0
    inspecting: int = 0
    in_transit: int = 0
    reason: str = ""

    @classmethod
    def of(cls, condition: Condition, units: int, *, in_transit: int = 0, reason: str = "") -> Change:
        """`units` more (or fewer) in a condition."""
        return cls(
            on_hand=units if condition is Condition.SELLABLE else 0,
            damaged=units if condition is Condition.DAMAGED else 0,
            inspecting=units if condition is Condition.INSPECTING else 0,
            in_transit=in_transit,
            reason=reason,
        )

    def __add__(self, other: Change) -> Change:
        return Change(
            self.on_hand + other.on_hand,
            self.allocated + other.allocated,
            self.damaged + other.damaged,
            self.inspecting + other.inspecting,
            self.in_transit + other.in_transit,
            self.reason or other.reason,
        )


def move(
    actor: Actor,
    kind: MovementKind,
    changes: Mapping[UUID, Change],
    *,
    document: tuple[str, UUID] | None = None,
    reason: str = "",
) -> None:
    """Change counts of rows the caller has locked, by stock id, each with its movement."""
    if not changes:
        return
    document_kind, document_id = document or ("", None)
    rows = sorted(changes.items())
    raw.all(
        sql("callcart.commerce.inventory", "move"),
        {
            "tenant": actor.tenant_id, "kind": str(kind),
            "document_kind": document_kind, "document": document_id,
            "actor_kind": actor.kind, "actor_id": actor.id, "actor_name": actor.name, "channel": actor.channel,
            "stock": [stock_id for stock_id, _ in rows],
            "movement": [ids.new_id() for _ in rows],
            "on_hand": [each.on_hand for _, each in rows],
            "allocated": [each.allocated for _, each in rows],
            "damaged": [each.damaged for _, each in rows],
            "inspecting": [each.inspecting for _, each in rows],
            "in_transit": [each.in_transit for _, each in rows],
            "reasons": [each.reason or reason for _, each in rows],
        },
    )  # fmt: skip


def tell(variant_ids: Iterable[UUID]) -> None:
    """One event for all SKUs whose counts a verb changed."""
    found = sorted(set(variant_ids))
    if not found:
        return
    named = [str(each) for each in found[:MOST_TOLD]]
    data = {"variant_ids": named, "many": len(found) > MOST_TOLD, "variant_id": named[0]}
    events.emit("stock.changed", subject=("variant", found[0]) if len(found) == 1 else None, data=data)


def lock_rows(pairs: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Stock]:
    """The stock rows of (SKU, warehouse), locked in ascending id and made where there are none yet. Raises NotFound for what
    is not this shop's, SetHasNoStock for a set: none of these SKUs can become one before the transaction ends."""
    wanted = sorted(set(pairs))
    variants, places = {each for each, _ in wanted}, {each for _, each in wanted}
    known = raw.all(_KEEP, (sorted(variants),))
    refuse_sets(variants)
    if len(known) != len(variants) or Warehouse.objects.filter(id__in=places).count() != len(places):
        raise NotFound
    found = _rows(variants, places)
    if missing := [pair for pair in wanted if pair not in found]:
        Stock.objects.bulk_create(
            [Stock(variant_id=variant_id, warehouse_id=place) for variant_id, place in missing],
            ignore_conflicts=True,
        )
    locked = _rows(variants, places, lock=True)
    return {pair: locked[pair] for pair in wanted}


def _rows(variants: set[UUID], places: set[UUID], *, lock: bool = False) -> dict[tuple[UUID, UUID], Stock]:
    rows: QuerySet[Stock] = Stock.objects.filter(variant_id__in=variants, warehouse_id__in=places)
    if lock:
        rows = rows.select_for_update(no_key=True).order_by("id")
    return {(row.variant_id, row.warehouse_id): row for row in rows}


def within_scope(actor: Actor, permission: str, warehouse_id: UUID, *, amount: int | None = None) -> None:
    """Raises PermissionDenied where the actor may not do this at all, or not in this warehouse."""
    scope = actor.require(permission, amount=amount).scope
    codes = [code.strip() for code in scope.split(",")]
    if scope and not Warehouse.objects.filter(id=warehouse_id, code__in=codes).exists():
        raise PermissionDenied(permission=permission)
