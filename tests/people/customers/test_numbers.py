"""Numbers: any form somebody types or a trunk sends is one number; masked on the server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcart.core.errors import Invalid
from callcart.people.customers.masking import format_phone, mask_email, mask_phone
from callcart.people.customers.numbers import CallerReason, normalise_phone, read_caller, read_phone


@pytest.mark.parametrize(
    "typed",
    [
        "13812345678", "138 1234 5678", "138-1234-5678", "+86 138 1234 5678", "+8613812345678", "008613812345678",
        "8613812345678", "１３８１２３４５６７８", "＋８６ 138 1234 5678", "(+86) 138.1234.5678", "tel:+86-138-1234-5678",
        "138 1234 5678 转 12", "13812345678分机12", "\u200e138\u00a01234\u00a05678",
    ],
)  # fmt: skip
def test_one_chinese_mobile_in_every_form(typed: str) -> None:
    found = read_phone(typed, "CN")
    assert found is not None
    assert (found.e164, found.country, found.is_foreign) == ("+8613812345678", "CN", False)


@pytest.mark.parametrize(
    "typed", ["(212) 555-0142", "2125550142", "1-212-555-0142", "+1 212 555 0142 x77", "0012125550142"]
)
def test_one_american_number_in_every_form(typed: str) -> None:
    found = read_phone(typed, "US")
    assert found is not None
    assert found.e164 == "+12125550142"


@pytest.mark.parametrize("typed", ["+44 (0)20 7946 0958", "+442079460958", "0044 20 7946 0958"])
def test_a_foreign_number(typed: str) -> None:
    found = read_phone(typed, "CN")
    assert found is not None
    assert (found.e164, found.is_foreign) == ("+442079460958", True)


FOREIGN = {
    # Germany: of no fixed length; Italy keeps its 0; Niue has four digits; an area that begins as one of ours does; fifteen digits
    "+4930901820": ("DE", ["+49 30 901820", "0049 30 901820", "011 49 30 901820", "4930901820"]),
    "+4915112345678": ("DE", ["+4915112345678", "004915112345678", "0114915112345678", "4915112345678"]),
    "+390612345678": ("IT", ["+39 06 1234 5678", "0039 06 1234 5678", "011390612345678", "390612345678"]),
    "+6834000": ("NU", ["+683 4000", "00683 4000", "011 683 4000"]),
    "+442079460958": ("GB", ["+44 20 7946 0958", "0044 20 7946 0958", "011442079460958", "442079460958", "+0044 20 7946 0958"]),
    "+492151234567890": ("DE", ["+492151234567890", "00492151234567890", "011492151234567890"]),
    "+88216123456": ("001", ["+882 16 123456", "0088216123456", "01188216123456"]),
}  # fmt: skip


@pytest.mark.parametrize("home", ["US", "CN"])
@pytest.mark.parametrize(
    ("e164", "country", "typed"), [(e, c, t) for e, (c, each) in FOREIGN.items() for t in each]
)
def test_a_caller_from_abroad_is_the_same_in_every_form(
    e164: str, country: str, typed: str, home: str
) -> None:
    """Whatever the country of the shop, and of the trunk that says it."""
    found = read_phone(typed, home)
    assert found is not None
    assert (found.e164, found.country, found.is_foreign) == (e164, country, True)
    caller = read_caller(typed, home)
    assert (caller.e164, caller.reason) == (e164, CallerReason.FOREIGN)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "12", "call me", "+", "+" * 50, "1" * 10_000, "138\x001234", "\ud800", "🤙", "0x1234567890"],
)
def test_what_is_no_number_names_its_field(tenant: object, typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        normalise_phone(typed, field="receiver")
    assert set(refused.value.fields) == {"receiver"}


@given(st.text(max_size=60))
def test_a_caller_is_read_whatever_comes(raw: str) -> None:
    caller = read_caller(raw, "CN")
    assert bool(caller.e164) == (caller.reason in {CallerReason.NUMBER, CallerReason.FOREIGN})
    assert len(caller.raw) <= 64
    assert caller.raw.isprintable()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("anonymous", CallerReason.HIDDEN),
        ("Anonymous <sip:anonymous@anonymous.invalid>", CallerReason.HIDDEN),
        ("", CallerReason.HIDDEN),
        ("1001", CallerReason.INTERNAL),
        ("sip:+8613812345678@trunk.example;user=phone", CallerReason.NUMBER),
        ("+442079460958", CallerReason.FOREIGN),
        ("bob", CallerReason.MALFORMED),
    ],
)
def test_who_seems_to_call(raw: str, reason: CallerReason) -> None:
    assert read_caller(raw, "CN").reason == reason


@pytest.mark.parametrize(
    ("e164", "home", "masked"),
    [
        ("+8613812345678", "CN", "138****5678"),
        ("+12125550142", "US", "****0142"),
        ("+442079460958", "CN", "+44 ****0958"),
        ("rubbish", "CN", "****"),
    ],
)
def test_masked(e164: str, home: str, masked: str) -> None:
    assert mask_phone(e164, home) == masked


@given(st.integers(10**6, 10**10 - 1))
def test_at_least_four_digits_are_hidden(number: int) -> None:
    shown = sum(c.isdecimal() for c in mask_phone(f"+1{number}", "US"))
    assert len(str(number)) - shown >= 4 or not shown


def test_written_as_the_reader_does() -> None:
    assert format_phone("+12125550142", "US") == "(212) 555-0142"
    assert format_phone("+12125550142", "CN") == "+1 212-555-0142"
    assert mask_email("ada@shop.example") == "a***@shop.example"
    assert mask_email("a@shop.example") == "***@shop.example"
