"""Issuing: what an invoice says, once an order, numbered, never changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.invoicing.models import Document, Series
from callcart.commerce.orders import public as orders
from callcart.commerce.pricing import public as pricing
from callcart.core import clock
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.idempotency import KeyReused
from callcart.core.ids import new_id
from callcart.core.integrity import find_in
from tests.commerce.invoicing.conftest import changed
from tests.commerce.pricing.conftest import make_offer
from tests.commerce.shop import Shop

DAY = datetime(2026, 11, 29, 12, tzinfo=UTC)


def confirmed(shop: Shop, *lines: tuple[str, int], **changes: Any) -> orders.Order:
    order = shop.place(*lines, **changes)
    return orders.confirm_order(shop.boss, order.id, version=order.version)


def issue(shop: Shop, order: orders.Order, key: str = "") -> Document:
    return invoicing.issue_invoice(shop.boss, order.id, idempotency_key=key or f"issue-{new_id()}")


def rate(shop: Shop, code: str, ppm: int, *, default: bool = False) -> None:
    found = pricing.save_tax_class(shop.boss, code, name=code, is_default=default)
    pricing.add_rate(
        shop.boss, pricing.RateDraft(tax_class_id=found.id, country="US", rate_ppm=ppm, name="Tax")
    )


def test_an_invoice_says_what_the_order_says(shop: Shop, seller: invoicing.Seller) -> None:
    rate(shop, "standard", 130_000, default=True)
    rate(shop, "delivery", 60_000)
    shop.goods("A", price=1999, west=9)
    shop.goods("B", price=301, west=9)
    make_offer(shop, "percent", percent_bp=1000)
    order = confirmed(shop, ("A", 2), ("B", 1))
    with clock.frozen(DAY):
        invoice = issue(shop, order)

    content = invoicing.Content.from_json(invoice.content)
    assert (invoice.number, content.issued_on) == ("INV-2026-000001", "2026-11-29")
    assert [(p.sku, p.quantity, p.unit, p.discount, p.gross) for p in content.parts] == [
        ("A", 2, 1999, 400, 3598), ("B", 1, 301, 30, 271), ("", 1, 500, 0, 500),
    ]  # fmt: skip
    assert [(t.rate_ppm, t.net, t.tax) for t in content.taxes] == [(130_000, 3424, 445), (60_000, 472, 28)]
    assert invoice.total_minor == order.total_minor == 4369
    assert invoice.tax_minor == order.tax_minor == 473
    assert content.buyer.title == "Ada Example" and content.seller.tax_number == "US 12-3456789"
    assert find_in("invoicing") == []


def test_tax_on_top_is_beside_the_net(shop: Shop, seller: invoicing.Seller) -> None:
    from callcart.people.tenants.public import get_tenant, update_tenant

    tenant = get_tenant()
    update_tenant(shop.boss, version=tenant.version, settings={"prices_include_tax": False})
    rate(shop, "standard", 88_750, default=True)
    shop.goods("A", price=999, west=9)
    invoice = issue(shop, order := confirmed(shop, ("A", 3)))
    part = invoicing.Content.from_json(invoice.content).parts[0]
    assert (part.net, part.tax) == (2997, 266)
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (3497, 266, order.total_minor)


def test_numbers_follow_each_other_by_kind_and_year(shop: Shop, seller: invoicing.Seller) -> None:
    shop.goods("A", west=9)
    made = [confirmed(shop, ("A", 1)) for _ in range(3)]
    with clock.frozen(DAY):
        first, second = issue(shop, made[0]), issue(shop, made[1])
        note = invoicing.credit_invoice(shop.boss, first.id, reason="wrong", idempotency_key="n")
    with clock.frozen(DAY.replace(year=2027)):
        third = issue(shop, made[2])
    assert [first.number, second.number, note.number, third.number] == [
        "INV-2026-000001", "INV-2026-000002", "CN-2026-000001", "INV-2027-000001",
    ]  # fmt: skip


def test_a_number_rolled_back_is_given_again(shop: Shop, seller: invoicing.Seller) -> None:
    shop.goods("A", west=9)
    one, other = confirmed(shop, ("A", 1)), confirmed(shop, ("A", 1))

    class Broken(Exception):
        pass

    with pytest.raises(Broken), transaction.atomic():
        issue(shop, one)
        raise Broken
    assert issue(shop, other).position == 1
    assert issue(shop, one).position == 2


def test_an_order_has_one_open_invoice(shop: Shop, seller: invoicing.Seller) -> None:
    shop.goods("A", west=9)
    order = confirmed(shop, ("A", 1))
    first = issue(shop, order, "k")
    assert issue(shop, order, "k").id == first.id
    with pytest.raises(invoicing.AlreadyInvoiced) as refused:
        issue(shop, order)
    assert first.number in refused.value.message
    with pytest.raises(KeyReused):
        issue(shop, confirmed(shop, ("A", 1)), "k")
    assert Document.objects.count() == 1 and Series.objects.get().last == 1


def test_what_is_not_sold_is_not_invoiced(shop: Shop) -> None:
    shop.goods("A", west=9)
    order = confirmed(shop, ("A", 1))
    with pytest.raises(invoicing.NoSeller):
        issue(shop, order)
    changed(shop)
    placed, gone = shop.place(("A", 1)), shop.place(("A", 1))
    orders.cancel_order(shop.boss, gone.id, reason="x", version=1)
    for each in (placed, gone):
        with pytest.raises(invoicing.NotInvoiceable):
            issue(shop, each)
    assert not Document.objects.exists()


def test_issued_stays_as_it_is(shop: Shop, seller: invoicing.Seller) -> None:
    """The database itself refuses, whatever code asks."""
    shop.goods("A", west=9)
    invoice = issue(shop, confirmed(shop, ("A", 1)))
    for values in (
        {"total_minor": 1, "net_minor": 1},
        {"content": {}},
        {"sha256": ""},
        {"credited_minor": -1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Document.objects.filter(id=invoice.id).update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        invoice.delete()
    changed(shop, name="Another Name")
    invoice.refresh_from_db()
    assert invoice.content["seller"]["name"] == "Harbor Outfitters Ltd"
    assert invoicing.pdf_of(invoice).is_same


def test_nobody_issues_without_the_permission(shop: Shop, seller: invoicing.Seller) -> None:
    shop.goods("A", west=9)
    order = confirmed(shop, ("A", 1))
    viewer = shop.staff("orders.view", "invoicing.view")
    with pytest.raises(PermissionDenied):
        invoicing.issue_invoice(viewer, order.id, idempotency_key="k")
    with pytest.raises(PermissionDenied):
        invoicing.save_seller(viewer, invoicing.SellerDraft(name="Mine", address="x"), version=1)
    with pytest.raises(PermissionDenied):
        invoicing.set_buyer(viewer, order.id, invoicing.BuyerDraft(title="Mine"))
    with pytest.raises(PermissionDenied):
        invoicing.start_batch(viewer, since=DAY, until=DAY.replace(month=12), only="hand")
    with pytest.raises(PermissionDenied):
        list(invoicing.tax_rows(viewer, invoicing.Filters()))
    assert not Document.objects.exists() and invoicing.buyer_of(order.id) is None
    assert invoicing.seller().name == "Harbor Outfitters Ltd"


def test_who_may_not_see_the_order_does_not_see_its_invoice(shop: Shop, seller: invoicing.Seller) -> None:
    from callcart.core.actor import Grant

    shop.goods("A", west=9)
    invoice = issue(shop, confirmed(shop, ("A", 1)))
    other = shop.staff("invoicing.view", orders__view=Grant(scope="own"))
    assert invoicing.list_documents(other, invoicing.Filters()) == []
    assert invoicing.documents_of_order(other, invoice.order_id) == []
    with pytest.raises(NotFound):
        invoicing.get_document(other, invoice.id)
    everybody = shop.staff("invoicing.view", "orders.view")
    assert [each.id for each in invoicing.list_documents(everybody, invoicing.Filters())] == [invoice.id]


def test_a_company_is_asked_for_before_and_kept_after(shop: Shop, seller: invoicing.Seller) -> None:
    shop.goods("A", west=9)
    order = confirmed(shop, ("A", 1))
    draft = invoicing.BuyerDraft(
        kind="company", title="Acme Ltd", tax_number="us-77", email="ap@acme.example"
    )
    invoicing.set_buyer(shop.boss, order.id, draft)
    invoice = issue(shop, order)
    assert (invoice.buyer_title, invoice.buyer_tax_number) == ("Acme Ltd", "US-77")
    with pytest.raises(invoicing.IsIssued):
        invoicing.set_buyer(shop.boss, order.id, invoicing.BuyerDraft(title="Other"))
    buyer = invoicing.buyer_of(order.id)
    assert buyer is not None and buyer.title == "Acme Ltd"


@pytest.mark.parametrize(
    ("country", "values", "wrong"),
    [
        ("US", {"title": ""}, {"title"}),
        ("US", {"title": "A" * 201, "email": "nobody", "kind": "robot"}, {"title", "email", "kind"}),
        ("US", {"title": "A", "wants_tax_invoice": True}, {"email"}),
        ("CN", {"title": "甲公司", "kind": "company"}, {"tax_number"}),
        ("CN", {"title": "甲公司", "kind": "company", "tax_number": "123"}, {"tax_number"}),
        ("CN", {"title": "甲公司", "kind": "company", "tax_number": "9131 0000 MA1K 3XXX 2B"}, set()),
        ("US", {"title": "A\x00B", "tax_number": "=cmd|' /C calc'!A0"}, {"title", "tax_number"}),
    ],
)
def test_every_wrong_field_of_a_buyer_is_named(country: str, values: dict[str, Any], wrong: set[str]) -> None:
    try:
        invoicing.check_buyer(invoicing.BuyerDraft(**values), country=country)
    except Invalid as error:
        assert set(error.fields) == wrong
    else:
        assert not wrong


def test_a_prefix_never_names_two_kinds(shop: Shop, seller: invoicing.Seller) -> None:
    shop.goods("A", west=9)
    issue(shop, confirmed(shop, ("A", 1)))
    for values in (
        {"credit_prefix": "INV", "invoice_prefix": "RE"},
        {"invoice_prefix": "CN"},
        {"invoice_prefix": "a b"},
    ):
        with pytest.raises(Invalid):
            changed(shop, **values)
    with pytest.raises(Conflict):
        invoicing.save_seller(shop.boss, invoicing.SellerDraft(name="x", address="y"), version=0)
