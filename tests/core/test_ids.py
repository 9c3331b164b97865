"""Ids rise in time; human numbers carry a check digit that notices what people get wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from callcart.core import ids
from callcart.core.tenancy import NoTenant, acting_for

DIGITS = st.text("0123456789", min_size=2, max_size=12)


def test_new_ids_are_version_7_and_rise() -> None:
    made = [ids.new_id() for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == 2000
    assert {each.version for each in made} == {7}
    assert {each.variant for each in made} == {"specified in RFC 4122"}


def test_new_ids_of_many_threads_differ() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = [
            each
            for batch in pool.map(lambda _: [ids.new_id() for _ in range(500)], range(8))
            for each in batch
        ]
    assert len(set(made)) == 4000


@given(DIGITS, st.data())
def test_one_wrong_digit_is_noticed(digits: str, data: st.DataObject) -> None:
    number = digits + str(ids.check_digit(digits))
    assert ids.is_valid_number(number)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from("0123456789"))
    assume(other != number[place])
    assert not ids.is_valid_number(number[:place] + other + number[place + 1 :])


@given(DIGITS, st.data())
def test_two_swapped_digits_are_noticed(digits: str, data: st.DataObject) -> None:
    number = digits + str(ids.check_digit(digits))
    place = data.draw(st.integers(0, len(number) - 2))
    assume(number[place] != number[place + 1])
    assert not ids.is_valid_number(number[:place] + number[place + 1] + number[place] + number[place + 2 :])


@pytest.mark.parametrize("text", ["", "0", "abc", "12a", "１０００７", "²³", "-", "10 0x"])
def test_what_is_no_number_is_not_valid(text: str) -> None:
    assert not ids.is_valid_number(text)


def test_a_number_may_be_read_in_groups() -> None:
    number = "1000" + str(ids.check_digit("1000"))
    assert ids.is_valid_number(f" {number[:2]}-{number[2:]} ")


def test_human_numbers_are_per_tenant_and_kind(fresh_db: str) -> None:
    with acting_for(1):
        first, second = ids.next_number("order"), ids.next_number("order")
        other_kind = ids.next_number("customer")
    with acting_for(2):
        elsewhere = ids.next_number("order")
    assert first[:-1] == "1000"
    assert second[:-1] == "1001"
    assert other_kind == elsewhere == first
    assert ids.is_valid_number(first)


def test_what_is_scanned_at_one_table_never_means_two_things(fresh_db: str) -> None:
    with acting_for(1):
        order, document, waybill = (int(ids.next_number(kind)) for kind in ("order", "dispatch", "parcel"))
        assert [int(number) for number in ids.next_numbers("parcel", 2)] > [waybill]
    assert order * 1000 < document < waybill / 5


def test_human_numbers_never_repeat_across_processes(fresh_db: str) -> None:
    """A process that starts anew (its block forgotten) leaves a gap, and never gives a number twice."""
    with acting_for(1):
        before = [ids.next_number("order") for _ in range(5)]
        ids.forget_blocks()
        after = [ids.next_number("order") for _ in range(30)]
    assert len({*before, *after}) == 35


def test_human_numbers_of_many_threads_differ(fresh_db: str) -> None:
    def take(_: int) -> list[str]:
        with acting_for(1):
            return [ids.next_number("order") for _ in range(40)]

    with ThreadPoolExecutor(6) as pool:
        made = [number for batch in pool.map(take, range(6)) for number in batch]
    assert len(set(made)) == 240


def test_no_number_without_a_tenant() -> None:
    with pytest.raises(NoTenant):
        ids.next_number("order")


@pytest.mark.parametrize(
    ("number", "read"),
    [
        ("", ""), ("7", "7"), ("1042", "1042"), ("10427", "104 27"), ("100427", "100 427"), ("1048271", "104 82 71"),
        ("10482715", "104 827 15"), ("104827153", "104 827 153"), ("1048271530", "104 827 15 30"), ("SW-10427", "SW-10427"),
    ],
)  # fmt: skip
def test_numbers_are_grouped_for_reading_aloud(number: str, read: str) -> None:
    assert ids.spoken(number) == read.replace(" ", "\N{NO-BREAK SPACE}")


@given(st.text("0123456789", min_size=5, max_size=30))
def test_groups_lose_nothing_and_leave_no_digit_alone(number: str) -> None:
    read = ids.spoken(number)
    assert ids.unspoken(read) == number
    assert {len(group) for group in read.split()} <= {2, 3}


@pytest.mark.parametrize(
    "text", ["104 27", "#104-27", "１０４　２７", " 1 0 4 2 7 ", "104\u202f27", "104\N{EN DASH}27"]
)
def test_a_number_is_read_in_any_grouping(text: str) -> None:
    assert ids.unspoken(text) == "10427"


@pytest.mark.parametrize("text", ["", " ", "#", "Ada 104", "+104 27", "SW10427", "٣٣٣", "104.27"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert ids.unspoken(text) == ""
