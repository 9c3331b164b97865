"""One order with all that belongs to it, as staff or its customer see it, and where it stands in one sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, override

from callcart.commerce.inventory.public import Reservation, reservations_of
from callcart.commerce.orders.axes import Axes, axes_of
from callcart.commerce.orders.history import HistoryRow, rows_of
from callcart.commerce.orders.models import Line, Order, SoldSet
from callcart.commerce.orders.scope import visible
from callcart.commerce.orders.sets import grouped
from callcart.commerce.orders.states import EDITABLE, TRANSITIONS, Fulfilment, OrderState, PaymentAxis
from callcart.commerce.payments.public import PaymentDetail, PaymentMethod, payment_of
from callcart.commerce.pricing import public as pricing
from callcart.commerce.shipping.public import Parcel, describe_state, parcels_of
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.ids import is_valid_number
from callcart.core.language import is_chinese
from callcart.core.money import Money
from callcart.people.customers.public import display_phone, normalise_phone


@dataclass(frozen=True, slots=True)
class LineDetail:
    """A line, and the stock held for it by warehouse. `listed`: the retail price of a unit, `why`: how the price came about,
    in the actor's language."""

    line: Line
    unit: Money
    total: Money
    held: tuple[Reservation, ...]
    listed: Money
    why: str


@dataclass(frozen=True, slots=True)
class SoldRow:
    """What was sold under one price: a line, or a set with the lines of what it is made of."""

    row: Line | SoldSet
    unit: Money
    total: Money
    listed: Money
    why: str
    lines: tuple[LineDetail, ...]

    @property
    def is_set(self) -> bool:
        return isinstance(self.row, SoldSet)


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """An order's page. `lines` are what is sent and taken back, `rows` what was sold. `allowed`: the verbs that the state and
    the actor's permissions allow now."""

    order: Order
    phone: str
    lines: tuple[LineDetail, ...]
    axes: Axes
    payment: PaymentDetail | None
    parcels: tuple[Parcel, ...]
    history: tuple[HistoryRow, ...]
    allowed: frozenset[str]
    standing: str
    rows: tuple[SoldRow, ...] = ()


def order_detail(actor: Actor, order_id: UUID) -> OrderDetail:
    """An order for its page. A customer sees their own, without what is not for them. Raises NotFound."""
    order = visible(actor, "orders.view").filter(id=order_id).first()
    if order is None:
        raise NotFound
    return _detail(actor, order)


def order_by_number(actor: Actor, number: str) -> OrderDetail:
    """The same, by the number people say. Raises NotFound."""
    order = visible(actor, "orders.view").filter(number=plain_number(number)).first()
    if order is None:
        raise NotFound
    return _detail(actor, order)


def track_order(actor: Actor, number: str, phone: str) -> OrderDetail:
    """A guest's look at an order: its number and the receiver's telephone number must both be right; which of them was
    wrong is not said. Raises NotFound."""
    try:
        e164 = normalise_phone(phone).e164
    except Invalid:
        raise NotFound from None
    digits = plain_number(number)
    order = Order.objects.filter(number=digits, ship_phone=e164).first() if is_valid_number(digits) else None
    if order is None:
        raise NotFound
    return _detail(actor, order)


def plain_number(number: str) -> str:
    """An order number as it is kept, from what somebody typed."""
    return "".join(c for c in number if c.isascii() and c.isdecimal())[:20]


def _detail(actor: Actor, order: Order) -> OrderDetail:
    staff = actor.is_of_shop or actor.kind == "system"
    axes = axes_of([order])[order.id]
    parcels = parcels_of([order.id]).get(order.id, [])
    held = [row for row in reservations_of(order.id) if row.state == "held"] if staff else []
    lines = tuple(
        LineDetail(
            line=line,
            unit=Money(line.unit_minor, order.currency),
            total=Money(line.total_minor, order.currency),
            held=tuple(row for row in held if row.line_id == line.id),
            listed=Money(line.unit_minor if line.list_minor is None else line.list_minor, order.currency),
            why=explained(line.explanation, order.currency, actor.language, reasons=staff),
        )
        for line in order.lines.select_related("sold_set").order_by("position")
    )
    return OrderDetail(
        order=order,
        phone=display_phone(actor, order.ship_phone),
        lines=lines,
        axes=axes,
        payment=payment_of(order.id) if actor.can("payments.view") or not staff else None,
        parcels=tuple(parcels),
        history=tuple(rows_of(order, actor.language, only_public=not staff)),
        allowed=_allowed(actor, order, parcels) if staff else _allowed_customer(order, axes, parcels),
        standing=standing(order, actor.language, axes=axes, parcels=parcels),
        rows=_rows(order, lines, actor.language, reasons=staff),
    )


