"""Orders of files made orders of ours, a batch at a time: themselves, lines, history, money, parcels, goods, in few statements. Open
ones hold stock and, where they were confirmed, have their dispatch documents, as if they had been placed here.

An order that is here already is left alone: what happened to it since is not a file's to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.commerce.catalog.public import Variant, add_unknown
from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory import takeover as stock
from callcart.commerce.inventory.public import Demand, Warehouse
from callcart.commerce.orders.axes import axes_of
from callcart.commerce.orders.dispatches import align
from callcart.commerce.orders.history import PUBLIC
from callcart.commerce.orders.importing.past import PastLine, PastOrder, missing_goods, read_unit
from callcart.commerce.orders.models import Channel, History, Line, Order, SoldSet
from callcart.commerce.orders.place import set_search
from callcart.commerce.orders.sets import SetPiece, line_of, parts, pieces_now, with_prices
from callcart.commerce.orders.states import OrderState
from callcart.commerce.payments import takeover as money
from callcart.commerce.pricing import public as pricing
from callcart.commerce.shipping import takeover as parcels
from callcart.commerce.shipping.public import list_methods
from callcart.core import audit, events, ids
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import AppError
from callcart.core.exchange.public import Did, Outcome, Place, Problem, Unit, refused
from callcart.people.customers.public import Customer


def apply(actor: Actor, units: Sequence[Unit], place: Place, trial: bool) -> list[Outcome]:
    """One outcome an order."""
    actor.require("orders.import")
    past = [read_unit(unit, place.currency) for unit in units]
    here = dict(Order.objects.filter(number__in=[each.number for each in past]).values_list("number", "id"))
    warehouse = stock.main_warehouse()
    skus = {line.sku for each in past for line in each.lines}
    goods = {row.sku: row for row in Variant.objects.select_related("product").filter(sku__in=skus)}
    outcomes = [_judge(actor, each, here, goods, warehouse) for each in past]
    wanted = [each for each, outcome in zip(past, outcomes, strict=True) if outcome.did is Did.MADE]
    if trial or not wanted or warehouse is None:
        return outcomes
    unknown = missing_goods(wanted, goods)
    added = add_unknown(actor, unknown, place.currency) if unknown else {}
    return _kept(
        actor, past, outcomes, _write(actor, wanted, goods | added, place, warehouse, set(added)), added
    )


def _judge(
    actor: Actor,
    past: PastOrder,
    here: dict[str, UUID],
    goods: dict[str, Variant],
    warehouse: Warehouse | None,
) -> Outcome:
    if past.number in here:
        return Outcome(Did.UNCHANGED, here[past.number])
    problems = list(past.problems)
    if warehouse is None:
        problems.append(Problem(_("There is no warehouse yet: make one first.")))
    if not actor.can("catalog.manage"):
        problems += [
            Problem(_("There is no product of this SKU."), "sku", line.row_id)
            for line in past.lines
            if line.sku not in goods
        ]
    return Outcome(Did.REFUSED, problems=tuple(problems)) if problems else Outcome(Did.MADE)


def _kept(
    actor: Actor,
    past: Sequence[PastOrder],
    outcomes: Sequence[Outcome],
    made: dict[str, Order | AppError],
    added: dict[str, Variant],
) -> list[Outcome]:
    """The outcomes with what was really made of them; goods that were added are remembered with the first order that named
    them, so that undoing finds them."""
    found: list[Outcome] = []
    claimed: set[str] = set()
    for each, outcome in zip(past, outcomes, strict=True):
        if outcome.did is not Did.MADE:
            found.append(outcome)
            continue
        order = made[each.number]
        if isinstance(order, AppError):
            found.append(refused(order.message))
            continue
        mine = [added[line.sku].id for line in each.lines if line.sku in added and line.sku not in claimed]
        claimed |= {line.sku for line in each.lines}
        before = {"goods": [str(variant_id) for variant_id in mine]}
        found.append(Outcome(Did.MADE, order.id, before=before, after={"version": order.version}))
    return found


def _write(
    actor: Actor,
    past: Sequence[PastOrder],
    goods: dict[str, Variant],
    place: Place,
    warehouse: Warehouse,
    fresh: set[str],
) -> dict[str, Order | AppError]:
    methods = list_methods()
    delivery = methods[0].code if methods else ""
    _find_customers(past)
    ids.keep_ahead("order", [each.number for each in past])
    orders = [_order(each, place, delivery) for each in past]
    pieces = pieces_now(row.id for row in goods.values())
    sets: list[SoldSet] = []
    pairs = list(zip(orders, past, strict=True))
    lines = {order.id: _lines(order, each, goods, pieces, sets) for order, each in pairs}
    Order.objects.bulk_create(orders)
    SoldSet.objects.bulk_create(sets)
    Line.objects.bulk_create([line for rows in lines.values() for line in rows])
    History.objects.bulk_create([row for order, each in pairs for row in _history(actor, order, each)])
    _goods_and_parcels(actor, pairs, lines, warehouse, goods, fresh)
    money.take_over(actor, [_payment(order, each) for order, each in pairs])
    _keep_axes(orders)
    for order, each in pairs:
        if each.is_open and order.state == OrderState.CONFIRMED:
            align(actor, order)
    audit.record_many(
        actor,
        "orders.import",
        [
            audit.Entry(("order", o.id), after={"number": o.number, "total_minor": o.total_minor})
            for o in orders
        ],
    )
    events.emit_many("order.imported", "order", [order.id for order in orders])
    return {order.number: order for order in orders}


def _find_customers(past: Sequence[PastOrder]) -> None:
    """Note of each order whose it is; one whose customer is not known is nobody's."""
    numbers = [each.values["customer"] for each in past if each.values.get("customer")]
    known = dict(Customer.objects.filter(number__in=numbers).values_list("number", "id"))
    for each in past:
        each.customer_id = known.get(str(each.values.get("customer", "")))


