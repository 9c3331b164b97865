"""Orders from files: flat and joined, open and ended, refused where they do not add up, exported and brought in again, taken back."""

from __future__ import annotations

import pytest
from django.db.models import Q

from callcart.commerce.catalog.models import Variant
from callcart.commerce.inventory.models import Reservation, Stock
from callcart.commerce.orders.models import History, Line, Order, SoldSet
from callcart.commerce.orders.public import cancel_order
from callcart.commerce.payments.models import Payment, Receipt, Refund
from callcart.commerce.shipping.models import Dispatch, Parcel
from callcart.core import integrity
from callcart.core.actor import Grant
from callcart.core.exchange import public as exchange
from callcart.core.exchange.sheets import csv_chunks
from callcart.core.models import Event
from callcart.people.customers.public import create_customer
from tests.commerce.sets import tea_set
from tests.commerce.shop import Shop
from tests.core.exchange.importing import PLACE, begin, check, counts, problems, run, work

FLAT = """Order,Date,Status,Name,City,Address,SKU,Product name,Qty,Unit price,Shipping,Total,Payment type,Payment value
A-1,2025-03-01 10:00,delivered,Ada,Portland,1 Pine St,TEA,Green tea,2,10.00,5.00,30.00,card,30.00
A-1,,,,,,CUP,A cup,1,5.00,,,,
A-2,2025-03-02,cancelled,Ben,,,TEA,,1,10.00,,10.00,card,10.00
A-3,2025-03-03,processing,Cy,,,TEA,,1,10.00,,10.00,,
"""


def healthy() -> None:
    for label in ("orders", "payments", "inventory"):
        assert integrity.find_in(label) == []


@pytest.fixture
def tea(shop: Shop) -> Shop:
    shop.goods("TEA", price=1200, west=10)
    return shop


def test_a_flat_file_is_grouped_by_number(tea: Shop) -> None:
    found = run(tea.boss, "orders", orders__csv=FLAT, mode="all")
    assert (found.state, counts(found)) == ("done", (3, 0, 0, 0)), problems(found)
    first = Order.objects.get(number="A-1")
    assert (first.state, first.payment_state, first.fulfilment_state, first.total_minor) == (
        "closed",
        "paid",
        "delivered",
        3000,
    )
    assert [(line.sku, line.name, line.quantity, line.total_minor) for line in first.lines.all()] == [
        ("TEA", "Green tea", 2, 2000), ("CUP", "A cup", 1, 500),
    ]  # fmt: skip
    assert [row.kind for row in first.history.all()] == [
        "placed",
        "confirmed",
        "parcel",
        "closed",
        "imported",
    ]
    cup = Variant.objects.get(sku="CUP")
    assert (cup.on_sale, cup.product.on_sale, cup.price_minor) == (False, False, 500)
    assert tea.stock("TEA")["west"] == (10, 1)  # the past moves nothing; the open order holds one
    assert not Event.objects.filter(kind__in=("order.placed", "payment.changed", "parcel.changed")).exists()
    healthy()


def test_a_set_of_a_file_is_what_it_is_made_of_at_its_price_of_then(tea: Shop) -> None:
    tea_set(tea, pots=(9, 0), cups=(40, 0))
    rows = ("S-1,2025-03-01 10:00,delivered,Ada,Portland,1 Pine St,SET,,2,45.00,5.00,95.00,card,95.00",
            "S-2,2025-03-03,processing,Cy,,,SET,,1,45.00,,45.00,,")  # fmt: skip
    found = run(tea.boss, "orders", orders__csv="\n".join((FLAT.splitlines()[0], *rows)), mode="all")
    assert (found.state, counts(found)) == ("done", (2, 0, 0, 0)), problems(found)
    first, second = Order.objects.order_by("number")
    assert [(line.sku, line.quantity, line.total_minor) for line in first.lines.all()] == [
        ("POT", 2, 4355), ("CUP", 8, 4645),
    ]  # fmt: skip
    assert first.sold_sets.get().total_minor == 9000
    assert second.lines.get(sku="CUP").quantity == 4 and tea.stock("CUP")["west"] == (40, 4)
    healthy()
    exchange.take_back(tea.boss, found.id)
    assert work(found).state == "undone", found.problem
    assert not Order.objects.exists() and not SoldSet.objects.exists()
    healthy()


