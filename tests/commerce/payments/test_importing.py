"""Receipts from a list: booked once, never too much, voided when taken back."""

from __future__ import annotations

from callcart.commerce.payments.divide import divide_payment
from callcart.commerce.payments.models import Payment, Receipt
from callcart.core import integrity
from callcart.core.exchange import public as exchange
from callcart.core.ids import new_id
from callcart.core.money import Money
from tests.commerce.shop import Shop
from tests.core.exchange.importing import begin, check, counts, problems, run, work


def test_money_is_booked_once_however_often_the_list_comes(shop: Shop) -> None:
    shop.goods("TEA", price=2000, west=9)
    order = shop.place(("TEA", 1), payment_method="prepaid")
    text = f"Order number,Paid by,Amount,Received on,Reference,Payer\n{order.number},bank transfer,20.00,2026-11-20,B-7,Ada\n"
    assert counts(run(shop.boss, "payments", a__csv=text, mode="all")) == (1, 0, 0, 0)
    assert counts(run(shop.boss, "payments", a__csv=text)) == (0, 0, 1, 0)
    receipt = Receipt.objects.get()
    assert (receipt.amount_minor, receipt.method, receipt.reference, receipt.payer) == (
        2000,
        "bank_transfer",
        "B-7",
        "Ada",
    )
    payment = Payment.objects.get(order_id=order.id)
    assert (payment.captured_minor, payment.state) == (2000, "part_paid")


def test_unknown_orders_too_much_and_negative_amounts_are_refused(shop: Shop) -> None:
    shop.goods("TEA", price=2000, west=9)
    order = shop.place(("TEA", 1), payment_method="prepaid")
    rows = ("1234567,cash,1", f"{order.number},cash,24.99", f"{order.number},cash,0.02", f"{order.number},cash,-5", f"{order.number},gateway,1",
            f"{order.number},cash,€1")  # fmt: skip
    found = check(
        shop.boss, begin(shop.boss, "payments", a__csv="order,paid by,amount\n" + "\n".join(rows) + "\n")
    )
    assert {row: each[0][0] for row, each in problems(found).items()} == {
        2: "order", 4: "amount", 5: "amount", 6: "method", 7: "amount",
    }  # fmt: skip
    assert Receipt.objects.count() == 0


def test_taking_back_voids(shop: Shop) -> None:
    shop.goods("TEA", price=2000, west=9)
    order = shop.place(("TEA", 1), payment_method="prepaid")
    found = run(shop.boss, "payments", a__csv=f"order,paid by,amount\n{order.number},cash,20\n")
    exchange.take_back(shop.boss, found.id)
    assert work(found).state == "undone"
    assert Receipt.objects.get().void_reason == "Import undone"
    assert Payment.objects.get(order_id=order.id).captured_minor == 0
    assert integrity.find_in("payments") == []


def test_a_receipt_that_was_shared_out_over_two_orders_is_not_taken_back_by_half(shop: Shop) -> None:
    shop.goods("TEA", price=2000, west=9)
    order = shop.place(("TEA", 1), payment_method="prepaid")
    found = run(shop.boss, "payments", a__csv=f"order,paid by,amount\n{order.number},cash,20\n")
    receipt = Receipt.objects.get()
    rest = Money(order.total_minor - 1000, "USD")
    divide_payment(shop.boss, order.id, to=(new_id(), "N2"), kept=Money(1000, "USD"), moved=rest)
    exchange.take_back(shop.boss, found.id)
    work(found)
    said = f"It cannot be undone any more: Receipt {receipt.number} was shared out over two orders since."
    assert (found.state, found.problem) == ("done", said)
    assert sum(Receipt.objects.filter(voided_at=None).values_list("amount_minor", flat=True)) == 2000
