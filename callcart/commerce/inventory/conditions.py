"""Units by condition: laid on a shelf, passed from quality control to the shelf or the damaged ones, written off.

Promised units stay where they are: what leaves the shelf for another condition comes from what is free. Callers of `put` in
other rooms (a return that was looked at) give their own document.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.inventory.change import MOST_ON_HAND, MOST_UNITS
from callcart.commerce.inventory.locks import retrying
from callcart.commerce.inventory.models import Condition, MovementKind, Stock
from callcart.commerce.inventory.moves import Change, lock_rows, move, tell, within_scope
from callcart.commerce.inventory.promised import below_allocated
from callcart.commerce.inventory.worth import require_worth, worth_of
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid
from callcart.core.text import clean, problem


class NotThatMany(Conflict):
    """There are only %(count)d in this condition."""

    code = "stock.not_that_many"


def put(
    actor: Actor,
    *,
    warehouse_id: UUID,
    variant_id: UUID,
    quantity: int,
    condition: Condition = Condition.SELLABLE,
    document: tuple[str, UUID] | None = None,
    reason: str = "",
) -> Stock:
    """Lay units on a shelf in a condition. Raises PermissionDenied, Invalid, NotFound."""
    within_scope(actor, "inventory.receive", warehouse_id)
    text = _checked(quantity, reason, needs_reason=document is None)

    def work() -> Stock:
        row = lock_rows([(variant_id, warehouse_id)])[variant_id, warehouse_id]
        refuse_overflow(row, quantity)
        move(
            actor, MovementKind.PUT, {row.id: Change.of(condition, quantity)}, document=document, reason=text
        )
        return _done(actor, row, "inventory.put", text)

    return retrying(work)


def change_condition(
    actor: Actor,
    *,
    warehouse_id: UUID,
    variant_id: UUID,
    quantity: int,
    before: Condition,
    after: Condition,
    reason: str,
    document: tuple[str, UUID] | None = None,
) -> Stock:
    """Say that units are in another condition. Raises PermissionDenied, Invalid, NotFound, NotThatMany, BelowAllocated."""
    within_scope(actor, "inventory.adjust", warehouse_id)
    text = _checked(quantity, reason, needs_reason=True)
    if before is after:
        raise Invalid(fields={"after": gettext("Choose another condition.")})

    def work() -> Stock:
        row = lock_rows([(variant_id, warehouse_id)])[variant_id, warehouse_id]
        _take(row, before, quantity)
        if after is Condition.SELLABLE:
            refuse_overflow(row, quantity)
        change = Change.of(before, -quantity) + Change.of(after, quantity)
        move(actor, MovementKind.CONDITION, {row.id: change}, document=document, reason=text)
        return _done(actor, row, "inventory.change_condition", text)

    return retrying(work)


def write_off(
    actor: Actor,
    *,
    warehouse_id: UUID,
    variant_id: UUID,
    quantity: int,
    condition: Condition,
    reason: str,
    document: tuple[str, UUID] | None = None,
) -> Stock:
    """Take units out of the books for good. What they cost counts against the actor's limit. Raises PermissionDenied,
    NeedsApproval, Invalid, NotFound, NotThatMany, BelowAllocated."""
    within_scope(actor, "inventory.write_off", warehouse_id)
    text = _checked(quantity, reason, needs_reason=True)

    def work() -> Stock:
        row = lock_rows([(variant_id, warehouse_id)])[variant_id, warehouse_id]
        _take(row, condition, quantity)
        require_worth(actor, "inventory.write_off", worth_of([(row, quantity)]))
        change = Change.of(condition, -quantity)
        move(actor, MovementKind.WRITE_OFF, {row.id: change}, document=document, reason=text)
        return _done(actor, row, "inventory.write_off", text)

    return retrying(work)


def refuse_overflow(row: Stock, units: int) -> None:
    """Raises Invalid where a shelf would hold more than can be meant."""
    if max(row.on_hand, row.damaged, row.inspecting, row.in_transit) + units > MOST_ON_HAND:
        raise Invalid(fields={"quantity": gettext("This is more than one shelf can hold.")})


def free_units(row: Stock, condition: Condition) -> int:
    """How many of a locked row may leave this condition."""
    if condition is Condition.SELLABLE:
        return max(row.on_hand - row.allocated, 0)
    return row.units(condition)


def _take(row: Stock, condition: Condition, units: int) -> None:
    if row.units(condition) < units:
        raise NotThatMany(count=row.units(condition))
    if free_units(row, condition) < units:
        raise below_allocated(row)


def _checked(quantity: int, reason: str, *, needs_reason: bool) -> str:
    text = clean(reason)
    problems = {"reason": said} if (said := problem(text, longest=500, required=needs_reason)) else {}
    if not 0 < quantity <= MOST_UNITS:
        problems["quantity"] = gettext("Give a whole number above zero.")
    if problems:
        raise Invalid(fields=problems)
    return text


def _done(actor: Actor, row: Stock, action: str, reason: str) -> Stock:
    counts = ("on_hand", "damaged", "inspecting")
    before = {name: getattr(row, name) for name in counts}
    row.refresh_from_db()
    after = {name: getattr(row, name) for name in counts}
    audit.record(actor, action, subject=("stock", row.id), before=before, after=after, reason=reason)
    tell([row.variant_id])
    return row
