"""Cells as people write them: dates in five forms and more, numbers with either sign, money in one currency, words."""

from __future__ import annotations

from typing import Any

import pytest

from callcart.core.exchange.declare import Column, Kind, Place
from callcart.core.exchange.values import Style, Unreadable, date_order, decimal_sign, has_open_dates, read

PLACE = Place("USD", "America/New_York", "US")
PLAIN = Style()


def value(kind: Kind, cell: str, *, style: Style = PLAIN, place: Place = PLACE, **more: Any) -> Any:
    return read(Column("x", "X", kind, **more), cell, style, place)


@pytest.mark.parametrize(
    ("cell", "order"),
    [
        ("2026-11-29", ""), ("29.11.2026", ""), ("11/29/2026", ""), ("29/11/2026", ""), ("2026年11月29日", ""),
        ("46355", ""), ("2026/11/29", ""), ("20261129", ""), ("2026.11.29", ""), ("２０２６-11-29", ""), ("29-11-2026", "mdy"),
    ],
)  # fmt: skip
def test_a_day_in_every_form(cell: str, order: str) -> None:
    assert value(Kind.DAY, cell, style=Style(order)) == "2026-11-29"


def test_a_day_with_two_meanings_is_read_by_the_order_of_the_file_only() -> None:
    assert value(Kind.DAY, "3/4/2026", style=Style("dmy")) == "2026-04-03"
    assert value(Kind.DAY, "3/4/2026", style=Style("mdy")) == "2026-03-04"
    with pytest.raises(Unreadable, match="two ways"):
        value(Kind.DAY, "3/4/2026")
    assert value(Kind.DAY, "4/4/2026") == "2026-04-04"


@pytest.mark.parametrize(
    "cell", ["2026", "2026-13-01", "31.02.2026", "30/30/2026", "soon", "99999999", "2026-11-29x"]
)
def test_what_is_no_day_is_refused(cell: str) -> None:
    with pytest.raises(Unreadable):
        value(Kind.MOMENT, cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1/18/2018 14:48", "2018-01-18T19:48:00+00:00"),
        ("2018-01-18 2:48 PM", "2018-01-18T19:48:00+00:00"),
        ("2018-01-18T14:48:00Z", "2018-01-18T14:48:00+00:00"),
        ("2018-07-18T14:48:00+02:00", "2018-07-18T12:48:00+00:00"),
        ("2018年1月18日 14:48:09", "2018-01-18T19:48:09+00:00"),
        ("43118.5", "2018-01-18T17:00:00+00:00"),
        ("2018-01-18", "2018-01-18T05:00:00+00:00"),
    ],
)
def test_a_moment_is_of_the_shops_zone_unless_it_says_otherwise(cell: str, expected: str) -> None:
    assert value(Kind.MOMENT, cell) == expected


@pytest.mark.parametrize(
    ("cell", "decimal", "minor"),
    [
        ("12.5", ".", 1250), ("12,50", ",", 1250), ("1,234.50", ".", 123450), ("1.234,50", ",", 123450), ("１２．５０", ".", 1250),
        ("$ 12.50", ".", 1250), ("USD 12.50", ".", 1250), ("12.50 US$", ".", 1250), ("1 234.50", ".", 123450), ("1,234", ".", 123400),
        ("(5.00)", ".", -500), ("0", ".", 0), (".5", ".", 50), ("1'000.00", ".", 100000),
    ],
)  # fmt: skip
def test_money_with_either_decimal_sign(cell: str, decimal: str, minor: int) -> None:
    assert value(Kind.MONEY, cell, style=Style("", decimal)) == minor


@pytest.mark.parametrize(
    "cell",
    [
        "€5",
        "5 EUR",
        "¥12",
        "12元",
        "CAD 5",
        "R$ 5",
        "1.005",
        "12,5",
        "1.2.3",
        "=1+1",
        "1e5",
        "99999999999999999",
    ],
)
def test_money_that_is_not_this_shops_is_refused(cell: str) -> None:
    with pytest.raises(Unreadable):
        value(Kind.MONEY, cell)


@pytest.mark.parametrize("cell", ["=cmd|'/c calc'!A0", "ask 12 first", "very dear"])
def test_words_are_no_amount_in_another_currency(cell: str) -> None:
    with pytest.raises(Unreadable, match="This is not a number"):
        value(Kind.MONEY, cell)


def test_yuan_and_yen_follow_the_shop() -> None:
    assert value(Kind.MONEY, "￥12.50", place=Place("CNY", "Asia/Shanghai", "CN")) == 1250
    assert value(Kind.MONEY, "¥1,250", place=Place("JPY", "Asia/Tokyo", "JP")) == 1250
    with pytest.raises(Unreadable):
        value(Kind.MONEY, "1.5", place=Place("JPY", "Asia/Tokyo", "JP"))


@pytest.mark.parametrize("cell", ["-1", "1.5", "3000000000", "many", "１.5", "", "1 2 x"])
def test_quantities_are_whole_and_in_bounds(cell: str) -> None:
    with pytest.raises(Unreadable):
        value(Kind.WHOLE, cell or "-", least_value=0)
    assert value(Kind.WHOLE, "１２", least_value=0) == 12


def test_words_for_yes_no_and_choices_in_both_languages() -> None:
    assert [value(Kind.YES_NO, cell) for cell in ("Yes", "是", "X", "0", "否")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    colours = {"red": "r", "红色": "r"}
    assert [value(Kind.CHOICE, cell, choices=colours) for cell in ("RED", "红色", "r")] == ["r", "r", "r"]
    with pytest.raises(Unreadable, match="“blue” is none of: r"):
        value(Kind.CHOICE, "blue", choices=colours)


def test_texts_are_kept_whole_or_refused() -> None:
    assert value(Kind.TEXT, "=cmd|' /C calc'!A0") == "=cmd|' /C calc'!A0"
    assert value(Kind.TEXT, "a\nb") == "a b"
    assert value(Kind.TEXT, "a\r\nb", lines=True) == "a\nb"
    for cell in ("a\x07b", "x" * 201):
        with pytest.raises(Unreadable):
            value(Kind.TEXT, cell)


def test_a_files_style_is_proved_by_its_cells() -> None:
    assert date_order(["3/4/2026", "13/4/2026"]) == "dmy"
    assert date_order(["3/4/2026", "4/13/2026"]) == "mdy"
    assert date_order(["13/4/2026", "4/13/2026"]) == "both"
    assert (date_order(["3/4/2026"]), has_open_dates(["3/4/2026"]), has_open_dates(["4/4/2026"])) == (
        "",
        True,
        False,
    )
    assert [decimal_sign([cell]) for cell in ("12,50", "1.234,50", "1,234.50", "12.5", "1,234", "1,234,567", "7")] == [
        ",", ",", ".", ".", "", ".", "",
    ]  # fmt: skip
