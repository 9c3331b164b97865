"""Letters on paper. Latin text is Bitstream Vera, whose used letters are put into the file; what it does not have (Chinese above all)
is STSong-Light, which every PDF reader brings itself or fetches, so that a file of 500 pages stays small.

Units are points. Nothing is ever cut off unseen: text that does not fit gets smaller, then wraps, and what even so does not fit
ends in an ellipsis and is told to whoever prints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

PLAIN, BOLD, CHINESE = "CallcartVera", "CallcartVeraBold", "STSong-Light"
LEADING = 1.2
_NO_GLYPH = "\N{WHITE SQUARE}"


@cache
def _fonts() -> dict[str, frozenset[int]]:
    """Registers the fonts; what the embedded ones can write."""
    found = {}
    for name, file in ((PLAIN, "Vera.ttf"), (BOLD, "VeraBd.ttf")):
        font = TTFont(name, file)
        pdfmetrics.registerFont(font)
        found[name] = frozenset(font.face.charToGlyph)
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    return found


@lru_cache(maxsize=20_000)
def runs(text: str, bold: bool = False) -> tuple[tuple[str, str], ...]:
    """The text in pieces of one font each."""
    latin = BOLD if bold else PLAIN
    known = _fonts()[latin]
    # a Chinese text keeps its own full stops and spaces; letters outside of the basic plane have no place in that font
    plain = "".join(each if ord(each) < 0x10000 else _NO_GLYPH for each in text)
    return tuple(
        (latin if is_latin else CHINESE, "".join(letters))
        for is_latin, letters in groupby(plain, key=lambda each: ord(each) in known)
    )


@lru_cache(maxsize=50_000)
def _unit_width(text: str, bold: bool) -> float:
    return sum(float(pdfmetrics.stringWidth(piece, font, 1)) for font, piece in runs(text, bold))


def width(text: str, size: float, *, bold: bool = False) -> float:
    return _unit_width(text, bold) * size


def write(canvas: Canvas, x: float, y: float, text: str, size: float, *, bold: bool = False) -> None:
    """One line, its baseline at `y`."""
    for font, piece in runs(text, bold):
        canvas.setFont(font, size)
        canvas.drawString(x, y, piece)
        x += float(pdfmetrics.stringWidth(piece, font, size))


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines at a size. `whole` is false where something had to be left out."""

    lines: tuple[str, ...]
    size: float
    whole: bool = True


def fit(text: str, room: float, height: float, size: float, *, least: float, bold: bool = False) -> Fitted:
    """Text for a box: as it is; else smaller, down to `least`, on as many lines as it has; else wrapped, as large as fits; at
    last the smallest, with an ellipsis."""
    least = min(least, size)
    given = text.split("\n")
    for trial in _sizes(size, least):
        if len(given) * trial * LEADING <= height + 0.01 and all(
            width(line, trial, bold=bold) <= room for line in given
        ):
            return Fitted(tuple(given), trial)
    for trial in _sizes(size, least):
        lines = [piece for line in given for piece in _wrap(line, room, trial, bold)]
        if len(lines) * trial * LEADING <= height + 0.01 and all(
            width(line, trial, bold=bold) <= room + 0.01 for line in lines
        ):
            return Fitted(tuple(lines), trial)
    most = max(int((height + 0.01) // (least * LEADING)), 1)
    lines = [piece for line in given for piece in _wrap(line, room, least, bold)]
    return Fitted((*lines[: most - 1], _ended(lines[most - 1], room, least, bold)), least, whole=False)


def _sizes(size: float, least: float) -> Iterator[float]:
    while size > least:
        yield size
        size -= 0.5
    yield least


def _wrap(line: str, room: float, size: float, bold: bool) -> Iterator[str]:
    """Lines no wider than the room: broken between words, between Chinese characters, and inside a word where it must."""
    current = ""
    for token in _tokens(line):
        if width(current + token.rstrip(), size, bold=bold) <= room:
            current += token
            continue
        if current.strip():
            yield current.rstrip()
        current = token.lstrip() if current else token
        while width(current.rstrip(), size, bold=bold) > room and len(current) > 1:
            end = next(
                (n for n in range(len(current) - 1, 1, -1) if width(current[:n], size, bold=bold) <= room), 1
            )
            yield current[:end]
            current = current[end:]
    yield current.rstrip()


def _tokens(line: str) -> Iterator[str]:
    word = ""
    for letter in line:
        if ord(letter) >= 0x2E80:
            if word:
                yield word
            yield letter
            word = ""
        else:
            word += letter
            if letter in " -/":
                yield word
                word = ""
    if word:
        yield word


def _ended(line: str, room: float, size: float, bold: bool) -> str:
    while line and width(f"{line}…", size, bold=bold) > room:
        line = line[:-1]
    return f"{line}…"
