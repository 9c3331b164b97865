"""The canvas with our letters, greys and amounts."""

from __future__ import annotations

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from callcart.commerce.invoicing.paper import letters
from callcart.commerce.invoicing.paper.words import word
from callcart.core.money import Money

WIDTH, HEIGHT = A4
LEFT, RIGHT = 18 * mm, WIDTH - 18 * mm
TOP, BOTTOM = HEIGHT - 16 * mm, 8 * mm
LINE = 12.0


class Pen:
    """Draws text of any language at a place; the amounts of one currency."""

    def __init__(self, canvas: Canvas, currency: str, language: str) -> None:
        self.canvas, self.currency, self.language = canvas, currency, language

    def word(self, key: str) -> str:
        return word(key, self.language)

    def plain(self, minor: int) -> str:
        """An amount without its sign of currency, its digits in groups."""
        exact = Money(minor, self.currency).decimal
        return f"{exact:,}"

    def money(self, minor: int) -> str:
        """An amount with its currency's code, which no reader mistakes."""
        return f"{self.currency} {self.plain(minor)}"

    def left(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size: float = 9,
        bold: bool = False,
        grey: bool = False,
        room: float = 0,
    ) -> None:
        """Text from a place to the right; on one line of `room`, where that is given."""
        shown = letters.shortened(text, size, room, bold=bold) if room else text
        level = 0.42 if grey else 0.1
        self.canvas.setFillColorRGB(level, level, level)
        for font, piece in letters.runs(shown, bold=bold):
            self._piece(piece, x, y, font, size, heavy=bold and font == letters.CHINESE)
            x += self.canvas.stringWidth(piece, font, size)

    def _piece(self, piece: str, x: float, y: float, font: str, size: float, *, heavy: bool) -> None:
        """One run of letters. The Chinese font has no bold: its strokes are drawn thicker."""
        text = self.canvas.beginText(x, y)
        text.setFont(font, size)
        if heavy:
            self.canvas.setLineWidth(size / 48)
            self.canvas.setStrokeColorRGB(0.1, 0.1, 0.1)
            text.setTextRenderMode(2)
        text.textOut(piece)
        if heavy:
            text.setTextRenderMode(0)
        self.canvas.drawText(text)

    def figure(self, text: str, x: float, y: float, *, size: float, room: float) -> None:
        """A figure that ends at a place, smaller where it is longer than its column: figures are never cut off."""
        wide = letters.width(text, size)
        self.right(text, x, y, size=size if wide <= room else size * room / wide)

    def right(
        self, text: str, x: float, y: float, *, size: float = 9, bold: bool = False, grey: bool = False
    ) -> None:
        """Text that ends at a place."""
        self.left(text, x - letters.width(text, size, bold=bold), y, size=size, bold=bold, grey=grey)

    def rule(self, y: float, *, strong: bool = False) -> None:
        """A line over the whole width."""
        self.canvas.setLineWidth(0.8 if strong else 0.35)
        level = 0.25 if strong else 0.75
        self.canvas.setStrokeColorRGB(level, level, level)
        self.canvas.line(LEFT, y, RIGHT, y)
