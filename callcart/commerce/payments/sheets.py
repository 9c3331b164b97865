"""Reading money files of banks, carriers and gateways: which column is which, how dates and amounts are written, and the rows with
what is wrong in each. Reading the bytes is the exchange's work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from callcart.core.errors import Invalid
from callcart.core.exchange.declare import Column, Kind, Place
from callcart.core.exchange.sources import look_into, open_table
from callcart.core.exchange.values import (
    Style,
    Unreadable,
    date_order,
    decimal_sign,
    folded,
    has_open_dates,
    read,
)

MOST_BYTES = 20 * 1024 * 1024
MOST_LINES = 100_000
_LOOKED_AT = 20
_SAMPLES = 500
Numbered = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read: our column → its heading, the order of day and month, the decimal sign."""

    columns: Mapping[str, str] = field(default_factory=dict)
    date_order: str = ""
    decimal: str = ""

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Layout:
        return cls(dict(plain.get("columns", {})), plain.get("date_order", ""), plain.get("decimal", ""))

    def plain(self) -> dict[str, Any]:
        return {"columns": dict(self.columns), "date_order": self.date_order, "decimal": self.decimal}


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it was looked into: its headings, some rows, and the layout that we think it has. `open_dates`: some days can be
    read in two ways, and nothing in the file says which."""

    digest: str
    encoding: str
    headings: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    layout: Layout
    open_dates: bool
    heading_row: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row: its values by column, or what is wrong with it by column."""

    row: int
    values: Mapping[str, Any]
    problems: Mapping[str, str]


def look(path: Path, name: str, columns: Sequence[Column], remembered: Layout) -> Look:
    """Look into a file. Raises UnreadableFile, Invalid where it holds no rows."""
    if path.stat().st_size > MOST_BYTES:
        raise Invalid(fields={"file": _("This file is too large; divide it.")})
    table = look_into(path, key="", name=name)[0]
    first = list(islice(open_table(table, path), _SAMPLES))
    known = {column.key: _names(column) for column in columns}
    heading_row, headings = _heading(first, set().union(*known.values()), remembered)
    body = [cells for number, cells in first if number > heading_row]
    if not headings or not body:
        raise Invalid(fields={"file": _("This file holds no lines.")})
    guessed = {
        key: heading for key, heading in remembered.columns.items() if not heading or heading in headings
    }
    for key, names in known.items():
        if key not in guessed:
            guessed[key] = next((each for each in headings if folded(each) in names), "")
    kinds = {column.key: column.kind for column in columns}
    cells = {kind: _cells(body, headings, guessed, kinds, kind) for kind in (Kind.DAY, Kind.MONEY)}
    layout = Layout(
        guessed,
        remembered.date_order or date_order(cells[Kind.DAY]),
        remembered.decimal or decimal_sign(cells[Kind.MONEY]) or ".",
    )
    return Look(
        digest=digest_of(path),
        encoding=table.encoding or table.format,
        headings=headings,
        samples=tuple(tuple(cells) for cells in body[:5]),
        layout=layout,
        open_dates=not layout.date_order and has_open_dates(cells[Kind.DAY]),
        heading_row=heading_row,
    )


def rows(
    path: Path, name: str, columns: Sequence[Column], layout: Layout, heading_row: int, place: Place
) -> Iterator[Parsed]:
    """The rows below the heading, read by the layout. Raises UnreadableFile, Invalid for too many."""
    table = look_into(path, key="", name=name)[0]
    style = Style(date_order=layout.date_order, decimal=layout.decimal or ".")
    places: dict[str, int] = {}
    for count, (number, cells) in enumerate(open_table(table, path)):
        if number == heading_row:
            places = {
                key: cells.index(heading) for key, heading in layout.columns.items() if heading in cells
            }
        if number <= heading_row:
            continue
        if count > MOST_LINES:
            raise Invalid(fields={"file": _("This file is too large; divide it.")})
        yield _parsed(number, cells, columns, places, style, place)


def _parsed(
    number: int,
    cells: Sequence[str],
    columns: Sequence[Column],
    places: Mapping[str, int],
    style: Style,
    place: Place,
) -> Parsed:
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for column in columns:
        at = places.get(column.key, -1)
        cell = cells[at] if 0 <= at < len(cells) else ""
        if not cell or cell in {"-", "--", "—"}:
            continue
        try:
            values[column.key] = read(column, cell, style, place)
        except Unreadable as error:
            problems[column.key] = str(error)
    return Parsed(number, values, problems)


def day_of(values: Mapping[str, Any], key: str) -> date | None:
    found = values.get(key)
    return date.fromisoformat(found[:10]) if found else None


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def line_key(*parts: object) -> str:
    """A short fingerprint of what makes a line that line."""
    return hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()[:40]


def _names(column: Column) -> set[str]:
    return {folded(column.key), folded(str(column.label)), *(folded(name) for name in column.names)}


def _heading(rows: Sequence[Numbered], known: set[str], remembered: Layout) -> tuple[int, tuple[str, ...]]:
    """The row with most of the names we know; files of banks begin with titles and totals."""
    wanted = known | {folded(heading) for heading in remembered.columns.values() if heading}
    best, most = (0, tuple[str, ...]()), 0
    for number, cells in rows[:_LOOKED_AT]:
        hits = sum(folded(cell) in wanted for cell in cells if cell)
        if hits > most:
            best, most = (number, tuple(cells)), hits
    if most:
        return best
    found = next(((number, cells) for number, cells in rows if sum(map(bool, cells)) > 1), None)
    return (found[0], tuple(found[1])) if found else (0, ())


def _cells(
    body: Sequence[Sequence[str]],
    headings: Sequence[str],
    layout: Mapping[str, str],
    kinds: Mapping[str, Kind],
    kind: Kind,
) -> list[str]:
    places = [
        headings.index(heading)
        for key, heading in layout.items()
        if heading in headings and kinds.get(key) == kind
    ]
    return [row[at] for row in body for at in places if at < len(row) and row[at]]
