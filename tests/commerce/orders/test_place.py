"""Placing: all of it or nothing, once for each key, at the price that was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callcart.commerce.catalog.public import update_product, update_variant
from callcart.commerce.inventory.public import InsufficientStock, Movement, Reservation
from callcart.commerce.orders.models import History
from callcart.commerce.orders.public import DraftLine, Line, Order, PriceChanged, place_order
from callcart.commerce.payments.public import Instalment, Payment
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.idempotency import KeyReused
from callcart.core.ids import is_valid_number, new_id
from callcart.core.models import AuditEntry, Event
from callcart.people.customers.public import (
    block_customer,
    create_customer,
    customer_actor,
    guest_actor,
)
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import ADDRESS, Shop


def nothing_happened() -> bool:
    """No order, no line, no promise, no debt."""
    tables = (Order, Line, Reservation, Payment, History)
    return (
        not any(table.objects.exists() for table in tables)
        and not Movement.objects.filter(kind="reserve").exists()
    )


def test_an_order_holds_stock_owes_money_and_tells_what_happened(shop: Shop) -> None:
    shop.goods("A", price=1250, west=5)
    shop.goods("B", price=300, east=2)
    order = shop.place(("A", 2), ("B", 1))
    assert (order.state, order.payment_state, order.fulfilment_state) == (
        "placed",
        "due_on_delivery",
        "reserved",
    )
    assert (order.goods_minor, order.delivery_minor, order.total_minor) == (2800, 500, 3300)
    assert is_valid_number(order.number)
    assert order.ship_phone == "+12125550142"
    assert shop.stock("A") == {"west": (5, 2)}
    assert shop.stock("B") == {"east": (2, 1)}
    assert Payment.objects.get(order_id=order.id).amount_minor == 3300
    row = History.objects.get(order=order)
    assert (row.kind, row.public, row.actor_name) == ("placed", True, "test")
    assert AuditEntry.objects.filter(action="orders.placed", subject_id=order.id).count() == 1
    assert Event.objects.get(kind="order.placed").data["order_id"] == str(order.id)


def test_the_same_product_on_two_lines_counts_together(shop: Shop) -> None:
    shop.goods("A", west=3)
    with pytest.raises(InsufficientStock) as refused:
        shop.place(("A", 2), ("A", 2))
    assert set(refused.value.fields) == {"lines.0.quantity", "lines.1.quantity"}
    assert refused.value.fields["lines.0.quantity"] == "Only 3 left in West."
    assert nothing_happened()
    shop.place(("A", 1), ("A", 2))
    assert shop.stock("A") == {"west": (3, 3)}


def test_sold_out_names_the_line_that_is(shop: Shop) -> None:
    shop.goods("A", west=3)
    shop.goods("B")
    with pytest.raises(InsufficientStock) as refused:
        shop.place(("A", 1), ("B", 1))
    assert refused.value.fields == {"lines.1.quantity": "Sold out."}
    assert nothing_happened()


def test_a_line_is_split_over_the_warehouses_the_near_one_first(shop: Shop) -> None:
    shop.goods("A", west=2, east=5)
    order = shop.place(("A", 4))
    assert shop.stock("A") == {"west": (2, 2), "east": (5, 2)}
    assert Reservation.objects.filter(order_id=order.id).count() == 2


def test_a_price_that_moved_stops_it_at_its_line(shop: Shop) -> None:
    shop.goods("A", price=1000, west=3)
    shop.goods("B", price=700, west=3)
    seen = replace(
        shop.draft(),
        lines=(
            DraftLine(shop.variants["A"].id, 1, 1000),
            DraftLine(shop.variants["B"].id, 1, 700),
        ),
    )
    update_variant(shop.boss, shop.variants["B"].id, price_minor=900)
    with pytest.raises(PriceChanged) as refused:
        place_order(shop.boss, seen, idempotency_key="k")
    assert refused.value.fields == {"lines.1.price": "The price was $7.00 and is $9.00 now."}
    assert nothing_happened()


def test_a_product_withdrawn_meanwhile_is_named(shop: Shop) -> None:
    variant = shop.goods("A", west=3)
    update_product(shop.boss, variant.product_id, on_sale=False)
    with pytest.raises(Invalid) as refused:
        shop.place(("A", 1))
    assert refused.value.fields == {"lines.0.variant_id": "This product is no longer sold."}
    assert nothing_happened()


def test_every_wrong_field_is_named_at_once(shop: Shop) -> None:
    shop.goods("A", west=3)
    wrong = replace(
        shop.draft(("A", 0), ("A", 10**30)),
        address=replace(ADDRESS, name="", phone="12", street="x" * 10_000),
        delivery_method="teleport",
        payment_method="promises",
        channel="smoke",
        language="tlh",
        note="n" * 10_000,
        customer_id=new_id(),
    )
    with pytest.raises(Invalid) as refused:
        place_order(shop.boss, wrong, idempotency_key="k")
    assert set(refused.value.fields) == {
        "lines.0.quantity", "lines.1.quantity", "address.name", "address.phone", "address.street", "delivery_method",
        "payment_method", "channel", "language", "note", "customer_id",
    }  # fmt: skip
    assert nothing_happened()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("🧶 für Oma", "🧶 für Oma"),
        ("שלום עולם", "שלום עולם"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a\x00b", "a b"),
        ("half \ud800", "half"),
    ],
)
def test_odd_notes_are_kept_as_text_or_made_storable(shop: Shop, text: str, kept: str) -> None:
    shop.goods("A", west=1)
    order = shop.place(("A", 1), note=text)
    order.refresh_from_db()
    assert order.note == kept


@pytest.mark.parametrize("text", ["a\x00b", "half \ud800", "x" * 10_000])
def test_an_odd_receiver_is_refused_at_its_field(shop: Shop, text: str) -> None:
    shop.goods("A", west=1)
    with pytest.raises(Invalid) as refused:
        shop.place(("A", 1), address=replace(ADDRESS, name=text))
    assert set(refused.value.fields) == {"address.name"}
    assert nothing_happened()


def test_huge_numbers_that_do_not_matter_do_no_harm(shop: Shop) -> None:
    shop.goods("A", west=1)
    order = shop.place(("A", 1), instalments=2**70)
    assert order.instalment_count == 0


def test_too_many_lines_are_refused(shop: Shop) -> None:
    shop.goods("A", west=500)
    with pytest.raises(Invalid) as refused:
        shop.place(*[("A", 1)] * 201)
    assert set(refused.value.fields) == {"lines"}


def test_an_empty_draft_says_what_is_missing(shop: Shop) -> None:
    with pytest.raises(Invalid) as refused:
        shop.place(address=None)
    assert {"lines", "address"} <= set(refused.value.fields)


def test_the_same_key_gives_the_same_order(shop: Shop) -> None:
    shop.goods("A", west=5)
    draft = shop.draft(("A", 1))
    first = place_order(shop.boss, draft, idempotency_key="k")
    assert place_order(shop.boss, draft, idempotency_key="k").id == first.id
    assert Order.objects.count() == 1
    assert shop.stock("A") == {"west": (5, 1)}


def test_the_same_key_with_another_draft_is_refused(shop: Shop) -> None:
    shop.goods("A", west=5)
    place_order(shop.boss, shop.draft(("A", 1)), idempotency_key="k")
    with pytest.raises(KeyReused):
        place_order(shop.boss, shop.draft(("A", 2)), idempotency_key="k")
    assert shop.stock("A") == {"west": (5, 1)}


def test_a_refused_key_is_free_for_the_corrected_form(shop: Shop) -> None:
    shop.goods("A", west=1)
    with pytest.raises(InsufficientStock):
        place_order(shop.boss, shop.draft(("A", 2)), idempotency_key="k")
    assert place_order(shop.boss, shop.draft(("A", 1)), idempotency_key="k").total_minor == 1500


def test_staff_without_the_permission_change_nothing(shop: Shop) -> None:
    shop.goods("A", west=1)
    with pytest.raises(PermissionDenied):
        shop.place(("A", 1), actor=shop.staff("orders.view"))
    assert nothing_happened()


def test_a_customer_orders_for_themselves_only(shop: Shop, tenant: Tenant) -> None:
    shop.goods("A", west=3)
    ann = create_customer(shop.boss, name="Ann Example")
    ben = create_customer(shop.boss, name="Ben Example")
    with pytest.raises(PermissionDenied):
        shop.place(("A", 1), actor=customer_actor(ann), customer_id=ben.id)
    with pytest.raises(PermissionDenied):
        shop.place(("A", 1), actor=guest_actor(tenant.id), customer_id=ben.id)
    assert nothing_happened()
    assert shop.place(("A", 1), actor=customer_actor(ann), customer_id=ann.id).agent_id is None


def test_a_blocked_customer_cannot_order(shop: Shop) -> None:
    shop.goods("A", west=3)
    ann = create_customer(shop.boss, name="Ann Example")
    block_customer(shop.boss, ann.id, reason="chargebacks")
    with pytest.raises(Invalid) as refused:
        shop.place(("A", 1), customer_id=ann.id)
    assert set(refused.value.fields) == {"customer_id"}
    assert nothing_happened()


def test_cash_goes_with_a_carrier_that_takes_it(shop: Shop) -> None:
    shop.goods("A", west=3)
    with pytest.raises(Invalid) as refused:
        shop.place(("A", 1), delivery_method="air")
    assert refused.value.fields == {"payment_method": "This delivery method takes no cash."}


def test_a_method_of_other_places_is_refused(shop: Shop) -> None:
    shop.goods("A", west=3)
    with pytest.raises(Invalid) as refused:
        shop.place(("A", 1), delivery_method="bike", address=replace(ADDRESS, province="Ohio"))
    assert set(refused.value.fields) == {"delivery_method"}


def test_delivery_is_free_from_its_limit_on(shop: Shop) -> None:
    shop.goods("A", price=5000, west=3)
    assert shop.place(("A", 2)).delivery_minor == 0


@pytest.mark.parametrize("count", range(2, 13))
def test_instalments_add_up_to_the_total(shop: Shop, count: int) -> None:
    shop.goods("A", price=9999, west=3)
    order = shop.place(("A", 1), payment_method="instalments", instalments=count)
    parts = Instalment.objects.filter(payment__order_id=order.id).values_list("amount_minor", flat=True)
    assert len(parts) == count
    assert sum(parts) == order.total_minor == 10_499
    assert max(parts) - min(parts) <= 1


def test_goods_priced_in_another_currency_are_not_mixed_in(shop: Shop) -> None:
    from callcart.people.tenants.public import update_tenant

    shop.goods("A", west=3)
    update_tenant(shop.boss, currency="CNY")
    with pytest.raises(Invalid) as refused:
        shop.place(("A", 1))
    assert refused.value.fields["lines.0.variant_id"] == "This product has no price in CNY."
    assert nothing_happened()


def test_another_tenants_goods_and_customers_do_not_exist(shop: Shop, other_tenant: Tenant) -> None:
    from callcart.core.tenancy import tenant_transaction
    from tests.commerce.shop import open_shop

    with tenant_transaction(other_tenant.id):
        theirs = open_shop(other_tenant)
        variant = theirs.goods("X", west=5)
        customer = create_customer(theirs.boss, name="Li Example")
    draft = replace(shop.draft(), lines=(DraftLine(variant.id, 1),), customer_id=customer.id)
    with pytest.raises(Invalid) as refused:
        place_order(shop.boss, draft, idempotency_key="k")
    assert set(refused.value.fields) == {"lines.0.variant_id", "customer_id"}
    assert nothing_happened()
