"""One order becomes two: some lines, or units of them, go on as an order of their own with their share of the delivery, of what
is owed and of what was paid. Both add up to the whole; stock stays held, only for whom changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import get_language, gettext

from callcart.commerce.inventory.public import HandOn, hand_on, retrying
from callcart.commerce.orders import history
from callcart.commerce.orders.doubts import keep_doubts
from callcart.commerce.orders.jobs import watch_unpaid
from callcart.commerce.orders.models import Line, Order, SoldSet
from callcart.commerce.orders.place import set_search
from callcart.commerce.orders.scope import locked, visible
from callcart.commerce.orders.sets import drop_empty_sets, grouped, sold_as
from callcart.commerce.orders.states import EDITABLE, OrderState, WrongState
from callcart.commerce.orders.steps import bump
from callcart.commerce.payments.public import PaymentMethod, divide_payment, divisible, payment_shares
from callcart.core import idempotency
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound
from callcart.core.ids import new_id, next_number
from callcart.core.money import Money
from callcart.core.text import clean, problem


@dataclass(frozen=True, slots=True)
class SplitPart:
    """What one of the two orders would hold: units by line of the order as it is, and its money."""

    units: Mapping[UUID, int]
    goods: Money
    delivery: Money
    added_tax: Money
    total: Money
    paid: Money


@dataclass(frozen=True, slots=True)
class SplitPreview:
    """Both parts; `kept` stays with the order's number. Confirm it with `base_version`."""

    order_id: UUID
    base_version: int
    kept: SplitPart
    moved: SplitPart


@dataclass(slots=True)
class _Halves:
    """The rows of both orders before they are written. `pairs`: line, its new line, units that go over."""

    kept: Order
    moved: Order
    kept_lines: list[Line]
    moved_lines: list[Line]
    pairs: list[tuple[UUID, UUID, int]]
    gone: list[Line]
    sets: list[SoldSet]
    new_sets: list[SoldSet]


def preview_split(actor: Actor, order_id: UUID, units: Mapping[UUID, int]) -> SplitPreview:
    """What splitting off these units (by line) would give. Raises NotFound, WrongState, Invalid, HasPlan, PartGivenBack,
    MoneyUnderWay."""
    order = visible(actor, "orders.edit").filter(id=order_id).first()
    if order is None:
        raise NotFound
    halves = _halve(order, units)
    payment = divisible(order.id)
    stays, goes = payment_shares(payment, halves.kept.total, halves.moved.total)
    moved = {line_id: count for line_id, _new, count in halves.pairs}
    whole = dict(order.lines.values_list("id", "quantity"))
    kept = {line_id: left for line_id, count in whole.items() if (left := count - moved.get(line_id, 0))}
    return SplitPreview(
        order.id, order.version, _part(halves.kept, kept, stays), _part(halves.moved, moved, goes)
    )


def _part(order: Order, units: Mapping[UUID, int], paid: Money) -> SplitPart:
    added = Money(order.added_tax_minor, order.currency)
    return SplitPart(units, order.goods, order.delivery, added, order.total, paid)


def split_order(
    actor: Actor,
    order_id: UUID,
    units: Mapping[UUID, int],
    *,
    version: int,
    idempotency_key: str,
    reason: str = "",
) -> tuple[Order, Order]:
    """Split units (by line) off into an order of their own; the order and the new one. The same key gives the same two.
    Raises NotFound, StaleOrder, WrongState, Invalid, HasPlan, PartGivenBack, MoneyUnderWay, KeyReused."""
    body = {
        "order": str(order_id),
        "version": version,
        "units": {str(line_id): units[line_id] for line_id in sorted(units)},
    }

    def work() -> tuple[Order, Order]:
        with idempotency.claim(actor, "orders.split", idempotency_key, body) as claim:
            if claim.stored is not None:
                return Order.objects.get(id=order_id), Order.objects.get(id=claim.stored["order_id"])
            order, new = _split(actor, order_id, units, version, reason)
            claim.store({"order_id": str(new.id)})
        return order, new

    return retrying(work)


