"""Tables as people have them: CSV in any encoding and with any delimiter, XLSX by its sheets, always as streams.

`look_into` says which tables a file holds and how they are written; `open_table` walks the rows of one. Cells are texts, with
blanks around them off; a moment of a spreadsheet is an ISO text. Files that were made to hurt are refused before they are read.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from callcart.core.errors import Invalid

MOST_COLUMNS = 500
MOST_CELL = 32_768  # what a spreadsheet allows
MOST_ROWS = 2_000_000
MOST_SHEETS = 20
MOST_UNPACKED = 4 * 1024**3
MOST_TEXTS = 256 * 1024**2  # the shared texts of a workbook are held in memory
MOST_PARTS = 2_000
MOST_RATIO = 400  # worksheets of repeated cells pack well; bombs pack a thousandfold
_HEAD = 64 * 1024
_REMARK = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ROOT = re.compile(rb"<[A-Za-z_:\x80-\xff]")
_DELIMITERS = ",;\t|"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

csv.field_size_limit(1024 * 1024)


class UnreadableFile(Invalid):
    """This file cannot be read as a table. Save it as CSV or XLSX and try again."""

    code = "exchange.unreadable"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file: the file's key in the store, and how it is written. `worksheet` is empty for CSV."""

    key: str
    name: str
    size: int
    format: str
    encoding: str = ""
    delimiter: str = ""
    worksheet: str = ""

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def look_into(path: Path, *, key: str, name: str) -> list[Table]:
    """The tables of a file. Raises UnreadableFile."""
    size = path.stat().st_size
    if not size:
        raise UnreadableFile(_("The file is empty."))
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        table = Table(key, name, size, "xlsx")
        return [replace(table, worksheet=sheet) for sheet in _worksheets(path)]
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            _("This is a workbook of the old kind (.xls). Save it as .xlsx or CSV and try again.")
        )
    encoding = encoding_of(path, head)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        sample = text.read(_HEAD)
    if sample.count("\0") or _mostly_noise(sample):
        raise UnreadableFile
    return [Table(key, name, size, "csv", encoding=encoding, delimiter=delimiter_of(sample))]


