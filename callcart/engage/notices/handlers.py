"""Reactions to what happened to orders, parcels, money and returns. Each may run twice: the key of a notice names the fact, and a
fact is told once. Orders that were brought in by an import are told of by whoever sold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from callcart.commerce.catalog.public import Variant
from callcart.commerce.orders.public import Order
from callcart.commerce.payments import public as payments
from callcart.core import events
from callcart.core.money import Money
from callcart.engage.notices import facts
from callcart.engage.notices.kinds import KINDS
from callcart.engage.notices.links import shop_address
from callcart.engage.notices.reach import Reach, of_customer, of_order, shop_name
from callcart.engage.notices.write import tell

PARCEL = {
    "handed_over": "dispatched",
    "in_transit": "dispatched",
    "out_for_delivery": "out_for_delivery",
    "at_pickup": "at_pickup",
    "delivered": "delivered",
    "exception": "delivery_exception",
    "attempt_failed": "delivery_exception",
    "refused": "delivery_exception",
    "returning": "delivery_exception",
    "lost": "delivery_exception",
}
RETURN = {
    "received": "return_received",
    "approved": "return_decided",
    "refused": "return_decided",
    "rejected": "return_decided",
    "exchanged": "return_decided",
    "repaired": "return_decided",
    "refunded": "return_decided",
}
IMPORTED = "import"


@events.handler("order.placed")
def on_order_placed(event: events.Event) -> None:
    """The order is here; one to be paid in advance, from where the customer was not shown the page to pay, brings the link."""
    order = _order(event)
    if order is None:
        return
    reach = _reach(order, "order_placed")
    tell(
        "order_placed",
        f"{order.id}",
        reach,
        facts.order_facts(order, reach) | {"items": facts.items(order, reach.language)},
        order_id=order.id,
    )
    if order.payment_method != payments.PaymentMethod.COD and order.channel != "web":
        _ask_to_pay(order, "placed")


@events.handler("payments.link_wanted")
def on_link_wanted(event: events.Event) -> None:
    """Somebody wants the customer to pay: asked for twice, it is sent twice."""
    order = _order(event)
    if order is not None:
        _ask_to_pay(order, str(event.id))


def _ask_to_pay(order: Order, key: str) -> None:
    if facts.missing(order).minor <= 0:
        return
    reach = _reach(order, "payment_link")
    values = facts.order_facts(order, reach) | facts.pay_facts(order, reach)
    tell("payment_link", f"{order.id}:{key}", reach, values, order_id=order.id)


@events.handler("shipping.parcel_moved")
def on_parcel_moved(event: events.Event) -> None:
    """A parcel is somewhere else. A repeated or late scan of the same kind tells nothing anew; each trouble is told once."""
    state, order = str(event.data.get("state", "")), _order(event)
    kind = PARCEL.get(state)
    if order is None or kind is None:
        return
    reach, parcel_id = _reach(order, kind), _id(event, "parcel_id")
    values = facts.order_facts(order, reach) | facts.parcel_facts(order, reach, parcel_id)
    if kind == "delivery_exception":
        values["trouble"] = facts.trouble(state, reach.language)
    key = f"{order.id}:{parcel_id or ''}" + (f":{state}" if kind == "delivery_exception" else "")
    tell(kind, key, reach, values, order_id=order.id)


@events.handler("payments.refund_done")
def on_refund_done(event: events.Event) -> None:
    """Money went back."""
    order, refund_id = _order(event), _id(event, "refund_id")
    row = payments.Refund.objects.filter(id=refund_id).first() if refund_id else None
    if order is None or row is None:
        return
    reach = _reach(order, "refund_done")
    amount = facts.money(Money(row.amount_minor, row.currency), reach.language)
    values = facts.order_facts(order, reach) | {"amount": amount}
    tell("refund_done", f"{row.id}", reach, values, order_id=order.id)


@events.handler("payments.instalment_due")
def on_instalment_due(event: events.Event) -> None:
    """A part of the plan falls due: once some days before, and once on the day where it is not collected by itself."""
    _instalment(event, "instalment_due", str(event.data.get("days", "")))


@events.handler("payments.instalment_failed")
def on_instalment_failed(event: events.Event) -> None:
    """A part could not be collected. Each failed try is told; a day has one."""
    _instalment(event, "instalment_failed", event.at.date().isoformat())


def _instalment(event: events.Event, kind: str, key: str) -> None:
    order, instalment_id = _order(event), _id(event, "instalment_id")
    row = payments.Instalment.objects.filter(id=instalment_id).first() if instalment_id else None
    if order is None or row is None or row.state == payments.InstalmentState.PAID:
        return
    reach = _reach(order, kind)
    values: Mapping[str, str] = (
        facts.order_facts(order, reach)
        | facts.pay_facts(order, reach)
        | {
            "amount": facts.money(Money(row.amount_minor, order.currency), reach.language),
            "day": facts.day(row.due_on, reach.language),
        }
    )
    tell(kind, f"{row.id}:{key}", reach, values, order_id=order.id)


@events.handler("supply.arrived")
def on_arrived(event: events.Event) -> None:
    """What somebody asked for is here again: told to whoever the event names, of the goods it names."""
    notice_id, customer_id, variant_id = (
        _id(event, each) for each in ("notice_id", "customer_id", "variant_id")
    )
    variant = Variant.objects.select_related("product").filter(id=variant_id).first() if variant_id else None
    reach = of_customer(customer_id) if customer_id else None
    if notice_id is None or variant is None or reach is None:
        return
    values = {
        "shop": shop_name(reach.language),
        "name": reach.name,
        "product": variant.name_in(reach.language),
        "link": shop_address(f"/p/{variant.product.slug}"),
    }
    tell("goods_arrived", f"{notice_id}", _by(reach, str(event.data.get("channel", ""))), values)


def _by(reach: Reach, wanted: str) -> Reach:
    """By the medium the customer asked for, where it reaches them; else by whatever does."""
    asked = {medium: address for medium, address in reach.addresses.items() if medium == wanted}
    return replace(reach, addresses=asked) if asked else reach


@events.handler("aftersales.changed")
def on_return_changed(event: events.Event) -> None:
    """A return came in, or was decided; of the same return each is told once."""
    state, order = str(event.data.get("state", "")), _order(event)
    kind = RETURN.get(state)
    if order is None or kind is None:
        return
    reach = _reach(order, kind)
    values = facts.order_facts(order, reach) | {"decision": facts.decision(state, reach.language)}
    about = event.subject_id if event.subject_kind != "order" else event.data.get("return_id", "")
    key = f"{order.id}:{about}" + (f":{state}" if kind == "return_decided" else "")
    tell(kind, key, reach, values, order_id=order.id)


def _reach(order: Order, kind: str) -> Reach:
    return of_order(order, to_receiver=KINDS[kind].to_receiver)


def _order(event: events.Event) -> Order | None:
    order_id = _id(event, "order_id")
    order = Order.objects.filter(id=order_id).first() if order_id else None
    return None if order is None or order.channel == IMPORTED else order


def _id(event: events.Event, name: str) -> UUID | None:
    try:
        return UUID(str(event.data.get(name)))
    except ValueError:
        return None
