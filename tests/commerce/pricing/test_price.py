"""The pricing function by itself: which price, which promotions, what rounding; parts always add up to the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcart.commerce.pricing.facts import (
    Basket,
    BasketLine,
    Buyer,
    CouponTerm,
    ListTerm,
    NoteReason,
    PromotionTerms,
    RateTerm,
    Rules,
)
from callcart.commerce.pricing.models import PromotionKind
from callcart.commerce.pricing.price import price_basket, price_delivery
from callcart.commerce.pricing.rounding import half_up, share

A, B, C = (UUID(int=number) for number in (1, 2, 3))
NOBODY: frozenset[str] = frozenset()


def line(variant: UUID, quantity: int, price: int, **more: Any) -> BasketLine:
    return BasketLine(variant, quantity, price, **more)


def basket(*lines: BasketLine, **more: Any) -> Basket:
    return Basket(lines=lines, **more)


def price_list(code: str, **more: Any) -> ListTerm:
    values = {
        "priority": 0, "groups": NOBODY, "countries": NOBODY, "regions": NOBODY, "campaigns": NOBODY, "percent_bp": 0,
    }  # fmt: skip
    return ListTerm(id=code, code=code, name=code, name_zh="", **{**values, **more})


def offer(number: str, kind: PromotionKind, **more: Any) -> PromotionTerms:
    return PromotionTerms(id=number, name=f"Offer {number}", name_zh="", kind=kind, **more)


PERCENT, AMOUNT, BUY_GET = PromotionKind.PERCENT, PromotionKind.AMOUNT, PromotionKind.BUY_GET
BUNDLE, FREE = PromotionKind.BUNDLE, PromotionKind.FREE_DELIVERY


def totals(found: Any) -> list[int]:
    return [each.total_minor for each in found.lines]


def test_without_rules_it_is_the_retail_price() -> None:
    found = price_basket(basket(line(A, 2, 1000), line(B, 1, 300)), Rules())
    assert (found.goods_minor, found.discount_minor, found.tax_minor) == (2300, 0, 0)
    assert [each.unit_minor for each in found.lines] == [1000, 300]


def test_the_list_of_the_highest_priority_decides_then_the_lowest_price() -> None:
    lists = (
        price_list("cheap"),
        price_list("gold", priority=5, groups=frozenset({"tier:gold"})),
        price_list("also", priority=5, percent_bp=1000),
    )
    prices = {str(A): (("cheap", 1, 500), ("gold", 1, 880))}
    rules = Rules(lists=lists, prices=prices, groups=frozenset({"tier:gold"}))
    assert price_basket(basket(line(A, 1, 1000)), rules).lines[0].unit_minor == 880
    assert price_basket(basket(line(A, 1, 1000)), replace(rules, groups=NOBODY)).lines[0].unit_minor == 900
    assert (
        price_basket(basket(line(B, 1, 1000)), rules).lines[0].unit_minor == 900
    )  # no line of its own: 10 % off


@pytest.mark.parametrize(("units", "expected"), [(1, 1000), (9, 1000), (10, 900), (49, 900), (50, 800)])
def test_a_price_from_a_number_of_units_on(units: int, expected: int) -> None:
    rules = Rules(lists=(price_list("w"),), prices={str(A): (("w", 10, 900), ("w", 50, 800))})
    assert price_basket(basket(line(A, units, 1000)), rules).lines[0].unit_minor == expected


def test_two_lines_of_one_sku_count_together_for_a_break() -> None:
    rules = Rules(lists=(price_list("w"),), prices={str(A): (("w", 10, 900),)})
    assert totals(price_basket(basket(line(A, 4, 1000), line(A, 6, 1000)), rules)) == [3600, 5400]


@pytest.mark.parametrize(
    ("condition", "buyer", "holds"),
    [
        ({"regions": frozenset({"浙江"})}, Buyer(region="浙江省"), True),
        ({"regions": frozenset({"浙江"})}, Buyer(region="江苏"), False),
        ({"countries": frozenset({"US"})}, Buyer(country="US"), True),
        ({"countries": frozenset({"US"})}, Buyer(country="CN"), False),
        ({"campaigns": frozenset({"tv"})}, Buyer(campaign="tv"), True),
        ({"campaigns": frozenset({"tv"})}, Buyer(), False),
    ],
)
def test_a_list_holds_for_whom_it_is_made(condition: dict[str, Any], buyer: Buyer, holds: bool) -> None:
    rules = Rules(lists=(price_list("x", percent_bp=5000, **condition),))
    assert price_basket(basket(line(A, 1, 1000), buyer=buyer), rules).goods_minor == (500 if holds else 1000)


def test_percent_is_rounded_half_up_per_line_and_an_amount_shared_by_largest_remainder() -> None:
    percent = Rules(promotions=(offer("1", PERCENT, percent_bp=500),))
    assert totals(price_basket(basket(line(A, 1, 1010), line(B, 1, 99)), percent)) == [959, 94]
    amount = Rules(promotions=(offer("1", AMOUNT, amount_minor=100),))
    found = price_basket(basket(line(A, 1, 100), line(B, 1, 100), line(C, 1, 100)), amount)
    assert [each.discount_minor for each in found.lines] == [34, 33, 33]
    assert found.goods_minor == 200


def test_an_amount_takes_no_more_than_there_is() -> None:
    found = price_basket(basket(line(A, 1, 60)), Rules(promotions=(offer("1", AMOUNT, amount_minor=100),)))
    assert (found.goods_minor, found.discount_minor) == (0, 60)


def test_buy_two_get_one_gives_the_cheapest() -> None:
    rules = Rules(promotions=(offer("1", BUY_GET, buy_quantity=2, get_quantity=1),))
    found = price_basket(basket(line(A, 4, 1000), line(B, 2, 300)), rules)
    assert [each.discount_minor for each in found.lines] == [0, 600]
    half = Rules(promotions=(offer("1", BUY_GET, buy_quantity=2, get_quantity=1, percent_bp=5000),))
    assert price_basket(basket(line(A, 3, 1001)), half).discount_minor == 501


def test_whole_sets_cost_their_price_and_what_is_over_costs_its_own() -> None:
    rules = Rules(promotions=(offer("1", BUNDLE, bundle=((str(A), 1), (str(B), 2)), amount_minor=1200),))
    found = price_basket(basket(line(A, 3, 1000), line(B, 4, 300)), rules)
    assert found.goods_minor == 2 * 1200 + 1000
    dear = Rules(promotions=(offer("1", BUNDLE, bundle=((str(A), 1), (str(B), 2)), amount_minor=9999),))
    assert price_basket(basket(line(A, 1, 1000), line(B, 2, 300)), dear).discount_minor == 0


def test_an_offer_is_for_its_goods_only() -> None:
    rules = Rules(promotions=(offer("1", PERCENT, percent_bp=5000, matches=frozenset({str(B)})),))
    assert totals(price_basket(basket(line(A, 1, 1000), line(B, 1, 300)), rules)) == [1000, 150]


def test_the_minimum_is_of_goods_before_promotions() -> None:
    rules = Rules(
        promotions=(
            offer("1", PERCENT, percent_bp=5000, priority=2),
            offer("2", AMOUNT, amount_minor=100, min_goods_minor=1000),
        )
    )
    assert price_basket(basket(line(A, 1, 1000)), rules).goods_minor == 400
    assert price_basket(basket(line(A, 1, 999)), rules).goods_minor == 499


def test_stackable_ones_add_up_by_priority_and_an_exclusive_one_stands_alone() -> None:
    two = (
        offer("1", AMOUNT, amount_minor=100, priority=1),
        offer("2", PERCENT, percent_bp=1000, priority=2),
    )
    assert price_basket(basket(line(A, 1, 1000)), Rules(promotions=two)).goods_minor == 800
    first = (*two, offer("3", AMOUNT, amount_minor=50, priority=9, exclusive=True))
    assert price_basket(basket(line(A, 1, 1000)), Rules(promotions=first)).goods_minor == 950
    last = (*two, offer("3", AMOUNT, amount_minor=500, priority=0, exclusive=True))
    assert price_basket(basket(line(A, 1, 1000)), Rules(promotions=last)).goods_minor == 800


def coupons(*codes: str, usable: bool = True) -> dict[str, CouponTerm]:
    return {code: CouponTerm(code, code, code, "1", usable) for code in codes}


def test_a_code_opens_its_offer_whatever_way_it_is_typed() -> None:
    rules = Rules(
        promotions=(offer("1", AMOUNT, amount_minor=100, needs_coupon=True),), coupons=coupons("SPRING25")
    )
    assert price_basket(basket(line(A, 1, 1000)), rules).goods_minor == 1000
    for typed in ("SPRING25", " spring 25", "Ｓpring-25"):
        found = price_basket(basket(line(A, 1, 1000), codes=(typed,)), rules)
        assert (found.goods_minor, found.applied[0].terms.code) == (900, "SPRING25")


@pytest.mark.parametrize(
    ("change", "more", "reason"),
    [
        ({"open": False}, {}, NoteReason.NOT_NOW),
        ({"left": False}, {}, NoteReason.USED_UP),
        ({"left_for_person": False}, {}, NoteReason.USED_BY_YOU),
        ({"groups": frozenset({"tier:vip"})}, {}, NoteReason.NOT_FOR_YOU),
        ({"channels": frozenset({"phone"})}, {}, NoteReason.NOT_FOR_YOU),
        ({"first_order": True}, {}, NoteReason.FIRST_ORDER),
        ({"min_goods_minor": 1500}, {}, NoteReason.MINIMUM),
        ({"matches": frozenset({str(B)})}, {}, NoteReason.NO_GOODS),
        ({}, {"codes": ("OTHER",)}, NoteReason.UNKNOWN),
        ({}, {"codes": ("S", "T")}, NoteReason.TWICE),
    ],
)
def test_a_code_that_gives_nothing_says_why(
    change: dict[str, Any], more: dict[str, Any], reason: NoteReason
) -> None:
    terms = offer("1", AMOUNT, **{"amount_minor": 100, "needs_coupon": True, **change})
    rules = Rules(promotions=(terms,), coupons=coupons("S", "T"))
    found = price_basket(basket(line(A, 1, 1000), **{"codes": ("S",), **more}), rules)
    assert found.notes[-1].reason == reason
    if reason is NoteReason.MINIMUM:
        assert found.notes[0].missing_minor == 500


def test_a_code_that_cannot_be_combined_says_with_what() -> None:
    rules = Rules(
        promotions=(
            offer("1", AMOUNT, amount_minor=100, needs_coupon=True),
            offer("2", PERCENT, percent_bp=100, exclusive=True, priority=5),
        ),
        coupons=coupons("S"),
    )
    found = price_basket(basket(line(A, 1, 1000), codes=("S",)), rules)
    assert (found.goods_minor, found.notes[0].reason, found.notes[0].name) == (
        990,
        NoteReason.NOT_TOGETHER,
        "Offer 2",
    )


def test_a_price_by_hand_is_final_and_a_discount_by_hand_comes_last() -> None:
    rules = Rules(promotions=(offer("1", PERCENT, percent_bp=1000),))
    found = price_basket(
        basket(
            line(A, 2, 1000, set_minor=700, reason="agreed"), line(B, 1, 1000, discount_bp=500, reason="late")
        ),
        rules,
    )
    assert totals(found) == [1400, 855]


def test_delivery_is_free_or_cheaper_by_an_offer() -> None:
    whole = price_basket(basket(line(A, 1, 1000)), Rules(promotions=(offer("1", FREE),)))
    assert (price_delivery(whole, 500).total_minor, price_delivery(whole, 0).discount_minor) == (0, 0)
    part = price_basket(basket(line(A, 1, 1000)), Rules(promotions=(offer("1", FREE, amount_minor=300),)))
    assert (price_delivery(part, 500).total_minor, price_delivery(part, 200).total_minor) == (200, 0)


def test_tax_in_the_price_and_on_top_of_it() -> None:
    rates = (
        RateTerm("std", "", 130_000, "VAT", ""),
        RateTerm("std", "oregon", 0, "None", ""),
        RateTerm("delivery", "", 60_000, "VAT", ""),
    )
    rules = Rules(rates=rates, default_tax_class="std")
    found = price_basket(basket(line(A, 1, 1130)), rules)
    assert (found.goods_minor, found.tax_minor, found.added_tax_minor) == (1130, 130, 0)
    assert price_delivery(found, 106).tax_minor == 6
    added = price_basket(basket(line(A, 1, 1000)), replace(rules, prices_include_tax=False))
    assert (added.goods_minor, added.tax_minor, added.added_tax_minor) == (1000, 130, 130)
    home = price_basket(basket(line(A, 1, 1000), buyer=Buyer(region="Oregon")), rules)
    assert home.tax_minor == 0


def test_what_was_promised_is_kept_by_the_terms_of_then() -> None:
    promised = (offer("1", PERCENT, percent_bp=1000, min_goods_minor=2000, open=False, left=False),)
    today = Rules(promotions=(offer("2", AMOUNT, amount_minor=500),))
    kept = basket(line(A, 2, 1500, kept_minor=1000), promised=promised)
    assert price_basket(kept, today).goods_minor == 1800
    lost = price_basket(basket(line(A, 1, 1500, kept_minor=1000), promised=promised), today)
    assert (lost.goods_minor, lost.notes[0].reason) == (1000, NoteReason.MINIMUM)


def test_terms_come_back_from_an_order_as_they_were() -> None:
    terms = offer(
        "1", BUNDLE, bundle=((str(A), 2),), matches=frozenset({str(A)}), groups=frozenset({"tier:gold"})
    )
    assert PromotionTerms.from_json(terms.to_json()) == terms


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_a_shared_amount_is_whole_again(amount: int, weights: list[int]) -> None:
    parts = share(min(amount, sum(weights)), weights)
    assert sum(parts) == min(amount, sum(weights))
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


def test_halves_go_up() -> None:
    assert [half_up(amount, 1, 2) for amount in (1, 2, 3)] == [1, 1, 2]


_lines = st.lists(
    st.builds(
        BasketLine,
        st.sampled_from([A, B, C]),
        st.integers(1, 30),
        st.integers(0, 500_000),
        set_minor=st.none() | st.integers(0, 500_000),
        discount_bp=st.integers(0, 10_000),
    ),
    min_size=1,
    max_size=8,
)
_offers = st.lists(
    st.builds(
        PromotionTerms,
        id=st.uuids().map(str),
        name=st.just("x"),
        name_zh=st.just(""),
        kind=st.sampled_from(list(PromotionKind)),
        percent_bp=st.integers(0, 10_000),
        amount_minor=st.integers(0, 300_000),
        buy_quantity=st.integers(1, 4),
        get_quantity=st.integers(1, 3),
        bundle=st.just(((str(A), 2), (str(B), 1))),
        matches=st.none() | st.frozensets(st.sampled_from([str(A), str(B)])),
        min_goods_minor=st.integers(0, 100_000),
        priority=st.integers(0, 3),
        exclusive=st.booleans(),
    ),
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(_lines, _offers, st.integers(0, 400_000), st.booleans(), st.integers(0, 50_000))
def test_parts_always_add_up(
    lines: list[BasketLine], offers: list[PromotionTerms], rate: int, included: bool, delivery: int
) -> None:
    rules = Rules(
        promotions=tuple(offers),
        rates=(RateTerm("std", "", rate, "", ""), RateTerm("delivery", "", rate, "", "")),
        default_tax_class="std",
        prices_include_tax=included,
    )
    found = price_basket(Basket(tuple(lines)), rules)
    shipping = price_delivery(found, delivery)
    assert found.goods_minor == sum(each.total_minor for each in found.lines)
    assert found.discount_minor == sum(each.discount_minor for each in found.lines)
    for asked, each in zip(lines, found.lines, strict=True):
        assert each.total_minor == each.unit_minor * asked.quantity - each.discount_minor
        assert 0 <= each.discount_minor <= each.unit_minor * asked.quantity
        off = sum(step.minor for step in each.steps if step.kind in {"promotion", "manual"})
        assert off == each.discount_minor  # the explanation explains all of it
    assert shipping.total_minor == delivery - shipping.discount_minor >= 0
    alone = [each for each in found.applied if each.terms.exclusive]
    assert not alone or len(found.applied) == 1
    given_off = sum(each.amount_minor for each in found.applied)
    assert given_off + sum(
        step.minor for each in found.lines for step in each.steps if step.kind == "manual"
    ) == (found.discount_minor)
