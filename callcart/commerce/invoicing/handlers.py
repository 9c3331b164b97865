"""Reactions to money, parcels and orders: the invoice by itself, where the shop wants that, and the credit note for what goes back.
Each may run twice. Nothing is issued for orders written down of the past, nor a second time by itself for an order."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from callcart.commerce.invoicing.credit import credit_refunds, credit_rest
from callcart.commerce.invoicing.errors import AlreadyInvoiced, NoSeller, NotInvoiceable
from callcart.commerce.invoicing.issue import is_paid, is_relieved, is_sent, issue_for, open_invoice
from callcart.commerce.invoicing.models import Document, IssueAt
from callcart.commerce.invoicing.seller import seller
from callcart.commerce.orders.public import Channel, Order, OrderState
from callcart.core import events
from callcart.core.actor import Actor


@events.handler("payment.changed")
def on_payment_changed(event: events.Event) -> None:
    """Money came: where invoices are issued at payment, and all of it is in, the order gets its own. Money is not asked for any
    more: what of it no credit note covers is credited."""
    found = seller()
    if found.issue_at != IssueAt.PAYMENT and not found.credit_refunds:
        return
    order = _locked(event)
    if order is not None and found.issue_at == IssueAt.PAYMENT and is_paid(order):
        _issue(event, order)
    if order is not None and found.credit_refunds and is_relieved(order):
        _credit(event, order)


@events.handler("dispatch.changed", "shipping.parcel_moved")
def on_dispatched(event: events.Event) -> None:
    """Goods left: where invoices are issued at dispatch, the order gets its own with its first parcel, for all of it."""
    if event.data.get("state") != "handed_over" or seller().issue_at != IssueAt.DISPATCH:
        return
    order = _locked(event)
    if order is not None and is_sent(order):
        _issue(event, order)


@events.handler("payments.refund_done")
def on_refund_done(event: events.Event) -> None:
    """Money went back: what of it no credit note covers yet is credited."""
    order = _locked(event)
    if order is not None and seller().credit_refunds:
        _credit(event, order)


def _credit(event: events.Event, order: Order) -> None:
    invoice = open_invoice(order.id)
    if invoice is not None:
        credit_refunds(_actor(event), invoice)


@events.handler("order.changed")
def on_order_changed(event: events.Event) -> None:
    """Cancelled: what is left of its invoice is credited. Split: both orders get an invoice of their own instead."""
    if event.data.get("kind") == "split":
        _split(event)
    if event.data.get("state") != OrderState.CANCELLED:
        return
    order = _locked(event)
    if order is None or order.state != OrderState.CANCELLED:
        return
    invoice = open_invoice(order.id)
    if invoice is None:
        return
    found = Document.objects.select_for_update(no_key=True, of=("self",)).get(id=invoice.id)
    with override(order.language):
        reason = order.cancel_reason or _("Order cancelled")
    credit_rest(_actor(event), order, found, reason=reason[:300], source=f"cancelled:{invoice.id}")


def _split(event: events.Event) -> None:
    """The invoice of an order that was split says more than is left of it: it is credited, and each half gets its own."""
    order = _locked(event)
    invoice = open_invoice(order.id) if order is not None else None
    if order is None or invoice is None or invoice.total_minor == order.total_minor:
        return
    actor = _actor(event)
    found = Document.objects.select_for_update(no_key=True, of=("self",)).get(id=invoice.id)
    with override(order.language):
        reason = _("Order split")
    credit_rest(actor, order, found, reason=reason, source=f"split:{invoice.id}")
    # one that was split off before had no part in this invoice: ids are in the order of time
    its = Order.objects.filter(split_from=order.id, id__gt=invoice.id)
    others = its.select_for_update(no_key=True).order_by("id")
    for each in (order, *others):
        if open_invoice(each.id) is None:
            with suppress(NotInvoiceable, NoSeller):
                issue_for(actor, each)


def _issue(event: events.Event, order: Order) -> None:
    if events.of_the_past() or order.channel == Channel.IMPORT:
        return
    if Document.objects.filter(order_id=order.id).exists():
        return
    with suppress(AlreadyInvoiced, NotInvoiceable, NoSeller):
        issue_for(_actor(event), order)


def _actor(event: events.Event) -> Actor:
    return Actor.system(event.tenant_id, "invoicing")


def _locked(event: events.Event) -> Order | None:
    order_id = event.data.get("order_id") or event.subject_id
    if not order_id:
        return None
    return Order.objects.select_for_update(no_key=True).filter(id=UUID(str(order_id))).first()
