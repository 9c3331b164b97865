"""What of a text from outside is kept, and what is said of one that does not fit."""

from __future__ import annotations

import pytest

from callcart.core.text import clean, problem


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Tea \x00 pot\x07 ", "Tea   pot"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("e\u0301t\u00e9", "\u00e9t\u00e9"),  # composed
        ("half \ud83d", "half"),
        ("😀 <b> \u05e9\u05dc\u05d5\u05dd", "😀 <b> \u05e9\u05dc\u05d5\u05dd"),
    ],
)
def test_what_cannot_be_stored_becomes_a_space(given: str, kept: str) -> None:
    assert clean(given) == kept


def test_what_does_not_fit_is_said() -> None:
    assert problem("", longest=3) == ""
    assert problem("", longest=3, required=True) == "Please fill this in."
    assert problem("abc", longest=3) == ""
    assert problem("abcd", longest=3) == "At most 3 characters, this is 4."
