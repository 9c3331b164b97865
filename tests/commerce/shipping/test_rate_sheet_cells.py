"""A rate sheet as a file: no cell starts a formula in a spreadsheet, and reading takes the same names again."""

from __future__ import annotations

from callcart.commerce.shipping.rate_sheet import Sheet, read_pasted, written


def test_no_cell_of_a_written_sheet_is_a_formula() -> None:
    sheet = Sheet(("1",), ({"zone": "=HYPERLINK(1)", "countries": "@SUM(1)", "1": "2.00"},))
    text = written(sheet)
    assert "'=HYPERLINK(1)" in text and "'@SUM(1)" in text
    (row,) = read_pasted(text).rows
    assert (row["zone"], row["countries"], row["1"]) == ("=HYPERLINK(1)", "@SUM(1)", "2.00")
