"""What waits, on whom; and what the customer is told: no combination of states is left out of either."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import timedelta

import pytest
from django.utils.translation import override

from callcart.commerce.orders.public import (
    Axes,
    Order,
    Queue,
    approve_order,
    cancel_order,
    count_waiting,
    hand_over,
    hold_order,
    list_waiting,
    open_orders,
    queue_labels,
    queue_of,
    standing,
)
from callcart.commerce.orders.states import Fulfilment, OrderState, PaymentAxis
from callcart.commerce.shipping.public import Parcel, ParcelState, open_dispatches, set_parcel_state
from callcart.core import clock
from callcart.core.actor import Grant
from callcart.core.database import raw
from callcart.core.errors import PermissionDenied
from tests.commerce.orders.test_edit_confirmed import receive
from tests.commerce.shop import Shop


@pytest.fixture
def goods(shop: Shop) -> Shop:
    shop.goods("A", west=50)
    return shop


def test_an_order_goes_from_queue_to_queue(goods: Shop) -> None:
    boss = goods.boss
    order = goods.place(("A", 1), payment_method="prepaid")
    assert queue_of(boss, order.id) == Queue.MONEY
    receive(boss, order_id=order.id, method="cash", amount=order.total, idempotency_key="r")
    order.refresh_from_db()
    Order.objects.filter(id=order.id).update(payment_state="paid")  # what the handler keeps
    assert queue_of(boss, order.id) == Queue.APPROVER
    hold_order(boss, order.id, reason="call back", version=1)
    assert queue_of(boss, order.id) == Queue.HELD
    (row,) = list_waiting(boss, Queue.HELD).rows
    assert row.reason == "call back"
    from callcart.commerce.orders.public import unhold_order

    unhold_order(boss, order.id, version=2)
    approve_order(boss, order.id, version=3)
    assert queue_of(boss, order.id) == Queue.WAREHOUSE
    (parcel,) = hand_over(boss, open_dispatches(order.id)[0].id)
    assert queue_of(boss, order.id) == Queue.CARRIER
    set_parcel_state(boss, parcel.id, ParcelState.LOST)
    Order.objects.filter(id=order.id).update(fulfilment_state="lost")
    assert queue_of(boss, order.id) == Queue.DECISION
    cancel_order(boss, order.id, reason="lost", version=Order.objects.get(id=order.id).version)
    assert queue_of(boss, order.id) == Queue.FINANCE
    Order.objects.filter(id=order.id).update(payment_state="refunded")
    assert queue_of(boss, order.id) is None


def test_goods_ordered_back_wait_for_stock(goods: Shop) -> None:
    goods.goods("LATER", west=1, backorder=True)
    order = goods.place(("LATER", 3))
    approve_order(goods.boss, order.id, version=1)
    assert queue_of(goods.boss, order.id) == Queue.STOCK


def test_any_combination_of_states_is_in_exactly_one_queue_or_over(goods: Shop) -> None:
    """By hand, in the table: what no verb reaches must not fall through either."""
    combinations = list(
        itertools.product(OrderState, PaymentAxis, Fulfilment, ("cod", "prepaid", "instalments"), (False,))
    )
    draft = goods.place(("A", 1))
    raw.run("DELETE FROM inventory_reservation")  # the rows below hold nothing
    template = Order.objects.get(id=draft.id)
    rows = []
    for number, (state, payment, fulfilment, method, trust) in enumerate(combinations):
        row = Order.objects.get(id=draft.id) if number == 0 else Order()
        if number:
            for field in Order._meta.concrete_fields:
                if field.name not in {"id", "number"}:
                    setattr(row, field.attname, getattr(template, field.attname))
        row.number, row.state, row.payment_state, row.fulfilment_state = (
            f"T{number}",
            state,
            payment,
            fulfilment,
        )
        row.payment_method, row.goods_on_trust = method, trust
        rows.append(row)
    rows[0].save()
    Order.objects.bulk_create(rows[1:])
    alive = {
        row.id
        for row in rows
        if row.state in {"placed", "on_hold", "confirmed"}
        or (row.payment_state == "refund_due" and row.state != "draft")
    }
    listed: list[object] = []
    by_queue: dict[Queue, list[object]] = {}
    for queue in Queue:
        cursor, before = "", len(listed)
        while True:
            found = list_waiting(goods.boss, queue, cursor=cursor, limit=500)
            listed += [each.order.id for each in found.rows]
            cursor = found.cursor
            if not cursor:
                break
        by_queue[queue] = listed[before:]
    assert len(listed) == len(set(listed))
    assert set(listed) == alive
    counts = count_waiting(goods.boss)
    assert sum(each.orders for each in counts.values()) == len(alive)
    # counted by what decides, listed by an index, looked up one by one: all three say the same
    each_alone = dict(open_orders(goods.boss).values_list("id", "queue"))
    assert set(each_alone) == alive
    assert each_alone == {
        order_id: str(queue) for queue, order_ids in by_queue.items() for order_id in order_ids
    }
    assert {queue: counts[queue].orders for queue in Queue} == {
        queue: len(by_queue[queue]) for queue in Queue
    }


def test_the_oldest_comes_first_and_pages_follow_one_another(goods: Shop) -> None:
    placed = []
    for hour in range(5):
        with clock.frozen(clock.now() - timedelta(hours=10 - hour)):
            placed.append(goods.place(("A", 1)).id)
    first = list_waiting(goods.boss, Queue.APPROVER, limit=2)
    second = list_waiting(goods.boss, Queue.APPROVER, cursor=first.cursor, limit=2)
    third = list_waiting(goods.boss, Queue.APPROVER, cursor=second.cursor, limit=2)
    pages = [row.order.id for page in (first, second, third) for row in page.rows]
    assert (pages, third.cursor) == (placed, "")
    broken = list_waiting(goods.boss, Queue.APPROVER, cursor="nonsense", limit=2)
    assert [row.order.id for row in broken.rows] == placed[:2]
    counts = count_waiting(goods.boss)
    assert counts[Queue.APPROVER].orders == 5
    assert counts[Queue.APPROVER].oldest == first.rows[0].since


def test_who_sees_one_region_sees_what_waits_there(goods: Shop) -> None:
    goods.place(("A", 1))
    with pytest.raises(PermissionDenied):
        count_waiting(goods.staff("orders.place"))
    here, there = (goods.staff(orders__view=Grant(scope=region)) for region in ("Oregon", "Ohio"))
    assert count_waiting(here)[Queue.APPROVER].orders == 1
    assert count_waiting(there)[Queue.APPROVER].orders == 0


def test_every_queue_has_a_name_in_both_languages() -> None:
    for language in ("en", "zh-hans"):
        with override(language):
            labels = queue_labels()
            assert set(labels) == set(Queue)
            assert all(name and said for name, said in labels.values())
            if language == "zh-hans":
                assert all(any(c >= "\u4e00" for c in name + said) for name, said in labels.values())


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_customer_is_told_something_plain_whatever_the_states(goods: Shop, language: str) -> None:
    order = goods.place(("A", 1))
    for state, payment, fulfilment in itertools.product(
        [each for each in OrderState if each != "draft"], PaymentAxis, Fulfilment
    ):
        order.state = state
        said = standing(order, language, axes=Axes(payment, fulfilment), parcels=[])
        assert said.endswith("." if language == "en" else "。"), (state, payment, fulfilment, said)
        assert not any(word in said for word in (str(payment), str(fulfilment), "_"))
        if language == "zh-hans":
            assert any("\u4e00" <= c <= "\u9fff" for c in said)
    for parcel_state in ParcelState:
        box = Parcel(tenant_id=order.tenant_id, order_id=order.id, state=parcel_state, state_at=clock.now())
        order.state = OrderState.CONFIRMED
        said = standing(order, language, axes=Axes(PaymentAxis.PAID, Fulfilment.SHIPPED), parcels=[box])
        assert said.endswith("." if language == "en" else "。"), (parcel_state, said)


def test_documents_and_stock_decide_the_same_for_one_order_and_for_all(goods: Shop) -> None:
    """Orders with a dispatch, with goods held for none, short of stock, and with neither, in every state of goods and money."""
    goods.goods("LATER", west=1, backorder=True)
    sent, undispatched, short, bare = (
        goods.place((sku, units)) for sku, units in (("A", 1), ("A", 2), ("LATER", 3), ("A", 3))
    )
    approve_order(goods.boss, sent.id, version=1)
    raw.run("DELETE FROM inventory_reservation WHERE order_id = %s", (bare.id,))
    orders = Order.objects.filter(id__in=[sent.id, undispatched.id, short.id, bare.id])
    for fulfilment, payment in itertools.product(
        Fulfilment, ("paid", "due", "due_on_delivery", "refund_due")
    ):
        orders.update(state="confirmed", fulfilment_state=fulfilment, payment_state=payment)
        for method in ("cod", "prepaid"):
            orders.update(payment_method=method)
            alone = dict(open_orders(goods.boss).values_list("id", "queue"))
            counted = {str(queue): each.orders for queue, each in count_waiting(goods.boss).items()}
            listed = {
                row.order.id: str(queue)
                for queue in set(map(Queue, alone.values()))
                for row in list_waiting(goods.boss, queue).rows
            }
            assert listed == alone
            assert {name: count for name, count in counted.items() if count} == Counter(alone.values())
