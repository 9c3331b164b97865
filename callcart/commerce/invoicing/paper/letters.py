"""Letters of three fonts as one: Vera for the languages of Europe, the reader's Song for Chinese. Widths, and breaking into lines.

Vera is embedded, so a name prints alike everywhere; Chinese is left to the reader's own font of the Adobe-GB1 collection, which
keeps a page at a few kilobytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD, CHINESE = "Vera", "VeraBd", "STSong-Light"
_ELLIPSIS = "…"
_NOT_FIRST = "，。、；：！？）》」』】,.;:!?)%"  # never begins a line


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[int], frozenset[int]]:
    """Register the fonts once; which characters Vera has."""
    embedded = [TTFont(name, f"{name}.ttf") for name in (PLAIN, BOLD)]
    for font in embedded:
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    plain, bold = (frozenset(font.face.charToGlyph) for font in embedded)
    return plain, bold


def runs(text: str, *, bold: bool = False) -> Iterator[tuple[str, str]]:
    """A text as (font, piece). Of a letter that no font has its bare form is printed, or a question mark."""
    known = _known()[1 if bold else 0]
    font, piece = "", ""
    for character in text:
        mine = (BOLD if bold else PLAIN) if ord(character) in known else CHINESE
        if mine == CHINESE and not _printable(character):
            mine, character = (BOLD if bold else PLAIN), _nearest(character, known)
        if mine != font and piece:
            yield font, piece
            piece = ""
        font, piece = mine, piece + character
    if piece:
        yield font, piece


@lru_cache(maxsize=4096)
def _printable(character: str) -> bool:
    """Whether the Chinese collection has it: GB 18030's two-byte part."""
    try:
        return len(character.encode("gbk")) <= 2
    except UnicodeEncodeError:
        return False


def _nearest(character: str, known: frozenset[int]) -> str:
    """The bare letter of one with a mark no font has; a question mark where there is none."""
    bare = unicodedata.normalize("NFD", character)[0]
    return bare if ord(bare) in known else "?"


def width(text: str, size: float, *, bold: bool = False) -> float:
    return float(sum(pdfmetrics.stringWidth(piece, font, size) for font, piece in runs(text, bold=bold)))


def lines(text: str, size: float, room: float, *, most: int, bold: bool = False) -> list[str]:
    """A text in lines that fit; more than `most` end in an ellipsis. Breaks at blanks and between Chinese characters, and within a
    word that is longer than a line."""
    found: list[str] = []
    for paragraph in unicodedata.normalize("NFC", text).splitlines() or [""]:
        found += _wrapped(paragraph, size, room, bold=bold, most=most + 1)
        if len(found) > most:
            break
    if len(found) > most:
        found = found[:most]
        found[-1] = shortened(found[-1] + _ELLIPSIS, size, room, bold=bold)
    return found


def shortened(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """A text on one line, its end replaced by an ellipsis where it does not fit."""
    if width(text, size, bold=bold) <= room:
        return text
    kept = text.rstrip(_ELLIPSIS)
    while kept and width(kept + _ELLIPSIS, size, bold=bold) > room:
        kept = kept[:-1]
    return kept + _ELLIPSIS


def _wrapped(paragraph: str, size: float, room: float, *, bold: bool, most: int) -> list[str]:
    found, line, wide = [], "", 0.0
    for word in _words(paragraph):
        more = width(word, size, bold=bold)
        if line and wide + width(word.rstrip(), size, bold=bold) > room:
            found.append(line.rstrip())
            line, wide = "", 0.0
            if len(found) >= most:
                return found
        if more > room:
            *whole, word = _chopped(word, size, room, bold=bold)
            found += whole
            more = width(word, size, bold=bold)
        line, wide = line + word, wide + more
    return [*found, line.rstrip()]


def _words(text: str) -> Iterator[str]:
    """Pieces a line may be broken between: words with the blanks after them, single Chinese characters with what may not begin a
    line after them."""
    piece = ""
    for character in text:
        wide = unicodedata.east_asian_width(character) in "WF"
        starts = wide or (piece and (piece[-1].isspace() or unicodedata.east_asian_width(piece[-1]) in "WF"))
        if piece and starts and not character.isspace() and character not in _NOT_FIRST:
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _chopped(word: str, size: float, room: float, *, bold: bool) -> list[str]:
    found, part, wide = [], "", 0.0
    for character in word:
        more = width(character, size, bold=bold)
        if part and wide + more > room:
            found.append(part)
            part, wide = "", 0.0
        part, wide = part + character, wide + more
    return [*found, part]
