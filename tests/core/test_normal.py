"""Normal forms take time by the length of a text and no more; of a text that anybody writes they are what they always are."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.core.errors import Invalid
from callcart.core.fields import Fields
from callcart.core.normal import MOST_MARKS, normal_form
from callcart.core.text import clean
from callcart.integrations.mail import addresses

ACCENTS = "a" + "\u0301\u0327" * 200_000


def _within(seconds: float, began: float) -> bool:
    return time.process_time() - began < seconds


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize(
    "text", [ACCENTS, "\uff9e\u0301" * 100_000, "\u0f73\u0301" * 100_000, "a" + "\u0301" * 90_000 + "\u0327" * 90_000]
)  # fmt: skip
def test_nothing_but_accents_takes_no_longer_than_letters(form: str, text: str) -> None:
    """The library alone takes minutes for each of these."""
    began = time.process_time()
    assert len(normal_form(form, text)) >= len(text)  # type: ignore[arg-type]
    assert _within(3, began)


def test_so_do_what_a_mail_holds_what_a_form_holds_and_addresses() -> None:
    began = time.process_time()
    assert clean(ACCENTS)
    form = Fields()
    form.block("text", ACCENTS[:16_000], most=4000)
    with pytest.raises(Invalid):
        form.done()
    assert addresses.several(f"x{ACCENTS[:50_000]}@b.example, a@b.example", 5)[-1].address == "a@b.example"
    with pytest.raises(ValueError, match="mail address"):
        addresses.normal(f"a@{'ü' * 50_000}.example")
    assert _within(3, began)


@settings(max_examples=60)
@given(st.text(max_size=60), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_of_what_people_write_it_is_the_usual_form(text: str, form: str) -> None:
    assert normal_form(form, text) == unicodedata.normalize(form, text)  # type: ignore[arg-type]


def test_thirty_marks_stay_as_they_are() -> None:
    most = "a" + "\u0301\u0327" * (MOST_MARKS // 2)
    assert normal_form("NFC", most) == unicodedata.normalize("NFC", most)
    assert "\u034f" in normal_form("NFC", most + "\u0301")
