"""Cash on delivery, refused in part: what is owed follows what was delivered, wherever somebody looks."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callcart.commerce.aftersales.models import Case
from callcart.commerce.aftersales.public import FindingDraft, inspect
from callcart.commerce.aftersales.settling import preview
from callcart.commerce.orders.came_back import cash_not_collected
from callcart.commerce.orders.public import Order, confirm_order, hand_over, order_detail
from callcart.commerce.payments import stored_value as stored
from callcart.commerce.payments.public import Payment, Receipt, Refund, record_remitted
from callcart.commerce.payments.unpaid import UnpaidFilters, list_unpaid, owed_by_carriers
from callcart.commerce.shipping.public import DispatchState, Parcel, move_dispatch, open_dispatches
from callcart.core import events
from callcart.core.money import Money
from tests.commerce.aftersales.counter import Counter
from tests.commerce.shop import Shop


@pytest.fixture
def counter(shop: Shop) -> Counter:
    """`A` lies in the west alone, `B` in the east: an order of both is two parcels, 23.33 and 11.67 with delivery."""
    shop.goods("A", price=1000, west=50)
    shop.goods("B", price=500, east=50)
    return Counter(shop)


def sent(counter: Counter) -> tuple[Order, Parcel, Parcel]:
    order = counter.delivered(("A", 2), ("B", 2), paid=False, state="out_for_delivery")
    by_sku = {line.id: line.sku for line in order.lines.all()}
    found = {by_sku[each.lines.get().line_id]: each for each in counter.parcels(order)}
    return order, found["A"], found["B"]


def money(order: Order) -> tuple[int, int, int, str]:
    payment = Payment.objects.get(order_id=order.id)
    return payment.amount_minor, payment.relieved_minor, payment.captured_minor, str(payment.state)


@pytest.mark.parametrize("first", ["delivered", "returned"])
def test_what_is_owed_follows_what_was_delivered_in_whatever_order_it_is_told(
    counter: Counter, first: str
) -> None:
    order, a, b = sent(counter)
    if first == "delivered":
        counter.scan(a, "delivered")
        assert money(order) == (3500, 0, 0, "collected_by_carrier")
    counter.scan(b, "refused")
    assert money(order)[:2] == (3500, 0)  # it is on its way back, and may be delivered yet
    counter.scan(b, "returned")
    if first == "returned":
        assert money(order) == (2333, 1167, 0, "due_on_delivery")
        counter.scan(a, "delivered")
    assert money(order) == (2333, 1167, 0, "collected_by_carrier")
    (debt,) = owed_by_carriers(counter.shop.boss)
    assert (debt.count, debt.amount.minor) == (1, 2333)
    with events.handled_at_once():
        record_remitted(counter.shop.boss, order.id)
    order.refresh_from_db()
    assert (money(order)[3], order.payment_state, order.fulfilment_state, order.state) == (
        "remitted", "remitted", "part_returned", "closed",
    )  # fmt: skip
    assert owed_by_carriers(counter.shop.boss) == []
    assert list_unpaid(counter.shop.boss, UnpaidFilters()) == []
    detail = order_detail(counter.shop.boss, order.id)
    assert detail.payment is not None
    assert (detail.payment.relieved.minor, detail.payment.amount.minor) == (1167, 2333)
    counter.adds_up()


def test_the_case_of_the_refused_part_gives_back_nothing_of_what_was_paid_for_the_other(
    counter: Counter,
) -> None:
    order, a, b = sent(counter)
    counter.scan(a, "delivered")
    counter.scan(b, "returned")
    with events.handled_at_once():
        record_remitted(counter.shop.boss, order.id)
    case = counter.inspect(counter.receive(Case.objects.get(), "east"))
    shown = preview(counter.shop.boss, case.id)
    assert (shown.goods.minor, shown.total.minor, shown.unpaid, shown.capped) == (1000, 0, True, False)
    case = counter.settle(case)
    assert (case.state, case.refund_minor) == ("closed", 0)
    assert not Refund.objects.exists()
    assert (money(order), counter.shop.stock("B")["east"]) == ((2333, 1167, 2333, "remitted"), (50, 0))
    counter.adds_up()


def test_what_was_paid_before_by_card_is_given_back_and_only_that(counter: Counter) -> None:
    order, a, b = sent(counter)
    card = stored.issue_card(counter.shop.boss, amount=order.total, idempotency_key="c").account
    stored.spend(
        counter.shop.boss, card.id, order_id=order.id, idempotency_key="s"
    )  # all of it, no cash is due
    counter.scan(a, "delivered")
    counter.scan(b, "returned")
    assert money(order)[:3] == (3500, 0, 3500)
    case = counter.settle(counter.inspect(counter.receive(Case.objects.get(), "east")))
    assert (case.refund_minor, [row.way for row in Refund.objects.all()]) == (
        1167,
        ["gift_card"],
    )  # with its share of the delivery
    counter.adds_up()


def test_a_card_pays_before_the_door_and_the_carrier_asks_for_the_rest(counter: Counter) -> None:
    boss = counter.shop.boss
    card = stored.issue_card(boss, amount=Money(1000, "USD"), idempotency_key="c").account
    order = counter.shop.place(("A", 2), ("B", 2))
    confirm_order(boss, order.id, version=order.version)
    assert sorted(each.cod_minor for each in open_dispatches(order.id)) == [1167, 2333]
    west = next(each for each in open_dispatches(order.id) if each.cod_minor == 2333)
    move_dispatch(boss, west.id, DispatchState.PICKING)
    with events.handled_at_once():
        stored.spend(boss, card.id, order_id=order.id, idempotency_key="s")
    assert sorted(each.cod_minor for each in open_dispatches(order.id)) == [833, 1667]  # being picked or not
    with events.handled_at_once():
        for each in open_dispatches(order.id):
            hand_over(boss, each.id)
    by_sku = {line.id: line.sku for line in order.lines.all()}
    for parcel in counter.parcels(order):
        counter.scan(parcel, "delivered" if by_sku[parcel.lines.get().line_id] == "A" else "returned")
    assert money(order) == (2667, 833, 1000, "collected_by_carrier")
    with events.handled_at_once():
        record_remitted(boss, order.id)
    assert money(order) == (2667, 833, 2667, "remitted")  # 10.00 by card and 16.67 at the door
    case = counter.settle(counter.inspect(counter.receive(Case.objects.get(), "east")))
    assert case.refund_minor == 334  # of the card: 11.67 less the 8.33 that nobody collected
    assert 2667 - case.refund_minor == 2333  # what was delivered
    counter.adds_up()


def test_a_lost_parcel_that_is_found_and_delivered_is_owed_again(counter: Counter) -> None:
    order, a, b = sent(counter)
    counter.scan(a, "delivered")
    counter.scan(b, "lost")
    assert money(order) == (2333, 1167, 0, "collected_by_carrier")
    counter.scan(b, "delivered")
    assert money(order) == (3500, 0, 0, "collected_by_carrier")
    counter.adds_up()


def test_a_parcel_that_brings_a_customers_return_was_paid_for(counter: Counter) -> None:
    order, a, b = sent(counter)
    counter.scan(a, "delivered")
    counter.scan(b, "delivered")
    counter.accepted(order, 0, 2)
    counter.scan(b, "returning")
    counter.scan(b, "returned")
    assert (money(order)[:2], cash_not_collected(order).minor) == ((3500, 0), 0)


def test_what_is_sent_instead_of_goods_nobody_paid_is_paid_for_at_the_door(counter: Counter) -> None:
    order, a, b = sent(counter)
    counter.scan(a, "delivered")
    counter.scan(b, "returned")
    case = counter.receive(Case.objects.get(), "east")
    findings = [FindingDraft(row.id, 2, "restock", "replace") for row in case.lines.all()]
    case = counter.settle(inspect(counter.shop.boss, case.id, findings, version=case.version))
    new = Order.objects.get(id=case.exchange_order_id)
    assert (new.total_minor, new.payment_method, money(new)[:2]) == (1000, "cod", (1000, 0))
    assert money(order)[:2] == (2333, 1167)
    assert not Receipt.objects.exists()
    counter.adds_up()


def test_a_case_of_many_lines_asks_the_database_no_more_often_than_one_of_few(counter: Counter) -> None:
    for sku in ("C", "D", "E"):
        counter.shop.goods(sku, price=700, west=50)
    asked = []
    for skus in (("A",), ("A", "C", "D", "E")):
        order = counter.delivered(*((sku, 1) for sku in skus), paid=False, state="refused")
        case = counter.inspect(counter.receive(Case.objects.get(order=order)), remedy="replace")
        with CaptureQueriesContext(connection) as found:
            shown = preview(counter.shop.boss, case.id)
        assert shown.unpaid and len(shown.lines) == len(skus)
        asked.append(len(found))
    assert asked[0] == asked[1]


def test_all_of_it_refused_and_sent_again_is_owed_once(counter: Counter) -> None:
    order = counter.delivered(("A", 2), paid=False, state="refused")
    case = counter.receive(Case.objects.get())
    assert money(order)[:2] == (2500, 0)
    findings = [FindingDraft(row.id, 2, "restock", "replace") for row in case.lines.all()]
    case = counter.settle(inspect(counter.shop.boss, case.id, findings, version=case.version))
    new = Order.objects.get(id=case.exchange_order_id)
    order.refresh_from_db()
    assert (money(order)[0], money(new)[0], order.payment_state) == (0, 2000, "nothing_due")
    counter.adds_up()
