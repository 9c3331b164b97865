"""Dividing a set's price: the parts are the whole, whatever the prices, discounts and taxes."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from callcart.commerce.pricing.facts import (
    Basket,
    BasketLine,
    PromotionTerms,
    RateTerm,
    Rules,
    SetPart,
    StepKind,
)
from callcart.commerce.pricing.models import PromotionKind
from callcart.commerce.pricing.price import price_basket
from callcart.commerce.pricing.sets import divide

SET, POT, CUP = (UUID(int=number) for number in (1, 2, 3))
parts = st.lists(
    st.builds(SetPart, st.uuids(), st.integers(1, 999), st.integers(0, 10**7)), min_size=1, max_size=30
)


@given(parts, st.integers(0, 10**9), st.data())
def test_the_parts_sum_to_the_whole(its: list[SetPart], whole: int, data: st.DataObject) -> None:
    off = data.draw(st.integers(0, whole))
    found = divide(whole, off, its)
    assert sum(price for price, _taken in found) == whole
    assert sum(taken for _price, taken in found) == off
    assert all(0 <= taken <= price for price, taken in found)


@given(parts, st.integers(0, 10**7), st.integers(1, 50), st.integers(0, 10_000), st.booleans())
def test_every_part_is_a_line_that_adds_up(
    its: list[SetPart], price: int, sets: int, discount_bp: int, included: bool
) -> None:
    rate = RateTerm("std", "", 130_000, "VAT", "增值税")
    rules = Rules(rates=(rate,), default_tax_class="std", prices_include_tax=included)
    line = BasketLine(SET, sets, price, discount_bp=discount_bp, parts=tuple(its), set_name="Set")
    (item,) = price_basket(Basket((line,)), rules).lines
    assert item.total_minor == item.unit_minor * sets - item.discount_minor
    assert sum(part.total_minor for part in item.parts) == item.total_minor
    assert sum(part.tax_minor for part in item.parts) == item.tax_minor
    for part, asked in zip(item.parts, its, strict=True):
        assert part.quantity == asked.units * sets
        assert part.total_minor == part.unit_minor * part.quantity - part.discount_minor
        assert part.discount_minor >= 0
        assert part.steps[1].kind is StepKind.PART


def tea_set(**changes: object) -> BasketLine:
    its = (SetPart(POT, 1, 3000), SetPart(CUP, 4, 800))
    return BasketLine(SET, 1, 4999, parts=its, set_name="Tea set", **changes)  # type: ignore[arg-type]


def test_by_list_prices_and_taxed_by_the_class_of_each() -> None:
    rates = tuple(RateTerm(code, "", ppm, "VAT", "") for code, ppm in (("full", 200_000), ("low", 50_000)))
    rules = Rules(rates=rates, tax_classes={str(POT): "full", str(CUP): "low"}, prices_include_tax=False)
    (item,) = price_basket(Basket((tea_set(),)), rules).lines
    pot, cup = item.parts
    assert (pot.total_minor, cup.total_minor) == (2419, 2580)  # 4999 × 30/62 and × 32/62
    assert (pot.tax_minor, cup.tax_minor) == (484, 129)
    assert item.tax_minor == 613
    assert (cup.quantity, cup.unit_minor, cup.discount_minor) == (4, 645, 0)


def test_promotions_are_for_the_set_not_for_what_is_in_it() -> None:
    on_cups = PromotionTerms(
        "1", "Cups", "", PromotionKind.PERCENT, percent_bp=5000, matches=frozenset({str(CUP)})
    )
    on_sets = PromotionTerms(
        "2", "Sets", "", PromotionKind.PERCENT, percent_bp=1000, matches=frozenset({str(SET)})
    )
    basket = price_basket(Basket((tea_set(), BasketLine(CUP, 1, 800))), Rules(promotions=(on_cups, on_sets)))
    its, loose = basket.lines
    assert (its.discount_minor, loose.discount_minor) == (500, 400)
    assert sum(part.total_minor for part in its.parts) == 4499


def test_what_is_left_of_a_set_keeps_its_share() -> None:
    half = PromotionTerms("1", "Half", "", PromotionKind.PERCENT, percent_bp=5000)
    line = BasketLine(CUP, 3, 800, kept_minor=646, fixed_minor=1935)
    (item,) = price_basket(Basket((line,)), Rules(promotions=(half,))).lines
    assert (item.total_minor, item.discount_minor) == (1935, 3)
