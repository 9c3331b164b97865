"""An order's dispatch documents: what each warehouse that holds its goods is to send. They follow from what is held and are made
again whenever that changes; nobody writes them by hand. The caller holds the order's lock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from callcart.commerce.inventory import public as inventory
from callcart.commerce.orders.models import Line, Order
from callcart.commerce.orders.states import OrderState
from callcart.commerce.payments.public import PaymentMethod, paid_besides_cash
from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.public import Dispatch, DispatchDraft, DispatchUnits
from callcart.core.actor import Actor
from callcart.core.errors import Conflict
from callcart.core.money import Money


class BeingPacked(Conflict):
    """The warehouse is already picking or packing this order. Ask it to put the goods back, then try again."""

    code = "order.being_packed"


@dataclass(frozen=True, slots=True)
class Carriage:
    """Who is to carry it: the carrier's name, its service's code, and the last day on which it should be there."""

    carrier: str = ""
    service: str = ""
    promised_on: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What one warehouse is to send."""

    warehouse_id: UUID
    units: tuple[DispatchUnits, ...]
    weight_g: int
    goods_minor: int


def plans_of(order: Order) -> list[Plan]:
    """What an order holds, by warehouse."""
    return plans_of_each([order])[0]


def plans_of_each(orders: Sequence[Order]) -> list[list[Plan]]:
    """The same of several orders; their lines are best fetched before."""
    held = inventory.held_for_each([order.id for order in orders])
    return [_plans(order, held[order.id]) for order in orders]


