"""Orders at their price: lists, promotions, coupons, tax, delivery; what is written down, counted, kept and given back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callcart.commerce.catalog.public import CategoryDraft, create_category, update_product, update_variant
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.public import (
    AddCoupon,
    AddLine,
    DraftLine,
    PriceChanged,
    RemoveLine,
    SetAddress,
    SetDiscount,
    SetNote,
    SetPrice,
    SetQuantity,
    cancel_order,
    confirm_change,
    place_order,
    preview_change,
    price_draft,
)
from callcart.commerce.payments.public import Payment
from callcart.commerce.pricing import public as pricing
from callcart.commerce.pricing.models import Coupon, CustomerUse, Promotion, PromotionUse
from callcart.commerce.pricing.public import ListDraft, PriceRow, PromotionDraft, RateDraft, UsedUp
from callcart.core.actor import Grant
from callcart.core.clock import frozen, now
from callcart.core.database import raw, sql
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.ids import new_id
from callcart.people.approvals.public import NeedsApproval
from callcart.people.customers.public import create_category as create_customer_category
from callcart.people.customers.public import create_customer
from callcart.people.tenants.public import update_tenant
from tests.commerce.pricing.conftest import Offer
from tests.commerce.shop import ADDRESS, Shop


@pytest.fixture(autouse=True)
def goods(shop: Shop) -> None:
    shop.goods("A", price=1000, west=50)
    shop.goods("B", price=300, west=50)


def off_by_a_unit() -> list[tuple[Any, ...]]:
    """What the nightly count would find wrong, of orders' sums and promotions' counts."""
    return [
        tuple(row)
        for package in ("callcart.commerce.pricing", "callcart.commerce.orders")
        for row in raw.all(sql(package, "integrity").replace("%", "%%"))
    ]


def lines_of(order: Order) -> list[tuple[Any, ...]]:
    names = ("sku", "list_minor", "unit_minor", "discount_minor", "tax_minor", "total_minor")
    return list(order.lines.order_by("position").values_list(*names))


def test_gold_customers_pay_the_price_of_their_list_and_the_line_says_so(shop: Shop) -> None:
    made = pricing.create_list(
        shop.boss,
        ListDraft(
            code="gold", name="Gold customers", name_zh="金卡会员", groups=("tier:gold",), percent_bp=500
        ),
    )
    pricing.set_prices(shop.boss, made.id, [PriceRow("B", 250), PriceRow("B", 200, 10)])
    gold = create_customer(shop.boss, name="Ada", tier="gold")
    plain = create_customer(shop.boss, name="Bo")
    order = shop.place(("A", 2), ("B", 10), customer_id=gold.id)
    assert lines_of(order) == [("A", 1000, 950, 0, 0, 1900), ("B", 300, 200, 0, 0, 2000)]
    first, second = order.lines.order_by("position")
    steps = [pricing.Step.from_json(each) for each in first.explanation]
    assert pricing.explain(steps, "USD", "en") == "List $10.00 · Gold customers −5 %"
    assert pricing.explain(steps, "USD", "zh-hans") == "目录价 $10.00 · 金卡会员 −5%"
    steps = [pricing.Step.from_json(each) for each in second.explanation]
    assert pricing.explain(steps, "USD", "en") == "List $3.00 · Gold customers, from 10 units: $2.00"
    assert lines_of(shop.place(("A", 1), customer_id=plain.id)) == [("A", 1000, 1000, 0, 0, 1000)]


def test_lists_hold_for_categories_of_customers_and_for_their_time(shop: Shop) -> None:
    wholesale = create_customer_category(shop.boss, code="wholesale", name="Wholesale")
    buyer = create_customer(shop.boss, name="Shop", category_id=wholesale.id)
    draft = ListDraft(
        code="w",
        name="Wholesale",
        groups=("category:wholesale",),
        percent_bp=2000,
        ends_at=now() + timedelta(1),
    )
    pricing.create_list(shop.boss, draft)
    assert shop.place(("A", 1), customer_id=buyer.id).goods_minor == 800
    with frozen(now() + timedelta(days=2)):
        assert shop.place(("A", 1), customer_id=buyer.id).goods_minor == 1000


def test_a_promotion_is_on_the_order_in_the_debt_and_counted(shop: Shop, offer: Offer) -> None:
    promotion = offer("percent", percent_bp=1000, limit_total=5)
    order = shop.place(("A", 1), ("B", 1))
    assert (order.goods_minor, order.discount_minor, order.total_minor) == (1170, 130, 1670)
    assert lines_of(order) == [("A", 1000, 1000, 100, 0, 900), ("B", 300, 300, 30, 0, 270)]
    assert Payment.objects.get(order_id=order.id).amount_minor == 1670
    use = PromotionUse.objects.get()
    assert (use.promotion_id, use.order_id, use.person, use.amount_minor) == (
        promotion.id, order.id, "phone:+12125550142", 130,
    )  # fmt: skip
    assert Promotion.objects.get().used_count == 1
    assert off_by_a_unit() == []


def test_a_promotion_of_a_category_holds_for_the_shelves_inside_it(shop: Shop, offer: Offer) -> None:
    top = create_category(shop.boss, CategoryDraft(name="Home"))
    inner = create_category(shop.boss, CategoryDraft(name="Kitchen", parent_id=top.id))
    update_product(shop.boss, shop.variants["B"].product_id, category_id=inner.id)
    offer("percent", percent_bp=5000, category_ids=(top.id,))
    assert lines_of(shop.place(("A", 1), ("B", 2))) == [
        ("A", 1000, 1000, 0, 0, 1000),
        ("B", 300, 300, 300, 0, 300),
    ]


def test_delivery_can_be_free_and_says_why(shop: Shop, offer: Offer) -> None:
    offer("free_delivery", min_goods_minor=2000)
    priced = price_draft(shop.draft(("A", 2)))
    assert [each.price.minor for each in priced.deliveries] == [0, 0, 0]
    order = shop.place(("A", 2))
    assert (order.delivery_minor, order.delivery_discount_minor, order.total_minor) == (0, 500, 2000)
    assert [each["kind"] for each in order.pricing["delivery"]] == ["list", "promotion"]
    assert PromotionUse.objects.get().amount_minor == 500
    assert shop.place(("A", 1)).delivery_minor == 500


def test_tax_is_added_where_prices_are_without_it(shop: Shop) -> None:
    update_tenant(shop.boss, settings={"prices_include_tax": False})
    standard = pricing.save_tax_class(shop.boss, "standard", name="Standard", is_default=True)
    zero = pricing.save_tax_class(shop.boss, "zero", name="Zero")
    pricing.add_rate(shop.boss, RateDraft(standard.id, "US", 50_000, name="Sales tax"))
    pricing.add_rate(shop.boss, RateDraft(standard.id, "US", 88_750, name="Sales tax", region="Oregon"))
    pricing.add_rate(shop.boss, RateDraft(zero.id, "US", 0, name="Free"))
    update_variant(shop.boss, shop.variants["B"].id, tax_class="zero")
    order = shop.place(("A", 1), ("B", 1))
    assert lines_of(order) == [("A", 1000, 1000, 0, 89, 1000), ("B", 300, 300, 0, 0, 300)]
    assert (order.tax_minor, order.added_tax_minor, order.total_minor) == (89, 89, 1889)
    away = shop.place(("A", 1), address=replace(ADDRESS, province="Ohio"))
    assert (away.added_tax_minor, away.lines.get().tax_rate_ppm) == (50, 50_000)


def test_tax_in_the_price_changes_no_total(shop: Shop) -> None:
    standard = pricing.save_tax_class(shop.boss, "standard", name="Standard", is_default=True)
    pricing.add_rate(shop.boss, RateDraft(standard.id, "US", 130_000, name="VAT", name_zh="增值税"))
    order = shop.place(("A", 1))
    assert (order.total_minor, order.tax_minor, order.added_tax_minor) == (1500, 115, 0)
    steps = [pricing.Step.from_json(each) for each in order.lines.get().explanation]
    assert pricing.explain(steps, "USD", "en") == "List $10.00 · incl. VAT 13 % $1.15"


# coupons


def test_a_code_counts_however_it_is_typed_and_only_so_often(shop: Shop, offer: Offer) -> None:
    offer("amount", amount_minor=200, code="SPRING-25", uses=1)
    order = shop.place(("A", 1), coupons=(" spring25",))
    assert (order.goods_minor, order.coupon_codes) == (800, ["SPRING-25"])
    assert Coupon.objects.get().used_count == 1
    before = Order.objects.count()
    with pytest.raises(Invalid) as refused:
        shop.place(("A", 1), coupons=("SPRING-25",))
    assert refused.value.fields == {"coupons.0": "This code has been used up."}
    assert (Order.objects.count(), PromotionUse.objects.count()) == (before, 1)


def test_an_unknown_code_stops_and_one_that_only_misses_something_does_not(shop: Shop, offer: Offer) -> None:
    offer("amount", amount_minor=200, code="BIGGER", min_goods_minor=5000)
    priced = price_draft(shop.draft(("A", 1), coupons=("NOSUCH", "BIGGER")))
    assert priced.problems == {"coupons.0": "There is no such code."}
    assert priced.coupon_notes["coupons.1"] == "Add goods worth $40.00 and this code counts."
    order = shop.place(("A", 1), coupons=("BIGGER",))
    assert (order.goods_minor, order.coupon_codes, Coupon.objects.get().used_count) == (1000, [], 0)


def test_a_customer_gets_it_so_often_and_again_once_the_order_is_cancelled(shop: Shop, offer: Offer) -> None:
    offer("amount", amount_minor=200, limit_per_customer=1, limit_total=10)
    ada = create_customer(shop.boss, name="Ada")
    first = shop.place(("A", 1), customer_id=ada.id)
    assert (first.goods_minor, shop.place(("A", 1), customer_id=ada.id).goods_minor) == (800, 1000)
    assert shop.place(("A", 1)).goods_minor == 800  # a guest is another person
    cancel_order(shop.boss, first.id, reason="changed her mind", version=first.version)
    assert (
        CustomerUse.objects.get(person=f"customer:{ada.id}").used_count,
        Promotion.objects.get().used_count,
    ) == (0, 1)
    assert pricing.release_uses(first.id) == 0
    assert shop.place(("A", 1), customer_id=ada.id).goods_minor == 800
    assert off_by_a_unit() == []


def test_a_first_order_is_the_first_that_stands(shop: Shop, offer: Offer) -> None:
    offer("percent", percent_bp=1000, first_order=True)
    ada = create_customer(shop.boss, name="Ada")
    first = shop.place(("A", 1), customer_id=ada.id)
    assert (first.goods_minor, shop.place(("A", 1), customer_id=ada.id).goods_minor) == (900, 1000)


def test_the_limit_holds_where_the_last_one_went_between_pricing_and_counting(
    shop: Shop, offer: Offer
) -> None:
    promotion = offer("amount", amount_minor=200, limit_total=1)
    priced = price_draft(shop.draft(("A", 1)))
    shop.place(("A", 1))
    with pytest.raises(UsedUp):
        pricing.take_uses(new_id(), "1", "phone:+1", priced.basket.applied)
    promotion.refresh_from_db()
    assert promotion.used_count == 1


def test_a_total_that_is_not_what_was_seen_stops_the_order(shop: Shop, offer: Offer) -> None:
    seen = price_draft(shop.draft(("A", 1))).total.minor
    offer("percent", percent_bp=1000)
    before = Order.objects.count()
    with pytest.raises(PriceChanged) as refused:
        shop.place(("A", 1), seen_total_minor=seen)
    assert refused.value.fields == {"total": "The price was $15.00 and is $14.00 now."}
    assert Order.objects.count() == before
    assert shop.place(("A", 1), seen_total_minor=1400).total_minor == 1400


# by hand


def discounted(shop: Shop, **by_hand: Any) -> Any:
    line = DraftLine(shop.variants["A"].id, 1, **by_hand)
    return shop.draft(lines=(line,))


@pytest.mark.parametrize(
    ("by_hand", "total"),
    [({"discount_bp": 1000, "reason": "late"}, 900), ({"set_minor": 850, "reason": "agreed"}, 850)],
)
def test_a_discount_by_hand_within_the_limit(shop: Shop, by_hand: dict[str, Any], total: int) -> None:
    agent = shop.staff("orders.place", orders__discount=Grant(limit=10), orders__change_price=Grant(limit=15))
    order = place_order(agent, discounted(shop, **by_hand), idempotency_key="hand")
    assert (order.goods_minor, order.lines.get().explanation[-1]["reason"]) == (total, by_hand["reason"])


@pytest.mark.parametrize(
    ("by_hand", "error"),
    [
        ({"discount_bp": 1001, "reason": "late"}, NeedsApproval),
        ({"set_minor": 849, "reason": "agreed"}, NeedsApproval),
        ({"discount_bp": 1000}, Invalid),
        ({"discount_bp": -1, "reason": "x"}, Invalid),
        ({"discount_bp": 10_001, "reason": "x"}, Invalid),
        ({"set_minor": -1, "reason": "x"}, Invalid),
    ],
)
def test_a_discount_by_hand_that_is_refused_changes_nothing(
    shop: Shop, by_hand: dict[str, Any], error: type[Exception]
) -> None:
    agent = shop.staff("orders.place", orders__discount=Grant(limit=10), orders__change_price=Grant(limit=15))
    with pytest.raises(error):
        place_order(agent, discounted(shop, **by_hand), idempotency_key="hand")
    assert (Order.objects.count(), shop.stock("A")) == (0, {"west": (50, 0)})


def test_without_the_permission_there_is_no_discount_by_hand(shop: Shop) -> None:
    with pytest.raises(PermissionDenied):
        draft = discounted(shop, discount_bp=1, reason="x")
        place_order(shop.staff("orders.place"), draft, idempotency_key="hand")
    assert Order.objects.count() == 0


# changing an order


def test_an_edit_keeps_what_was_promised_by_the_terms_of_then(shop: Shop, offer: Offer) -> None:
    promotion = offer("percent", percent_bp=1000, min_goods_minor=1500, limit_total=1)
    order = shop.place(("A", 2))
    offer("amount", amount_minor=500)
    terms = PromotionDraft(name="Less", kind="percent", percent_bp=100, limit_total=1)
    pricing.update_promotion(shop.boss, promotion.id, terms, version=2)
    pricing.set_promotion_state(shop.boss, promotion.id, pricing.PromotionState.ENDED, version=3)
    update_variant(shop.boss, shop.variants["A"].id, price_minor=1200)
    line = order.lines.get()
    preview = preview_change(shop.boss, order.id, [SetQuantity(line.id, 3)])
    assert (preview.goods.minor, preview.discount.minor, preview.notes) == (2700, 300, ())
    assert preview.lines[0].now is not None
    assert preview.lines[0].now.minor == 1200  # shown, not applied
    order = confirm_change(shop.boss, order.id, [SetQuantity(line.id, 3)], version=1)
    assert lines_of(order) == [("A", 1000, 1000, 300, 0, 2700)]
    assert (PromotionUse.objects.get().amount_minor, order.discount_minor) == (300, 300)
    assert off_by_a_unit() == []


def test_an_edit_that_breaks_the_condition_loses_the_promotion_and_says_so(shop: Shop, offer: Offer) -> None:
    promotion = offer("percent", percent_bp=1000, min_goods_minor=1500, limit_total=1)
    order = shop.place(("A", 2))
    line = order.lines.get()
    preview = preview_change(shop.boss, order.id, [SetQuantity(line.id, 1)])
    assert preview.notes == ("“Offer percent” no longer applies: $5.00 of goods are missing.",)
    order = confirm_change(shop.boss, order.id, [SetQuantity(line.id, 1)], version=1)
    assert (order.goods_minor, order.discount_minor, order.pricing["promised"]) == (1000, 0, [])
    promotion.refresh_from_db()
    assert (promotion.used_count, PromotionUse.objects.get().state) == (0, "released")
    order = confirm_change(shop.boss, order.id, [SetQuantity(line.id, 2)], version=2)
    assert order.discount_minor == 0  # what was lost does not come back by itself
    assert off_by_a_unit() == []


def test_added_lines_take_todays_price_and_the_promised_promotion(shop: Shop, offer: Offer) -> None:
    offer("percent", percent_bp=1000)
    order = shop.place(("A", 1))
    update_variant(shop.boss, shop.variants["B"].id, price_minor=400)
    order = confirm_change(shop.boss, order.id, [AddLine(shop.variants["B"].id, 1, 400)], version=1)
    assert lines_of(order) == [("A", 1000, 1000, 100, 0, 900), ("B", 400, 400, 40, 0, 360)]


def test_a_note_or_a_street_reprices_nothing_and_another_state_takes_its_tax(shop: Shop) -> None:
    update_tenant(shop.boss, settings={"prices_include_tax": False})
    standard = pricing.save_tax_class(shop.boss, "standard", name="Standard", is_default=True)
    oregon = pricing.add_rate(shop.boss, RateDraft(standard.id, "US", 100_000, name="Tax", region="Oregon"))
    order = shop.place(("A", 1))
    pricing.remove_rate(shop.boss, oregon.id)
    pricing.add_rate(shop.boss, RateDraft(standard.id, "US", 200_000, name="Tax"))
    order = confirm_change(shop.boss, order.id, [SetNote("gift")], version=1)
    assert order.added_tax_minor == 100
    order = confirm_change(shop.boss, order.id, [SetAddress(replace(ADDRESS, street="2 Oak"))], version=2)
    assert order.added_tax_minor == 100
    order = confirm_change(shop.boss, order.id, [SetAddress(replace(ADDRESS, province="Ohio"))], version=3)
    assert (order.added_tax_minor, order.total_minor) == (200, 1700)
    assert off_by_a_unit() == []


def test_a_code_given_later_and_a_line_taken_out(shop: Shop, offer: Offer) -> None:
    order = shop.place(("A", 1), ("B", 2))
    offer("amount", amount_minor=200, code="LATE", uses=1)
    order = confirm_change(shop.boss, order.id, [AddCoupon("late")], version=1)
    assert (order.goods_minor, order.coupon_codes, Coupon.objects.get().used_count) == (1400, ["LATE"], 1)
    with pytest.raises(Invalid) as refused:
        confirm_change(shop.boss, order.id, [AddCoupon("wrong")], version=2)
    assert refused.value.fields == {"coupons": "There is no such code."}
    line = order.lines.get(sku="A")
    order = confirm_change(shop.boss, order.id, [RemoveLine(line.id)], version=2)
    assert (order.goods_minor, order.coupon_codes) == (400, ["LATE"])
    assert off_by_a_unit() == []


def test_by_hand_on_a_placed_order_up_to_the_limit_then_by_approval(shop: Shop) -> None:
    order = shop.place(("A", 1))
    line = order.lines.get()
    agent = shop.staff("orders.edit", orders__discount=Grant(limit=10), orders__change_price=Grant(limit=10))
    with pytest.raises(NeedsApproval) as refused:
        confirm_change(agent, order.id, [SetDiscount(line.id, 2000, "late")], version=1)
    assert (refused.value.details["limit"], refused.value.details["percent"]) == (10, 20)
    assert Order.objects.get(id=order.id).version == 1
    order = confirm_change(agent, order.id, [SetDiscount(line.id, 1000, "late")], version=1)
    assert lines_of(order) == [("A", 1000, 1000, 100, 0, 900)]
    order = confirm_change(agent, order.id, [SetQuantity(line.id, 2)], version=2)
    assert order.goods_minor == 1800  # the discount stays, nobody is asked again
    order = confirm_change(agent, order.id, [SetPrice(line.id, 950, "agreed")], version=3)
    assert lines_of(order) == [("A", 1000, 950, 0, 0, 1900)]


def test_a_changed_limit_counts_the_uses_there_are(shop: Shop, offer: Offer) -> None:
    promotion = offer("percent", percent_bp=1000)
    shop.place(("A", 1))
    shop.place(("A", 1))
    promotion.refresh_from_db()
    assert promotion.used_count == 0  # nobody reads it: nobody waits for it
    terms = PromotionDraft(name="X", kind="percent", percent_bp=1000, limit_total=1)
    with pytest.raises(Invalid):
        pricing.update_promotion(shop.boss, promotion.id, terms, version=2)
    terms = replace(terms, limit_total=3, limit_per_customer=2)
    assert pricing.update_promotion(shop.boss, promotion.id, terms, version=2).used_count == 2
    assert CustomerUse.objects.get().used_count == 2
    assert shop.place(("A", 1)).discount_minor == 0
    assert off_by_a_unit() == []
