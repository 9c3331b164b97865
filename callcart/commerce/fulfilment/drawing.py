"""A waybill drawn: a layout and its values on a page of a PDF. What does not fit is made smaller, then wrapped; what even so does
not, or a code too fine for a scanner, is drawn as well as can be and given back as a problem. Pure, but for fonts and pictures.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import segno
from django.utils.translation import gettext
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from callcart.commerce.fulfilment.layout import FIELDS, LEAST_MODULE, Element, Kind, Layout
from callcart.commerce.fulfilment.lettering import LEADING, fit, width, write
from callcart.core import files
from callcart.core.ids import spoken

_QUIET = 4  # modules of white round a QR code, as its standard asks for
_MOST_BYTES = 400


def draw(canvas: Canvas, layout: Layout, values: Mapping[str, str]) -> list[str]:
    """Draw one page and end it; what did not fit."""
    canvas.setPageSize((layout.width * mm, layout.height * mm))
    problems = []
    for each in layout.elements:
        if problem := _DRAWN[each.kind](canvas, layout, each, values):
            problems.append(problem)
    canvas.showPage()
    return problems


def said(element: Element, values: Mapping[str, str]) -> str:
    """What an element says: nothing where its field is empty, whatever stands round it."""
    if element.kind is Kind.STATIC:
        return element.text
    value = values.get(element.field, "")
    return f"{element.before}{_formatted(value, element.format)}{element.after}" if value else ""


def _formatted(value: str, form: str) -> str:
    if form == "grouped":
        return spoken(value)
    if form == "upper":
        return value.upper()
    if form == "masked" and len(value) > 4:
        shown = max(len(value) // 4, 2)
        return value[:shown] + "*" * (len(value) - 2 * shown) + value[-shown:]
    return value


def _text(canvas: Canvas, layout: Layout, element: Element, values: Mapping[str, str]) -> str:
    text = said(element, values)
    if not text.strip():
        return ""
    room = element.w * mm
    found = fit(text, room, element.h * mm, element.size, least=element.least, bold=element.bold)
    top = (layout.height - element.y) * mm
    for number, line in enumerate(found.lines):
        left = room - width(line, found.size, bold=element.bold)
        shift = {"left": 0.0, "center": left / 2, "right": left}[element.align]
        baseline = top - (number * LEADING + 0.93) * found.size
        write(canvas, element.x * mm + max(shift, 0.0), baseline, line, found.size, bold=element.bold)
    return "" if found.whole else gettext("“%(field)s” does not fit whole.") % {"field": _named(element)}


def _named(element: Element) -> str:
    return str(FIELDS.get(element.field, element.text[:20]))


def _line(canvas: Canvas, layout: Layout, element: Element, values: Mapping[str, str]) -> str:
    canvas.setLineWidth(element.stroke * mm)
    x, y = element.x * mm, (layout.height - element.y) * mm
    canvas.line(x, y, x + element.w * mm, y - element.h * mm)
    return ""


def _box(canvas: Canvas, layout: Layout, element: Element, values: Mapping[str, str]) -> str:
    canvas.setLineWidth(element.stroke * mm)
    canvas.rect(element.x * mm, (layout.height - element.y - element.h) * mm, element.w * mm, element.h * mm)
    return ""


@lru_cache(maxsize=16)
def _picture(path: str) -> Any:
    return ImageReader(path)


def _logo(canvas: Canvas, layout: Layout, element: Element, values: Mapping[str, str]) -> str:
    canvas.drawImage(
        _picture(str(files.path(element.image))), element.x * mm, (layout.height - element.y - element.h) * mm,
        element.w * mm, element.h * mm, preserveAspectRatio=True, anchor="c", mask="auto",
    )  # fmt: skip
    return ""


def _code128(canvas: Canvas, layout: Layout, element: Element, values: Mapping[str, str]) -> str:
    text = said(element, values)
    if not text:
        return ""
    if not (text.isascii() and text.isprintable()):
        return gettext("“%(field)s” cannot be written as Code 128.") % {"field": _named(element)}
    modules = Code128(text, barWidth=1, quiet=False).width
    fine = element.w / modules
    bars = Code128(text, barWidth=fine * mm, barHeight=element.h * mm, quiet=False)
    bars.drawOn(canvas, element.x * mm, (layout.height - element.y - element.h) * mm)
    if fine < LEAST_MODULE:
        return gettext("“%(field)s” is too fine to be scanned: make its code wider.") % {
            "field": _named(element)
        }
    return ""


def _qr(canvas: Canvas, layout: Layout, element: Element, values: Mapping[str, str]) -> str:
    text = said(element, values)
    if not text:
        return ""
    if len(text.encode()) > _MOST_BYTES:
        return gettext("“%(field)s” is too long for a QR code.") % {"field": _named(element)}
    rows = segno.make(text, error="m", micro=False).matrix
    side = min(element.w, element.h)
    cell = side / (len(rows) + 2 * _QUIET)
    left = element.x + (element.w - side) / 2 + _QUIET * cell
    top = layout.height - element.y - (element.h - side) / 2 - _QUIET * cell
    path = canvas.beginPath()
    for down, row in enumerate(rows):
        start = None
        for across, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = across
            elif not dark and start is not None:
                path.rect(
                    (left + start * cell) * mm,
                    (top - (down + 1) * cell) * mm,
                    (across - start) * cell * mm,
                    cell * mm,
                )
                start = None
    canvas.drawPath(path, stroke=0, fill=1)
    if cell < LEAST_MODULE:
        return gettext("“%(field)s” is too fine to be scanned: make its code wider.") % {
            "field": _named(element)
        }
    return ""


_DRAWN = {
    Kind.TEXT: _text, Kind.STATIC: _text, Kind.LINE: _line, Kind.BOX: _box, Kind.LOGO: _logo, Kind.CODE128: _code128,
    Kind.QR: _qr,
}  # fmt: skip
