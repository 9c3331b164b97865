"""The top of the first page (logo, who, to whom, which document), the short top of the others, and the totals."""

from __future__ import annotations

from contextlib import suppress

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader

from callcart.commerce.invoicing.content import Content
from callcart.commerce.invoicing.paper import letters
from callcart.commerce.invoicing.paper.pen import LEFT, LINE, RIGHT, TOP, Pen
from callcart.commerce.invoicing.paper.table import percent
from callcart.commerce.invoicing.paper.words import either
from callcart.core import files, pictures
from callcart.core.errors import NotFound

COLUMNS = LINE + 4
NEXT_TOP = TOP - 14 * mm
_LOGO_HIGH, _LOGO_WIDE = 16 * mm, 60 * mm
_SIZE, _LEADING = 8.5, 11.0
_MIDDLE = LEFT + 92 * mm
_ROOM = 82 * mm
_TITLE = 24 * mm


def height(pen: Pen, content: Content) -> float:
    """How high the top of the first page is."""
    parties = max(len(_seller(pen, content)), len(_buyer(pen, content)))
    facts = (len(_facts(pen, content)) + 1) // 2
    facts += len(_reason(pen, content))
    return _TITLE + _LEADING * (parties + 1) + 8 * mm + facts * _LEADING + 7 * mm


