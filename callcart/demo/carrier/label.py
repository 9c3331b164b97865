"""The company's label: 100 by 150 millimetres, the number as Code 128, who it is for."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

_FONT = "STSong-Light"


def label(tracking: str, asked: Mapping[str, Any]) -> bytes:
    """A PDF of one page; the same for the same shipment."""
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(100 * mm, 150 * mm), invariant=1)
    canvas.setTitle(tracking)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(8 * mm, 138 * mm, "Meadow Post")
    canvas.setFont("Helvetica", 11)
    canvas.drawRightString(92 * mm, 138 * mm, str(asked.get("service", ""))[:20])
    Code128(tracking, barHeight=22 * mm, barWidth=0.42 * mm, quiet=True).drawOn(canvas, 8 * mm, 106 * mm)
    canvas.drawCentredString(50 * mm, 99 * mm, tracking)
    canvas.setFont(_FONT, 12)
    to = asked["to"]
    town = f"{to['city']} {to['province']} {to.get('postcode', '')}"
    lines = [to["name"], to["phone"], to["street"], to.get("district", ""), town, to["country"]]
    for at, line in enumerate(each for each in lines if each.strip()):
        canvas.drawString(8 * mm, (86 - 7 * at) * mm, str(line)[:46])
    canvas.setFont("Helvetica", 10)
    canvas.drawString(8 * mm, 30 * mm, f"{int(asked['weight_g']) / 1000:.2f} kg")
    if asked.get("cod"):
        canvas.setFont("Helvetica-Bold", 12)
        canvas.drawString(8 * mm, 20 * mm, f"COD {asked['currency']} {int(asked['cod'])} (minor units)")
    canvas.showPage()
    canvas.save()
    return out.getvalue()
