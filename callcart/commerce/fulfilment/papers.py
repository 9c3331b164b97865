"""The papers of a round and of a collection: the picking list and the manifest that the driver signs. A4, as many pages as it takes,
in the language of whoever prints."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from callcart.commerce.fulfilment.lettering import fit, width, write
from callcart.commerce.fulfilment.models import Manifest
from callcart.commerce.fulfilment.queries import WavePlan, boxes_on
from callcart.commerce.inventory.public import Warehouse
from callcart.commerce.orders.models import Order
from callcart.core.ids import spoken
from callcart.core.money import Money

_WIDE, _HIGH = A4
_LEFT, _BOTTOM = 15 * mm, 18 * mm


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, its width in millimetres, and whether it is numbers."""

    heading: str
    wide: float
    is_number: bool = False
    bold: bool = False


@dataclass(slots=True)
class _Paper:
    """A canvas and how far down it is written."""

    canvas: Canvas
    title: str
    y: float = 0.0
    page: int = 0

    def head(self, lines: Sequence[str], code: str) -> None:
        self.page += 1
        if self.page > 1:
            self.canvas.showPage()
        top = _HIGH - 20 * mm
        write(self.canvas, _LEFT, top, self.title, 17, bold=True)
        for number, line in enumerate(lines):
            write(self.canvas, _LEFT, top - (7 + 5.2 * number) * mm, line, 10)
        bars = Code128(code, barHeight=12 * mm, barWidth=0.33 * mm)
        bars.drawOn(self.canvas, _WIDE - _LEFT - bars.width, top - 7 * mm)
        said = _("Page %(page)s") % {"page": self.page}
        write(self.canvas, _WIDE - _LEFT - width(said, 8), 10 * mm, said, 8)
        self.y = top - (10 + 5.2 * len(lines)) * mm

    def row(self, columns: Sequence[Column], cells: Sequence[str], *, head: bool = False) -> None:
        x = _LEFT
        most = max(
            len(fit(cell, (each.wide - 2) * mm, 9 * mm, 9, least=6).lines)
            for each, cell in zip(columns, cells, strict=True)
        )
        high = max(most * 3.9 * mm, 5 * mm) + 2 * mm
        for each, cell in zip(columns, cells, strict=True):
            bold = head or each.bold
            found = fit(cell, (each.wide - 2) * mm, 9 * mm, 9, least=6, bold=bold)
            for number, line in enumerate(found.lines):
                at = x
                if each.is_number:
                    at += (each.wide - 2) * mm - width(line, found.size, bold=bold)
                write(self.canvas, at, self.y - (4 + 3.9 * number) * mm, line, found.size, bold=bold)
            x += each.wide * mm
        self.y -= high
        self.canvas.setLineWidth(0.8 if head else 0.25)
        self.canvas.line(_LEFT, self.y, _WIDE - _LEFT, self.y)


def _written(title: str, code: str, lines: Sequence[str], parts: Sequence[Callable[[_Paper, Callable[[], None]], None]]) -> bytes:  # fmt: skip
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setTitle(title)
    paper = _Paper(canvas, title)

    def turn() -> None:
        paper.head(lines, code)

    turn()
    for part in parts:
        part(paper, turn)
    canvas.save()
    return out.getvalue()


def _table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Callable[[_Paper, Callable[[], None]], None]:  # fmt: skip
    def draw(paper: _Paper, turn: Callable[[], None]) -> None:
        paper.y -= 4 * mm
        paper.row(columns, [each.heading for each in columns], head=True)
        for cells in rows:
            if paper.y < _BOTTOM + 12 * mm:
                turn()
                paper.row(columns, [each.heading for each in columns], head=True)
            paper.row(columns, cells)

    return draw


