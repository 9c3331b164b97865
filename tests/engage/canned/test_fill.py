"""Fields of a text: known ones are filled in one pass, others are named, and none goes to a customer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.core.errors import Invalid
from callcart.engage.canned.fill import FIELDS, check_filled, fill, unknown_fields


def test_fields_are_filled_and_what_is_not_known_stays_and_is_named() -> None:
    text = "Dear {{customer.name}}, order {{ order.number }} with {{parcel.tracking}}"
    assert fill(text, {"customer.name": "Grace", "order.number": "1004"}) == (
        "Dear Grace, order 1004 with {{parcel.tracking}}",
        ["{{parcel.tracking}}"],
    )


def test_what_a_customer_is_called_is_no_field() -> None:
    filled, missing = fill("{{customer.name}}", {"customer.name": "{{order.total}}", "order.total": "9"})
    assert filled == "{{order.total}}" and missing == []


def test_only_fields_that_there_are() -> None:
    assert unknown_fields("{{order.number}} {{order.colour}} {{__class__}} {{order.colour}}") == [
        "order.colour",
        "__class__",
    ]


def test_no_field_goes_to_a_customer() -> None:
    with pytest.raises(Invalid) as refused:
        check_filled("Your parcel {{ parcel.tracking }}")
    assert "parcel.tracking" in refused.value.fields["text"]
    check_filled("In our template {{name}} means something else")


@settings(max_examples=60)
@given(st.text(alphabet="{}ab.or ", max_size=60))
def test_any_text_is_filled_in_bounded_ways(text: str) -> None:
    filled, missing = fill(text, {})
    assert filled == text and all(each in text for each in missing)
    assert set(unknown_fields(text)).isdisjoint(FIELDS)
