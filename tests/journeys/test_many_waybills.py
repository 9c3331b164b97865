"""A busy morning: five hundred orders wait, and their waybills are printed as one file, by one button."""

from __future__ import annotations

import base64
import re

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.trade import Trade

pytestmark = [pytest.mark.journey, pytest.mark.timeout(400)]

MANY = 500
ONE = """
from uuid import UUID
from callcart.commerce.orders.public import DraftAddress, DraftLine, OrderDraft, approve_order, place_order
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
with tenant_transaction(tenant):
    boss = Actor.system(tenant, "journey")
    draft = OrderDraft(
        lines=(DraftLine(UUID(variant), 1),), channel="web", payment_method="cod", delivery_method=method,
        address=DraftAddress(country=country, **{"district": "", **address}),
    )
    order = place_order(boss, draft, idempotency_key=variant)
    approve_order(boss, order.id, version=order.version)
    answer = str(order.id)
"""
# Copies of an order with all that stands on it: its debt, what is held for it, and its dispatch document.
COPIES = """
WITH made AS MATERIALIZED (
    SELECT to_char(n, 'FM000') AS n, gen_random_uuid() AS o, gen_random_uuid() AS l, gen_random_uuid() AS d
      FROM generate_series(1, %(copies)s) n),
orders AS (INSERT INTO orders_order SELECT (jsonb_populate_record(x, jsonb_build_object(
    'id', o, 'number', %(mark)s || n, 'ship_name', x.ship_name || n))).* FROM orders_order x, made WHERE x.id = %(order)s),
lines AS (INSERT INTO orders_line SELECT (jsonb_populate_record(x, jsonb_build_object('id', l, 'order_id', o))).*
    FROM orders_line x, made WHERE x.order_id = %(order)s),
debts AS (INSERT INTO payments_payment SELECT (jsonb_populate_record(x, jsonb_build_object(
    'id', gen_random_uuid(), 'order_id', o, 'order_number', %(mark)s || n))).* FROM payments_payment x, made WHERE x.order_id = %(order)s),
held AS (INSERT INTO inventory_reservation SELECT (jsonb_populate_record(x, jsonb_build_object(
    'id', gen_random_uuid(), 'order_id', o, 'line_id', l))).* FROM inventory_reservation x, made WHERE x.order_id = %(order)s),
counts AS (UPDATE inventory_stock s SET allocated = allocated + %(copies)s FROM inventory_reservation r
    WHERE r.order_id = %(order)s AND s.id = r.stock_id),
documents AS (INSERT INTO shipping_dispatch SELECT (jsonb_populate_record(x, jsonb_build_object(
    'id', d, 'number', %(mark)s || n, 'order_id', o, 'order_number', %(mark)s || n))).* FROM shipping_dispatch x, made
    WHERE x.order_id = %(order)s)
INSERT INTO shipping_dispatchline SELECT (jsonb_populate_record(x, jsonb_build_object(
    'id', gen_random_uuid(), 'dispatch_id', d, 'line_id', l))).*
  FROM shipping_dispatchline x JOIN shipping_dispatch y ON y.id = x.dispatch_id, made WHERE y.order_id = %(order)s
RETURNING id
"""


def test_five_hundred_in_one_file(trade: Trade) -> None:
    sku = trade.sku("MANY")
    variant = trade.goods(sku, {trade.place.warehouses[0]: MANY + 5}, price=500)
    names = _waiting(trade, sku, variant)
    page = trade.staff("ware")
    page.goto(f"{trade.url}/office/dispatches?state=waiting")
    trade.picture(page, "many-waiting")
    page.locator("form.print-many button").click()
    page.wait_for_url(re.compile(r"/waybills/jobs/[0-9a-f-]{36}$"))
    trade.picture(page, "many-drawing")
    document = _file(page)
    trade.picture(page, "many-ready")
    with pypdfium2.PdfDocument(document) as pdf:
        assert len(pdf) == MANY
        text = "\n".join(sheet.get_textpage().get_text_bounded() for sheet in pdf)
    printed = [name for name in names if name in text]
    assert len(printed) > MANY - 50, "all but what some had waited before them"
    numbers = trade.rows("SELECT count(DISTINCT number) AS found FROM fulfilment_box WHERE prints > 0 AND tenant_id = %(t)s", t=trade.tenant)  # fmt: skip
    assert numbers[0]["found"] >= MANY
    assert trade.complaints == []


def _waiting(trade: Trade, sku: str, variant: str) -> list[str]:
    """Orders approved and not yet printed; the names of their receivers, each another one."""
    place = trade.place
    order = trade.shell.run(
        ONE,
        tenant=trade.tenant,
        variant=variant,
        address=place.address,
        method=place.method,
        country=place.country,
    )
    assert len(trade.rows(COPIES, order=order, copies=MANY - 1, mark=sku)) == MANY - 1
    return [place.address["name"], *(f"{place.address['name']}{number:03}" for number in range(1, MANY))]


def _file(page: Page) -> bytes:
    """The file behind the button that appears once all are drawn."""
    link = page.locator("a[href$='/file']")
    expect(link).to_be_visible(timeout=60_000)
    text: str = page.evaluate(
        """async (address) => {
            const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
            let text = "";
            for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
            return btoa(text);
        }""",
        link.get_attribute("href"),
    )
    return base64.b64decode(text)
