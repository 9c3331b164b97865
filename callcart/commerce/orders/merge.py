"""Two orders of one customer to one address become one: the second's lines and stock go over to the first, which is delivered
once. Neither may have been paid or sent; the second ends, and both say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from callcart.commerce.inventory.public import HandOn, hand_on, held_for, retrying
from callcart.commerce.orders import history
from callcart.commerce.orders.address import address_of
from callcart.commerce.orders.doubts import keep_doubts
from callcart.commerce.orders.models import Line, Order
from callcart.commerce.orders.scope import StaleOrder, visible
from callcart.commerce.orders.states import EDITABLE, OrderState, check_transition
from callcart.commerce.orders.steps import bump
from callcart.commerce.payments.public import cancel_payment, change_amount, sums_of
from callcart.commerce.shipping.public import methods_for
from callcart.core import idempotency
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, NotFound
from callcart.core.money import Money


class CannotMerge(Conflict):
    """Only orders of one customer to one address, with the same way of delivery and payment, neither paid nor sent, can be made
    one."""

    code = "order.cannot_merge"


@dataclass(frozen=True, slots=True)
class MergePreview:
    """The order as it would be: `lines` of both, delivered once."""

    keep_id: UUID
    other_id: UUID
    keep_version: int
    other_version: int
    lines: tuple[Line, ...]
    goods: Money
    delivery: Money
    added_tax: Money
    total: Money
    total_before: Money


def merge_candidates(actor: Actor, order: Order, *, limit: int = 20) -> list[Order]:
    """Other open orders of the same customer or number to the same address, the newest first; whether they can be made one is
    `preview_merge`'s to say."""
    rows = visible(actor, "orders.edit").filter(
        state__in=EDITABLE,
        ship_phone=order.ship_phone,
        ship_street=order.ship_street,
        customer_id=order.customer_id,
    )
    return list(rows.exclude(id=order.id).order_by("-placed_at", "-id")[:limit])


def preview_merge(actor: Actor, keep_id: UUID, other_id: UUID) -> MergePreview:
    """What making one of two orders would give. Raises NotFound, CannotMerge."""
    rows = {each.id: each for each in visible(actor, "orders.edit").filter(id__in=[keep_id, other_id])}
    if keep_id == other_id or set(rows) != {keep_id, other_id}:
        raise NotFound
    keep, other = rows[keep_id], rows[other_id]
    _check(keep, other)
    before = keep.total + other.total
    lines = (*_lines_of(keep), *_lines_of(other))
    versions = keep.version, other.version
    _add_sums(keep, other)
    added = Money(keep.added_tax_minor, keep.currency)
    return MergePreview(
        keep_id, other_id, *versions, lines, keep.goods, keep.delivery, added, keep.total, before
    )


def _lines_of(order: Order) -> QuerySet[Line]:
    return order.lines.select_related("sold_set").order_by("position")


def merge_orders(
    actor: Actor, keep_id: UUID, other_id: UUID, *, versions: tuple[int, int], idempotency_key: str
) -> Order:
    """Make one of two orders, on the versions that were previewed; the one that stays. The same key does it once. Raises
    NotFound, StaleOrder, CannotMerge, KeyReused."""
    body = {"keep": str(keep_id), "other": str(other_id), "versions": list(versions)}

    def work() -> Order:
        with idempotency.claim(actor, "orders.merge", idempotency_key, body) as claim:
            if claim.stored is None:
                _merge(actor, keep_id, other_id, versions)
                claim.store({"order_id": str(keep_id)})
        return Order.objects.get(id=keep_id)

    return retrying(work)


