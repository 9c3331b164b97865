"""What goods of a case were paid with, and what is given back of it. Parts always add up: a line's money is shared over its
units by the largest remainder, and a unit's share is given once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from callcart.commerce.aftersales.models import Case, CaseLine, Finding, ShopRules
from callcart.commerce.aftersales.rules import rules_of
from callcart.commerce.aftersales.states import (
    ENDED,
    OUR_FAULT,
    STAYS_HERE,
    Carriage,
    CaseState,
    Goods,
    Kind,
    Reason,
    Wish,
)
from callcart.commerce.aftersales.units import units_of
from callcart.commerce.catalog.public import variants
from callcart.commerce.orders.public import Line, Order, worth_not_taken
from callcart.commerce.payments.public import PaymentMethod, paid_besides_cash, payment_of, sums_of
from callcart.core.money import Money


@dataclass(frozen=True, slots=True)
class LineShare:
    """What becomes of a line's units: how many the customer no longer has, how many of them money is given for, how much that
    is; and how many are replaced, at which price by the unit."""

    gone: int = 0
    refunded: int = 0
    refund_minor: int = 0
    replaced: int = 0
    replaced_minor: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a case gives back: goods, less a fee, and a part of the delivery. `most` is what can be given back at all now;
    `capped` says that less is left than is due. `unpaid`: the goods came back undelivered and their cash was never collected, so
    there is nothing to give back, and what is sent instead is paid for at the door."""

    lines: Mapping[UUID, LineShare]
    goods: Money
    fee: Money
    delivery: Money
    most: Money
    delivery_most: int = 0
    unpaid: bool = False

    @property
    def due(self) -> Money:
        return self.goods + self.delivery - self.fee

    @property
    def total(self) -> Money:
        return min(self.due, self.most)

    @property
    def capped(self) -> bool:
        return self.most < self.due and not self.unpaid


def line_minor(order: Order, line: Line) -> int:
    """What was paid for a line: discounts off, tax with it."""
    return line.total_minor + (line.tax_minor if order.added_tax_minor else 0)


def share(whole: int, units: int, first: int, count: int) -> int:
    """What `count` units from the `first` on are worth of a line: the units before the remainder ends have one minor unit
    more (as `Money.allocate` by equal weights), so that all units together are the whole."""
    each, rest = divmod(whole, units)
    return each * count + min(first + count, rest) - min(first, rest)


def delivery_of(order: Order) -> int:
    """What was paid for delivery, tax with it."""
    tax = int((order.pricing or {}).get("delivery_tax_minor") or 0) if order.added_tax_minor else 0
    return order.delivery_minor + tax


def value_of(case: Case) -> Money:
    """What the goods a case asks for were paid with: the measure of who may decide."""
    total = 0
    for row in case.lines.select_related("line"):
        total += share(line_minor(case.order, row.line), row.line.quantity, 0, row.quantity)
    return Money(total, case.currency)


