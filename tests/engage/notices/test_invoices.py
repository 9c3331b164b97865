"""Invoices are sent when asked for, each time; by themselves once, where the shop wants it; to the address named for them."""

from __future__ import annotations

import pytest

from callcart.commerce.invoicing import public as invoicing
from callcart.core.clock import now
from callcart.core.errors import PermissionDenied
from callcart.core.events import Event
from callcart.core.models import Event as Stored
from callcart.engage.notices import invoices
from callcart.engage.notices.models import Notice
from tests.commerce.invoicing.conftest import changed
from tests.commerce.invoicing.test_issue import confirmed, issue
from tests.commerce.shop import Shop
from tests.engage.notices.conftest import Post, Sms


def event(kind: str, document: invoicing.Document, number: int = 1) -> Event:
    data = {"document_id": str(document.id), "order_id": str(document.order_id)}
    return Event(number, 1, now(), kind, "order", document.order_id, None, "staff", data)


@pytest.fixture
def invoice(shop: Shop) -> invoicing.Document:
    changed(shop)
    shop.goods("A", west=9)
    order = confirmed(shop, ("A", 1))
    buyer = invoicing.BuyerDraft(kind="company", title="Acme", email="ap@acme.example")
    invoicing.set_buyer(shop.boss, order.id, buyer)
    return issue(shop, order)


def test_asked_for_it_goes_to_the_address_named_for_it(
    shop: Shop, invoice: invoicing.Document, mail: Post, sms: Sms
) -> None:
    invoicing.send_document(shop.boss, invoice.id)
    assert Stored.objects.filter(kind="invoicing.send_wanted").count() == 1
    for number in (7, 7, 8):
        invoices.on_send_wanted(event("invoicing.send_wanted", invoice, number))
    rows = list(Notice.objects.filter(kind="invoice"))
    assert {row.address for row in rows} == {"ap@acme.example"} and len(rows) == 2
    token = rows[0].text.split("/invoice/")[1].split()[0]
    assert invoicing.document_of_token(token).id == invoice.id
    assert invoice.number in rows[0].subject


def test_by_itself_only_where_the_shop_wants_it(
    shop: Shop, invoice: invoicing.Document, mail: Post, sms: Sms
) -> None:
    invoices.on_issued(event("invoicing.issued", invoice))
    assert not Notice.objects.exists()
    changed(shop, send_by_itself=True)
    for _ in range(2):
        invoices.on_issued(event("invoicing.issued", invoice))
    assert Notice.objects.filter(kind="invoice").count() == 1


def test_nobody_sends_without_the_permission(shop: Shop, invoice: invoicing.Document) -> None:
    with pytest.raises(PermissionDenied):
        invoicing.send_document(shop.staff("orders.view", "invoicing.view"), invoice.id)
    assert not Stored.objects.filter(kind="invoicing.send_wanted").exists()
