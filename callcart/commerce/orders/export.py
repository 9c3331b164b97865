"""The order list as a file for spreadsheets. A text that a spreadsheet would take for a formula is made harmless; amounts are
numbers in major units, times are the reader's."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import IO
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, override, pgettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from callcart.commerce.orders import labels
from callcart.commerce.orders.queries import OrderFilters, OrderRow, list_orders
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.money import Money

Cell = str | int | Decimal
_CHUNK = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # full width ones too


def harmless(text: str) -> str:
    """A text with an apostrophe before what would start a formula (CWE-1236)."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def export_rows(actor: Actor, filters: OrderFilters | None = None) -> Iterator[list[Cell]]:
    """A heading, then a row for each order of the filter, in the actor's language. Audited. Take all of it within one
    transaction."""
    actor.require("orders.export")
    chosen = filters or OrderFilters()
    audit.record(actor, "orders.export", after={"filters": chosen.to_dict()})
    return _rows(actor, chosen)


def _rows(actor: Actor, filters: OrderFilters) -> Iterator[list[Cell]]:
    with override(actor.language):
        yield [
            gettext("Order"),
            pgettext("time", "Placed"),
            gettext("State"),
            gettext("Payment"),
            gettext("Delivery state"),
            gettext("Channel"),
            gettext("Name"),
            gettext("Phone"),
            gettext("Region"),
            gettext("City"),
            gettext("Products"),
            gettext("Units"),
            gettext("Discount"),
            gettext("Coupon codes"),
            gettext("Tax"),
            gettext("Total"),
            gettext("Currency"),
            gettext("Payment method"),
            gettext("Delivery method"),
            gettext("Agent"),
        ]
    cursor = ""
    while True:
        page = list_orders(actor, filters, cursor=cursor, limit=_CHUNK)
        with override(actor.language):
            chunk = [_row(row, ZoneInfo(actor.timezone)) for row in page.rows]
        yield from chunk
        cursor = page.cursor
        if not cursor:
            return


def _row(row: OrderRow, zone: ZoneInfo) -> list[Cell]:
    cells: list[Cell] = [
        row.number,
        row.placed_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        labels.state_label(row.state),
        labels.payment_label(row.payment_state),
        labels.fulfilment_label(row.fulfilment_state),
        labels.channel_label(row.channel),
        row.name,
        row.phone,
        row.region,
        row.city,
        row.summary,
        row.units,
        Money(row.discount_minor, row.total.currency).decimal,
        ", ".join(row.coupons),
        Money(row.tax_minor, row.total.currency).decimal,
        row.total.decimal,
        row.total.currency,
        labels.payment_method_label(row.payment_method),
        row.delivery,
        row.agent_name,
    ]
    return [harmless(cell) if isinstance(cell, str) else cell for cell in cells]


def write_csv(rows: Iterable[list[Cell]], file: IO[bytes]) -> None:
    """UTF-8 with a mark at the start, so that spreadsheets read Chinese."""
    file.write(b"\xef\xbb\xbf")
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    csv.writer(text).writerows(rows)
    text.detach()


def write_xlsx(rows: Iterable[list[Cell]], file: IO[bytes]) -> None:
    """One sheet; texts are stored as texts whatever they look like."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Orders")
    for row in rows:
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=float(value) if isinstance(value, Decimal) else value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    book.save(file)