def _plans(order: Order, held: Iterable[inventory.Held]) -> list[Plan]:
    lines = {line.id: line for line in order.lines.all()}
    units: dict[UUID, dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    for each in held:
        units[each.warehouse_id][each.line_id] += each.quantity
    return [_plan(warehouse_id, units[warehouse_id], lines) for warehouse_id in sorted(units)]


def _plan(warehouse_id: UUID, units: Mapping[UUID, int], lines: Mapping[UUID, Line]) -> Plan:
    rows = sorted(units.items(), key=lambda each: lines[each[0]].position)
    return Plan(
        warehouse_id=warehouse_id,
        units=tuple(DispatchUnits(line_id, lines[line_id].variant_id, count) for line_id, count in rows),
        weight_g=sum(lines[line_id].weight_g * count for line_id, count in rows),
        goods_minor=sum(worth(lines[line_id], count) for line_id, count in rows),
    )


def worth(line: Line, units: int) -> int:
    """What so many units of a line come to, in minor units, rounded down."""
    return line.total_minor * units // line.quantity


def propose(order: Order, plan: Plan, cod: Money) -> Carriage:
    """The cheapest service that serves the delivery method the customer chose, else the carrier that the method names."""
    return propose_each([(order, plan, cod)])[0]


def propose_each(sent: Sequence[tuple[Order, Plan, Money]]) -> list[Carriage]:
    """The same for several plans, of whichever orders."""
    found = shipping.quotes_each([_sending(*each) for each in sent])
    methods = {} if all(found) else {each.code: each for each in shipping.list_methods()}
    proposed = []
    for (order, _plan, _cod), offers in zip(sent, found, strict=True):
        if offers:
            best = offers[0]
            proposed.append(Carriage(best.carrier_name, best.service_code, best.last))
        else:
            method = methods.get(order.delivery_method)
            proposed.append(Carriage(method.carrier if method else ""))
    return proposed


def _sending(order: Order, plan: Plan, cod: Money) -> shipping.Sending:
    return shipping.Sending(
        shipping.Destination(order.ship_country.strip().upper(), order.ship_province, order.ship_postcode),
        weight_g=plan.weight_g,
        cod=cod or None,
        method=order.delivery_method,
        warehouse_id=plan.warehouse_id,
    )


def cash_of(order: Order, plans: Sequence[Plan]) -> list[Money]:
    """The cash each carrier is to collect, by the goods it carries: with what went out before and what was paid in another way,
    the order's total."""
    return cash_of_each([order], [plans])[0]


def cash_of_each(orders: Sequence[Order], plans: Sequence[Sequence[Plan]]) -> list[list[Money]]:
    """The same for several orders with the plans of each."""
    ids = [each.id for each in orders if each.payment_method == PaymentMethod.COD]
    gone, paid = shipping.dispatches_of(ids, states=["handed_over"]), paid_besides_cash(ids)
    return [
        _cash(order, its, gone.get(order.id, ()), paid.get(order.id, 0))
        for order, its in zip(orders, plans, strict=True)
    ]


def _cash(order: Order, plans: Sequence[Plan], gone: Iterable[Dispatch], paid_minor: int) -> list[Money]:
    if order.payment_method != PaymentMethod.COD or not plans:
        return [Money.zero(order.currency) for _ in plans]
    left = max(order.total_minor - paid_minor - sum(each.cod_minor for each in gone), 0)
    weights = [plan.goods_minor for plan in plans]
    return Money(left, order.currency).allocate(weights if any(weights) else [1] * len(plans))


def align(
    actor: Actor,
    order: Order,
    *,
    reason: str = "",
    chosen: Mapping[UUID, Carriage] | None = None,
    anew: bool = False,
) -> list[Dispatch]:
    """Make the open documents of a confirmed order say what it holds now; `chosen` overrides the proposed carrier by
    warehouse. One that is right already stays, unless it goes elsewhere now (`anew`). Raises BeingPacked where one that must change is being packed."""
    plans = plans_of(order)
    before = {each.warehouse_id: each for each in shipping.open_dispatches(order.id)}
    found: list[Dispatch] = []
    for plan, cod in zip(plans, cash_of(order, plans), strict=True):
        old = before.pop(plan.warehouse_id, None)
        carriage = (chosen or {}).get(plan.warehouse_id)
        if old is not None and carriage is None and not anew and _says(old, plan, cod):
            found.append(old)
            continue
        if old is not None:
            _end(actor, old, reason)
        found.append(_make(actor, order, plan, cod, carriage or propose(order, plan, cod)))
    for old in before.values():
        _end(actor, old, reason)
    return found


def _says(old: Dispatch, plan: Plan, cod: Money) -> bool:
    units = {(each.line_id, each.quantity) for each in old.lines.all()}
    return units == {(each.line_id, each.quantity) for each in plan.units} and old.cod == cod


def _end(actor: Actor, old: Dispatch, reason: str) -> None:
    if old.state in shipping.BEGUN:
        raise BeingPacked(number=old.number)
    shipping.cancel_dispatch(actor, old.id, reason=reason or "order changed")


def _make(actor: Actor, order: Order, plan: Plan, cod: Money, carriage: Carriage) -> Dispatch:
    draft = DispatchDraft(
        order_id=order.id,
        order_number=order.number,
        warehouse_id=plan.warehouse_id,
        units=plan.units,
        cod=cod,
        carrier=carriage.carrier,
        service=carriage.service,
        weight_g=plan.weight_g,
        promised_on=carriage.promised_on,
    )
    return shipping.make_dispatch(actor, draft)


def ask_for_what_is_left(actor: Actor, order: Order) -> None:
    """Something was paid in another way, or given back: open documents collect what is left, packed or not. The caller holds the
    order's lock."""
    if order.payment_method != PaymentMethod.COD or order.state != OrderState.CONFIRMED:
        return
    plans = plans_of(order)
    before = {each.warehouse_id: each for each in shipping.open_dispatches(order.id)}
    for plan, cod in zip(plans, cash_of(order, plans), strict=True):
        found = before.get(plan.warehouse_id)
        if found is not None and found.cod != cod:
            shipping.change_cash(actor, found.id, cod)


def end_all(actor: Actor, order: Order, *, reason: str) -> None:
    """The order is cancelled: whatever was to leave stays, also what is packed (the warehouse is told by the event)."""
    for each in shipping.open_dispatches(order.id):
        shipping.cancel_dispatch(actor, each.id, reason=reason)
