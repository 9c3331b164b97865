"""Changing an order until its goods are being packed: actions are tried on a copy, shown with the money they move, and confirmed
by the version they were made on. `editable` says what may still be changed; a confirmed order's dispatch documents are made
again.

What it costs then is `reprice`'s business. Delivery is priced anew when the goods, the address or the method change.
Confirming holds or gives back stock and asks for, or owes back, the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

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
from callcart.commerce.orders.by_hand import require_for_change
from callcart.commerce.orders.dispatches import align
from callcart.commerce.orders.draft_checks import MOST_LINES, check_payment, choose_delivery, too_many_lines
from callcart.commerce.orders.edit_actions import (
    Action,
    ChangePreview,
    SetAddress,
    SetDelivery,
)
from callcart.commerce.orders.edit_copy import Copy, Goods
from callcart.commerce.orders.edit_store import count_promotions, store_lines, store_order
from callcart.commerce.orders.editable import check_editable, money_moved, sent_problems, sent_units
from callcart.commerce.orders.freight import freight_of
from callcart.commerce.orders.models import Change, Line, Order
from callcart.commerce.orders.place import PriceChanged, shortage_fields
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
    _refuse_problems(preview, actions, reason)
    require_for_change(actor, preview)
    groups = store_lines(order, preview)
    _rearrange(actor, order, groups, reason)
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


def _refuse_problems(preview: ChangePreview, actions: Sequence[Action], reason: str) -> None:
    problems = dict(preview.problems)
    if said := problem(reason, longest=500):
        problems["reason"] = said
    if not actions:
        problems["actions"] = gettext("Nothing was changed.")
    if problems:
        raise Invalid(fields={**problems, **preview.price_changes})
    if preview.price_changes:
        raise PriceChanged(fields=preview.price_changes)


def _apply(order: Order, actions: Sequence[Action]) -> ChangePreview:
    sent = check_editable(order, actions)
    copy, added_goods = Copy(order), Goods.of(actions)
    for action in actions:
        copy.do(action, added_goods)
    copy.problems |= sent_problems(copy.lines, sent)
    if not copy.lines:
        copy.problems["lines"] = gettext("An order needs at least one line. To end it, cancel it.")
    elif sum(len(line.demands()) for line in copy.lines) > MOST_LINES:
        copy.problems["lines"] = too_many_lines()
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
    copy: Copy, address: DraftAddress, goods: Money, basket: pricing.PricedBasket | None
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
        for line_id, variant_id, units in line.demands():
            left = units - (sent[line_id] if line_id else 0)
            wanted[variant_id] = wanted.get(variant_id, 0) + left
    stock = availability(wanted)
    short = {
        variant_id
        for variant_id, units in wanted.items()
        if (more := units - held.get(variant_id, 0)) > 0 and not can_buy(stock[variant_id], more)
    }
    return {
        f"lines.{index}.quantity": gettext("Not enough in stock.")
        for index, line in enumerate(preview.lines)
        if any(variant_id in short for _line, variant_id, _units in line.demands())
    }


def _rearrange(actor: Actor, order: Order, groups: list[list[Line]], reason: str) -> None:
    sent = sent_units(order.id)
    demands = [
        Demand(row.id, row.variant_id, row.quantity - sent[row.id], row.weight_g)
        for group in groups
        for row in group
        if row.quantity > sent[row.id]
    ]
    try:
        why, freight = reason or "order changed", freight_of(order)
        rearrange(actor, order.id, demands, region=order.ship_province, reason=why, freight=freight)
    except InsufficientStock as error:
        raise InsufficientStock(error.shortages, fields=shortage_fields(error, groups)) from error


def _plain(action: Action) -> dict[str, Any]:
    values = {
        name: str(value) if isinstance(value, UUID) else value for name, value in asdict(action).items()
    }
    return {"kind": type(action).__name__, **values}