def picking_list(plan: WavePlan, warehouse: Warehouse, *, language: str, day: str) -> bytes:
    """A wave on paper: the walk with the slots that each article goes into, then what stands in which slot."""
    walk = [
        (
            line.row.bin or "–", line.variant.sku, line.variant.name_in(language), str(line.row.quantity),
            "   ".join(f"{slot}: {count}" for slot, count in line.slots), "",
        )
        for line in plan.lines
        if line.row.quantity
    ]  # fmt: skip
    slots = [
        (str(slot.slot), spoken(dispatch.number), spoken(dispatch.order_number), dispatch.carrier or "–")
        for slot, dispatch in plan.slots
        if slot.is_on
    ]
    head = [
        f"{warehouse.name_in(language)} · {day} · {plan.wave.staff_name}",
        _("%(documents)s documents, %(units)s units") % {"documents": len(slots), "units": plan.units},
    ]
    columns = (
        Column(_("Bin"), 24, bold=True), Column(_("SKU"), 32), Column(_("Article"), 60), Column(_("Units"), 16, is_number=True, bold=True),
        Column(_("Slot: units"), 36), Column(_("Picked"), 12),
    )  # fmt: skip
    documents = (Column(_("Slot"), 20, bold=True), Column(_("Document"), 50), Column(_("Order"), 50), Column(_("Carrier"), 60))  # fmt: skip
    title = _("Picking list %(number)s") % {"number": spoken(plan.wave.number)}
    return _written(title, plan.wave.number, head, [_table(columns, walk), _table(documents, slots)])


def manifest_paper(
    manifest: Manifest, warehouse: Warehouse, *, language: str, day: str, money: Callable[[Money], str]
) -> bytes:
    """What a carrier takes, with sums of boxes, weight and cash, and a line to sign on."""
    found = boxes_on(manifest)
    orders = Order.objects.in_bulk({dispatch.order_id for _box, dispatch in found})
    rows, cash, grams, paid = [], 0, 0, set()
    for number, (box, dispatch) in enumerate(found, start=1):
        first = dispatch.id not in paid
        paid.add(dispatch.id)
        cod = dispatch.cod if first else None
        cash += cod.minor if cod else 0
        grams += box.weight_g or 0
        order = orders.get(dispatch.order_id)
        rows.append(
            (
                str(number), box.tracking or spoken(box.number), spoken(dispatch.order_number),
                f"{order.ship_name}, {order.ship_city or order.ship_province}" if order else "–",
                f"{box.weight_g / 1000:.2f}" if box.weight_g else "–", money(cod) if cod else "",
            )
        )  # fmt: skip
    currency = found[0][1].currency if found else ""
    head = [
        f"{manifest.carrier or '–'} · {warehouse.name_in(language)} · {day}",
        _("%(boxes)s boxes, %(weight)s kg") % {"boxes": len(rows), "weight": f"{grams / 1000:.2f}"}
        + (
            " · " + _("cash to collect: %(amount)s") % {"amount": money(Money(cash, currency))}
            if cash
            else ""
        ),
    ]
    columns = (
        Column("#", 10, is_number=True), Column(_("Waybill"), 44, bold=True), Column(_("Order"), 28), Column(_("Receiver"), 58),
        Column(_("kg"), 16, is_number=True), Column(_("Cash"), 24, is_number=True),
    )  # fmt: skip

    def sign(paper: _Paper, turn: Callable[[], None]) -> None:
        if paper.y < _BOTTOM + 30 * mm:
            turn()
        paper.y -= 24 * mm
        who = (
            _("Handed over by %(name)s") % {"name": manifest.closed_by or manifest.staff_name},
            _("Taken by %(name)s") % {"name": manifest.driver or "…"},
        )
        for number, text in enumerate(who):
            x = _LEFT + number * 92 * mm
            paper.canvas.line(x, paper.y, x + 80 * mm, paper.y)
            write(paper.canvas, x, paper.y - 5 * mm, text, 9)

    title = _("Manifest %(number)s") % {"number": spoken(manifest.number)}
    return _written(title, manifest.number, head, [_table(columns, rows), sign])
