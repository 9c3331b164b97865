"""Files of any make: encodings, delimiters, workbooks, headings; and those made to hurt."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from callcart.core.exchange import sources
from callcart.core.exchange.declare import Column, Kind, Sheet, importer
from callcart.core.exchange.headings import find_heading, guess_columns, known_names, look_at, names_of
from callcart.core.exchange.sheets import csv_chunks, harmless, plain, xlsx_chunks
from callcart.core.exchange.sources import UnreadableFile, look_into, open_table
from callcart.core.exchange.values import folded

CHINESE = "姓名,手机,备注\n王小明,13800138000,老客户\n李雷,13900139000,地址:上海市浦东新区\n"


def rows_of(path: Path) -> list[tuple[int, list[str]]]:
    return list(open_table(look_into(path, key="k", name=path.name)[0], path))


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"), ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
    ],
)  # fmt: skip
def test_the_encoding_is_found_and_said(tmp_path: Path, encoding: str, said: str) -> None:
    path = tmp_path / "a.csv"
    text = CHINESE if encoding != "utf-16-le" else "name,phone,note\nAda,13800138000,x\n" * 20
    path.write_bytes(text.encode(encoding))
    table = look_into(path, key="k", name="a.csv")[0]
    assert table.encoding == said
    assert rows_of(path)[1][1] == text.splitlines()[1].split(",")


def test_western_bytes_are_not_taken_for_chinese(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name,city\nJosé Müller,São Paulo\nRenée,Besançon\n".encode("cp1252"))
    assert rows_of(path)[1][1] == ["José Müller", "São Paulo"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        f'name{sign}price{sign}note\n"Smith{sign} Ada"{sign}"1,50"{sign}"a; b, c"\n', encoding="utf-8"
    )
    assert rows_of(path)[1] == (2, [f"Smith{sign} Ada", "1,50", "a; b, c"])


def test_empty_rows_are_left_out_and_numbers_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n\n,\n1,"two\nlines"\n\n3,4\n', encoding="utf-8")
    assert rows_of(path) == [(1, ["a", "b"]), (4, ["1", "two\nlines"]), (6, ["3", "4"])]


def workbook(path: Path, **sheets: list[list[object]]) -> None:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def test_each_worksheet_is_a_table_and_cells_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "no-ending"
    workbook(
        path,
        Orders=[["No", "At"], [1001, datetime(2026, 11, 29, 14, 5)], [None, None], [7.5, "x"]],
        Items=[["a", "b"]],
    )
    tables = look_into(path, key="k", name="a.xlsx")
    assert [table.worksheet for table in tables] == ["Orders", "Items"]
    assert list(open_table(tables[0], path)) == [
        (1, ["No", "At"]), (2, ["1001", "2026-11-29 14:05:00"]), (4, ["7.5", "x"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 40, b"\xd0\xcf\x11\xe0" + b"0" * 600, b"PK\x03\x04 not a zip", b"%PDF-1.4\n" + bytes(range(256)) * 20],
)  # fmt: skip
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile):
        rows_of(path)


def bomb(path: Path, name: str, size: int, head: bytes = b"") -> None:
    workbook(path, A=[["a", "b"]])
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as out,
    ):
        out.write(head)
        for _each in range(size // 2**20):
            out.write(b" " * 2**20)


def test_a_workbook_that_unpacks_to_far_more_is_refused_unread(tmp_path: Path) -> None:
    for name, size in (("xl/worksheets/sheet9.xml", 128), ("xl/sharedStrings2/sharedStrings.xml", 257)):
        path = tmp_path / f"{size}.xlsx"
        bomb(path, name, size * 2**20)
        assert path.stat().st_size < 2 * 2**20
        with pytest.raises(UnreadableFile):
            look_into(path, key="k", name="bomb.xlsx")


_DEFINES = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x/>'


@pytest.mark.parametrize(
    "part",
    [
        f'<?xml version="1.0"?>{_DEFINES}'.encode(),
        f"<!-- {'x' * 5000} -->{_DEFINES}".encode(),  # behind a long remark
        f"<!-- <a> --><?b <a> ?>{' ' * 5000}{_DEFINES}".encode(),
        f"<!-- {'x' * 80_000} -->{_DEFINES}".encode(),
        _DEFINES.encode("utf-16"),
    ],
)
def test_a_workbook_that_defines_entities_is_refused(tmp_path: Path, part: bytes) -> None:
    path = tmp_path / "a.xlsx"
    bomb(path, "xl/extra.xml", 0, part)
    with pytest.raises(UnreadableFile):
        look_into(path, key="k", name="a.xlsx")


def test_a_workbook_with_remarks_and_plain_texts_in_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    bomb(path, "xl/extra.xml", 0, b'<?xml version="1.0"?><!-- ours --><x><![CDATA[<!DOCTYPE]]></x>')
    assert look_into(path, key="k", name="a.xlsx")


def test_rows_of_two_hundred_columns_are_read_and_of_six_hundred_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        ",".join(f"c{n}" for n in range(200)) + "\n" + ",".join("1" * 200) + "\n", encoding="utf-8"
    )
    assert len(rows_of(path)[1][1]) == 200
    path.write_text(",".join("1" * 600) + "\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="500 columns"):
        rows_of(path)


def test_an_open_quotation_mark_is_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"' + "x" * 1_100_000 + "\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="Line 2"):
        rows_of(path)


def test_titles_above_the_heading_are_passed_over_and_merged_headings_joined() -> None:
    known = known_names(importer("customers"))
    rows = [
        (1, ["Our customers 2026"]),
        (3, ["Name", "Contact", "", "x"]),
        (4, ["", "Phone", "E-mail", ""]),
        (5, ["A", "1", "b", "c"]),
    ]
    heading = find_heading(rows, known)
    assert (heading.names, heading.row) == (("Name", "Phone", "E-mail", "x"), 4)
    assert find_heading([(1, ["foo", "bar"]), (2, ["1", "2"])], known).row == 1


def test_columns_are_known_in_both_languages_and_by_what_was_chosen_before() -> None:
    sheet = importer("customers").sheets[0]
    assert guess_columns(sheet, ["手机号", "姓名", "foo", "E-Mail "]) == {"phone": 0, "name": 1, "email": 3}
    assert guess_columns(sheet, ["手机号", "Kunde"], {"name": "kunde"}) == {"name": 1, "phone": 0}


def test_every_kind_tells_its_columns_apart_by_name() -> None:
    """A heading that means two columns of one sheet would be mapped to the first in silence."""
    from callcart.core.exchange.declare import importers

    for its in importers():
        for sheet in its.sheets:
            seen: dict[str, str] = {}
            for column in sheet.columns:
                for name in names_of(column):
                    assert seen.setdefault(name, column.key) == column.key, (its.kind, name)


def test_what_leaves_starts_no_formula_and_comes_back_as_it_was(tmp_path: Path) -> None:
    cells = ["=cmd|' /C calc'!A0", "+1 212", "-5", "@x", "＝1", "plain", "'quoted"]
    text = b"".join(csv_chunks([["a"] * len(cells), list(cells)])).decode("utf-8-sig")
    assert "'=cmd" in text and ",'+1 212," in text
    assert [plain(harmless(cell)) for cell in cells] == cells
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"".join(xlsx_chunks([["a"] * len(cells), list(cells)], "Sheet")))
    assert rows_of(path)[1][1] == cells
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_look_says_how_dates_and_numbers_are_written() -> None:
    rows = iter(
        [(1, ["sku", "price", "date"]), (2, ["A", "1.234,50", "3/4/2026"]), (3, ["B", "7,00", "5/6/2026"])]
    )
    found = look_at(rows, importer("products"))
    assert (found.decimal, found.date_order, found.open_dates) == (",", "", True)


def test_names_are_compared_without_width_case_and_joints() -> None:
    assert folded(" E-Mail_Address ") == folded("ＥＭＡＩＬ address")
    assert Sheet("s", "S", (Column("a", "A", Kind.TEXT),), ("a",)).column("a").key == "a"
    assert sources.delimiter_of("a;b\n1,5;2\n") == ";"
