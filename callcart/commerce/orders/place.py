"""Placing an order: all of it or nothing, once for each idempotency key.

In one transaction: prices are read again, stock is held, the order gets its number, its lines, what it owes, its first
history row, and the news is written. A price that is not what the person saw stops it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import get_language, gettext

from callcart.commerce.inventory.public import (
    Demand,
    Held,
    InsufficientStock,
    describe_shortage,
    reserve,
    retrying,
)
from callcart.commerce.orders import history
from callcart.commerce.orders.axes import axes_of_new
from callcart.commerce.orders.by_hand import require_for_draft
from callcart.commerce.orders.drafts import (
    OrderDraft,
    PricedDraft,
    PricedLine,
    buyer_of,
    price_draft,
    with_default_instalments,
)
from callcart.commerce.orders.freight import freight_of
from callcart.commerce.orders.jobs import watch_unpaid
from callcart.commerce.orders.models import Line, Order, SoldSet
from callcart.commerce.orders.priced import store_prices
from callcart.commerce.orders.sets import line_of
from callcart.commerce.orders.states import OrderState, check_transition
from callcart.commerce.payments.public import PaymentMethod, create_intent
from callcart.commerce.pricing import public as pricing
from callcart.commerce.supply.public import use_holds
from callcart.core import idempotency, ids, many
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.text import clean, mask_cards
from callcart.people.customers.public import is_blocked


class PriceChanged(Invalid):
    """A price has changed since you saw it. Look at the new price, then place the order again."""

    code = "order.price_changed"
    status = 409


def place_order(actor: Actor, draft: OrderDraft, *, idempotency_key: str) -> Order:
    """Place an order. The same key with the same draft returns the order it made. Raises Invalid (each field named),
    PriceChanged, InsufficientStock, UsedUp (with fields too), KeyReused, PermissionDenied, NeedsApproval."""
    _may_place(actor, draft)
    draft = with_default_instalments(draft)
    return retrying(lambda: _place(actor, draft, idempotency_key))


def _may_place(actor: Actor, draft: OrderDraft) -> None:
    if draft.carriage_free and actor.kind is not ActorKind.SYSTEM:
        raise PermissionDenied(permission="orders.place")
    if actor.kind is not ActorKind.CUSTOMER:
        actor.require("orders.place")
    elif draft.customer_id is not None and draft.customer_id != actor.id:
        raise PermissionDenied(permission="orders.place")


def _place(actor: Actor, draft: OrderDraft, key: str) -> Order:
    with idempotency.claim(actor, "orders.place", key, draft.body(), savepoint=False) as claim:
        if claim.stored is not None:
            return Order.objects.get(id=claim.stored["order_id"])
        priced = price_draft(draft)
        _refuse_problems(draft, priced)
        require_for_draft(actor, zip(draft.lines, priced.lines, strict=True))
        lines = [line for line in priced.lines if line is not None]
        order = _build(actor, draft, priced)
        rows, sets, groups = _build_lines(order, lines)
        order.payment_state, order.fulfilment_state = axes_of_new(
            order, rows, _hold(actor, order, rows, groups)
        )
        many.insert([order], kept=True)
        many.insert(sets)
        many.insert(rows)
        create_intent(
            actor,
            order_id=order.id,
            order_number=order.number,
            method=PaymentMethod(draft.payment_method),
            amount=priced.total,
            instalments=draft.instalments,
            customer_id=order.customer_id,
            payer=order.ship_name,
            taken_by=order.agent_id,
        )
        _count_promotions(order, draft, priced)
        _tell(actor, order)
        claim.store({"order_id": str(order.id)})
    return order


def _refuse_problems(draft: OrderDraft, priced: PricedDraft) -> None:
    problems = dict(priced.problems)
    if draft.customer_id is not None:
        blocked = is_blocked(draft.customer_id)
        if blocked is None:
            problems["customer_id"] = gettext("This customer does not exist.")
        elif blocked:
            problems["customer_id"] = gettext("This customer is blocked and cannot order.")
    if problems:
        raise Invalid(fields={**problems, **priced.price_changes})
    if priced.price_changes:
        raise PriceChanged(fields=priced.price_changes)


def _build(actor: Actor, draft: OrderDraft, priced: PricedDraft) -> Order:
    address, chosen = priced.address, priced.chosen
    if address is None or chosen is None:  # price_draft noted a problem for either
        raise Invalid
    check_transition(OrderState.DRAFT, OrderState.PLACED)
    order = Order(
        number=ids.next_number("order"),
        state=OrderState.PLACED,
        customer_id=draft.customer_id,
        channel=draft.channel,
        language=draft.language or actor.language,
        currency=priced.total.currency,
        total_minor=priced.total.minor,
        ship_name=address.name,
        ship_phone=address.phone,
        ship_country=address.country,
        ship_province=address.province,
        ship_city=address.city,
        ship_district=address.district,
        ship_street=address.street,
        ship_postcode=address.postcode,
        delivery_method=chosen.code,
        delivery_name=chosen.name,
        delivery_name_zh=chosen.name_zh,
        payment_method=draft.payment_method,
        instalment_count=draft.instalments,
        agent_id=actor.id if actor.is_staff else None,
        agent_name=actor.name if actor.is_staff else "",
        conversation_id=draft.conversation_id,
        campaign=clean(draft.campaign),
        note=mask_cards(clean(draft.note)),
        placed_at=now(),
    )
    store_prices(order, priced.basket, priced.shipping)
    set_search(order)
    return order


def _count_promotions(order: Order, draft: OrderDraft, priced: PricedDraft) -> None:
    """The last rows to be locked: whoever else wants the same coupon waits as short as can be."""
    if priced.basket.applied:
        person = buyer_of(draft, priced.address).person
        pricing.take_uses(
            order.id, order.number, person, priced.basket.applied, delivery_off=priced.shipping.discount_minor
        )


def set_search(order: Order) -> None:
    """An order is found by its number and receiver. Its telephone number is not among these texts, whose beginnings find it
    too: a masked one could be found out digit by digit."""
    order.set_search(order.number, order.ship_name)


def _build_lines(order: Order, lines: list[PricedLine]) -> tuple[list[Line], list[SoldSet], list[list[Line]]]:
    """All lines, the sets among them, and the lines again by what they were asked for as."""
    rows, sets, groups = list[Line](), list[SoldSet](), list[list[Line]]()
    for line in lines:
        its, made = new_rows(order.id, len(rows) + 1, line)
        rows += made
        groups.append(made)
        if its is not None:
            sets.append(its)
    return rows, sets, groups


def new_rows(order_id: UUID, position: int, line: PricedLine) -> tuple[SoldSet | None, list[Line]]:
    """The line of a SKU as it is sold; of a set, a line for each of its components."""
    if not line.pieces:
        return None, [new_line(order_id, position, line)]
    its = SoldSet(order_id=order_id, **_as_sold(line))
    return its, [line_of(order_id, at, its, each) for at, each in enumerate(line.pieces, start=position)]


def new_line(order_id: UUID, position: int, line: PricedLine) -> Line:
    """A line as it is sold: names and price copied."""
    return Line(
        order_id=order_id,
        position=position,
        tax_minor=line.tax.minor,
        tax_rate_ppm=line.tax_rate_ppm,
        weight_g=line.variant.weight_g,
        **_as_sold(line),
    )


def _as_sold(line: PricedLine) -> dict[str, Any]:
    """What a line and a set keep of what was sold and for how much."""
    return {
        "variant_id": line.variant.id,
        "sku": line.variant.sku,
        "name": line.variant.name,
        "name_zh": line.variant.name_zh,
        "quantity": line.quantity,
        "list_minor": line.listed.minor,
        "unit_minor": line.unit.minor,
        "discount_minor": line.discount.minor,
        "total_minor": line.total.minor,
        "explanation": [step.to_json() for step in line.steps],
    }


def _hold(actor: Actor, order: Order, rows: list[Line], groups: list[list[Line]]) -> list[Held]:
    demands = [Demand(row.id, row.variant_id, row.quantity, row.weight_g) for row in rows]
    use_holds(
        actor, customer_id=order.customer_id, variant_ids=(row.variant_id for row in rows), order_id=order.id
    )
    try:
        return reserve(actor, order.id, demands, region=order.ship_province, freight=freight_of(order))
    except InsufficientStock as error:
        raise InsufficientStock(error.shortages, fields=shortage_fields(error, groups)) from error


def shortage_fields(error: InsufficientStock, groups: list[list[Line]]) -> dict[str, str]:
    """What is left, at the quantity field of everything that wants it; of a set, it is said what is missing in it."""
    places = {row.id: (index, row) for index, group in enumerate(groups) for row in group}
    found: dict[str, str] = {}
    for short in error.shortages:
        for index, row in (places[line_id] for line_id in short.line_ids if line_id in places):
            said = describe_shortage(short)
            if row.sold_set_id is not None:
                name = row.name_in(get_language() or "en")
                said = gettext("%(name)s: %(left)s") % {"name": name, "left": said}
            found.setdefault(f"lines.{index}.quantity", said)
    return found


def _tell(actor: Actor, order: Order) -> None:
    history.record(
        actor,
        order,
        "placed",
        after={"number": order.number, "total_minor": order.total_minor, "channel": order.channel},
        data={"total": order.total_minor},
    )
    if order.payment_method != PaymentMethod.COD:
        watch_unpaid(order)
