from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from callcart.core.sms_length import GSM_BASIC, GSM_EXTENDED, is_wide, sms_length, sms_parts

TEXTS = st.text(max_size=700) | st.text(alphabet="ab€{😀好\n", max_size=700) | st.text("a€[", max_size=700)


def units(part: str, wide: bool) -> int:
    if wide:
        return len(part.encode("utf-16-be", "surrogatepass")) // 2
    return len(part) + sum(c in GSM_EXTENDED.values() for c in part)


@given(TEXTS)
def test_parts_are_the_text_and_each_fits(text: str) -> None:
    length, parts = sms_length(text), sms_parts(text)
    assert "".join(parts) == text
    assert len(parts) == length.parts
    assert sum(units(part, length.wide) for part in parts) == length.units
    most = (70 if length.wide else 160) if len(parts) == 1 else (67 if length.wide else 153)
    assert all(units(part, length.wide) <= most for part in parts)


@given(TEXTS)
def test_no_part_could_have_taken_more(text: str) -> None:
    """As few parts as can be: the next part's first character did not fit into the one before."""
    wide, parts = is_wide(text), sms_parts(text)
    share = 67 if wide else 153
    for part, following in itertools.pairwise(parts):
        assert units(part + following[0], wide) > share


def test_what_takes_two_units_is_not_cut() -> None:
    assert sms_parts("a" * 152 + "€" + "b" * 10) == ["a" * 152, "€" + "b" * 10]
    assert sms_parts("好" * 66 + "😀" + "好" * 10) == ["好" * 66, "😀" + "好" * 10]


def test_the_alphabet_has_a_character_for_each_code() -> None:
    assert len(GSM_BASIC) == 128 and len(set(GSM_BASIC)) == 128
    assert is_wide("\x1b") and not is_wide("€^{}[]~|\\\f")
