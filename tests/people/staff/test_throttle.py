"""Who guesses passwords is counted by account and by network."""

from __future__ import annotations

from callcart.people.staff.throttle import counters


def test_a_network_of_ipv6_is_one_address() -> None:
    one, two, other = (
        counters("a@x.example", ip)[1] for ip in ("2001:db8:1:1::1", "2001:db8:1:1:2::2", "2001:db8:1:2::1")
    )
    assert one == two != other
    assert counters("a@x.example", "") == counters("a@x.example", "192.0.2.1")[:1]
