"""Sets in orders: one thing to whoever buys or changes it, a line for each component to whoever sends, takes back or invoices."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callcart.commerce.catalog import public as catalog
from callcart.commerce.catalog.public import Component
from callcart.commerce.inventory.public import InsufficientStock
from callcart.commerce.orders import public as orders
from callcart.commerce.orders.asked import give_by_hand
from callcart.commerce.orders.models import SoldSet
from callcart.commerce.orders.public import AddLine, DraftLine, Order, RemoveLine, SetPrice, SetQuantity
from callcart.commerce.pricing import public as pricing
from callcart.core import integrity
from callcart.core.errors import Invalid
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.sets import compose, tea_set
from tests.commerce.shop import Shop

Rows = list[tuple[str, int, int]]


def rows(order: Order) -> Rows:
    """(SKU, units, total) by position."""
    return list(order.lines.order_by("position").values_list("sku", "quantity", "total_minor"))


def sets(order: Order) -> Rows:
    return list(order.sold_sets.order_by("id").values_list("sku", "quantity", "total_minor"))


def sound(order: Order) -> Order:
    """The order as it is now; what it says adds up."""
    found = Order.objects.get(id=order.id)
    assert integrity.find_in("orders") == []
    assert found.goods_minor == sum(total for _sku, _units, total in rows(found))
    return found


def change(shop: Shop, order: Order, *actions: orders.Action) -> Order:
    version = Order.objects.get(id=order.id).version
    return sound(orders.confirm_change(shop.boss, order.id, actions, version=version, reason="asked"))


def test_a_set_becomes_a_line_for_each_component_that_sum_to_its_price(shop: Shop) -> None:
    tea_set(shop)
    shop.goods("A", east=5)
    order = sound(shop.place(("SET", 2), ("A", 1)))
    assert rows(order) == [("POT", 2, 4838), ("CUP", 8, 5160), ("A", 1, 1000)]
    assert sets(order) == [("SET", 2, 9998)]
    assert (order.goods_minor, order.discount_minor) == (10_998, 0)
    assert shop.stock("POT") == {"east": (10, 2)}
    assert shop.stock("CUP") == {"east": (40, 8)}
    (listed,) = orders.list_orders(shop.boss).rows
    assert listed.summary == "Thing SET +1"
    said = [orders.explained(line.explanation, "USD", "en") for line in order.lines.all()]
    assert "part of Thing SET" in said[0] and "part of Thing SET" in said[1] and not said[2]
    assert "part of 东西 SET" not in said[0]


def test_what_is_short_in_a_set_is_said_at_its_field(shop: Shop) -> None:
    tea_set(shop, cups=(0, 6))
    shop.goods("A", east=5)
    with pytest.raises(InsufficientStock) as caught:
        shop.place(("A", 1), ("SET", 2))
    assert dict(caught.value.fields) == {"lines.1.quantity": "Thing CUP: Only 6 left in East."}
    assert not Order.objects.exists() and not SoldSet.objects.exists()


def test_a_set_and_one_of_its_components_are_counted_together(shop: Shop) -> None:
    tea_set(shop, cups=(0, 6))
    with pytest.raises(InsufficientStock) as caught:
        shop.place(("SET", 1), ("CUP", 3))
    assert set(caught.value.fields) == {"lines.0.quantity", "lines.1.quantity"}
    sound(shop.place(("SET", 1), ("CUP", 2)))


def test_a_price_that_moved_stops_it_and_a_price_by_hand_is_for_the_set(shop: Shop) -> None:
    tea_set(shop)
    seen = (DraftLine(shop.variants["SET"].id, 1, seen_minor=4000),)
    with pytest.raises(orders.PriceChanged) as caught:
        shop.place(("SET", 1), lines=seen)
    assert dict(caught.value.fields) == {"lines.0.price": "The price was $40.00 and is $49.99 now."}
    given = (DraftLine(shop.variants["SET"].id, 1, discount_bp=1000, reason="scratched"),)
    order = sound(shop.place(("SET", 1), lines=given))
    assert (order.goods_minor, order.discount_minor) == (4499, 500)


def test_the_number_of_sets_changes_all_lines_together(shop: Shop) -> None:
    tea_set(shop)
    order = shop.place(("SET", 1))
    (its,) = order.sold_sets.all()
    catalog.update_variant(shop.boss, its.variant_id, price_minor=7000)
    preview = orders.preview_change(shop.boss, order.id, [SetQuantity(its.id, 3)])
    assert [(line.sku, line.quantity, line.unit.minor) for line in preview.lines] == [("SET", 3, 4999)]
    assert preview.lines[0].now is not None and preview.lines[0].now.minor == 7000
    order = change(shop, order, SetQuantity(its.id, 3))
    assert sets(order) == [("SET", 3, 14_997)]
    assert [(sku, units) for sku, units, _total in rows(order)] == [("POT", 3), ("CUP", 12)]
    assert shop.stock("CUP") == {"east": (40, 12)}


def test_a_single_component_of_a_set_does_not_change(shop: Shop) -> None:
    tea_set(shop)
    order = shop.place(("SET", 1))
    cup = order.lines.get(sku="CUP")
    said = "This is part of “Thing SET”: change how many sets there are."
    for action in (SetQuantity(cup.id, 5), RemoveLine(cup.id), SetPrice(cup.id, 1, "gift")):
        with pytest.raises(Invalid) as caught:
            orders.confirm_change(shop.boss, order.id, [action], version=1, reason="asked")
        assert caught.value.fields["lines.0.quantity"] == said
    assert rows(sound(order)) == [("POT", 1, 2419), ("CUP", 4, 2580)]


def test_a_set_is_added_taken_out_and_sold_at_another_price(shop: Shop) -> None:
    bundle = tea_set(shop)
    shop.goods("A", east=5)
    order = change(shop, shop.place(("A", 1)), AddLine(bundle.id, 1))
    assert rows(order) == [("A", 1, 1000), ("POT", 1, 2419), ("CUP", 4, 2580)]
    (its,) = order.sold_sets.all()
    order = change(shop, order, SetPrice(its.id, 3100, "friend"))
    assert rows(order) == [("A", 1, 1000), ("POT", 1, 1500), ("CUP", 4, 1600)]
    order = change(shop, order, RemoveLine(its.id))
    assert rows(order) == [("A", 1, 1000)] and sets(order) == []
    assert shop.stock("POT") == {"east": (10, 0)}


def test_a_set_sold_stays_as_it_was_composed(shop: Shop) -> None:
    tea_set(shop)
    order = shop.place(("SET", 1))
    compose(shop, "SET", ("CUP", 6))
    (its,) = order.sold_sets.all()
    order = change(shop, order, SetQuantity(its.id, 2))
    assert [(sku, units) for sku, units, _total in rows(order)] == [("POT", 2), ("CUP", 8)]


def test_ordering_the_same_again_is_the_set(shop: Shop) -> None:
    bundle = tea_set(shop)
    repeated = orders.repeat_draft(shop.boss, shop.place(("SET", 2)).id)
    assert repeated.draft.lines == (DraftLine(bundle.id, 2, 4999),)
    assert repeated.missing == ()


def test_promotions_are_for_the_set(shop: Shop) -> None:
    bundle = tea_set(shop)
    draft = pricing.PromotionDraft(
        name="Sets", kind=pricing.PromotionKind.PERCENT, percent_bp=1500, product_ids=(bundle.product_id,)
    )
    promotion = pricing.create_promotion(shop.boss, draft)
    pricing.set_promotion_state(
        shop.boss, promotion.id, pricing.PromotionState.ACTIVE, version=promotion.version
    )
    order = sound(shop.place(("SET", 1), ("CUP", 1)))
    assert order.discount_minor == 750  # 15 % of 49.99; the loose cup has none
    assert rows(order)[2] == ("CUP", 1, 800)
    (its,) = order.sold_sets.all()
    assert "Sets 15 %" in orders.explained(its.explanation, "USD", "en")
    assert change(shop, order, SetQuantity(its.id, 2)).discount_minor == 1500


@pytest.mark.parametrize("units", [1, 2])
def test_whole_sets_split_off_and_come_together_again(shop: Shop, units: int) -> None:
    tea_set(shop)
    shop.goods("A", east=5)
    given = (
        DraftLine(shop.variants["SET"].id, 3, discount_bp=333, reason="x"),
        DraftLine(shop.variants["A"].id, 1),
    )
    order = shop.place(("SET", 3), lines=given)
    whole = order.goods_minor
    (its,) = order.sold_sets.all()
    first, second = orders.split_order(
        shop.boss, order.id, {its.id: units}, version=order.version, idempotency_key="split"
    )
    first, second = sound(first), sound(second)
    assert first.goods_minor + second.goods_minor == whole
    assert [each[:2] for each in sets(second)] == [("SET", units)]
    assert [each[:2] for each in sets(first)] == [("SET", 3 - units)]
    merged = orders.merge_orders(
        shop.boss, first.id, second.id, versions=(first.version, second.version), idempotency_key="merge"
    )
    assert sound(merged).goods_minor == whole
    assert sorted(each[1] for each in sets(merged)) == sorted([units, 3 - units])


def test_a_merge_is_shown_with_the_sets_that_lines_are_part_of_without_asking_for_each(shop: Shop) -> None:
    tea_set(shop)
    first, second = shop.place(("SET", 1)), shop.place(("SET", 2))
    preview = orders.preview_merge(shop.boss, first.id, second.id)
    with CaptureQueriesContext(connection) as asked:
        said = [(line.sku, line.sold_set.quantity if line.sold_set else 0) for line in preview.lines]
    assert said == [("POT", 1), ("CUP", 1), ("POT", 2), ("CUP", 2)]
    assert len(asked) == 0


def test_a_set_is_not_torn_apart_by_splitting(shop: Shop) -> None:
    tea_set(shop)
    order = shop.place(("SET", 2))
    cup, (its,) = order.lines.get(sku="CUP"), order.sold_sets.all()
    with pytest.raises(Invalid) as caught:
        orders.split_order(shop.boss, order.id, {cup.id: 4}, version=order.version, idempotency_key="k")
    assert caught.value.fields == {f"units.{its.id}": "“Thing SET” stays together: take whole sets."}
    with pytest.raises(Invalid) as caught:
        orders.split_order(shop.boss, order.id, {its.id: 3}, version=order.version, idempotency_key="l")
    assert caught.value.fields == {f"units.{its.id}": "Give a quantity from 0 to 2."}
    assert rows(sound(order))[1][1] == 8


def test_what_left_of_a_set_stays_at_its_share_when_the_rest_is_cancelled(shop: Shop) -> None:
    tea_set(shop, pots=(0, 10), cups=(40, 0))
    order = shop.place(("SET", 1))
    orders.confirm_order(shop.boss, order.id, version=1)
    pot = order.lines.get(sku="POT")
    version = Order.objects.get(id=order.id).version
    orders.ship_order(shop.boss, order.id, version=version, line_ids=[pot.id])
    fresh = Order.objects.get(id=order.id)
    order = sound(orders.cancel_rest(shop.boss, order.id, reason="no cups", version=fresh.version))
    assert rows(order) == [("POT", 1, 2419)] and sets(order) == []
    assert "part of Thing SET" in orders.explained(order.lines.get().explanation, "USD", "en")


def test_the_cart_has_one_row_for_a_set(shop: Shop) -> None:
    bundle = tea_set(shop, cups=(0, 9))
    token = orders.new_cart_token()
    (line,) = orders.add_to_cart(token, bundle.id, quantity=2).lines
    assert (line.price.minor, line.total.minor, line.left, line.in_stock) == (4999, 9998, 2, True)
    draft = shop.draft()
    order = sound(orders.place_cart(shop.boss, token, draft, idempotency_key="cart"))
    assert sets(order) == [("SET", 2, 9998)]


def test_tax_is_by_the_class_of_each_component(shop: Shop) -> None:
    tea_set(shop)
    for code, rate in (("full", 200_000), ("low", 50_000)):
        taxed = pricing.save_tax_class(shop.boss, code, name=code.title())
        pricing.add_rate(shop.boss, pricing.RateDraft(taxed.id, "US", rate, name="VAT"))
    for sku, code in (("POT", "full"), ("CUP", "low")):
        catalog.update_variant(shop.boss, shop.variants[sku].id, tax_class=code)
    order = sound(shop.place(("SET", 1)))
    assert list(order.lines.values_list("sku", "tax_rate_ppm", "tax_minor")) == [
        ("POT", 200_000, 403), ("CUP", 50_000, 123),
    ]  # fmt: skip
    assert order.tax_minor == 526


def test_a_price_for_a_set_is_approved_for_as_many_as_were_asked_for(shop: Shop) -> None:
    tea_set(shop)
    order = shop.place(("SET", 2))
    (its,) = order.sold_sets.all()
    payload = {
        "order_id": str(order.id),
        "line_id": str(its.id),
        "reason": "friend",
        "unit_minor": 3100,
        "units": 1,
    }
    with pytest.raises(orders.StaleOrder):
        give_by_hand(shop.boss, payload)
    give_by_hand(shop.boss, payload | {"units": 2})
    assert rows(sound(order)) == [("POT", 2, 3000), ("CUP", 8, 3200)]


def test_orders_are_found_by_the_set_and_by_what_is_in_it(shop: Shop) -> None:
    tea_set(shop)
    shop.goods("A", east=5)
    order = shop.place(("SET", 1))
    shop.place(("A", 1))
    for text in ("SET", "CUP"):
        found = orders.list_orders(shop.boss, orders.OrderFilters(product=text))
        assert [row.id for row in found.rows] == [order.id], text


def test_another_tenant_sees_none_of_it(shop: Shop, other_tenant: Tenant) -> None:
    tea_set(shop)
    shop.place(("SET", 1))
    assert (SoldSet.objects.count(), Component.objects.count()) == (1, 2)
    with tenant_transaction(other_tenant.id):
        assert not SoldSet.objects.exists() and not Component.objects.exists()
        assert SoldSet.objects.update(quantity=9) == 0 and Component.objects.update(units=9) == 0