def test_a_cancelled_orders_money_counts_as_given_back_and_an_open_one_can_be_sent(tea: Shop) -> None:
    run(tea.boss, "orders", orders__csv=FLAT)
    second, third = Order.objects.get(number="A-2"), Order.objects.get(number="A-3")
    assert (second.state, second.payment_state) == ("cancelled", "refunded")
    assert Refund.objects.get(payment__order_id=second.id).state == "done"
    assert (third.state, third.payment_state, third.fulfilment_state) == ("confirmed", "due", "reserved")
    assert Dispatch.objects.filter(order_id=third.id).count() == 1
    assert not Payment.objects.filter(Q(order_id=third.id), state="paid").exists()


def test_several_files_are_joined_by_the_orders_number(tea: Shop) -> None:
    create_customer(tea.boss, name="Ada")
    found = run(
        tea.boss,
        "orders",
        heads__csv="order_id,order date,status\n1,2025-01-05,completed\n2,2025-01-06,completed\n",
        lines__csv="order_id,sku,price,freight value\n1,TEA,10,2\n1,TEA,10,2\n2,TEA,7,\n9,TEA,1,\n",
        money__csv="order_id,payment type,payment installments,payment value\n1,credit_card,3,24\n2,boleto,1,7\n",
    )
    assert counts(found) == (2, 0, 0, 0) and found.wrong_rows == 1
    assert problems(found)[5] == [["", "No row of “Orders” has this number."]]
    one = Order.objects.get(number="1")
    assert (one.goods_minor, one.delivery_minor, one.payment_method, one.instalment_count) == (
        2000,
        400,
        "instalments",
        3,
    )
    assert sorted(Receipt.objects.values_list("holder", "amount_minor")) == [
        ("boleto", 700),
        ("credit_card", 2400),
    ]
    healthy()


def test_what_does_not_add_up_is_refused_and_nothing_of_it_is_kept(tea: Shop) -> None:
    found = check(
        tea.boss,
        begin(
            tea.boss,
            "orders",
            a__csv="order,date,state,sku,qty,unit price,total,payment value\n"
            "1,2025-01-05,closed,TEA,1,10,11,\n2,2025-01-05,closed,TEA,1,10,10,10.01\n3,2025-01-05,closed,,,,,\n4,2025-01-05,nonsense,TEA,1,10,,\n"
            "5,soon,closed,TEA,1,10,,\n6,2025-01-05,closed,TEA,0,10,,\n7,2025-01-05,closed,TEA,1,10,10,10\n",
        ),
    )
    said = problems(found)
    assert said[2] == [["total", "The total is 11.00, but lines and delivery come to 10.00."]]
    assert said[3] == [["amount", "Its payments come to 10.01, more than its total of 10.00."]]
    assert {row: each[0][0] for row, each in said.items() if row > 3} == {
        4: "sku",
        5: "state",
        6: "placed_at",
        7: "quantity",
    }
    assert (found.made, found.refused, Order.objects.count()) == (1, 6, 0)


def test_an_open_order_for_goods_that_are_not_there_is_refused_alone(tea: Shop) -> None:
    found = run(
        tea.boss,
        "orders",
        a__csv="order,date,state,sku,qty,unit price\n1,2025-01-05,new,TEA,11,10\n2,2025-01-05,new,TEA,2,10\n3,2025-01-05,new,NEW,2,10\n",
    )
    assert counts(found) == (2, 0, 0, 1)
    assert "10 left" in problems(found)[2][0][1]
    assert tea.stock("TEA")["west"] == (10, 2)
    assert Stock.objects.get(variant__sku="NEW").backorderable
    healthy()