def _merge(actor: Actor, keep_id: UUID, other_id: UUID, versions: tuple[int, int]) -> None:
    if keep_id == other_id:
        raise NotFound
    # Two orders are locked in ascending id, so that two merges can wait for one another but never in a circle.
    rows = visible(actor, "orders.edit").filter(id__in=[keep_id, other_id])
    found = {each.id: each for each in rows.select_for_update(no_key=True).order_by("id")}
    if set(found) != {keep_id, other_id}:
        raise NotFound
    keep, other = found[keep_id], found[other_id]
    for order, version in zip((keep, other), versions, strict=True):
        if order.version != version:
            raise StaleOrder(version=order.version)
    _check(keep, other)
    before = {"total_minor": keep.total_minor, "other_minor": other.total_minor}
    _move_lines(keep, other)
    _add_sums(keep, other)
    change_amount(actor, keep.id, keep.total, reason=f"merged with {other.number}")
    cancel_payment(actor, other.id, reason=f"merged into {keep.number}")
    _end(other, keep)
    bump(other)
    bump(keep)
    history.record(
        actor,
        keep,
        "merged",
        before=before,
        after={"total_minor": keep.total_minor},
        data={"from": other.number},
    )
    history.record(actor, other, "merged", data={"into": keep.number}, after={"into": keep.number})
    keep_doubts(keep)


def _check(keep: Order, other: Order) -> None:
    alike = (
        (keep.customer_id, keep.currency, keep.delivery_method, keep.payment_method)
        == (other.customer_id, other.currency, other.delivery_method, other.payment_method)
        and address_of(keep) == address_of(other)
        and bool(keep.added_tax_minor) == bool(other.added_tax_minor)
        and keep.payment_method != "instalments"
    )
    states = {OrderState(keep.state), OrderState(other.state)}
    paid = any(each.captured or each.refund_open for each in sums_of([keep.id, other.id]).values())
    if not alike or not states <= EDITABLE or paid:
        raise CannotMerge


def _move_lines(keep: Order, other: Order) -> None:
    position = max(keep.lines.values_list("position", flat=True), default=0)
    held = {each.line_id for each in held_for(other.id)}
    moves = []
    for number, line in enumerate(list(other.lines.order_by("position")), start=position + 1):
        line.order, line.position = keep, number
        line.save(update_fields=["order", "position"])
        if line.id in held:
            moves.append(HandOn(line.id, line.id, line.quantity))
    other.sold_sets.update(order=keep)
    hand_on(other.id, keep.id, moves)


def _add_sums(keep: Order, other: Order) -> None:
    """The sums of both, with one delivery: what the first pays for it, or less where the goods together earn that."""
    delivery_tax = int(keep.pricing.get("delivery_tax_minor", 0)) if keep.pricing else 0
    other_tax = int(other.pricing.get("delivery_tax_minor", 0)) if other.pricing else 0
    goods = keep.goods + other.goods
    choices = methods_for(country=keep.ship_country, region=keep.ship_province, goods=goods)
    offered = next((each.price for each in choices if each.code == keep.delivery_method), keep.delivery)
    delivery = min(keep.delivery, offered)
    if delivery != keep.delivery:
        kept_tax = Money(delivery_tax, keep.currency).allocate(
            [delivery.minor, keep.delivery_minor - delivery.minor]
        )[0]
    else:
        kept_tax = Money(delivery_tax, keep.currency)
    taxed = bool(keep.added_tax_minor)
    keep.goods_minor, keep.delivery_minor = goods.minor, delivery.minor
    keep.discount_minor += other.discount_minor
    keep.tax_minor += other.tax_minor - other_tax - delivery_tax + kept_tax.minor
    keep.added_tax_minor = keep.tax_minor if taxed else 0
    keep.coupon_codes = list(dict.fromkeys([*keep.coupon_codes, *other.coupon_codes]))
    if keep.pricing:
        keep.pricing = {**keep.pricing, "delivery_tax_minor": kept_tax.minor}
    keep.total_minor = keep.goods_minor + keep.delivery_minor + keep.added_tax_minor


def _end(other: Order, keep: Order) -> None:
    """The second order ends with nothing in it. It may come from a hold or from waiting alike."""
    check_transition(other.state, OrderState.CANCELLED)
    other.state, other.merged_into = OrderState.CANCELLED, keep.id
    other.cancelled_at = other.waits_since = now()
    other.goods_minor = other.delivery_minor = other.total_minor = 0
    other.discount_minor = other.delivery_discount_minor = other.tax_minor = other.added_tax_minor = 0
