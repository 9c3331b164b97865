"""Changing an order before it is confirmed: actions are tried on a copy, shown, and confirmed by the version they were
made on.

Lines that stay keep the price they were sold for; added ones take today's. Delivery is priced anew when the goods, the
address or the method change. Confirming holds or gives back stock and asks for, or owes back, the difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.catalog.public import VariantHit, variants
from callcart.commerce.inventory.public import (
    Demand,
    InsufficientStock,
    availability,
    can_buy,
    rearrange,
    reservations_of,
    retrying,
)
from callcart.commerce.orders import history
from callcart.commerce.orders.address import DraftAddress, check_address
from callcart.commerce.orders.axes import refresh
from callcart.commerce.orders.drafts import (
    MOST_LINES,
    MOST_UNITS,
    DraftLine,
    PricedLine,
    check_payment,
    choose_delivery,
    price_line,
)
from callcart.commerce.orders.models import Change, Line, Order
from callcart.commerce.orders.place import PriceChanged, new_line, set_search, shortage_fields
from callcart.commerce.orders.scope import locked, visible
from callcart.commerce.orders.states import EDITABLE, OrderState, WrongState
from callcart.commerce.payments.public import change_amount
from callcart.commerce.shipping.public import DeliveryChoice, methods_for
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.money import Money
from callcart.core.text import clean, problem


@dataclass(frozen=True, slots=True)
class SetQuantity:
    line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class RemoveLine:
    line_id: UUID


@dataclass(frozen=True, slots=True)
class AddLine:
    variant_id: UUID
    quantity: int
    seen_minor: int | None = None


@dataclass(frozen=True, slots=True)
class SetAddress:
    address: DraftAddress


@dataclass(frozen=True, slots=True)
class SetDelivery:
    code: str


@dataclass(frozen=True, slots=True)
class SetNote:
    note: str


Action = SetQuantity | RemoveLine | AddLine | SetAddress | SetDelivery | SetNote


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line of the copy; `line_id` is None for an added one, `variant` for one that was there before."""

    line_id: UUID | None
    variant_id: UUID
    sku: str
    name: str
    name_zh: str
    quantity: int
    unit: Money
    total: Money
    variant: VariantHit | None = None


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """The order as it would be. Confirm it with `base_version`. `problems` are by field, as in a draft; the fields of
    lines count the lines of this copy."""

    order_id: UUID
    base_version: int
    lines: tuple[ChangedLine, ...]
    goods: Money
    delivery: Money
    total: Money
    total_before: Money
    address: DraftAddress
    delivery_method: str
    note: str
    problems: Mapping[str, str]
    price_changes: Mapping[str, str]
    choice: DeliveryChoice | None = None

    @property
    def difference(self) -> Money:
        return self.total - self.total_before


def preview_change(actor: Actor, order_id: UUID, actions: Sequence[Action]) -> ChangePreview:
    """Try actions on a copy; nothing is changed or held. Raises NotFound, WrongState."""
    order = visible(actor, "orders.edit").filter(id=order_id).first()
    if order is None:
        raise NotFound
    preview = _apply(order, actions)
    return replace(preview, problems={**preview.problems, **_stock_problems(preview)})


def confirm_change(
    actor: Actor, order_id: UUID, actions: Sequence[Action], *, version: int, reason: str = ""
) -> Order:
    """Make the change on the version it was previewed on. Raises NotFound, StaleOrder, WrongState, Invalid, PriceChanged,
    InsufficientStock."""
    return retrying(lambda: _confirm(actor, order_id, actions, version, reason))


def _confirm(actor: Actor, order_id: UUID, actions: Sequence[Action], version: int, reason: str) -> Order:
    order = locked(actor, "orders.edit", order_id, version=version)
    reason = clean(reason)
    preview = _apply(order, actions)
    problems = dict(preview.problems)
    if said := problem(reason, longest=500):
        problems["reason"] = said
    if not actions:
        problems["actions"] = gettext("Nothing was changed.")
    if problems:
        raise Invalid(fields={**problems, **preview.price_changes})
    if preview.price_changes:
        raise PriceChanged(fields=preview.price_changes)
    rows = _store_lines(order, preview)
    _rearrange(actor, order, rows, reason)
    _store_order(order, preview)
    change_amount(actor, order.id, preview.total, reason=reason)
    Change.objects.create(
        order=order,
        base_version=version,
        actions=[_plain(action) for action in actions],
        total_before_minor=preview.total_before.minor,
        total_after_minor=preview.total.minor,
        actor_id=actor.id,
        actor_name=actor.name,
        reason=reason,
    )
    refresh(order)
    history.record(
        actor,
        order,
        "edited",
        before={"total_minor": preview.total_before.minor},
        after={"total_minor": preview.total.minor, "actions": [_plain(action) for action in actions]},
        data={"before": preview.total_before.minor, "after": preview.total.minor},
        reason=reason,
    )
    return order


