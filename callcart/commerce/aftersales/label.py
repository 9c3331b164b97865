"""The slip a customer puts into the parcel: one page, the number of the case as Code 128 for the scanner at the door, what comes
back, where to. In the customer's language.
"""

from __future__ import annotations

import io

from django.utils.translation import gettext, override
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A6
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from callcart.commerce.aftersales.models import Case
from callcart.commerce.aftersales.rules import rules_of
from callcart.core.ids import spoken
from callcart.people.tenants.public import get_tenant

_FONT = "STSong-Light"
_EDGE = 8 * mm


def return_label(case: Case, language: str) -> bytes:
    """A PDF of one page (A6); the same for the same case."""
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A6, invariant=1)
    canvas.setTitle(case.number)
    _width, height = A6
    with override(language):
        y = _head(canvas, case, language, height)
        _contents(canvas, case, language, y)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _head(canvas: Canvas, case: Case, language: str, height: float) -> float:
    tenant = get_tenant(case.tenant_id)
    canvas.setFont(_FONT, 15)
    canvas.drawString(_EDGE, height - 14 * mm, gettext("Return %(number)s") % {"number": spoken(case.number)})
    bars = Code128(case.number, barHeight=18 * mm, barWidth=0.5 * mm, quiet=True)
    bars.drawOn(canvas, _EDGE - 5 * mm, height - 36 * mm)
    canvas.setFont(_FONT, 10)
    y = height - 44 * mm
    for line in _wrapped([tenant.name_in(language), *rules_of().address.splitlines()], 10)[:7]:
        canvas.drawString(_EDGE, y, line)
        y -= 5 * mm
    return y - 4 * mm


def _contents(canvas: Canvas, case: Case, language: str, y: float) -> None:
    canvas.setFont(_FONT, 9)
    lines = [
        gettext("Order %(number)s") % {"number": spoken(case.order.number)},
        *(f"{row.quantity} × {row.name_in(language)} ({row.sku})" for row in case.lines.all()),
        gettext("Put this slip into the parcel."),
    ]
    for line in _wrapped(lines, 9):
        if y < 8 * mm:
            canvas.drawString(_EDGE, y, "…")
            return
        canvas.drawString(_EDGE, y, line)
        y -= 4.5 * mm


def _wrapped(lines: list[str], size: int) -> list[str]:
    return [part for line in lines for part in simpleSplit(line, _FONT, size, A6[0] - 2 * _EDGE)]
