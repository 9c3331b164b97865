"""Texts: what ships is sound in every language, what a shop writes is refused with the field's name, and SMS are counted as
networks count them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcart.core.sms_length import sms_length
from callcart.engage.notices.fill import fields_in, filled, problem_of
from callcart.engage.notices.kinds import KINDS, field_labels
from callcart.engage.notices.texts import TEXTS

LANGUAGES = ("en", "zh-hans")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_ships_names_only_fields_there_are(kind: str, language: str) -> None:
    sms, subject, mail = TEXTS[kind][language]
    may, needs = KINDS[kind].fields, KINDS[kind].needs
    assert problem_of(sms, may=may, needs=needs) == ""
    assert problem_of(f"{subject}\n{mail}", may=may, needs=needs) == ""
    assert set(may) <= set(field_labels())


@pytest.mark.parametrize("kind", KINDS)
def test_an_english_sms_that_ships_is_of_one_part_but_for_its_links(kind: str) -> None:
    values = dict.fromkeys(KINDS[kind].fields, "1042 7") | {"link": "", "pay": "", "trouble": "x" * 40}
    assert sms_length(filled(TEXTS[kind]["en"][0], values)).parts == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{number} {nmber}", "There is no field {nmber} here."),
        ("{a} {b} {number}", "There is no field {a}, {b} here."),
        ("Hello", "The text has to say {number}."),
        ("{number} {", "A brace stands alone. Fields are written like {number}."),
        ("{number} {{link}}", "A brace stands alone. Fields are written like {number}."),
        ("{} {number}", "There is no field {} here."),
        ("{number.real}", "There is no field {number.real} here."),
        ("{ number }: {link}", ""),
    ],
)
def test_what_is_wrong_is_said_by_name(text: str, said: str) -> None:
    assert problem_of(text, may=("number", "link"), needs=("number",)) == said


def test_what_is_not_known_leaves_no_hole() -> None:
    assert filled("Order {number}. {cash} {link}", {"number": "7", "link": "x"}) == "Order 7. x"
    assert filled("{a}\n\n{b}", {"a": "{b}", "b": "1"}) == "{b}\n\n1"


@pytest.mark.parametrize(
    ("text", "wide", "units", "parts"),
    [
        ("a" * 160, False, 160, 1),
        ("a" * 161, False, 161, 2),
        ("a" * 306, False, 306, 2),
        ("a" * 307, False, 307, 3),
        ("€" * 80, False, 160, 1),
        ("€" * 81, False, 162, 2),
        ("a" * 152 + "€" + "a" * 152, False, 306, 3),  # a pair does not straddle the parts
        ("好" * 70, True, 70, 1),
        ("好" * 71, True, 71, 2),
        ("好" * 134, True, 134, 2),
        ("好" * 135, True, 135, 3),
        ("a" * 70 + "ç", True, 71, 2),
        ("😀" * 35, True, 70, 1),
        ("😀" * 36, True, 72, 2),
        ("", False, 0, 1),
    ],
)
def test_length_of_an_sms(text: str, wide: bool, units: int, parts: int) -> None:
    found = sms_length(text)
    assert (found.wide, found.units, found.parts) == (wide, units, parts)


@given(st.text(max_size=400))
def test_parts_hold_what_is_counted(text: str) -> None:
    found = sms_length(text)
    assert found.units <= found.room
    assert set(fields_in(text)) == set(fields_in(text * 2))