def draw(pen: Pen, content: Content) -> float:
    """Draw it; where the table begins."""
    _logo(pen, content)
    pen.right(pen.word(content.kind), RIGHT, TOP - 7 * mm, size=18, bold=True)
    pen.right(content.number, RIGHT, TOP - 14 * mm, size=11)
    at = TOP - _TITLE
    for x, key, found in ((LEFT, "from", _seller(pen, content)), (_MIDDLE, "to", _buyer(pen, content))):
        pen.left(pen.word(key), x, at, size=8, grey=True)
        for index, (text, bold) in enumerate(found, start=1):
            pen.left(text, x, at - index * _LEADING, size=_SIZE, bold=bold)
    at -= _LEADING * (max(len(_seller(pen, content)), len(_buyer(pen, content))) + 1) + 3 * mm
    pen.rule(at + 1 * mm)
    at -= 4 * mm
    facts = _facts(pen, content)
    for index, (label, value) in enumerate(facts):
        x, y = (LEFT, _MIDDLE)[index % 2], at - (index // 2) * _LEADING
        pen.left(f"{label}:", x, y, size=8, grey=True)
        shift = letters.width(f"{label}: ", 8) + 2
        pen.left(value, x + shift, y, size=_SIZE, room=_ROOM - shift)
    at -= (len(facts) + 1) // 2 * _LEADING
    for index, line in enumerate(_reason(pen, content)):
        pen.left(line, LEFT, at - index * _LEADING, size=_SIZE)
    return TOP - height(pen, content)


def draw_next(pen: Pen, content: Content) -> float:
    """The top of a later page."""
    pen.left(f"{pen.word(content.kind)} {content.number}", LEFT, TOP - 4 * mm, size=10, bold=True)
    if letters.width(content.buyer.title, _SIZE) < _ROOM:
        pen.right(content.buyer.title, RIGHT, TOP - 4 * mm, size=_SIZE, grey=True)
    return NEXT_TOP


def _logo(pen: Pen, content: Content) -> None:
    """A logo whose file is gone leaves its place empty: the invoice is due without it."""
    if not content.seller.logo:
        language = "en" if content.language == "both" else content.language
        pen.left(
            either(content.seller.name, content.seller.name_zh, language),
            LEFT,
            TOP - 7 * mm,
            size=13,
            bold=True,
            room=100 * mm,
        )
        return
    with suppress(NotFound, OSError):
        picture = ImageReader(str(files.path(pictures.form_of(content.seller.logo, pictures.FALLBACK))))
        wide, high = picture.getSize()
        scale = min(_LOGO_WIDE / wide, _LOGO_HIGH / high)
        pen.canvas.drawImage(picture, LEFT, TOP - high * scale, wide * scale, high * scale)


def _seller(pen: Pen, content: Content) -> list[tuple[str, bool]]:
    who, language = content.seller, content.language
    found = [
        (line, True) for line in _lines(either(who.name, who.name_zh, language, between="\n"), 3, bold=True)
    ]
    found += [
        (line, False) for line in _lines(either(who.address, who.address_zh, language, between="\n"), 7)
    ]
    return found + _labelled(
        pen,
        ("tax_number", who.tax_number), ("bank", who.bank), ("account", who.bank_account), ("phone", who.phone), ("email", who.email),
    )  # fmt: skip


def _buyer(pen: Pen, content: Content) -> list[tuple[str, bool]]:
    who = content.buyer
    found = [(line, True) for line in _lines(who.title, 3, bold=True)]
    found += [(line, False) for line in _lines(who.address, 4)]
    return found + _labelled(
        pen,
        ("tax_number", who.tax_number), ("bank", who.bank), ("account", who.bank_account), ("phone", who.phone), ("email", who.email),
    )  # fmt: skip


def _labelled(pen: Pen, *pairs: tuple[str, str]) -> list[tuple[str, bool]]:
    return [(line, False) for key, value in pairs if value for line in _lines(f"{pen.word(key)}: {value}", 2)]


def _lines(text: str, most: int, *, bold: bool = False) -> list[str]:
    return [line for line in letters.lines(text, _SIZE, _ROOM, most=most, bold=bold) if line]


def _facts(pen: Pen, content: Content) -> list[tuple[str, str]]:
    found = [
        (pen.word("issued_on"), content.issued_on),
        (pen.word("order"), content.order_number),
        (pen.word("ordered_on"), content.ordered_on),
        (pen.word("payment"), pen.word(content.payment_method)),
    ]
    if content.refers_to:
        found.append((pen.word("refers_to"), f"{content.refers_to} ({content.refers_on})"))
    return found


def _reason(pen: Pen, content: Content) -> list[str]:
    """Why a credit note was issued, in full."""
    if not content.reason:
        return []
    return letters.lines(f"{pen.word('reason')}: {content.reason}", _SIZE, RIGHT - LEFT, most=6)


def totals_height(content: Content) -> float:
    """How high the totals and what is below them are."""
    return (len(content.taxes) + 1) * _LEADING + 24 * mm + _LEADING * (5 if _has_note(content) else 0)


def _has_note(content: Content) -> bool:
    return bool(content.seller.note or content.seller.note_zh)


def totals(pen: Pen, content: Content, at: float) -> None:
    """Net, tax and gross by rate, the total, and the seller's note."""
    pen.rule(at + LINE - 2, strong=True)
    at -= 2 * mm
    for key, x in (
        ("tax_rate", RIGHT - 96 * mm),
        ("net", RIGHT - 62 * mm),
        ("tax", RIGHT - 32 * mm),
        ("gross", RIGHT),
    ):
        pen.right(pen.word(key), x, at, size=8, grey=True)
    for row in content.taxes:
        at -= _LEADING
        pen.right(percent(row.rate_ppm), RIGHT - 96 * mm, at, size=_SIZE)
        pen.right(pen.plain(row.net), RIGHT - 62 * mm, at, size=_SIZE)
        pen.right(pen.plain(row.tax), RIGHT - 32 * mm, at, size=_SIZE)
        pen.right(pen.plain(row.net + row.tax), RIGHT, at, size=_SIZE)
    at -= 8 * mm
    label = pen.word("total" if content.kind == "invoice" else "credited")
    pen.right(label, RIGHT - 62 * mm, at, size=11, bold=True)
    pen.right(pen.money(content.total), RIGHT, at, size=12, bold=True)
    pen.left(pen.word("added" if content.tax_added else "included"), LEFT, at, size=8, grey=True)
    at -= 9 * mm
    if _has_note(content):
        note = either(content.seller.note, content.seller.note_zh, content.language)
        for line in letters.lines(note, 8, RIGHT - LEFT, most=5):
            pen.left(line, LEFT, at, size=8)
            at -= _LEADING