def _split(
    actor: Actor, order_id: UUID, units: Mapping[UUID, int], version: int, reason: str
) -> tuple[Order, Order]:
    order = locked(actor, "orders.edit", order_id, version=version)
    reason = clean(reason)
    if said := problem(reason, longest=500):
        raise Invalid(fields={"reason": said})
    halves = _halve(order, units)
    new = halves.moved
    new.number = next_number("order")
    set_search(new)
    new.save(force_insert=True)
    for row in (*halves.sets, *halves.kept_lines):
        row.save()
    SoldSet.objects.bulk_create(halves.new_sets)
    Line.objects.bulk_create(halves.moved_lines)
    moves = [HandOn(line_id, new_line_id, count) for line_id, new_line_id, count in halves.pairs]
    hand_on(order.id, new.id, moves)
    for line in halves.gone:
        line.delete()
    drop_empty_sets(order)
    divide_payment(actor, order.id, to=(new.id, new.number), kept=halves.kept.total, moved=new.total)
    bump(halves.kept)
    bump(new)
    history.record(
        actor, halves.kept, "split", data={"to": new.number}, after={"to": new.number}, reason=reason
    )
    history.record(
        actor, new, "split", data={"from": order.number}, after={"from": order.number}, reason=reason
    )
    if new.payment_method != PaymentMethod.COD:
        watch_unpaid(new)
    keep_doubts(halves.kept)
    keep_doubts(new)
    return halves.kept, new


def _halve(order: Order, units: Mapping[UUID, int]) -> _Halves:
    """Both orders as values; nothing is written."""
    if OrderState(order.state) not in EDITABLE:
        raise WrongState(state=order.state)
    lines = list(order.lines.select_related("sold_set").order_by("position"))
    units = _by_line(lines, units)
    _check(lines, units)
    kept, moved = copy(order), copy(order)
    moved.id, moved.version, moved.split_from, moved._state = new_id(), 1, order.id, type(order._state)()
    moved.waits_since, moved.flags, moved.flag_data = now(), [], {}
    halves = _Halves(kept, moved, [], [], [], [], [], [])
    for group in grouped(lines):
        sums = [line.total_minor for line in group]
        for line in group:
            _halve_line(halves, line, units.get(line.id, 0))
        if (its := group[0].sold_set) is not None and units.get(group[0].id, 0):
            _halve_set(halves, its, sums)
    _share_sums(order, halves, lines)
    return halves


def _by_line(lines: list[Line], units: Mapping[UUID, int]) -> dict[UUID, int]:
    """Sets, which are named by their own id, as units of their lines."""
    sets = {line.sold_set_id for line in lines}
    found = {line_id: count for line_id, count in units.items() if line_id not in sets}
    for line in lines:
        if line.sold_set_id is not None and line.sold_set_id in units:
            found[line.id] = units[line.sold_set_id] * (line.set_units or 1)
    return found


def _torn(lines: list[Line], units: Mapping[UUID, int]) -> dict[str, str]:
    """Sets of which one component would go without the others."""
    problems = {}
    for group in grouped(lines):
        its = group[0].sold_set
        going = {divmod(units.get(line.id, 0), line.set_units or 1) for line in group}
        if its is not None and (len(going) > 1 or next(iter(going))[1]):
            said = gettext("“%(set)s” stays together: take whole sets.")
            problems[f"units.{its.id}"] = said % {"set": its.name_in(get_language() or "en")}
    return problems


def _check(lines: list[Line], units: Mapping[UUID, int]) -> None:
    mine, problems = {line.id: line for line in lines}, dict[str, str]()
    for line_id, count in units.items():
        line = mine.get(line_id)
        if line is not None and 0 <= count <= line.quantity:
            continue
        row = line_id if line is None else line.sold_set_id or line_id  # a set is one row to whoever asks
        most = 0 if line is None else line.quantity // (line.set_units or 1)
        problems[f"units.{row}"] = gettext("Give a quantity from 0 to %(most)d.") % {"most": most}
    problems |= _torn(lines, units)
    going = sum(units.values())
    if not problems and not 0 < going < sum(line.quantity for line in lines):
        problems["units"] = gettext("Leave something in this order, and take something into the new one.")
    if problems:
        raise Invalid(fields=problems)


