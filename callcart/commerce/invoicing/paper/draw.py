"""Drawing an invoice or credit note as a PDF: who, to whom, the lines over as many pages as they take with sums carried from page
to page, the totals by tax rate. The same content gives the same bytes: no time of making and no random id is in them."""

from __future__ import annotations

import io
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from callcart.commerce.invoicing.content import Content
from callcart.commerce.invoicing.paper import head
from callcart.commerce.invoicing.paper.pen import BOTTOM, LEFT, LINE, RIGHT, TOP, Pen
from callcart.commerce.invoicing.paper.table import Heading, Row, columns, rows_of
from callcart.commerce.invoicing.paper.words import page_of, word

_SUMS_ROOM = 16 * mm  # carried and brought lines
_FOOT_TOP = BOTTOM + 16 * mm


@dataclass(frozen=True, slots=True)
class _Page:
    """The rows of one page and the sum before and after them; `is_last` has the totals below."""

    rows: tuple[Row | Heading, ...]
    before: int
    after: int
    is_last: bool


def draw(content: Content) -> bytes:
    """The PDF of a document."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(f"{word(content.kind, content.language)} {content.number}")
    canvas.setAuthor(content.seller.name or content.seller.name_zh)
    pen = Pen(canvas, content.currency, content.language)
    top = head.height(pen, content)
    pages = _paginated(pen, content, first=TOP - top)
    for number, page in enumerate(pages, start=1):
        _page(pen, content, page, number, len(pages))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _paginated(pen: Pen, content: Content, *, first: float) -> list[_Page]:
    """Rows filled into pages; the last keeps room for the totals, or they get a page of their own."""
    rows, totals = rows_of(pen, content), head.totals_height(content)
    pages: list[_Page] = []
    page: list[Row | Heading] = []
    before = so_far = 0
    room = first - head.COLUMNS - _FOOT_TOP
    for row in rows:
        carried = _SUMS_ROOM / 2 + (_SUMS_ROOM / 2 if pages else 0)
        if page and sum(each.height for each in page) + row.height + carried > room:
            pages.append(_Page(tuple(page), before, so_far, False))
            page, before, room = [], so_far, head.NEXT_TOP - head.COLUMNS - _FOOT_TOP
        page.append(row)
        so_far += row.amount
    brought = _SUMS_ROOM / 2 if pages else 0
    if sum(each.height for each in page) + brought + totals > room and page:
        pages.append(_Page(tuple(page), before, so_far, False))
        page, before = [], so_far
    return [*pages, _Page(tuple(page), before, so_far, True)]


def _page(pen: Pen, content: Content, page: _Page, number: int, count: int) -> None:
    at = head.draw(pen, content) if number == 1 else head.draw_next(pen, content)
    at = columns(pen, content, at)
    if number > 1:
        at = _sum_line(pen, "brought", page.before, at)
    for row in page.rows:
        at = row.draw(pen, at)
    if page.is_last:
        head.totals(pen, content, at)
    else:
        pen.rule(at + LINE - 2)
        _sum_line(pen, "carried", page.after, at - 3)
    _foot(pen, content, number, count)


def _sum_line(pen: Pen, key: str, minor: int, at: float) -> float:
    pen.right(pen.word(key), RIGHT - 34 * mm, at, size=8.5, grey=True)
    pen.right(pen.money(minor), RIGHT, at, size=8.5, bold=True)
    return at - _SUMS_ROOM / 2


def _foot(pen: Pen, content: Content, number: int, count: int) -> None:
    at = BOTTOM + 9 * mm
    pen.rule(at + 4 * mm)
    if content.country == "CN" or content.language != "en":
        pen.left(pen.word("not_fapiao"), LEFT, at, size=7, grey=True, room=RIGHT - LEFT)
    pen.left(
        f"{content.seller.name or content.seller.name_zh} · {content.number}",
        LEFT,
        BOTTOM + 4 * mm,
        size=7,
        grey=True,
        room=110 * mm,
    )
    pen.right(page_of(number, count, content.language), RIGHT, BOTTOM + 4 * mm, size=7, grey=True)
