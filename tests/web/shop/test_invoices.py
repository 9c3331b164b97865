"""Invoices in the shop: naming a company, downloading, and nobody else's."""

from __future__ import annotations

from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.orders.public import confirm_order
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from tests.commerce.invoicing.conftest import DRAFT
from tests.web.shop.visitor import Shop


def test_a_visitor_names_a_company_and_downloads_the_invoice(harbor: Shop, qinghe: Shop) -> None:
    visitor = harbor.visitor()
    order = visitor.order(harbor.goods())
    path = f"/order/{order.number}"
    assert "Make it out to a company" in visitor.get(path).words
    wrong = visitor.post(f"{path}/invoice", title="", email="nobody")
    assert wrong.status == 422 and wrong.error("title") == "Please fill this in."
    assert wrong.error("email") == "This is not an e-mail address."
    assert visitor.post(f"{path}/invoice", kind="company", title="Acme <b>", tax_number="US77").to == path
    assert "For Acme <b>" in visitor.get(path).words

    stranger = harbor.visitor()
    assert stranger.post(f"{path}/invoice", title="Mine").status == 404
    with tenant_transaction(harbor.tenant_id):
        boss = Actor.system(harbor.tenant_id, "test")
        if not invoicing.seller().version:
            invoicing.save_seller(boss, DRAFT, version=0)
        confirm_order(boss, order.id, version=order.version)
        invoice = invoicing.issue_invoice(boss, order.id, idempotency_key="k")
        token = invoicing.document_token(invoice.id)
    assert invoice.buyer_title == "Acme <b>"

    page = visitor.get(path)
    assert f"/invoice/{token}" in page.text and "Make it out" not in page.words
    assert visitor.post(f"{path}/invoice", title="Too late").status == 409
    pdf = stranger.client.get(f"/invoice/{token}")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF-")
    assert pdf["Cache-Control"] == "private, no-store"
    for other in (f"/invoice/{token[:-2]}AA", "/invoice/x", f"/invoice/{invoice.id}"):
        assert stranger.get(other).status == 404
    assert qinghe.visitor().get(f"/invoice/{token}").status == 404