def open_table(table: Table, path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table with their numbers in the file, from 1; empty ones are left out. Raises UnreadableFile."""
    rows = _xlsx_rows(path, table.worksheet) if table.format == "xlsx" else _csv_rows(path, table)
    for number, row in rows:
        if number > MOST_ROWS:
            raise UnreadableFile(
                _("At most %(most)s rows are possible; divide the file.") % {"most": MOST_ROWS}
            )
        if len(row) > MOST_COLUMNS and any(row[MOST_COLUMNS:]):
            raise UnreadableFile(
                _("Row %(row)s has more than %(most)s columns.") % {"row": number, "most": MOST_COLUMNS}
            )
        if any(row):
            yield number, row[:MOST_COLUMNS]


def encoding_of(path: Path, head: bytes) -> str:
    """How the text of a file is encoded: by its mark, else the first that fits the whole file, UTF-8 before GB18030 (of which
    GBK and GB2312 are parts)."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if encoding := _unmarked_utf16(head):
        return encoding
    if _decodes(path, "utf-8"):
        return "utf-8"
    guess = from_bytes(
        head, cp_isolation=["gb18030", "big5", "cp1252", "cp1251", "shift_jis", "euc_kr"]
    ).best()
    if _decodes(path, "gb18030") and (guess is None or guess.encoding != "cp1251") and _looks_chinese(head):
        return "gb18030"
    return guess.encoding if guess is not None and _decodes(path, guess.encoding) else "cp1252"


def _looks_chinese(head: bytes) -> bool:
    """Whether most of what is not ASCII becomes common Chinese characters. A Western text read so gives rare ones."""
    wide = [c for c in head.decode("gb18030", errors="ignore") if ord(c) > 127]
    common = sum(_is_common(c) for c in wide)
    return bool(wide) and common >= 0.8 * len(wide)


def _is_common(character: str) -> bool:
    """In GB 2312, the few thousand characters that texts are made of, or its punctuation."""
    try:
        first = character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    return first >= 0xA1


def _unmarked_utf16(head: bytes) -> str:
    """UTF-16 without a mark: every second byte of Latin text is nought."""
    if len(head) < 4:
        return ""
    even, odd = head[0:400:2].count(0), head[1:400:2].count(0)
    half = max(len(head[:400]) // 2, 1)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.1 * half else ""


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1024 * 1024):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _mostly_noise(sample: str) -> bool:
    """Pictures, programs: more control characters than a text has."""
    noise = sum((ord(c) < 32 and c not in "\t\r\n\f\x0b") or c == "\ufffd" for c in sample)
    return noise * 20 > len(sample)


def delimiter_of(sample: str) -> str:
    """The sign between cells: that of which most lines have the same number, the more the better."""
    lines = [line for line in re.sub(r'"[^"]*"', "", sample).splitlines()[:50] if line.strip()]
    best, score = ",", 0.0
    for sign in _DELIMITERS:
        counts = Counter(line.count(sign) for line in lines)
        counts.pop(0, None)
        if counts:
            number, times = max(counts.items(), key=lambda each: (each[1], each[0]))
            found = times / len(lines) + number / 1000
            best, score = (sign, found) if found > score else (best, score)
    return best


def _csv_rows(path: Path, table: Table) -> Iterator[tuple[int, list[str]]]:
    """The number is that of the row as a spreadsheet would show it: a cell of several lines is one row."""
    with path.open(encoding=table.encoding, errors="replace", newline="") as text:
        reader = csv.reader(_without_nul(text), delimiter=table.delimiter)
        try:
            for number, row in enumerate(reader, start=1):
                yield number, [cell.strip() for cell in row]
        except csv.Error as error:
            raise UnreadableFile(
                _("Line %(line)s cannot be read: a quotation mark is not closed, or a cell is too long.")
                % {"line": reader.line_num}
            ) from error


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line.replace("\0", "") if "\0" in line else line


def _worksheets(path: Path) -> list[str]:
    """The visible worksheets of a workbook that is safe to open."""
    try:
        _refuse_bombs(path)
        file = path.open("rb")  # by its contents: a name's ending says nothing
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except UnreadableFile:
        raise
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        OSError,
        SyntaxError,
        TypeError,
        AttributeError,
    ) as error:
        raise UnreadableFile from error
    try:
        names = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    finally:
        book.close()
        file.close()
    if not names:
        raise UnreadableFile
    return names[:MOST_SHEETS]


def _refuse_bombs(path: Path) -> None:
    """A small file that unpacks to a huge one, or that grows by its own definitions. Python's reader stops at the size that
    is stated, so a stated size that is small enough suffices."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        total = sum(part.file_size for part in parts)
        packed = max(sum(part.compress_size for part in parts), 1)
        texts = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
        huge = total > MOST_UNPACKED or texts > MOST_TEXTS or len(parts) > MOST_PARTS
        if huge or (total > 64 * 1024**2 and total / packed > MOST_RATIO):
            raise UnreadableFile(
                _("This workbook unpacks to more than can be read. Save it as CSV and try again.")
            )
        if "xl/workbook.xml" not in archive.namelist():
            raise UnreadableFile
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels")) and _defines_entities(archive.open(part)):
                raise UnreadableFile


def _defines_entities(file: IO[bytes]) -> bool:
    """Whether a part defines something, or hides in long remarks, or in wide letters, what stands before its root."""
    with file:
        head = file.read(_HEAD)
    if b"\0" in head:
        return True
    bare = _REMARK.sub(b"", head)
    root = _ROOT.search(bare)
    return b"<!" in bare[: root.start() if root else len(bare)] or (root is None and len(head) == _HEAD)


def _xlsx_rows(path: Path, worksheet: str) -> Iterator[tuple[int, list[str]]]:
    _refuse_bombs(path)
    file = path.open("rb")
    book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book[worksheet]
        sheet.reset_dimensions()  # what the file says of its size is not believed
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells = [_cell(value) for value in row]
            while cells and not cells[-1]:
                cells.pop()
            yield number, cells
    except (KeyError, ValueError, SyntaxError, zipfile.BadZipFile, EOFError, TypeError) as error:
        raise UnreadableFile from error
    finally:
        book.close()
        file.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:MOST_CELL].strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(round(value, 10)).removesuffix(".0") if abs(value) < 1e15 else format(value, ".0f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)