def test_orders_that_are_here_are_left_alone(tea: Shop) -> None:
    run(tea.boss, "orders", orders__csv=FLAT)
    assert counts(run(tea.boss, "orders", orders__csv=FLAT.replace("30.00", "31.00"))) == (0, 0, 3, 0)
    assert Order.objects.get(number="A-1").total_minor == 3000


def test_whoever_may_not_add_products_imports_no_unknown_ones(tea: Shop) -> None:
    clerk = tea.staff("exchange.run", orders__import=Grant())
    found = check(clerk, begin(clerk, "orders", orders__csv=FLAT))
    assert problems(found) == {3: [["sku", "There is no product of this SKU."]]}
    assert counts(found) == (2, 0, 0, 1)


def test_an_import_is_taken_back_whole(tea: Shop) -> None:
    found = run(tea.boss, "orders", orders__csv=FLAT)
    exchange.take_back(tea.boss, found.id)
    assert work(found).state == "undone", found.problem
    for model in (Order, Line, History, Payment, Receipt, Refund, Parcel, Dispatch):
        assert model.objects.count() == 0, model  # type: ignore[attr-defined]
    assert not Variant.objects.filter(sku="CUP").exists()
    assert not Reservation.objects.filter(state="held").exists()
    healthy()


def test_an_order_somebody_worked_on_stands_in_the_way(tea: Shop) -> None:
    found = run(tea.boss, "orders", orders__csv=FLAT)
    order = Order.objects.get(number="A-3")
    cancel_order(tea.boss, order.id, reason="no longer wanted", version=order.version)
    exchange.take_back(tea.boss, found.id)
    assert work(found).state == "done" and "Order A-3 was worked on since." in found.problem
    assert Order.objects.count() == 3


def test_customers_with_orders_stand_in_the_way_of_taking_customers_back(tea: Shop) -> None:
    people = run(tea.boss, "customers", people__csv="customer number,name\nC-1,Ada\n")
    run(
        tea.boss,
        "orders",
        a__csv="order,date,state,customer id,sku,qty,unit price\n1,2025-01-05,closed,C-1,TEA,1,10\n",
    )
    exchange.take_back(tea.boss, people.id)
    assert work(people).problem == "It cannot be undone any more: Order 1 is one of theirs."


def test_export_and_import_again_change_nothing(tea: Shop) -> None:
    run(tea.boss, "orders", orders__csv=FLAT)
    sheets = ("orders", "items", "payments", "parcels")
    files = {
        f"{sheet}__csv": b"".join(csv_chunks(exchange.export_rows(tea.boss, "orders", sheet, PLACE)))
        for sheet in sheets
    }
    again = begin(tea.boss, "orders", **files)
    assert [table["sheet"] for table in again.tables] == list(sheets)
    assert counts(check(tea.boss, again)) == (0, 0, 3, 0)


def test_parcels_of_a_list_are_sent_and_reported_once(tea: Shop) -> None:
    order = tea.place(("TEA", 1))
    from callcart.commerce.orders.public import confirm_order

    confirm_order(tea.boss, order.id, version=order.version)
    text = f"Order,Tracking,Carrier,Status,Date\n{order.number},T1,Swift,shipped,2026-11-20 10:00\n{order.number},T1,Swift,delivered,2026-11-21 09:00\n"
    found = check(tea.boss, begin(tea.boss, "parcels", a__csv=text))
    assert Parcel.objects.count() == 0
    exchange.start(tea.boss, found.id, mode="good")
    assert counts(work(found)) == (1, 1, 0, 0)
    assert (Parcel.objects.get().state, Parcel.objects.get().tracking) == ("delivered", "T1")
    assert counts(run(tea.boss, "parcels", a__csv=text)) == (0, 0, 2, 0)
    exchange.take_back(tea.boss, found.id)
    assert "has left." in work(found).problem
