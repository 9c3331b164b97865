"""Writing tables: CSV and XLSX as streams, with cells that no spreadsheet takes for a formula.

A text that would start one gets an apostrophe in CSV (CWE-1236), which reading takes off again; in XLSX it is stored as a text.
"""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

Cell = str | int | Decimal
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MOST_ROWS = 1_000_000  # of a worksheet
_CHUNK = 64 * 1024


def harmless(text: str) -> str:
    """A text with an apostrophe before what would start a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS) else text


def plain(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if text.startswith("'") and text[1:].lstrip(" ").startswith(_STARTS) else text


def csv_chunks(rows: Iterable[list[Cell]]) -> Iterator[bytes]:
    """A CSV file in pieces: UTF-8 with a mark at the start, so that spreadsheets read Chinese."""
    out = io.StringIO(newline="")
    out.write("\ufeff")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row])
        if out.tell() > _CHUNK:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def xlsx_chunks(rows: Iterable[list[Cell]], title: str) -> Iterator[bytes]:
    """An XLSX file in pieces; rows go to the disk as they come, a further worksheet after a million."""
    handle, name = tempfile.mkstemp(suffix=".xlsx")
    os.close(handle)
    try:
        _write_xlsx(rows, title, name)
        with Path(name).open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    finally:
        Path(name).unlink(missing_ok=True)


def _write_xlsx(rows: Iterable[list[Cell]], title: str, name: str) -> None:
    book = Workbook(write_only=True)
    sheet, heading = None, None
    for number, row in enumerate(rows):
        heading = heading or row
        if number % _MOST_ROWS == 0:
            sheet = book.create_sheet(f"{title[:25]} {number // _MOST_ROWS + 1}" if number else title[:31])
            if number:
                sheet.append(heading)
        if sheet is not None:
            sheet.append([_cell(sheet, value) for value in row])
    book.save(name)


def _cell(sheet: object, value: Cell) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, str) and value.startswith(_STARTS):
        cell = WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]
        cell.data_type = "s"
        return cell
    return value
