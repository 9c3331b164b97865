"""Reading the tables of an import into staged rows: every cell by its column's kind, every problem with its column.

The stream stays open from one transaction to the next while the process lives; a new process passes over what was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.core import files
from callcart.core.exchange import rows, sources
from callcart.core.exchange.declare import Column, Importer, Place, Sheet
from callcart.core.exchange.models import Import
from callcart.core.exchange.sheets import plain
from callcart.core.exchange.values import Style, Unreadable, read

PORTION = 2_000
_FIELDS = tuple(sources.Table.__dataclass_fields__)


class _Stream:
    """An open table, and how many of its rows were taken."""

    def __init__(self, found: Import, number: int, skip: int) -> None:
        table = sources.Table(**{name: found.tables[number][name] for name in _FIELDS})
        self.number, self.taken = number, skip
        every = sources.open_table(table, files.path(table.key))
        heading = int(found.tables[number]["heading_row"])
        self._rows: Iterator[tuple[int, list[str]]] = islice(
            (row for row in every if row[0] > heading), skip, None
        )

    def take(self, count: int) -> list[tuple[int, list[str]]]:
        got = list(islice(self._rows, count))
        self.taken += len(got)
        return got


_open: dict[UUID, _Stream] = {}


def read_some(found: Import, its: Importer, place: Place) -> bool:
    """Read the next rows; False where all tables are read. Saves how far it came."""
    number, taken = int(found.cursor.get("table", 0)), int(found.cursor.get("taken", 0))
    while number < len(found.tables) and not found.tables[number]["sheet"]:
        number, taken = number + 1, 0
    if number >= len(found.tables):
        _open.pop(found.id, None)
        return False
    stream = _open.get(found.id)
    if stream is None or (stream.number, stream.taken) != (number, taken):
        stream = _open[found.id] = _Stream(found, number, taken)
    got = stream.take(PORTION)
    _stage(found, its, place, number, got)
    found.rows_read += len(got)
    if len(got) < PORTION:
        _open.pop(found.id, None)
        found.cursor = {"step": "read", "table": number + 1, "taken": 0}
    else:
        found.cursor = {"step": "read", "table": number, "taken": stream.taken}
    found.save(update_fields=["cursor", "rows_read"])
    return True


def _stage(found: Import, its: Importer, place: Place, number: int, got: list[tuple[int, list[str]]]) -> None:
    table = found.tables[number]
    sheet = its.sheet(table["sheet"])
    reader = RowReader(sheet, found.mapping[str(number)], len(table["headings"]), Style(**found.style), place)
    main = sheet.key == its.sheets[0].key
    staged = []
    for row_number, cells in got:
        values, problems = reader.read(cells)
        unit = _unit(sheet, values)
        if its.grouped and not unit and not problems:
            problems.append([sheet.unit[0], _("Please fill this in.")])
        staged.append(
            {
                "source": number,
                "sheet": sheet.key,
                "number": row_number,
                "unit": unit,
                "lead": main,
                "data": values,
                "problems": problems or None,
            }
        )
    rows.stage(found.id, staged)


def _unit(sheet: Sheet, values: Mapping[str, Any]) -> str:
    """What a row belongs to: the first of its naming columns that is filled; several joined by `+` count together."""
    for keys in sheet.unit:
        parts = [str(values.get(key, "")).strip().casefold() for key in keys.split("+")]
        if any(parts):
            return f"{'' if len(sheet.unit) == 1 else keys + ':'}{chr(31).join(parts)}"
    return ""


class RowReader:
    """Reads the rows of one table by its mapping."""

    def __init__(
        self, sheet: Sheet, mapping: Mapping[str, int], width: int, style: Style, place: Place
    ) -> None:
        self._columns: list[tuple[int, Column]] = [
            (mapping[c.key], c) for c in sheet.columns if c.key in mapping
        ]
        self._width, self._style, self._place = width, style, place
        self._prepare = sheet.prepare

    def read(self, cells: list[str]) -> tuple[dict[str, Any], list[list[str]]]:
        """The values by column, empty ones left out; and (column, problem) for each that cannot be read."""
        values: dict[str, Any] = {}
        problems: list[list[str]] = []
        count = len(cells)
        if count > self._width and any(cells[self._width :]):
            problems.append(["", _("This row has more cells than the heading.")])
        for place, column in self._columns:
            cell = cells[place] if place < count else ""
            if not cell:
                if column.required:
                    problems.append([column.key, _("Please fill this in.")])
                continue
            try:
                values[column.key] = read(column, plain(cell), self._style, self._place)
            except Unreadable as error:
                problems.append([column.key, str(error)])
        if self._prepare is not None:
            problems += self._prepare(values, self._place)
        return values, problems