def _rows(order: Order, lines: Sequence[LineDetail], language: str, *, reasons: bool) -> tuple[SoldRow, ...]:
    known = {each.line.id: each for each in lines}
    found = []
    for group in grouped(each.line for each in lines):
        its, mine = group[0].sold_set, tuple(known[line.id] for line in group)
        if its is None:
            (one,) = mine
            found.append(SoldRow(one.line, one.unit, one.total, one.listed, one.why, mine))
            continue
        unit, total, listed = (
            Money(minor, order.currency) for minor in (its.unit_minor, its.total_minor, its.list_minor)
        )
        why = explained(its.explanation, order.currency, language, reasons=reasons)
        found.append(SoldRow(its, unit, total, listed, why, mine))
    return tuple(found)


def explained(
    stored: Sequence[Mapping[str, Any]], currency: str, language: str, *, reasons: bool = False
) -> str:
    """How a price of an order came about, in words; an agent's reasons are for staff."""
    steps = (pricing.Step.from_json(each) for each in stored)
    return pricing.explain(steps, currency, language, reasons=reasons)


def _allowed(actor: Actor, order: Order, parcels: Sequence[Parcel]) -> frozenset[str]:
    state = OrderState(order.state)
    following = TRANSITIONS[state]
    can_pay = order.payment_method != "cod" and state not in {OrderState.CANCELLED, OrderState.CLOSED}
    verbs = {
        "edit": state in EDITABLE or state is OrderState.CONFIRMED,
        "confirm": OrderState.CONFIRMED in following,
        "hold": OrderState.ON_HOLD in following,
        "unhold": state is OrderState.ON_HOLD,
        "cancel": OrderState.CANCELLED in following and _all_back(parcels),
        "cancel_rest": state is OrderState.CONFIRMED and bool(parcels) and not _all_back(parcels),
        "approve": state is OrderState.PLACED,
        "reject": state is OrderState.PLACED,
        "split": state in EDITABLE,
        "ship": state is OrderState.CONFIRMED,
    }
    permissions = {
        "unhold": "orders.hold", "cancel_rest": "orders.cancel", "reject": "orders.approve", "split": "orders.edit",
    }  # fmt: skip
    allowed = {
        verb for verb, open_ in verbs.items() if open_ and actor.can(permissions.get(verb, f"orders.{verb}"))
    }
    if can_pay and actor.can("payments.send_link"):
        allowed.add("send_link")
    return frozenset(allowed)


def _all_back(parcels: Sequence[Parcel]) -> bool:
    """Whether nothing of it is out: there are no parcels, or all came back or were lost."""
    return all(each.state in {"returned", "lost"} for each in parcels)


def _allowed_customer(order: Order, axes: Axes, parcels: Sequence[Parcel]) -> frozenset[str]:
    """What a customer may do by themselves: cancel until it is confirmed, pay what is owed now."""
    allowed = {"cancel"} if order.state in EDITABLE and not parcels else set()
    if order.state != OrderState.CANCELLED and axes.payment == PaymentAxis.DUE:
        allowed.add("pay")
    return frozenset(allowed)


def standing(
    order: Order, language: str, *, axes: Axes | None = None, parcels: Sequence[Parcel] | None = None
) -> str:
    """Where an order stands as one plain sentence in a language; can be read aloud on the telephone."""
    known = axes or axes_of([order])[order.id]
    boxes = parcels if parcels is not None else parcels_of([order.id]).get(order.id, [])
    with override(language):
        if order.merged_into is not None:
            return gettext("Your order was put together with another order of yours.")
        if order.state == OrderState.CANCELLED:
            if known.payment in {PaymentAxis.REFUND_DUE, PaymentAxis.PART_REFUNDED}:
                return gettext("Your order was cancelled and your money is on its way back.")
            return gettext("Your order was cancelled.")
        if boxes:
            said = describe_state(boxes[-1], language)
            rest = known.fulfilment in {Fulfilment.PART_SHIPPED, Fulfilment.PART_DELIVERED}
            return _and(said, gettext("The rest of your order follows."), language) if rest else said
        if order.state == OrderState.CLOSED:
            return gettext("Your order is complete.")
        if order.state == OrderState.ON_HOLD:
            return gettext("Your order is being checked; we will be in touch.")
        if known.payment == PaymentAxis.DUE:
            return gettext("Your order is placed and waits for your payment.")
        if known.payment == PaymentAxis.PART_PAID and order.payment_method == PaymentMethod.PREPAID:
            return gettext("Your order waits for the rest of your payment.")
        if order.state == OrderState.CONFIRMED:
            return gettext("Your order is confirmed and is being packed.")
        return gettext("Your order is placed and will be confirmed soon.")


def _and(first: str, second: str, language: str) -> str:
    return first + second if is_chinese(language) else f"{first} {second}"
