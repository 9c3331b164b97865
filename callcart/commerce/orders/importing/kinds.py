"""Orders as a kind of file: what declares them, undoes them, gives them out; and what stands on customers and goods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.commerce.catalog.public import remove_unknown
from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory import takeover as stock
from callcart.commerce.orders.importing.apply import apply
from callcart.commerce.orders.importing.columns import ITEMS, ORDERS, PARCELS_SHEET, PAYMENTS
from callcart.commerce.orders.importing.export import export
from callcart.commerce.orders.models import Change, History, Line, Order, SoldSet
from callcart.commerce.payments import takeover as money
from callcart.commerce.shipping import takeover as parcels
from callcart.commerce.shipping.public import Dispatch
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.exchange.public import Done, Importer, register, stands_on


@stands_on("customers")
def orders_of_customers(customer_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Customers who have ordered."""
    rows = Order.objects.filter(customer_id__in=customer_ids).values_list("customer_id", "number")
    return {
        customer_id: _("Order %(number)s is one of theirs.") % {"number": number}
        for customer_id, number in rows
        if customer_id is not None
    }


def built_on(done: Sequence[Done]) -> dict[UUID, str]:
    """Orders that somebody has worked on since: changed, paid, sent."""
    wanted = {each.subject: int(each.after.get("version", 1)) for each in done}
    moved = money.moved_since(list(wanted)) | parcels.moved_since(list(wanted))
    moved |= set(Change.objects.filter(order__in=wanted).values_list("order_id", flat=True))
    rows = Order.objects.filter(id__in=wanted).values_list("id", "version", "number")
    return {
        order_id: _("Order %(number)s was worked on since.") % {"number": number}
        for order_id, version, number in rows
        if version != wanted[order_id] or order_id in moved
    }


def undo(actor: Actor, done: Sequence[Done]) -> None:
    """Take the orders back with all that came with them; goods that only they named go too."""
    actor.require("orders.import")
    mine = [each.subject for each in done]
    list(Order.objects.select_for_update().filter(id__in=mine).order_by("id"))
    Dispatch.objects.filter(order_id__in=mine).delete()
    parcels.forget_taken(mine)
    for order_id in (
        Order.objects.filter(id__in=mine)
        .exclude(state__in=("closed", "cancelled"))
        .values_list("id", flat=True)
    ):
        inventory.release(actor, order_id, reason="import undone")
    money.forget_taken(mine)
    History.objects.filter(order__in=mine).delete()
    Line.objects.filter(order__in=mine).delete()
    SoldSet.objects.filter(order__in=mine).delete()
    Order.objects.filter(id__in=mine).delete()
    stock.forget_taken(mine)
    remove_unknown([UUID(each) for one in done for each in one.before.get("goods", ())])
    audit.record_many(actor, "orders.undo_import", [audit.Entry(("order", each)) for each in mine])


IMPORTER = register(
    Importer(
        kind="orders",
        label=gettext_lazy("Orders"),
        about=gettext_lazy(
            "Old and open orders with lines, payments and parcels: as one file, or as several joined by the order's number."
        ),
        icon="clipboard-list",
        sheets=(ORDERS, ITEMS, PAYMENTS, PARCELS_SHEET),
        permissions=("orders.import",),
        see=("orders.view", "orders.export"),
        apply=apply,
        built_on=built_on,
        undo=undo,
        export=export,
        by_day=True,
        grouped=True,
        batch=500,
    )
)