def propose(case: Case) -> Proposal:
    """What follows of what was found, at the money there is now."""
    rows = list(case.lines.select_related("line").prefetch_related("findings"))
    units = units_of(case.order_id, besides=case.id)
    door = not_taken(case)
    nobody_paid = door is not None and door.unpaid
    lines = {row.id: _share(case, row, units.of(row.line_id).gone, unpaid=nobody_paid) for row in rows}
    goods = sum(each.refund_minor for each in lines.values())
    shop = rules_of()
    fee = 0
    if case.kind == Kind.RETURN and case.reason not in {*OUR_FAULT, Reason.NOT_DELIVERED}:
        fee = Money(goods, case.currency).scaled(Fraction(shop.fee_bp, 10_000)).minor
    delivery = _delivery(case, shop, goods, lines, rows)
    found = payment_of(case.order_id)
    most = found.refundable if found else Money.zero(case.currency)
    if door is not None:
        most = min(most, Money(door.left, case.currency))
    return Proposal(
        lines,
        Money(goods, case.currency),
        Money(fee, case.currency),
        Money(delivery, case.currency),
        most,
        delivery_left(case),
        unpaid=nobody_paid,
    )


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Goods that were to be paid for at the door, in parcels that came back: `worth`, `paid` of it in another way than at the door,
    and `given` back by cases of other parcels; minor units."""

    worth: int
    paid: int
    given: int

    @property
    def unpaid(self) -> bool:
        return bool(self.worth) and not self.paid

    @property
    def left(self) -> int:
        return max(self.paid - self.given, 0)


def not_taken(case: Case) -> NotTaken | None:
    """None where the goods of the case arrived, or were to be paid for otherwise."""
    if case.parcel_id is None or case.order.payment_method != PaymentMethod.COD:
        return None
    others = Case.objects.filter(order=case.order, state__in=ENDED, parcel_id__isnull=False).exclude(
        id=case.id
    )
    given = sum(others.values_list("refund_minor", flat=True))
    worth = worth_not_taken(case.order).minor
    sums = sums_of([case.order_id]).get(case.order_id)
    asked = worth - (sums.relieved if sums is not None else 0)
    besides = paid_besides_cash([case.order_id]).get(case.order_id, 0) + given
    return NotTaken(worth, max(min(asked, besides), 0), given)


def unpaid(case: Case) -> bool:
    """Whether nobody has paid for the goods of a parcel that came back."""
    found = not_taken(case)
    return found is not None and found.unpaid


def _share(case: Case, row: CaseLine, gone_before: int, *, unpaid: bool) -> LineShare:
    counts = _counts(case, row)
    refunded, replaced = counts[Wish.REFUND], counts[Wish.REPLACE]
    whole, first = line_minor(case.order, row.line), gone_before
    money = share(whole, row.line.quantity, first, refunded)
    price, rest = _replacement(case, row, first + refunded, replaced, unpaid=unpaid)
    return LineShare(refunded + replaced, refunded, money + rest, replaced, price)


def _counts(case: Case, row: CaseLine) -> dict[str, int]:
    found = {Wish.REFUND.value: 0, Wish.REPLACE.value: 0}
    if case.state == CaseState.APPROVED:  # nothing comes back: what was asked for is what is given
        return {**found, case.wish: row.quantity}
    rows: list[Finding] = list(row.findings.all())
    for each in rows:
        if Goods(each.goods) in STAYS_HERE and each.remedy in found:
            found[each.remedy] += each.quantity
    return found


def _replacement(case: Case, row: CaseLine, first: int, count: int, *, unpaid: bool) -> tuple[int, int]:
    """The price of one unit of what is sent instead (the same SKU: nothing), and what is given back where it is cheaper."""
    if count and unpaid:
        return _full_price(case, row, first, count), 0
    if not count or row.exchange_variant_id is None or row.exchange_variant_id == row.variant_id:
        return 0, 0
    hit = variants([row.exchange_variant_id]).get(row.exchange_variant_id)
    now_minor = hit.price.minor if hit else 0
    was = share(row.line.total_minor, row.line.quantity, first, count)
    paid = share(line_minor(case.order, row.line), row.line.quantity, first, count)
    if now_minor * count >= was:
        return (now_minor * count - was) // count, 0  # what cannot be shared over the units is ours to lose
    return 0, Money(paid, case.currency).scaled(Fraction(was - now_minor * count, was)).minor


def _full_price(case: Case, row: CaseLine, first: int, count: int) -> int:
    """A unit's price where nothing was paid for the one it replaces: as it was ordered, or that of the other SKU now."""
    if row.exchange_variant_id is None or row.exchange_variant_id == row.variant_id:
        return share(row.line.total_minor, row.line.quantity, first, count) // count
    hit = variants([row.exchange_variant_id]).get(row.exchange_variant_id)
    return hit.price.minor if hit else 0


def line_price(case: Case, row: CaseLine, count: int, *, unpaid: bool) -> int:
    """What a unit of the replacement is to cost: what it costs more than what was paid for the unit it replaces; `unpaid` as in
    a proposal."""
    gone = units_of(case.order_id, besides=case.id).of(row.line_id).gone
    first = gone + _counts(case, row)[Wish.REFUND]
    return _replacement(case, row, first, count, unpaid=unpaid)[0]


def _delivery(
    case: Case, shop: ShopRules, goods: int, lines: Mapping[UUID, LineShare], rows: list[CaseLine]
) -> int:
    if shop.carriage == Carriage.NEVER or not goods:
        return 0
    order, whole, left = case.order, delivery_of(case.order), delivery_left(case)
    ours = case.reason in {*OUR_FAULT, Reason.NOT_DELIVERED}
    if (ours or shop.carriage == Carriage.ALL_BACK) and _all_back(case, lines, rows):
        return left
    if not ours:
        return 0
    total = sum(line_minor(order, line) for line in order.lines.all())
    return min(Money(whole, case.currency).scaled(Fraction(goods, total)).minor, left) if total else 0


def delivery_left(case: Case) -> int:
    """What of the delivery other cases have not given back."""
    before = Case.objects.filter(order=case.order, state__in=ENDED).exclude(id=case.id)
    return max(delivery_of(case.order) - sum(before.values_list("delivery_minor", flat=True)), 0)


def _all_back(case: Case, lines: Mapping[UUID, LineShare], rows: list[CaseLine]) -> bool:
    """Whether with this case nothing of the order is left with the customer."""
    units = units_of(case.order_id, besides=case.id)
    own = {row.line_id: lines[row.id].refunded for row in rows}
    return all(
        units.of(line.id).gone + own.get(line.id, 0) >= line.quantity for line in case.order.lines.all()
    )
