"""Stock coming in, counts corrected, warehouses set up. Every change needs a reason or a document, and leaves a movement."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.inventory.locks import retrying
from callcart.commerce.inventory.models import MovementKind, Stock, Warehouse
from callcart.commerce.inventory.moves import Change, lock_rows, move, tell, within_scope
from callcart.commerce.inventory.promised import below_allocated
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.text import clean, problem

MOST_UNITS = 10_000_000
MOST_ON_HAND = 1_000_000_000
MOST_REGIONS = 100


class CodeTaken(Conflict):
    """Another warehouse already has this code."""

    code = "inventory.code_taken"


@dataclass(frozen=True, slots=True)
class WarehouseDraft:
    """A warehouse to be. `regions`: the provinces or states it serves first; lower priority is asked earlier."""

    code: str
    name: str
    name_zh: str = ""
    regions: tuple[str, ...] = ()
    priority: int = 100
    is_active: bool = True


def create_warehouse(actor: Actor, draft: WarehouseDraft) -> Warehouse:
    """Raises Invalid, CodeTaken."""
    actor.require("inventory.manage")
    values = _checked(draft)
    warehouse = Warehouse(**values)
    _save_warehouse(warehouse)
    audit.record(actor, "inventory.create_warehouse", subject=("warehouse", warehouse.id), after=values)
    return warehouse


def update_warehouse(actor: Actor, warehouse_id: UUID, draft: WarehouseDraft) -> Warehouse:
    """Raises NotFound, Invalid, CodeTaken."""
    actor.require("inventory.manage")
    warehouse = Warehouse.objects.select_for_update(no_key=True).filter(id=warehouse_id).first()
    if warehouse is None:
        raise NotFound
    values = _checked(draft)
    before = {name: getattr(warehouse, name) for name in values}
    for name, value in values.items():
        setattr(warehouse, name, value)
    _save_warehouse(warehouse)
    audit.record(
        actor, "inventory.update_warehouse", subject=("warehouse", warehouse.id), before=before, after=values
    )
    return warehouse


def _checked(draft: WarehouseDraft) -> dict[str, object]:
    regions = [clean(each) for each in draft.regions if clean(each)]
    values: dict[str, object] = asdict(draft) | {"regions": regions}
    problems = {}
    if len(regions) > MOST_REGIONS or any(problem(each, longest=100) for each in regions):
        problems["regions"] = gettext("At most %(most)d regions of at most 100 characters.") % {
            "most": MOST_REGIONS
        }
    if not 0 <= draft.priority <= 10_000:
        problems["priority"] = gettext("Give a whole number from 0 to 10,000.")
    for name, longest in (("code", 32), ("name", 200), ("name_zh", 200)):
        values[name] = text = clean(str(values[name]))
        if said := problem(text, longest=longest, required=name != "name_zh"):
            problems[name] = said
    if problems:
        raise Invalid(fields=problems)
    return values


def _save_warehouse(warehouse: Warehouse) -> None:
    try:
        with transaction.atomic():
            warehouse.save()
    except IntegrityError as error:
        raise CodeTaken from error


def receive(
    actor: Actor,
    *,
    variant_id: UUID,
    warehouse_id: UUID,
    quantity: int,
    reason: str = "",
    document: tuple[str, UUID] | None = None,
) -> Stock:
    """Book goods in. Raises Invalid, NotFound."""
    within_scope(actor, "inventory.receive", warehouse_id)
    reason = clean(reason)
    problems = {"reason": said} if (said := problem(reason, longest=500)) else {}
    if not 0 < quantity <= MOST_UNITS:
        problems["quantity"] = gettext("Give a whole number above zero.")
    if problems:
        raise Invalid(fields=problems)
    return retrying(
        lambda: _change(actor, MovementKind.RECEIVE, variant_id, warehouse_id, quantity, reason, document)
    )


def adjust(actor: Actor, *, variant_id: UUID, warehouse_id: UUID, change: int, reason: str) -> Stock:
    """Correct a count by `change` units, for a reason. Raises Invalid, NotFound, BelowAllocated."""
    within_scope(actor, "inventory.adjust", warehouse_id)
    problems = {}
    if not change or abs(change) > MOST_UNITS:
        problems["change"] = gettext("Give a whole number that is not zero.")
    if said := problem(clean(reason), longest=500, required=True):
        problems["reason"] = said
    if problems:
        raise Invalid(fields=problems)
    return retrying(
        lambda: _change(actor, MovementKind.ADJUST, variant_id, warehouse_id, change, clean(reason), None)
    )


def set_backorderable(actor: Actor, *, variant_id: UUID, warehouse_id: UUID, allowed: bool) -> Stock:
    """Allow, or stop, promising more than there is. Raises NotFound; BelowAllocated while more is promised."""
    within_scope(actor, "inventory.adjust", warehouse_id)
    row = lock_rows([(variant_id, warehouse_id)])[variant_id, warehouse_id]
    if not allowed and row.allocated > row.on_hand:
        raise below_allocated(row)
    before, row.backorderable = row.backorderable, allowed
    row.save(update_fields=["backorderable"])
    audit.record(
        actor,
        "inventory.set_backorderable",
        subject=("stock", row.id),
        before={"backorderable": before},
        after={"backorderable": allowed},
    )
    return row


def _change(
    actor: Actor,
    kind: MovementKind,
    variant_id: UUID,
    warehouse_id: UUID,
    units: int,
    reason: str,
    document: tuple[str, UUID] | None,
) -> Stock:
    row = lock_rows([(variant_id, warehouse_id)])[variant_id, warehouse_id]
    floor = 0 if row.backorderable else row.allocated
    if row.on_hand + units < 0:
        raise Invalid(fields={"change": gettext("There are only %(count)d.") % {"count": row.on_hand}})
    if units < 0 and row.on_hand + units < floor:
        raise below_allocated(row)
    if row.on_hand + units > MOST_ON_HAND:
        raise Invalid(fields={"quantity": gettext("This is more than one shelf can hold.")})
    move(actor, kind, {row.id: Change(units)}, document=document, reason=reason)
    after = {"on_hand": row.on_hand + units}
    before = {"on_hand": row.on_hand}
    audit.record(
        actor, f"inventory.{kind}", subject=("stock", row.id), before=before, after=after, reason=reason
    )
    tell([variant_id])
    row.refresh_from_db()
    return row
