"""An order in one word and in four steps, as its customer reads it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from callcart.web.shop.account import _standing
from callcart.web.shop.order import _place


@pytest.mark.parametrize(
    ("state", "goods", "said", "tone"),
    [
        ("placed", "reserved", "Placed", "tag-brand"),
        ("confirmed", "reserved", "Confirmed", "tag-brand"),
        ("confirmed", "shipped", "Sent", "tag-brand"),
        ("confirmed", "delivered", "Delivered", "tag-good"),
        ("closed", "delivered", "Delivered", "tag-good"),
        ("closed", "part_returned", "Partly returned", ""),
        ("closed", "lost", "Lost", "tag-bad"),
        ("cancelled", "returned", "Cancelled", ""),
        ("on_hold", "reserved", "On hold", "tag-warm"),
    ],
)
def test_once_it_is_sent_the_list_says_where_the_goods_are(
    state: str, goods: str, said: str, tone: str
) -> None:
    row = SimpleNamespace(state=state, fulfilment_state=goods)
    assert _standing(row) == (said, tone)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("goods", "parcels", "step"),
    [
        ("reserved", [], 1),
        ("shipped", ["in_transit"], 2),
        ("delivered", ["delivered"], 3),
        ("part_returned", ["delivered", "delivered"], 3),  # it had arrived; the return tells the rest
        ("returning", ["delivered"], 3),
        ("returned", ["returned"], 2),  # never accepted at the door
        ("part_returned", ["delivered", "in_transit"], 2),
    ],
)
def test_what_was_delivered_stays_so_when_some_of_it_goes_back(
    goods: str, parcels: list[str], step: int
) -> None:
    detail = SimpleNamespace(
        axes=SimpleNamespace(fulfilment=goods),
        parcels=[SimpleNamespace(state=each) for each in parcels],
        order=SimpleNamespace(state="confirmed"),
    )
    assert _place(detail) == step  # type: ignore[arg-type]
