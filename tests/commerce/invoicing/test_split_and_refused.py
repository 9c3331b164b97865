"""Invoices of orders that were split, and of goods that came back undelivered: what is invoiced is what is owed."""

from __future__ import annotations

from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.invoicing.models import Document
from callcart.commerce.orders.public import split_order
from callcart.commerce.payments.public import receive
from callcart.core import events
from callcart.core.integrity import find_in
from tests.commerce.aftersales.counter import Counter
from tests.commerce.invoicing.test_issue import issue
from tests.commerce.shop import Shop


def papers(order_id: object) -> list[tuple[str, int]]:
    rows = Document.objects.filter(order_id=order_id).order_by("id")
    return [(row.kind, row.total_minor) for row in rows]


def test_both_halves_of_an_order_get_an_invoice_instead_of_the_first(
    shop: Shop, seller: invoicing.Seller
) -> None:
    shop.goods("A", price=1000, west=9)
    with events.handled_at_once():
        order = shop.place(("A", 3), payment_method="prepaid")
        receive(shop.boss, order_id=order.id, method="cash", amount=order.total, idempotency_key="r")
    issue(shop, order)
    order.refresh_from_db()
    line = order.lines.get()
    with events.handled_at_once():
        kept, new = split_order(shop.boss, order.id, {line.id: 1}, version=order.version, idempotency_key="s")
    assert papers(kept.id) == [("invoice", 3500), ("credit_note", 3500), ("invoice", kept.total_minor)]
    assert papers(new.id) == [("invoice", new.total_minor)]
    assert kept.total_minor + new.total_minor == 3500
    assert find_in("invoicing") == []


def test_a_half_of_long_ago_gets_no_invoice_by_another_split(shop: Shop, seller: invoicing.Seller) -> None:
    shop.goods("A", price=1000, west=9)
    with events.handled_at_once():
        order = shop.place(("A", 4), payment_method="prepaid")
        receive(shop.boss, order_id=order.id, method="cash", amount=order.total, idempotency_key="r")
    order.refresh_from_db()
    (line,) = order.lines.all()
    kept, early = split_order(shop.boss, order.id, {line.id: 1}, version=order.version, idempotency_key="f")
    issue(shop, kept)
    with events.handled_at_once():
        kept, late = split_order(shop.boss, order.id, {line.id: 1}, version=kept.version, idempotency_key="s")
    assert [papers(each.id)[-1][0] for each in (kept, late)] == ["invoice", "invoice"]
    assert papers(early.id) == []


def test_what_came_back_undelivered_is_credited_once(shop: Shop, seller: invoicing.Seller) -> None:
    shop.goods("A", price=1000, west=9)
    shop.goods("B", price=500, east=9)
    counter = Counter(shop)
    order = counter.delivered(("A", 2), ("B", 2), paid=False, state="out_for_delivery")
    issue(shop, order)
    by_sku = {line.id: line.sku for line in order.lines.all()}
    for parcel in counter.parcels(order):
        taken = by_sku[parcel.lines.get().line_id] == "A"
        for state in ("delivered",) if taken else ("refused", "returned"):
            counter.scan(parcel, state)
    assert papers(order.id) == [("invoice", 3500), ("credit_note", 1167)]
    assert find_in("invoicing") == []
