"""Changing an order until its goods are being packed: actions are tried on a copy, shown with the money they move, and confirmed
by the version they were made on. `editable` says what may still be changed; a confirmed order's dispatch documents are made
again.

What it costs then is `reprice`'s business. Delivery is priced anew when the goods, the address or the method change.
Confirming holds or gives back stock and asks for, or owes back, the difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from django.utils.translation import get_language, gettext

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
from callcart.commerce.orders.address import DraftAddress, address_of, check_address
from callcart.commerce.orders.axes import refresh
from callcart.commerce.orders.by_hand import require_for_change
from callcart.commerce.orders.dispatches import align
from callcart.commerce.orders.drafts import (
    MOST_COUPONS,
    MOST_LINES,
    MOST_UNITS,
    DraftLine,
    by_hand_problems,
    check_payment,
    choose_delivery,
    price_changed,
    sellable,
)
from callcart.commerce.orders.edit_actions import (
    Action,
    AddCoupon,
    AddLine,
    ChangedLine,
    ChangePreview,
    RemoveLine,
    SetAddress,
    SetDelivery,
    SetDiscount,
    SetNote,
    SetPrice,
    SetQuantity,
)
from callcart.commerce.orders.edit_store import count_promotions, store_lines, store_order
from callcart.commerce.orders.editable import check_editable, money_moved, sent_problems, sent_units
from callcart.commerce.orders.freight import freight_of
from callcart.commerce.orders.models import Change, Line, Order
from callcart.commerce.orders.place import PriceChanged, shortage_fields
from callcart.commerce.orders.reprice import counts_as_first, reprice
from callcart.commerce.orders.scope import locked, visible
from callcart.commerce.orders.states import OrderState
from callcart.commerce.payments.public import change_amount
from callcart.commerce.pricing import public as pricing
from callcart.commerce.shipping.public import DeliveryChoice, methods_for
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.money import Money
from callcart.core.text import clean, problem


def preview_change(actor: Actor, order_id: UUID, actions: Sequence[Action]) -> ChangePreview:
    """Try actions on a copy; nothing is changed or held. Raises NotFound, WrongState, BeingPacked, AllSent, PartSent,
    NeedsApproval."""
    order = visible(actor, "orders.edit").filter(id=order_id).first()
    if order is None:
        raise NotFound
    preview = try_change(order, actions)
    require_for_change(actor, preview)
    return preview


def try_change(order: Order, actions: Sequence[Action]) -> ChangePreview:
    """Actions tried on a copy of an order, with the stock they would want and the money they would move."""
    preview = _apply(order, actions)
    problems = {**preview.problems, **_stock_problems(preview)}
    return replace(preview, problems=problems, moves=money_moved(order, preview))


def confirm_change(
    actor: Actor, order_id: UUID, actions: Sequence[Action], *, version: int, reason: str = ""
) -> Order:
    """Make the change on the version it was previewed on. Raises NotFound, StaleOrder, WrongState, Invalid, PriceChanged,
    InsufficientStock, NeedsApproval for a price by hand above the actor's limit."""
    return retrying(lambda: _confirm(actor, order_id, actions, version, reason))


def _confirm(actor: Actor, order_id: UUID, actions: Sequence[Action], version: int, reason: str) -> Order:
    return change_locked(actor, locked(actor, "orders.edit", order_id, version=version), actions, reason)


