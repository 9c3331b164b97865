"""Invoices in the office: as a clerk works them, and what others may not."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcart.commerce.invoicing import batch as batches
from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.invoicing.models import Batch, Document
from callcart.commerce.orders import public as orders
from callcart.core import jobs
from callcart.core.ids import new_id
from tests.commerce.invoicing.conftest import DRAFT
from tests.web.office.office import Office

LIST = "/office/money/invoices"


@pytest.fixture
def order(office: Office) -> orders.Order:
    invoicing.save_seller(office.boss, DRAFT, version=0)
    placed = office.order(2)
    return orders.confirm_order(office.boss, placed.id, version=1)


@pytest.fixture
def invoice(office: Office, order: orders.Order) -> Document:
    return invoicing.issue_invoice(office.boss, order.id, idempotency_key="k")


def post(client: Any, path: str, **values: str) -> Any:
    return client.post(path, values)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_shows_itself(office: Office, invoice: Document, language: str) -> None:
    client = office.client("finance", language=language)
    for path in (
        LIST, f"{LIST}?kind=invoice&state=open&wanted=1&q={invoice.number}&from=2026-01-01", f"{LIST}/{invoice.id}",
        f"{LIST}/settings", f"{LIST}/batches", f"/office/orders/{invoice.order_id}", f"/office/orders/{invoice.order_id}/invoice-buyer",
    ):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200, path
    assert invoice.number in client.get(LIST).content.decode()
    assert invoice.sha256 in client.get(f"{LIST}/{invoice.id}").content.decode()


def test_an_order_gets_its_invoice_for_a_company(office: Office, order: orders.Order) -> None:
    client = office.client("finance")
    wrong = post(
        client,
        f"/office/orders/{order.id}/invoice-buyer",
        kind="company",
        title="",
        email="x",
        tax_number="77",
    )
    assert wrong.status_code == 422 and invoicing.buyer_of(order.id) is None
    assert b"Please fill this in." in wrong.content and b"This is not an e-mail address." in wrong.content
    post(
        client,
        f"/office/orders/{order.id}/invoice-buyer",
        kind="company",
        title="Acme & Co",
        tax_number="US77",
    )
    for _ in range(2):
        answer = post(client, f"/office/orders/{order.id}/invoice", key="once")
        assert answer.status_code == 303
    made = Document.objects.get()
    assert answer["Location"] == f"{LIST}/{made.id}" and made.buyer_title == "Acme & Co"
    shown = client.get(f"/office/orders/{order.id}").content.decode()
    assert made.number in shown and "Acme &amp; Co" in shown

    pdf = client.get(f"{LIST}/{made.id}/pdf")
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF-")
    assert pdf.content == client.get(f"{LIST}/{made.id}/pdf").content


def test_crediting_units_and_amounts(office: Office, invoice: Document) -> None:
    client, path = office.client("finance"), f"{LIST}/{invoice.id}/credit"
    for values in (
        {"how": "units", "units_1": "3", "reason": "r"}, {"how": "units", "units_1": "1.5", "reason": "r"},
        {"how": "amount", "amount": "9999", "reason": "r"}, {"how": "units", "units_1": "1", "reason": ""}, {"how": "units", "reason": "r"},
        {"how": "amount", "amount": "-1", "reason": "r"},
    ):  # fmt: skip
        assert post(client, path, key=str(new_id()), **values).status_code == 422, values
    assert Document.objects.count() == 1
    assert post(client, path, key="k1", how="units", units_1="1", reason="torn").status_code == 303
    assert post(client, path, key="k2", how="amount", amount="5.00", reason="late").status_code == 303
    invoice.refresh_from_db()
    assert invoice.credited_minor == 2500
    assert post(client, path, key="k3", how="all", reason="rest").status_code == 303
    assert post(client, path, key="k4", how="all", reason="rest").status_code == 409
    assert Document.objects.filter(kind="credit_note").count() == 3


def test_above_the_limit_the_dialog_offers_to_ask(office: Office, invoice: Document) -> None:
    client = office.narrowed("finance", invoicing__credit={"limit": 500})
    values = {"how": "units", "units_1": "1", "reason": "torn", "key": "k"}
    refused = post(client, f"{LIST}/{invoice.id}/credit", **values)
    assert refused.status_code == 403 and b'name="ask"' in refused.content
    asked = post(client, f"{LIST}/{invoice.id}/credit", ask="1", **values)
    assert asked.status_code == 303 and Document.objects.count() == 1
    assert b"asked for approval" in client.get(f"{LIST}/{invoice.id}").content


def test_a_correction_for_another_name(office: Office, invoice: Document) -> None:
    client = office.client("finance")
    answer = post(
        client, f"{LIST}/{invoice.id}/correct", key="k", reason="name", kind="person", title="Bo Example"
    )
    assert answer.status_code == 303
    new = Document.objects.get(kind="invoice", closed_at__isnull=True)
    assert new.buyer_title == "Bo Example" and Document.objects.count() == 3


def test_who_may_not_does_not(office: Office, order: orders.Order, invoice: Document) -> None:
    agent, warehouse = office.client("agent"), office.client("warehouse")
    for path in (
        f"{LIST}/{invoice.id}/credit",
        f"{LIST}/{invoice.id}/correct",
        f"{LIST}/batches/new",
        f"{LIST}/settings",
    ):
        assert post(agent, path, reason="r", how="all", key="k", only="hand").status_code == 403, path
    assert post(agent, f"/office/orders/{order.id}/invoice", key="k").status_code == 403
    assert agent.get(f"{LIST}?export=csv").status_code == 403
    assert agent.get(f"{LIST}/tax.csv").status_code == 403
    for path in (LIST, f"{LIST}/{invoice.id}", f"{LIST}/{invoice.id}/pdf"):
        assert warehouse.get(path).status_code == 403
    assert invoice.number not in warehouse.get(f"/office/orders/{order.id}").content.decode()
    assert Document.objects.count() == 1 and not Batch.objects.exists()
    assert post(agent, f"{LIST}/{invoice.id}/send", back="order").status_code == 303
    assert office.audited("invoicing.send") == 1


def test_setting_it_up(office: Office) -> None:
    client = office.client("finance")
    assert b"Who sells is not filled in yet" in client.get(LIST).content
    wrong = post(
        client,
        f"{LIST}/settings",
        version="0",
        name="",
        address="",
        invoice_prefix="A B",
        credit_prefix="CN",
        issue_at="x",
    )
    assert wrong.status_code == 422 and invoicing.seller().version == 0
    fine = {
        "version": "0", "name": "Harbor <b>", "address": "Quay 1", "invoice_prefix": "re", "credit_prefix": "GS", "issue_at": "payment",
        "language": "both", "by_year": "1",
    }  # fmt: skip
    assert post(client, f"{LIST}/settings", **fine).status_code == 303
    assert post(client, f"{LIST}/settings", **fine).status_code == 409
    found = invoicing.seller()
    assert (found.invoice_prefix, found.issue_at, found.by_year, found.credit_refunds) == (
        "RE",
        "payment",
        True,
        False,
    )
    assert b"Harbor &lt;b&gt;" in client.get(f"{LIST}/settings").content
    assert client.get(f"{LIST}/settings/sample").content.startswith(b"%PDF-")


def test_the_file_for_the_tax_system(office: Office, order: orders.Order) -> None:
    draft = invoicing.BuyerDraft(
        kind="company",
        title="=HYPERLINK(1)",
        tax_number="US77",
        email="ap@acme.example",
        wants_tax_invoice=True,
    )
    invoicing.set_buyer(office.boss, order.id, draft)
    invoice = invoicing.issue_invoice(office.boss, order.id, idempotency_key="k")
    invoicing.credit_invoice(office.boss, invoice.id, reason="torn", idempotency_key="c", units={1: 1})
    answer = office.client("finance").get(f"{LIST}/tax.csv?wanted=1")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = [line.split(",") for line in text.splitlines()]
    assert rows[0][0] == "单据编号" and len(rows) == 4
    assert rows[1][1] == "贷项" and rows[1][15] == "-1" and rows[1][20] == "-20.00"
    assert rows[2][6] == "'=HYPERLINK(1)" and rows[2][12] == "ap@acme.example" and rows[2][20] == "40.00"
    assert office.audited("invoicing.export") == 1


def test_a_batch_is_started_watched_and_stopped(
    office: Office, order: orders.Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "defer", lambda *_a, **_k: None)
    client = office.client("finance")
    days = {"from": "2020-01-01", "to": "2020-02-30", "only": "hand"}
    assert client.post(f"{LIST}/batches/new", days).status_code == 422
    day = (
        order.placed_at.astimezone(ZoneInfo("America/New_York")).date().isoformat()
    )  # as the shop counts days
    started = client.post(f"{LIST}/batches/new", {"from": day, "to": day, "only": "hand"})
    made = Batch.objects.get()
    assert started.status_code == 303 and started["Location"] == f"{LIST}/batches/{made.id}"
    assert client.post(f"{LIST}/batches/new", {"from": day, "to": day, "only": "hand"}).status_code == 409
    assert batches.next_of(made.id) is True
    shown = client.get(f"{LIST}/batches/{made.id}", HTTP_HX_REQUEST="true").content.decode()
    assert "<progress" in shown and "<html" not in shown
    assert client.post(f"{LIST}/batches/{made.id}/stop").status_code == 303
    assert batches.next_of(made.id) is False
    made.refresh_from_db()
    assert (made.state, made.issued) == ("stopped", 1)
