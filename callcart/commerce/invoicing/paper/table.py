"""The lines of a document: how high each is, and where its figures stand."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from reportlab.lib.units import mm

from callcart.commerce.invoicing.content import Content, Part, PartKind
from callcart.commerce.invoicing.paper import letters
from callcart.commerce.invoicing.paper.pen import LEFT, LINE, RIGHT, Pen
from callcart.commerce.invoicing.paper.words import either

_SIZE, _LEADING = 8.5, 11.0
_NUMBER = 8 * mm
_AMOUNT, _RATE, _DISCOUNT, _UNIT, _QUANTITY = (
    RIGHT,
    RIGHT - 30 * mm,
    RIGHT - 46 * mm,
    RIGHT - 68 * mm,
    RIGHT - 93 * mm,
)
_NAME_ROOM = _QUANTITY - 14 * mm - LEFT - _NUMBER
_MOST_LINES = 6


def columns(pen: Pen, content: Content, at: float) -> float:
    """The headings; where the first row stands."""
    pen.left(pen.word("item"), LEFT + _NUMBER, at, size=8, bold=True, room=_NAME_ROOM)
    for key, x in (
        ("quantity", _QUANTITY),
        ("unit", _UNIT),
        ("discount", _DISCOUNT),
        ("rate", _RATE),
        ("amount", _AMOUNT),
    ):
        pen.right(pen.word(key), x, at, size=8, bold=True)
    pen.rule(at - 4, strong=True)
    return at - 4 - LINE


def percent(rate_ppm: int) -> str:
    """A rate as people write it: `8.875 %`, `13 %`."""
    whole = Fraction(rate_ppm, 10_000)
    text = f"{float(whole):.4f}".rstrip("0").rstrip(".")
    return f"{text} %"


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it is printed. `amount` is what the column sums: with the tax in it where prices include it."""

    part: Part
    names: tuple[str, ...]
    amount: int

    @property
    def height(self) -> float:
        return _LEADING * len(self.names) + 4

    def draw(self, pen: Pen, at: float) -> float:
        part = self.part
        pen.left(str(part.position), LEFT, at, size=_SIZE, grey=True)
        for index, name in enumerate(self.names):
            pen.left(
                name,
                LEFT + _NUMBER,
                at - index * _LEADING,
                size=_SIZE,
                grey=bool(part.sku) and name == part.sku,
            )
        if part.quantity:
            pen.figure(f"{part.quantity:,}", _QUANTITY, at, size=_SIZE, room=12 * mm)
            pen.figure(pen.plain(part.unit), _UNIT, at, size=_SIZE, room=23 * mm)
        else:
            pen.right(pen.word("by_amount"), _UNIT, at, size=_SIZE, grey=True)
        if part.discount:
            pen.figure(f"−{pen.plain(part.discount)}", _DISCOUNT, at, size=_SIZE, room=20 * mm)
        pen.right(percent(part.rate_ppm), _RATE, at, size=_SIZE)
        pen.figure(pen.plain(self.amount), _AMOUNT, at, size=_SIZE, room=28 * mm)
        return at - self.height


@dataclass(frozen=True, slots=True)
class Heading:
    """The name of a set over the lines of what is in it."""

    text: str
    amount: int = 0

    @property
    def height(self) -> float:
        return _LEADING + 2

    def draw(self, pen: Pen, at: float) -> float:
        pen.left(self.text, LEFT + _NUMBER, at, size=_SIZE, bold=True, room=_QUANTITY - LEFT - _NUMBER)
        return at - self.height


def rows_of(pen: Pen, content: Content) -> list[Row | Heading]:
    """All rows of a document."""
    found: list[Row | Heading] = []
    before = ""
    for part in content.parts:
        if part.set_id and part.set_id != before:
            name = either(part.set_name, part.set_name_zh, pen.language)
            found.append(
                Heading(letters.shortened(f"{part.sets:,} × {name}", _SIZE, _QUANTITY - LEFT - _NUMBER))
            )
        before = part.set_id
        found.append(Row(part, _names(pen, part), part.net if content.tax_added else part.gross))
    return found


def _names(pen: Pen, part: Part) -> tuple[str, ...]:
    name = either(part.name, part.name_zh, pen.language)
    if part.kind == PartKind.DELIVERY:
        name = f"{pen.word('delivery')}: {name}" if name else pen.word("delivery")
    found = letters.lines(name, _SIZE, _NAME_ROOM, most=_MOST_LINES)
    return tuple([*found, letters.shortened(part.sku, _SIZE, _NAME_ROOM)] if part.sku else found)