def _order(past: PastOrder, place: Place, delivery: str) -> Order:
    values = past.values
    ended = past.ended_at
    confirmed = values.get("confirmed_at")
    order = Order(
        number=past.number,
        state=past.state,
        customer_id=past.customer_id,
        channel=values.get("channel", Channel.IMPORT),
        language=place.language,
        currency=place.currency,
        goods_minor=past.goods_minor,
        delivery_minor=past.delivery_minor,
        total_minor=past.total_minor,
        ship_name=values.get("name", ""),
        ship_phone=values.get("phone", ""),
        ship_country=str(values.get("country") or place.country).upper(),
        ship_province=values.get("province", ""),
        ship_city=values.get("city", ""),
        ship_district=values.get("district", ""),
        ship_street=values.get("street", ""),
        ship_postcode=values.get("postcode", ""),
        delivery_method=delivery,
        payment_method=past.method,
        instalment_count=past.instalments if past.method == "instalments" else 0,
        note=values.get("note", ""),
        campaign=values.get("campaign", ""),
        placed_at=past.placed_at,
        confirmed_at=datetime.fromisoformat(confirmed) if confirmed else None,
        closed_at=ended if past.state is OrderState.CLOSED else None,
        cancelled_at=ended if past.state is OrderState.CANCELLED else None,
        waits_since=now(),
    )
    if order.confirmed_at is None and past.state in (OrderState.CONFIRMED, OrderState.CLOSED):
        order.confirmed_at = past.placed_at
    set_search(order)
    return order


def _lines(
    order: Order,
    past: PastOrder,
    goods: dict[str, Variant],
    pieces: Mapping[UUID, tuple[SetPiece, ...]],
    sets: list[SoldSet],
) -> list[Line]:
    """The lines of an order; of a set, those of what it is made of today, at the set's price then. Sets are put into `sets`."""
    rows: list[Line] = []
    for line in past.lines:
        variant, position = goods[line.sku], len(rows) + 1
        if its := pieces.get(variant.id):
            sold = _set(order, line, variant)
            sets.append(sold)
            rows += [
                line_of(order.id, at, sold, piece)
                for at, piece in enumerate(_priced(its, line, sold), start=position)
            ]
            continue
        rows.append(
            Line(
                order=order,
                position=position,
                weight_g=variant.weight_g,
                **_as_sold(line, variant),
            )
        )
    return rows


