"""Splitting and merging: both parts add up to the whole, stock stays held, a second press does nothing twice."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcart.commerce.inventory.public import InsufficientStock, recount
from callcart.commerce.orders.public import (
    CannotMerge,
    Order,
    StaleOrder,
    WrongState,
    axes_of,
    cancel_order,
    confirm_order,
    hold_order,
    merge_orders,
    order_detail,
    preview_merge,
    preview_split,
    reallocate,
    split_order,
)
from callcart.commerce.payments.models import Receipt
from callcart.commerce.payments.public import HasPlan, Payment, Refund, issue_card, receive, spend
from callcart.commerce.shipping.public import dispatches_of, open_dispatches
from callcart.core import integrity
from callcart.core.database import raw
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.idempotency import KeyReused
from callcart.core.money import Money
from tests.commerce.payments.test_divide import capture
from tests.commerce.shop import ADDRESS, Shop, held_units


@pytest.fixture
def goods(shop: Shop) -> Shop:
    shop.goods("A", price=333, west=400)
    shop.goods("B", price=1000, west=400)
    return shop


def units(order: Order, **wanted: int) -> dict[UUID, int]:
    lines = {line.sku: line.id for line in order.lines.all()}
    return {lines[sku]: count for sku, count in wanted.items()}


def all_adds_up() -> None:
    for domain in ("orders", "payments", "inventory"):
        assert [str(each) for each in integrity.find_in(domain)] == []


def test_units_go_on_as_an_order_of_their_own(goods: Shop) -> None:
    order = goods.place(("A", 3), ("B", 2))
    wanted = units(order, A=1, B=2)
    shown = preview_split(goods.boss, order.id, wanted)
    kept, new = split_order(goods.boss, order.id, wanted, version=1, idempotency_key="s1", reason="B first")
    assert (kept.total, new.total) == (shown.kept.total, shown.moved.total)
    assert kept.total_minor + new.total_minor == order.total_minor == 3499
    assert kept.delivery_minor + new.delivery_minor == 500
    assert [(line.sku, line.quantity) for line in kept.lines.all()] == [("A", 2)]
    assert [(line.sku, line.quantity, line.position) for line in new.lines.all()] == [
        ("A", 1, 1),
        ("B", 2, 2),
    ]
    assert (held_units(kept.id), held_units(new.id)) == (2, 3)
    assert (kept.version, new.split_from, new.number != kept.number) == (2, kept.id, True)
    assert goods.stock("A") == {"west": (400, 3)}
    assert axes_of([kept, new])[new.id].fulfilment == new.fulfilment_state == "reserved"
    said = [row.text for row in order_detail(goods.boss, kept.id).history if row.kind == "split"]
    assert said == [f"Part of this order goes on as order {new.number}"]
    assert new.flags == []  # its own other half is no duplicate
    all_adds_up()
    again = split_order(goods.boss, order.id, wanted, version=1, idempotency_key="s1", reason="B first")
    assert again[1].id == new.id
    with pytest.raises(KeyReused):
        split_order(goods.boss, order.id, units(order, A=1), version=2, idempotency_key="s1")
    assert Order.objects.count() == 2


def test_what_was_paid_is_shared_out_too(goods: Shop) -> None:
    order = goods.place(("A", 1), ("B", 2), payment_method="prepaid")
    receive(goods.boss, order_id=order.id, method="cash", amount=Money(1001, "USD"), idempotency_key="r1")
    _kept, new = split_order(goods.boss, order.id, units(order, B=1), version=1, idempotency_key="s1")
    payments = {each.order_id: each for each in Payment.objects.all()}
    first, second = payments[order.id], payments[new.id]
    assert first.captured_minor + second.captured_minor == 1001
    assert (first.amount_minor + second.amount_minor, second.amount_minor) == (2833, new.total_minor)
    assert second.captured_minor == round(1001 * second.amount_minor / 2833)
    assert {first.state, second.state} == {"part_paid"}
    assert sorted(Receipt.objects.values_list("amount_minor", flat=True)) == sorted(
        [first.captured_minor, second.captured_minor]
    )
    all_adds_up()


def test_what_was_split_off_is_found_by_an_index(goods: Shop) -> None:
    order = goods.place(("A", 3), ("B", 2))
    _kept, new = split_order(goods.boss, order.id, units(order, B=1), version=1, idempotency_key="s1")
    rows = Order.objects.filter(split_from=order.id)
    assert list(rows.values_list("id", flat=True)) == [new.id]
    raw.run("SET LOCAL enable_seqscan = off")
    assert "orders_order_split_from" in rows.explain()


def test_an_order_paid_by_card_and_gateway_is_split_and_each_half_cancelled_gives_back_its_way(
    goods: Shop,
) -> None:
    order = goods.place(("A", 1), ("B", 2), payment_method="prepaid")
    card = issue_card(goods.boss, amount=Money(1001, "USD"), idempotency_key="c").account
    spend(goods.boss, card.id, order_id=order.id, idempotency_key="s")
    capture(Payment.objects.get(order_id=order.id), order.total_minor - 1001)
    wanted = units(order, B=1)
    shown = preview_split(goods.boss, order.id, wanted)
    kept, new = split_order(goods.boss, order.id, wanted, version=1, idempotency_key="s1")
    assert (shown.kept.paid, shown.moved.paid) == (kept.total, new.total)
    assert {each.state for each in Payment.objects.all()} == {"paid"}
    all_adds_up()
    for each in (kept, new):
        cancel_order(goods.boss, each.id, reason="x", version=each.version)
    back = dict.fromkeys(("gateway", "gift_card"), 0)
    for row in Refund.objects.all():
        back[row.way] += row.amount_minor
    assert back == {"gateway": order.total_minor - 1001, "gift_card": 1001}
    all_adds_up()


def test_instalments_and_what_is_not_open_stay_whole(goods: Shop) -> None:
    plan = goods.place(("A", 2), payment_method="instalments", instalments=2)
    with pytest.raises(HasPlan):
        split_order(goods.boss, plan.id, units(plan, A=1), version=1, idempotency_key="s1")
    order = goods.place(("B", 2))
    confirm_order(goods.boss, order.id, version=1)
    with pytest.raises(WrongState):
        split_order(goods.boss, order.id, units(order, B=1), version=2, idempotency_key="s2")
    assert Order.objects.count() == 2
    all_adds_up()


def test_a_split_that_makes_no_sense_is_refused_by_field(goods: Shop) -> None:
    order = goods.place(("A", 2), ("B", 1))
    line = next(iter(units(order, A=1)))
    for wanted, field in (
        ({}, "units"), (units(order, A=0), "units"), (units(order, A=2, B=1), "units"), ({line: 3}, f"units.{line}"),
        ({line: -1}, f"units.{line}"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            split_order(goods.boss, order.id, wanted, version=1, idempotency_key=f"k{wanted}"[:100])
        assert set(refused.value.fields) == {field}
    with pytest.raises(StaleOrder):
        split_order(goods.boss, order.id, {line: 1}, version=3, idempotency_key="k")
    with pytest.raises(PermissionDenied):
        split_order(goods.staff("orders.view"), order.id, {line: 1}, version=1, idempotency_key="k")
    assert Order.objects.count() == 1


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_split_adds_up(goods: Shop, data: st.DataObject) -> None:
    quantities = data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    going = data.draw(st.tuples(st.integers(0, quantities[0]), st.integers(0, quantities[1])))
    order = goods.place(("A", quantities[0]), ("B", quantities[1]))
    # any discount and tax the lines may hold
    for line in order.lines.all():
        line.discount_minor = data.draw(st.integers(0, line.unit_minor))
        line.tax_minor = data.draw(st.integers(0, 500))
        line.total_minor = line.unit_minor * line.quantity - line.discount_minor
        line.save()
    lines = list(order.lines.all())
    order.goods_minor = sum(line.total_minor for line in lines)
    order.tax_minor = sum(line.tax_minor for line in lines) + data.draw(st.integers(0, 99))
    order.added_tax_minor = order.tax_minor if data.draw(st.booleans()) else 0
    order.total_minor = order.goods_minor + order.delivery_minor + order.added_tax_minor
    order.save()
    Payment.objects.filter(order_id=order.id).update(amount_minor=order.total_minor)
    wanted = units(order, A=going[0], B=going[1])
    if not 0 < sum(going) < sum(quantities):
        return
    shown = preview_split(goods.boss, order.id, wanted)
    kept, new = split_order(goods.boss, order.id, wanted, version=1, idempotency_key=str(order.id))
    for name in ("goods_minor", "delivery_minor", "tax_minor", "added_tax_minor", "total_minor"):
        assert getattr(kept, name) + getattr(new, name) == getattr(order, name), name
    assert (shown.kept.total, shown.moved.total) == (kept.total, new.total)
    assert held_units(kept.id) + held_units(new.id) == sum(quantities)
    assert Payment.objects.get(order_id=new.id).amount_minor == new.total_minor


def test_two_orders_become_one_delivered_once(goods: Shop) -> None:
    keep, other = goods.place(("A", 3)), goods.place(("B", 1), ("A", 1))
    shown = preview_merge(goods.boss, keep.id, other.id)
    assert (shown.total_before.minor, shown.total.minor) == (1499 + 1833, 4 * 333 + 1000 + 500)
    done = merge_orders(goods.boss, keep.id, other.id, versions=(1, 1), idempotency_key="m1")
    other.refresh_from_db()
    assert (done.total_minor, done.version, held_units(done.id)) == (shown.total.minor, 2, 5)
    assert (other.state, other.merged_into, other.total_minor, held_units(other.id)) == (
        "cancelled",
        keep.id,
        0,
        0,
    )
    assert [(line.sku, line.position) for line in done.lines.all()] == [("A", 1), ("B", 2), ("A", 3)]
    assert Payment.objects.get(order_id=keep.id).amount_minor == done.total_minor
    all_adds_up()
    again = merge_orders(goods.boss, keep.id, other.id, versions=(1, 1), idempotency_key="m1")
    assert (again.id, again.version) == (done.id, 2)
    with pytest.raises(CannotMerge):
        merge_orders(goods.boss, keep.id, other.id, versions=(2, 2), idempotency_key="m2")


def test_goods_together_may_earn_free_delivery(goods: Shop) -> None:
    keep, other = goods.place(("B", 6)), goods.place(("B", 6))
    assert keep.delivery_minor == other.delivery_minor == 500
    done = merge_orders(goods.boss, keep.id, other.id, versions=(1, 1), idempotency_key="m1")
    assert (done.delivery_minor, done.total_minor) == (0, 12_000)


def test_unlike_paid_or_confirmed_orders_stay_apart(goods: Shop) -> None:
    keep = goods.place(("A", 1), payment_method="prepaid")
    elsewhere = goods.place(
        ("A", 1), payment_method="prepaid", address=replace(ADDRESS, street="9 Elm Street")
    )
    cash = goods.place(("A", 1))
    paid = goods.place(("A", 1), payment_method="prepaid")
    receive(goods.boss, order_id=paid.id, method="cash", amount=Money(100, "USD"), idempotency_key="r1")
    sure = goods.place(("A", 1), payment_method="prepaid")
    confirm_order(goods.boss, sure.id, version=1)
    for other, version in ((elsewhere, 1), (cash, 1), (paid, 1), (sure, 2)):
        with pytest.raises(CannotMerge):
            merge_orders(goods.boss, keep.id, other.id, versions=(1, version), idempotency_key=f"m{other.id}")
    with pytest.raises(NotFound):
        merge_orders(goods.boss, keep.id, keep.id, versions=(1, 1), idempotency_key="m")
    held = goods.place(("A", 1), payment_method="prepaid")
    hold_order(goods.boss, held.id, reason="call back", version=1)
    with pytest.raises(StaleOrder):
        merge_orders(goods.boss, keep.id, held.id, versions=(1, 1), idempotency_key="m3")
    assert (
        merge_orders(goods.boss, keep.id, held.id, versions=(1, 2), idempotency_key="m4").lines.count() == 2
    )
    all_adds_up()


def test_a_clerk_changes_which_warehouse_sends(shop: Shop) -> None:
    shop.goods("A", west=2, east=3)
    order = shop.place(("A", 2))
    confirm_order(shop.boss, order.id, version=1)
    line = order.lines.get().id
    west, east = (shop.warehouses[code].id for code in ("west", "east"))
    reallocate(shop.boss, order.id, {line: {west: 1, east: 1}}, version=2)
    assert shop.stock("A") == {"west": (2, 1), "east": (3, 1)}
    assert {each.warehouse_id for each in open_dispatches(order.id)} == {west, east}
    assert sum(each.cod_minor for each in open_dispatches(order.id)) == order.total_minor
    with pytest.raises(Invalid) as refused:
        reallocate(shop.boss, order.id, {line: {east: 3}}, version=3)
    assert refused.value.fields == {str(line): "Together this has to be 2."}
    shop.place(("A", 3))
    with pytest.raises(InsufficientStock):
        reallocate(shop.boss, order.id, {line: {east: 2}}, version=3)
    with pytest.raises(PermissionDenied):
        reallocate(shop.staff("orders.view"), order.id, {line: {west: 2}}, version=3)
    assert [each.state for each in dispatches_of([order.id])[order.id]] == ["cancelled", "waiting", "waiting"]
    assert recount() == []