def change_locked(
    actor: Actor, order: Order, actions: Sequence[Action], reason: str, *, kind: str = "edited"
) -> Order:
    """The change itself on an order under lock, for other verbs too; `kind` is what its history says."""
    version, reason = order.version, clean(reason)
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
    require_for_change(actor, preview)
    rows = store_lines(order, preview)
    _rearrange(actor, order, rows, reason)
    store_order(order, preview)
    change_amount(actor, order.id, preview.total, reason=reason)
    count_promotions(order, preview)
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
    if order.state == OrderState.CONFIRMED:
        elsewhere = any(isinstance(action, SetAddress | SetDelivery) for action in actions)
        align(actor, order, reason=reason, anew=elsewhere)
    refresh(order)
    history.record(
        actor,
        order,
        kind,
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
        self.codes: list[str] = []
        self.seen: dict[int, int | None] = {}

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
            case SetDiscount(line_id=line_id, discount_bp=discount_bp, reason=reason):
                self._by_hand(line_id, set_minor=None, discount_bp=discount_bp, reason=reason)
            case SetPrice(line_id=line_id, unit_minor=unit_minor, reason=reason):
                self._by_hand(line_id, set_minor=unit_minor, discount_bp=0, reason=reason)
            case AddCoupon(code=code):
                self.codes.append(clean(code)[:100])
                self.deliver_anew = True
                if len(self.codes) + len(self.order.coupon_codes) > MOST_COUPONS:
                    self.problems["coupons"] = gettext("At most %(most)d codes.") % {"most": MOST_COUPONS}

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
        # More units at a price that a person gave are given it too: whoever adds them needs the right to it.
        given = quantity > line.quantity and (line.set_minor is not None or line.discount_bp != 0)
        self.lines[index] = replace(line, quantity=quantity, by_hand=line.by_hand or given)
        self.deliver_anew = True

    def _by_hand(self, line_id: UUID, *, set_minor: int | None, discount_bp: int, reason: str) -> None:
        index = self._index(line_id)
        found = by_hand_problems(f"lines.{index}", set_minor, discount_bp, reason)
        self.problems |= found
        if not found:
            self.lines[index] = replace(
                self.lines[index],
                set_minor=set_minor,
                discount_bp=discount_bp,
                reason=clean(reason),
                by_hand=set_minor is not None or discount_bp != 0,
            )
            self.deliver_anew = True

    def _add(self, action: AddLine, found: Mapping[UUID, VariantHit]) -> None:
        line = DraftLine(action.variant_id, action.quantity, action.seen_minor)
        hit = sellable(len(self.lines), line, found, self.problems, self.order.currency)
        if hit is not None:
            self.seen[len(self.lines)] = action.seen_minor
            self.lines.append(_added(hit, action.quantity))
            self.deliver_anew = True

    def price(self, address: DraftAddress) -> tuple[pricing.PricedBasket | None, list[str]]:
        """Price the lines anew where something was touched that prices depend on."""
        if not self.deliver_anew or not self.lines:
            return None, []
        first = bool(self.codes) and counts_as_first(self.order, address)
        basket, self.lines, notes = reprice(self.order, self.lines, address, self.codes, first=first)
        for note in basket.notes:
            if note.stops:
                self.problems["coupons"] = pricing.say_note(note, self.order.currency, get_language() or "en")
        for line, (index, seen) in zip(self.lines[-len(self.seen) :], self.seen.items(), strict=False):
            if seen is not None and seen != line.unit.minor:
                self.price_changes[f"lines.{index}.price"] = price_changed(seen, line.unit)
        return basket, notes


def _apply(order: Order, actions: Sequence[Action]) -> ChangePreview:
    sent = check_editable(order, actions)
    copy = _Copy(order)
    found = variants(action.variant_id for action in actions if isinstance(action, AddLine))
    for action in actions:
        copy.do(action, found)
    copy.problems |= sent_problems(order, copy.lines, actions, sent)
    if not copy.lines:
        copy.problems["lines"] = gettext("An order needs at least one line. To end it, cancel it.")
    elif len(copy.lines) > MOST_LINES:
        copy.problems["lines"] = gettext("At most %(most)d lines; split this into two orders.") % {
            "most": MOST_LINES
        }
    address = check_address(copy.address, copy.problems) or copy.address
    basket, notes = copy.price(address)
    goods = sum((line.total for line in copy.lines), Money.zero(order.currency))
    choice, shipping = _price_delivery(copy, address, goods, basket)
    delivery = Money(shipping.total_minor, order.currency) if shipping else order.delivery
    tax, added = order.tax_minor, order.added_tax_minor
    if basket is not None and shipping is not None:
        tax = basket.tax_minor + shipping.tax_minor
        added = tax if basket.tax_is_added else 0
    discount = sum((line.discount for line in copy.lines), Money.zero(order.currency))
    return ChangePreview(
        order_id=order.id,
        base_version=order.version,
        lines=tuple(copy.lines),
        goods=goods,
        delivery=delivery,
        total=goods + delivery + Money(added, order.currency),
        total_before=order.total,
        address=address,
        delivery_method=copy.delivery_method,
        note=copy.note,
        problems=copy.problems,
        price_changes=copy.price_changes,
        discount=discount,
        tax=Money(tax, order.currency),
        added_tax=Money(added, order.currency),
        choice=choice,
        basket=basket,
        shipping=shipping,
        notes=tuple(notes),
    )


def _price_delivery(
    copy: _Copy, address: DraftAddress, goods: Money, basket: pricing.PricedBasket | None
) -> tuple[DeliveryChoice | None, pricing.PricedDelivery | None]:
    if basket is None:
        return None, None
    choices = methods_for(country=address.country, region=address.province, goods=goods)
    choice = choose_delivery(copy.delivery_method, choices, copy.problems)
    check_payment(copy.order.payment_method, copy.order.instalment_count, choice, copy.problems)
    before = copy.order.delivery_minor + copy.order.delivery_discount_minor
    return choice, pricing.price_delivery(basket, choice.price.minor if choice else before)


def _stock_problems(preview: ChangePreview) -> dict[str, str]:
    """What would not be there if the change were confirmed now."""
    held: dict[UUID, int] = {}
    for row in reservations_of(preview.order_id):
        if row.state == "held":
            held[row.variant_id] = held.get(row.variant_id, 0) + row.quantity
    sent, wanted = sent_units(preview.order_id), dict[UUID, int]()
    for line in preview.lines:
        units = line.quantity - (sent[line.line_id] if line.line_id else 0)
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + units
    stock = availability(wanted)
    return {
        f"lines.{index}.quantity": gettext("Not enough in stock.")
        for index, line in enumerate(preview.lines)
        if wanted[line.variant_id] > held.get(line.variant_id, 0)
        and not can_buy(stock[line.variant_id], wanted[line.variant_id] - held.get(line.variant_id, 0))
    }


def _of(line: Line, currency: str) -> ChangedLine:
    steps = tuple(pricing.Step.from_json(each) for each in line.explanation)
    by_hand = next((step for step in steps if step.kind is pricing.StepKind.MANUAL), None)
    agreed = next((step for step in steps if step.kind is pricing.StepKind.SET), None)
    noted = agreed or by_hand
    return ChangedLine(
        line_id=line.id,
        variant_id=line.variant_id,
        sku=line.sku,
        name=line.name,
        name_zh=line.name_zh,
        quantity=line.quantity,
        unit=Money(line.unit_minor, currency),
        total=Money(line.total_minor, currency),
        listed=Money(line.unit_minor if line.list_minor is None else line.list_minor, currency),
        discount=Money(line.discount_minor, currency),
        tax=Money(line.tax_minor, currency),
        tax_rate_ppm=line.tax_rate_ppm,
        steps=steps,
        set_minor=agreed.minor if agreed else None,
        discount_bp=by_hand.percent_bp if by_hand else 0,
        reason=noted.reason if noted else "",
    )


def _added(hit: VariantHit, quantity: int) -> ChangedLine:
    nothing = Money.zero(hit.price.currency)
    return ChangedLine(
        line_id=None,
        variant_id=hit.id,
        sku=hit.sku,
        name=hit.name,
        name_zh=hit.name_zh,
        quantity=quantity,
        unit=hit.price,
        total=hit.price * quantity,
        listed=hit.price,
        discount=nothing,
        tax=nothing,
        variant=hit,
    )


def _rearrange(actor: Actor, order: Order, rows: list[Line], reason: str) -> None:
    sent = sent_units(order.id)
    demands = [
        Demand(row.id, row.variant_id, row.quantity - sent[row.id], row.weight_g)
        for row in rows
        if row.quantity > sent[row.id]
    ]
    try:
        why, freight = reason or "order changed", freight_of(order)
        rearrange(actor, order.id, demands, region=order.ship_province, reason=why, freight=freight)
    except InsufficientStock as error:
        raise InsufficientStock(error.shortages, fields=shortage_fields(error, rows)) from error


def _plain(action: Action) -> dict[str, Any]:
    values = {
        name: str(value) if isinstance(value, UUID) else value for name, value in asdict(action).items()
    }
    return {"kind": type(action).__name__, **values}