def _set(order: Order, line: PastLine, variant: Variant) -> SoldSet:
    return SoldSet(order=order, list_minor=line.unit_minor, **_as_sold(line, variant))


def _as_sold(line: PastLine, variant: Variant) -> dict[str, Any]:
    """What a line and a set keep of what was sold and for how much."""
    return {
        "variant": variant,
        "sku": line.sku,
        "name": line.name or variant.name,
        "name_zh": "" if line.name else variant.name_zh,
        "quantity": line.quantity,
        "unit_minor": line.unit_minor,
        "total_minor": line.unit_minor * line.quantity,
    }


def _priced(pieces: tuple[SetPiece, ...], line: PastLine, sold: SoldSet) -> tuple[SetPiece, ...]:
    """The pieces of a set with their share of what it cost."""
    asked = pricing.BasketLine(
        sold.variant_id, line.quantity, line.unit_minor, parts=parts(pieces), set_name=sold.name,
        set_name_zh=sold.name_zh,
    )  # fmt: skip
    (item,) = pricing.price_basket(pricing.Basket((asked,)), pricing.Rules()).lines
    return with_prices(pieces, item)


def _history(actor: Actor, order: Order, past: PastOrder) -> list[History]:
    """What the file says happened, at the times it says; and that it came from a file."""
    moments = [
        ("placed", past.placed_at, {"total": order.total_minor}),
        ("confirmed", order.confirmed_at, {}),
        *((("parcel", at, {"state": str(state)})) for state, at in past.reports),
        ("cancelled", order.cancelled_at, {}),
        ("closed", order.closed_at, {}),
        ("imported", now(), {}),
    ]
    return [
        History(
            order=order,
            at=at,
            kind=kind,
            data=data,
            public=kind in PUBLIC,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            channel=actor.channel,
        )
        for kind, at, data in moments
        if at is not None
    ]


def _goods_and_parcels(
    actor: Actor,
    pairs: Sequence[tuple[Order, PastOrder]],
    lines: dict[UUID, list[Line]],
    warehouse: Warehouse,
    goods: dict[str, Variant],
    fresh: set[str],
) -> None:
    """Goods of the past are gone; open orders hold theirs. Goods that came in with open orders only may be promised before
    anybody has counted them."""
    gone, boxes = [], []
    for order, past in pairs:
        if past.reports:
            left_at = past.reports[0][1]
            gone += [
                stock.PastUnits(order.id, line.id, line.variant_id, line.quantity, left_at)
                for line in lines[order.id]
            ]
            units = {line.id: line.quantity for line in lines[order.id]}
            reports = tuple(past.reports)
            boxes.append(
                parcels.PastParcel(order.id, units, reports, past.carrier, past.tracking, warehouse.id)
            )
    waiting = [order for order, past in pairs if past.is_open]
    uncounted = {goods[line.sku].id for order in waiting for line in lines[order.id] if line.sku in fresh}
    if uncounted:
        stock.allow_backorder(warehouse, uncounted)
    for order in waiting:
        demands = [Demand(line.id, line.variant_id, line.quantity) for line in lines[order.id]]
        inventory.reserve(actor, order.id, demands, region=order.ship_province)
    if gone:
        stock.take_over(warehouse, gone)
        parcels.take_over(actor, boxes)


def _payment(order: Order, past: PastOrder) -> money.PastPayment:
    return money.PastPayment(
        order_id=order.id,
        order_number=order.number,
        customer_id=order.customer_id,
        payer=order.ship_name,
        method=past.method,
        amount_minor=order.total_minor,
        currency=order.currency,
        made_at=past.placed_at,
        cancelled=past.state is OrderState.CANCELLED,
        instalments=past.instalments,
        receipts=tuple(past.receipts),
    )


def _keep_axes(orders: Sequence[Order]) -> None:
    axes = axes_of(orders)
    for order in orders:
        order.payment_state, order.fulfilment_state = axes[order.id].payment, axes[order.id].fulfilment
    Order.objects.bulk_update(orders, ["payment_state", "fulfilment_state"], batch_size=500)
