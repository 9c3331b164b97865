from __future__ import annotations

import pytest

from callcart.integrations.sms.numbers import Peer, address_of, country_of, is_sender, peer_of, wire
from callcart.integrations.sms.pdu import Address


@pytest.mark.parametrize(
    ("text", "ton", "country", "expected"),
    [
        ("12025550100", 1, "US", Peer("+12025550100", True)),
        ("+12025550100", 1, "US", Peer("+12025550100", True)),
        ("8613800138000", 1, "US", Peer("+8613800138000", True)),
        ("13800138000", 2, "CN", Peer("+8613800138000", True)),
        ("13800138000", 0, "CN", Peer("+8613800138000", True)),
        ("008613800138000", 0, "US", Peer("+8613800138000", True)),
        ("8613800138000", 0, "CN", Peer("+8613800138000", True)),
        ("13800138000", 1, "CN", Peer("+8613800138000", True)),  # called international and is not
        ("2025550100", 0, "US", Peer("+12025550100", True)),
        ("10086", 0, "CN", Peer("10086", False)),
        ("106980095588123456", 0, "CN", Peer("106980095588123456", False)),
        ("057188880100", 0, "CN", Peer("+8657188880100", True)),
        ("Meadow Post", 5, "US", Peer("Meadow Post", False)),
        ("Meadow1", 0, "US", Peer("Meadow1", False)),
        ("", 0, "US", Peer("", False)),
        ("a\x00b\u202e", 5, "US", Peer("ab", False)),
    ],
)
def test_who_wrote(text: str, ton: int, country: str, expected: Peer) -> None:
    assert peer_of(text, country, ton=ton) == expected


def test_an_address_that_is_typed() -> None:
    assert address_of("+1 (202) 555-0100") == "+12025550100"
    assert address_of("106 9012") == "1069012"
    assert address_of("106980095588") == "106980095588"
    for wrong in ("", "hello", "2025550100", "2025550100x", "107980095588", "12", "+0"):
        with pytest.raises(ValueError):
            address_of(wrong)


def test_who_can_send() -> None:
    assert all(map(is_sender, ("+12025550100", "10690", "Harbor Pine")))
    assert not any(map(is_sender, ("", "Harbor & Pine Shop", "青禾", "+1", "<b>")))


def test_types_of_numbers() -> None:
    assert wire("+12025550100") == Address("12025550100", 1, 1)
    assert wire("10690") == Address("10690", 3, 0)
    assert wire("Harbor") == Address("Harbor", 5, 0)


def test_the_country_of_a_line() -> None:
    assert (country_of("+8613800138000"), country_of("10690"), country_of("")) == ("CN", "", "")