class _Copy:
    """The order being changed, before it is priced."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.lines = [_of(line, order.currency) for line in order.lines.order_by("position")]
        self.address = address_of(order)
        self.delivery_method = order.delivery_method
        self.note = order.note
        self.problems: dict[str, str] = {}
        self.price_changes: dict[str, str] = {}
        self.deliver_anew = False

    def do(self, action: Action, found: Mapping[UUID, VariantHit]) -> None:
        match action:
            case SetQuantity(line_id=line_id, quantity=quantity):
                self._set_quantity(line_id, quantity)
            case RemoveLine(line_id=line_id):
                self.lines.pop(self._index(line_id))
                self.deliver_anew = True
            case AddLine():
                self._add(action, found)
            case SetAddress(address=address):
                self.address, self.deliver_anew = address, True
            case SetDelivery(code=code):
                self.delivery_method, self.deliver_anew = code, True
            case SetNote(note=note):
                self.note = clean(note)
                if said := problem(self.note, longest=2000):
                    self.problems["note"] = said

    def _index(self, line_id: UUID) -> int:
        for index, line in enumerate(self.lines):
            if line.line_id == line_id:
                return index
        raise NotFound

    def _set_quantity(self, line_id: UUID, quantity: int) -> None:
        index = self._index(line_id)
        if not 1 <= quantity <= MOST_UNITS:
            said = gettext("Give a quantity from 1 to %(most)d.") % {"most": MOST_UNITS}
            self.problems[f"lines.{index}.quantity"] = said
            return
        line = self.lines[index]
        self.lines[index] = replace(line, quantity=quantity, total=line.unit * quantity)
        self.deliver_anew = True

    def _add(self, action: AddLine, found: Mapping[UUID, VariantHit]) -> None:
        line = DraftLine(action.variant_id, action.quantity, action.seen_minor)
        priced = price_line(
            len(self.lines),
            line,
            found,
            self.problems,
            self.price_changes,
            self.order.currency,
            self.order.customer_id,
        )
        if priced is not None:
            self.lines.append(_added(priced))
            self.deliver_anew = True


def _apply(order: Order, actions: Sequence[Action]) -> ChangePreview:
    if OrderState(order.state) not in EDITABLE:
        raise WrongState(state=order.state)
    copy = _Copy(order)
    found = variants(action.variant_id for action in actions if isinstance(action, AddLine))
    for action in actions:
        copy.do(action, found)
    if not copy.lines:
        copy.problems["lines"] = gettext("An order needs at least one line. To end it, cancel it.")
    elif len(copy.lines) > MOST_LINES:
        copy.problems["lines"] = gettext("At most %(most)d lines; split this into two orders.") % {
            "most": MOST_LINES
        }
    goods = sum((line.total for line in copy.lines), Money.zero(order.currency))
    address = check_address(copy.address, copy.problems) or copy.address
    delivery, choice = _price_delivery(copy, address, goods)
    return ChangePreview(
        order_id=order.id,
        base_version=order.version,
        lines=tuple(copy.lines),
        goods=goods,
        delivery=delivery,
        total=goods + delivery,
        total_before=order.total,
        address=address,
        delivery_method=copy.delivery_method,
        note=copy.note,
        problems=copy.problems,
        price_changes=copy.price_changes,
        choice=choice,
    )


def _price_delivery(copy: _Copy, address: DraftAddress, goods: Money) -> tuple[Money, DeliveryChoice | None]:
    if not copy.deliver_anew:
        return copy.order.delivery, None
    choices = methods_for(country=address.country, region=address.province, goods=goods)
    choice = choose_delivery(copy.delivery_method, choices, copy.problems)
    check_payment(copy.order.payment_method, copy.order.instalment_count, choice, copy.problems)
    return (choice.price if choice else copy.order.delivery), choice


def _stock_problems(preview: ChangePreview) -> dict[str, str]:
    """What would not be there if the change were confirmed now."""
    held: dict[UUID, int] = {}
    for row in reservations_of(preview.order_id):
        if row.state == "held":
            held[row.variant_id] = held.get(row.variant_id, 0) + row.quantity
    wanted: dict[UUID, int] = {}
    for line in preview.lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    stock = availability(wanted)
    return {
        f"lines.{index}.quantity": gettext("Not enough in stock.")
        for index, line in enumerate(preview.lines)
        if wanted[line.variant_id] > held.get(line.variant_id, 0)
        and not can_buy(stock[line.variant_id], wanted[line.variant_id] - held.get(line.variant_id, 0))
    }


def _of(line: Line, currency: str) -> ChangedLine:
    return ChangedLine(
        line_id=line.id,
        variant_id=line.variant_id,
        sku=line.sku,
        name=line.name,
        name_zh=line.name_zh,
        quantity=line.quantity,
        unit=Money(line.unit_minor, currency),
        total=Money(line.total_minor, currency),
    )


def _added(line: PricedLine) -> ChangedLine:
    return ChangedLine(
        line_id=None,
        variant_id=line.variant.id,
        sku=line.variant.sku,
        name=line.variant.name,
        name_zh=line.variant.name_zh,
        quantity=line.quantity,
        unit=line.unit,
        total=line.total,
        variant=line.variant,
    )


def address_of(order: Order) -> DraftAddress:
    """The address an order goes to."""
    return DraftAddress(
        name=order.ship_name,
        phone=order.ship_phone,
        country=order.ship_country,
        province=order.ship_province,
        city=order.ship_city,
        district=order.ship_district,
        street=order.ship_street,
        postcode=order.ship_postcode,
    )


def _store_lines(order: Order, preview: ChangePreview) -> list[Line]:
    """Write the lines of the copy; the rows in the order of the copy."""
    before = {line.id: line for line in order.lines.all()}
    kept = {line.line_id for line in preview.lines if line.line_id}
    Line.objects.filter(order=order).exclude(id__in=kept).delete()
    position = max((line.position for line in before.values()), default=0)
    rows: list[Line] = []
    for line in preview.lines:
        if line.line_id is None and line.variant is not None:
            position += 1
            row = new_line(order.id, position, PricedLine(line.variant, line.quantity, line.unit, line.total))
            row.save(force_insert=True)
        else:
            row = before[line.line_id]  # type: ignore[index]
            if row.quantity != line.quantity:
                row.quantity, row.total_minor = line.quantity, line.total.minor
                row.save(update_fields=["quantity", "total_minor"])
        rows.append(row)
    return rows


def _rearrange(actor: Actor, order: Order, rows: list[Line], reason: str) -> None:
    demands = [Demand(row.id, row.variant_id, row.quantity) for row in rows]
    try:
        rearrange(actor, order.id, demands, region=order.ship_province, reason=reason or "order changed")
    except InsufficientStock as error:
        raise InsufficientStock(error.shortages, fields=shortage_fields(error, rows)) from error


def _store_order(order: Order, preview: ChangePreview) -> None:
    address = preview.address
    order.ship_name, order.ship_phone = address.name, address.phone
    order.ship_country, order.ship_province = address.country, address.province
    order.ship_city, order.ship_district = address.city, address.district
    order.ship_street, order.ship_postcode = address.street, address.postcode
    order.goods_minor, order.delivery_minor = preview.goods.minor, preview.delivery.minor
    order.total_minor, order.note = preview.total.minor, preview.note
    if preview.choice is not None:
        order.delivery_method = preview.choice.code
        order.delivery_name, order.delivery_name_zh = preview.choice.name, preview.choice.name_zh
    order.version += 1
    set_search(order)
    order.save()


def _plain(action: Action) -> dict[str, Any]:
    values = {
        name: str(value) if isinstance(value, UUID) else value for name, value in asdict(action).items()
    }
    return {"kind": type(action).__name__, **values}
