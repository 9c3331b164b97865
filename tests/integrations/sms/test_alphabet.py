from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcart.core.sms_length import GSM_BASIC, GSM_EXTENDED
from callcart.integrations.sms import alphabet

GSM = st.text(alphabet=sorted((set(GSM_BASIC) - {"\x1b"}) | set(GSM_EXTENDED.values())), max_size=200)


@given(GSM)
def test_the_gsm_alphabet_goes_there_and_back(text: str) -> None:
    assert alphabet.coding_for(text, latin=False) == alphabet.DEFAULT
    assert alphabet.decode(alphabet.encode(text, 0, latin=False), 0, latin=False) == text


@given(
    st.text(
        alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\0\ufeff"), max_size=200
    )
)
def test_any_text_goes_there_and_back(text: str) -> None:
    for latin in (False, True):
        coding = alphabet.coding_for(text, latin=latin)
        assert alphabet.decode(alphabet.encode(text, coding, latin=latin), coding, latin=latin) == text


@given(st.binary(max_size=100), st.integers(0, 255))
def test_whatever_comes_is_some_text(content: bytes, coding: int) -> None:
    alphabet.decode(content, coding, latin=False)


@pytest.mark.parametrize(
    ("content", "coding", "text"),
    [
        (b"\x00\x1b\x65\x1b\x3c", 0x00, "@€["),
        (b"a\x1b\x41\x1b\x1bz", 0x00, "aA z"),  # an escape that leads nowhere
        (b"ok\x1b", 0x00, "ok"),
        (b"\xe9t\xe9", 0x03, "été"),
        ("你好😀".encode("utf-16-be"), 0x08, "你好😀"),
        (b"\xfe\xff\x4f\x60", 0x08, "你"),
        (b"\x4f\x60\x59", 0x08, "你\u59fd"),
        ("退订".encode("gb18030"), 0x0F, "退订"),
        ("你".encode("utf-16-be"), 0x18, "你"),
        ("你".encode("utf-16-be"), 0xE0, "你"),
        (b"flash\x00", 0x10, "flash@"),
        (b"flash\x00", 0xF0, "flash@"),
        ("Привет".encode("iso8859-5"), 0x06, "Привет"),
        ("テスト".encode("shift_jis"), 0x05, "テスト"),
    ],
)  # fmt: skip
def test_what_centres_send(content: bytes, coding: int, text: str) -> None:
    assert alphabet.decode(content, coding, latin=False) == text


def test_what_is_no_text() -> None:
    assert [coding for coding in (0, 2, 3, 4, 8, 0x14, 0xF5, 0xF0, 0x18) if alphabet.is_binary(coding)] == [
        2,
        4,
        0x14,
        0xF5,
    ]


def test_a_centre_of_latin_1_gets_wide_what_latin_1_has_not() -> None:
    assert alphabet.coding_for("10 €", latin=True) == alphabet.UCS2
    assert alphabet.coding_for("10 £", latin=True) == alphabet.DEFAULT
    assert alphabet.encode("£", 0, latin=True) == b"\xa3" and alphabet.encode("£", 0, latin=False) == b"\x01"
