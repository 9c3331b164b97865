"""What the warehouse does with an order: packed by scan, handed over by scan, booked with the carrier; and goods that come in."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.system import eventually
from tests.journeys.trade import Trade

_PAGE_OF = r"/{}/[0-9a-f-]{{36}}$"


def send(trade: Trade, number: str) -> list[str]:
    """Pack and hand over all documents of an order; the numbers that the carrier gave its parcels."""
    page, order = trade.staff("ware"), trade.order(number)["id"]
    for document in trade.rows("SELECT * FROM shipping_dispatch WHERE order_id = %(id)s AND state <> 'cancelled' ORDER BY id", id=order):  # fmt: skip
        _pack(trade, page, document)
        _hand_over(trade, page, document)
    parcels = trade.rows("SELECT id FROM shipping_parcel WHERE order_id = %(id)s ORDER BY id", id=order)
    return [_book(trade, page, parcel["id"]) for parcel in parcels]


def _pack(trade: Trade, page: Page, document: dict[str, Any]) -> None:
    page.goto(f"{trade.url}/office/packing")
    page.fill("#code", document["number"])
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(_PAGE_OF.format("packing")))
    units = trade.rows(
        "SELECT v.sku, l.quantity FROM shipping_dispatchline l JOIN catalog_variant v ON v.id = l.variant_id"
        " WHERE l.dispatch_id = %(id)s",
        id=document["id"],
    )
    for row in units:
        page.fill("#code", f"{row['quantity']}*{row['sku']}")
        page.keyboard.press("Enter")
    done = page.locator("form[action$='/done']")
    expect(done).to_be_visible()
    trade.picture(page, "packing")
    done.locator("[type=submit], button").first.click()
    expect(page.locator("form[action$='/office/packing'] #code")).to_be_visible()


def _hand_over(trade: Trade, page: Page, document: dict[str, Any]) -> None:
    page.goto(f"{trade.url}/office/handover")
    form = page.locator(
        ".handover-tiles form", has=page.locator(f"[name=place][value='{document['warehouse_id']}']")
    )
    form.filter(has=page.locator(f"[name=carrier][value='{document['carrier']}']")).locator("button").click()
    page.wait_for_url(re.compile(_PAGE_OF.format("handover")))
    boxes = trade.rows(
        "SELECT b.number FROM fulfilment_box b JOIN fulfilment_packing p ON p.id = b.packing_id"
        " WHERE p.dispatch_id = %(id)s AND p.state = 'packed'",
        id=document["id"],
    )
    for box in boxes:
        page.fill("#code", box["number"])
        page.keyboard.press("Enter")
    query = "SELECT state FROM shipping_dispatch WHERE id = %(id)s"
    eventually(lambda: trade.rows(query, id=document["id"])[0]["state"] == "handed_over", "it is handed over")
    trade.picture(page, "handed-over")


def _book(trade: Trade, page: Page, parcel: Any) -> str:
    page.goto(f"{trade.url}/office/parcels/{parcel}")
    page.locator("form[action$='/book'] button").first.click()
    query = "SELECT tracking FROM shipping_parcel WHERE id = %(id)s"
    tracking = eventually(
        lambda: str(trade.rows(query, id=parcel)[0]["tracking"]), "the carrier gives a number"
    )
    page.reload()
    trade.picture(page, "parcel")
    return tracking


def transfer(trade: Trade, sku: str, source: str, target: str, *, units: int) -> None:
    """Write a transfer, send it off, and receive it at the other end by scanning."""
    page = trade.staff("ware")
    page.goto(f"{trade.url}/office/stock/documents/new/transfer")
    page.select_option("[name=warehouse]", str(trade.warehouse(source)))
    page.select_option("[name=target]", str(trade.warehouse(target)))
    page.fill("[name=list]", f"{sku} {units}")
    page.locator("main form .btn-list [type=submit]").first.click()
    page.wait_for_url(re.compile(_PAGE_OF.format("documents")))
    page.locator("form[action$='/send'] button").click()
    receive(trade, page, sku, units=units)
    assert trade.left(sku)[target] == units


def receive(trade: Trade, page: Page, sku: str, *, units: int) -> None:
    """All of a document's units by one scan, from the document's page; it goes back there by itself."""
    page.locator("a[href$='/scan']").click()
    page.fill("[name=code]", f"{units}*{sku}")
    trade.picture(page, "receiving")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(_PAGE_OF.format("documents")))
    trade.picture(page, "received")
