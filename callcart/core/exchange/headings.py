"""Which row of a table is its heading, and which heading means which column of ours.

Titles above the heading are passed over; a heading of two rows (merged cells above, names below) is read as one. What a shop
mapped before comes first, then names that are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import override

from callcart.core.exchange.declare import Column, Importer, Kind, Sheet
from callcart.core.exchange.values import date_order, decimal_sign, folded, has_open_dates

LOOKED_AT = 12
SAMPLES = 2_000
Numbered = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Heading:
    """The headings of a table, and the number of the last row they stand in."""

    names: tuple[str, ...]
    row: int


def names_of(column: Column) -> set[str]:
    """Every folded name that means the column: key, labels in both languages, what other systems call it."""
    found = {folded(column.key), *(folded(name) for name in column.names)}
    for language in ("en", "zh-hans"):
        with override(language):
            found.add(folded(str(column.label)))
    return found


def find_heading(rows: Sequence[Numbered], known: set[str]) -> Heading:
    """The row, or two rows as one, with most of the known names; else the first with two cells filled."""
    best, most = None, 0
    for place, (number, cells) in enumerate(rows[:LOOKED_AT]):
        candidates = [Heading(tuple(cells), number)]
        if place + 1 < len(rows) and "" in cells and any(cells):
            following = rows[place + 1]
            candidates.append(Heading(_joined(cells, following[1]), following[0]))
        for candidate in candidates:
            hits = sum(folded(name) in known for name in candidate.names if name)
            if hits > most:
                best, most = candidate, hits
    if best is not None:
        return best
    for number, cells in rows:
        if sum(map(bool, cells)) >= 2:
            return Heading(tuple(cells), number)
    number, cells = rows[0] if rows else (0, [])
    return Heading(tuple(cells), number)


def _joined(above: Sequence[str], below: Sequence[str]) -> tuple[str, ...]:
    width = max(len(above), len(below))
    upper, lower = [*above, *[""] * (width - len(above))], [*below, *[""] * (width - len(below))]
    return tuple(low or high for high, low in zip(upper, lower, strict=True))


def known_names(importer: Importer) -> set[str]:
    return {name for sheet in importer.sheets for column in sheet.columns for name in names_of(column)}


def guess_sheet(importer: Importer, headings: Sequence[str]) -> str:
    """The sheet of a kind that a table most likely is; empty where it is none. The earlier one of two alike."""
    mapped = {sheet.key: guess_columns(sheet, headings) for sheet in importer.sheets}

    def fit(sheet: Sheet) -> int:
        needed = [column for column in sheet.columns if column.required or column.leading]
        return len(mapped[sheet.key]) + len(needed) - 3 * len(missing(sheet, mapped[sheet.key]))

    best = max(importer.sheets, key=lambda sheet: (fit(sheet), -importer.sheets.index(sheet)))
    return best.key if mapped[best.key] else ""


def guess_columns(
    sheet: Sheet, headings: Sequence[str], remembered: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Column of ours → place in the table."""
    folded_headings = [folded(name) for name in headings]
    mapping: dict[str, int] = {}
    taken: set[int] = set()
    for key, heading in (remembered or {}).items():
        if folded(heading) in folded_headings:
            place = folded_headings.index(folded(heading))
            if place not in taken and any(column.key == key for column in sheet.columns):
                mapping[key] = place
                taken.add(place)
    named = {column.key: names_of(column) for column in sheet.columns if column.key not in mapping}
    for place, heading in enumerate(folded_headings):
        if not heading or place in taken:
            continue
        for key, names in named.items():
            if key not in mapping and heading in names:
                mapping[key] = place
                taken.add(place)
                break
    return mapping


@dataclass(frozen=True, slots=True)
class Findings:
    """What a look at the first rows says: heading, some rows, and how dates and numbers are written. `open_dates`: there are
    dates that can be read in two ways."""

    heading: Heading
    samples: tuple[list[str], ...]
    date_order: str
    decimal: str
    open_dates: bool


def look_at(rows: Iterable[Numbered], importer: Importer) -> Findings:
    """Look at the first rows of a table."""
    first = list(islice(rows, SAMPLES))
    heading = find_heading(first, known_names(importer))
    body = [cells for number, cells in first if number > heading.row]
    flat = [cell for cells in body for cell in cells if cell and len(cell) < 40]
    columns = zip(*[[*cells, *[""] * (len(heading.names) - len(cells))] for cells in body], strict=False)
    numeric = [cell for column in columns if _is_numeric(column) for cell in column if cell]
    return Findings(
        heading=heading,
        samples=tuple(body[:3]),
        date_order=date_order(flat),
        decimal=decimal_sign(numeric),
        open_dates=has_open_dates(flat),
    )


def _is_numeric(cells: Sequence[str]) -> bool:
    """Whether a column holds amounts: digits, signs and separators only, in nearly all of its cells."""
    filled = [cell for cell in cells[:200] if cell]
    looks = sum(not cell.strip("0123456789.,+-$€£¥￥ ") and cell.count(".") < 2 for cell in filled)
    return bool(filled) and looks >= 0.9 * len(filled)


def missing(sheet: Sheet, mapping: Mapping[str, int]) -> list[Column]:
    """Columns that a table cannot do without."""
    return [
        column
        for column in sheet.columns
        if (column.required or column.leading) and column.key not in mapping
    ]


def has_dates(sheet: Sheet, mapping: Mapping[str, int]) -> bool:
    return any(sheet.column(key).kind in (Kind.DAY, Kind.MOMENT) for key in mapping)