def _halve_line(halves: _Halves, line: Line, count: int) -> None:
    if not count:
        halves.kept_lines.append(line)
        return
    new = copy(line)
    new.id, new.order, new._state = new_id(), halves.moved, type(line._state)()
    new.position = len(halves.moved_lines) + 1
    halves.pairs.append((line.id, new.id, count))
    halves.moved_lines.append(new)
    left = line.quantity - count
    if not left:
        halves.gone.append(line)
        return
    halves.kept_lines.append(line)
    for name in ("discount_minor", "tax_minor"):
        stays, goes = Money(getattr(line, name), halves.kept.currency).allocate([left, count])
        setattr(line, name, stays.minor)
        setattr(new, name, goes.minor)
    for row, quantity in ((line, left), (new, count)):
        row.quantity = quantity
        row.total_minor = row.unit_minor * quantity - row.discount_minor


def _halve_set(halves: _Halves, its: SoldSet, sums: list[int]) -> None:
    """A set whose lines were just halved: both halves keep its price, and their lines sum to it. `sums`: what the lines came to
    before."""
    new = copy(its)
    new.id, new.order, new._state = new_id(), halves.moved, type(its._state)()
    moved = halves.moved_lines[-len(sums) :]
    for line in moved:
        line.sold_set = new
    halves.new_sets.append(new)
    going = moved[0].quantity // (moved[0].set_units or 1)
    if going == its.quantity:
        return
    stays, goes = Money(its.discount_minor, halves.kept.currency).allocate([its.quantity - going, going])
    price = Money(its.unit_minor * going, halves.kept.currency) - goes
    shares = price.allocate(sums) if any(sums) else [price] * len(sums)
    for line, other, whole, share in zip(moved, halves.kept_lines[-len(sums) :], sums, shares, strict=True):
        _put_total(line, share.minor)
        _put_total(other, whole - share.minor)
    for row, discount, count in ((its, stays, its.quantity - going), (new, goes, going)):
        row.quantity, row.discount_minor = count, discount.minor
        row.total_minor = row.unit_minor * count - discount.minor
    halves.sets.append(its)


def _put_total(line: Line, total: int) -> None:
    """Another total for a line of a set; its unit price, which was rounded up, follows where it has to."""
    line.unit_minor = max(line.unit_minor, -(-total // line.quantity))
    line.total_minor, line.discount_minor = total, line.unit_minor * line.quantity - total


def _share_sums(order: Order, halves: _Halves, lines: list[Line]) -> None:
    """Sums of lines are summed anew; delivery and its tax are shared by the goods."""
    sums = [
        (
            sum(line.total_minor for line in rows),
            sum(sold_as(group).discount_minor for group in grouped(rows)),
            sum(line.tax_minor for line in rows),
        )
        for rows in (halves.kept_lines, halves.moved_lines)
    ]
    weights = [goods for goods, _discount, _tax in sums]
    if not any(weights):
        weights = [1, 0]
    tax_of_delivery = order.tax_minor - sum(tax for _goods, _discount, tax in sums)
    shared = {
        name: [part.minor for part in Money(value, order.currency).allocate(weights)]
        for name, value in (
            ("delivery_minor", order.delivery_minor),
            ("delivery_discount_minor", order.delivery_discount_minor),
            ("tax", max(tax_of_delivery, 0)),
        )
    }
    for index, part in enumerate((halves.kept, halves.moved)):
        goods, discount, tax = sums[index]
        part.goods_minor, part.discount_minor = goods, discount
        part.delivery_minor = shared["delivery_minor"][index]
        part.delivery_discount_minor = shared["delivery_discount_minor"][index]
        part.tax_minor = tax + shared["tax"][index]
        part.added_tax_minor = part.tax_minor if order.added_tax_minor else 0
        part.total_minor = goods + part.delivery_minor + part.added_tax_minor
        part.pricing = {**order.pricing, "delivery_tax_minor": shared["tax"][index]} if order.pricing else {}
