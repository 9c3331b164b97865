"""Receipts: each numbered, booked once, never deleted; what is too much is owed back; a void one lets the order owe again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callcart.commerce.payments import finance
from callcart.commerce.payments.intent import cancel_payment, change_amount
from callcart.commerce.payments.models import Instalment, PaymentState, Receipt, Refund, TillEntry
from callcart.commerce.payments.queries import paid_besides_cash
from callcart.commerce.payments.receipts import NotByHand
from callcart.commerce.payments.refund import NotByHand as RefundNotByHand
from callcart.commerce.payments.refund import RefundNotOpen, TooMuchRefund
from callcart.core import clock
from callcart.core.database import raw
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.idempotency import KeyReused
from callcart.core.ids import is_valid_number, new_id
from callcart.core.models import AuditEntry
from callcart.core.money import Money
from tests.commerce.payments.books import Books, usd


def test_several_receipts_pay_an_order(books: Books) -> None:
    payment = books.owe(5000)
    first = books.receive(payment, 2000)
    assert books.again(payment).state == PaymentState.PART_PAID
    second = books.receive(payment, 3000, method="bank_transfer")
    found = books.again(payment)
    assert (found.state, found.captured_minor) == (PaymentState.PAID, 5000)
    assert is_valid_number(first.number) and first.number != second.number
    assert first.payer == "Ada Example"
    assert AuditEntry.objects.filter(action="payments.receive").count() == 2
    books.adds_up()


def test_what_was_paid_besides_cash_is_found_by_the_payments_of_the_orders(books: Books) -> None:
    """Asked whenever goods leave: of millions of receipts those of a few orders are read, by an index there is."""
    payment, other = books.owe(5000, method="cod"), books.owe(5000, method="cod")
    books.receive(payment, 1000)
    with CaptureQueriesContext(connection) as asked:
        assert paid_besides_cash([payment.order_id, other.order_id]) == {payment.order_id: 1000}
    raw.run("SET LOCAL enable_seqscan = off")
    raw.run("SET LOCAL enable_hashjoin = off")
    raw.run("SET LOCAL enable_mergejoin = off")
    plan = "\n".join(row[0] for row in raw.all(f"EXPLAIN {asked[0]['sql']}"))
    assert "Index Cond: (payment_id = " in plan


def test_one_press_twice_is_one_receipt(books: Books) -> None:
    payment = books.owe(5000)
    first = books.receive(payment, 1000, key="press")
    assert books.receive(payment, 1000, key="press").id == first.id
    with pytest.raises(KeyReused):
        books.receive(payment, 1001, key="press")
    assert books.again(payment).captured_minor == 1000


def test_what_is_too_much_is_owed_back_of_the_newest(books: Books) -> None:
    payment = books.owe(5000)
    books.receive(payment, 4000)
    books.receive(payment, 1600, method="bank_transfer")
    assert books.refunds(payment.order_id) == [(600, "bank_transfer", "due")]
    books.adds_up()


def test_a_void_receipt_owes_again_and_is_kept(books: Books) -> None:
    payment = books.owe(5000)
    wrong, right = books.receive(payment, 5000), books.receive(payment, 5000)
    assert books.refunds(payment.order_id) == [(5000, "cash", "due")]
    finance.void_receipt(books.boss, wrong.id, reason="typed twice")
    found = books.again(payment)
    assert (found.state, found.captured_minor) == (PaymentState.PAID, 5000)
    assert books.refunds(payment.order_id) == [(5000, "cash", "cancelled")]
    kept = Receipt.objects.get(id=wrong.id)
    assert (kept.void_reason, kept.amount_minor) == ("typed twice", 5000)
    assert sorted(TillEntry.objects.filter(receipt=wrong).values_list("amount_minor", flat=True)) == [
        -5000,
        5000,
    ]
    with pytest.raises(finance.AlreadyVoid):
        finance.void_receipt(books.boss, wrong.id, reason="again")
    finance.void_receipt(books.boss, right.id, reason="bounced")
    assert books.again(payment).state == PaymentState.DUE
    books.adds_up()


def test_a_receipt_that_was_given_back_stays(books: Books) -> None:
    payment = books.owe(5000)
    receipt = books.receive(payment, 5000)
    finance.request_refund(books.boss, payment.order_id, amount=usd(100), reason="x", idempotency_key="r")
    with pytest.raises(finance.GivenBack):
        finance.void_receipt(books.boss, receipt.id, reason="x")
    assert books.again(payment).captured_minor == 5000


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": usd(0)}, "amount"),
        ({"amount": usd(-5)}, "amount"),
        ({"amount": usd(10**14)}, "amount"),
        ({"amount": Money(100, "EUR")}, "amount"),
        ({"method": "barter"}, "method"),
        ({"method": "gateway"}, "method"),
        ({"method": "gift_card"}, "method"),
        ({"method": "bank_transfer", "reference": ""}, "reference"),
        ({"reference": "x" * 201}, "reference"),
        ({"payer": "a\x00b"}, "payer"),
        ({"received_at": clock.now() + timedelta(hours=1)}, "received_at"),
        ({"received_at": clock.now() - timedelta(days=4000)}, "received_at"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(books: Books, changes: dict[str, object], field: str) -> None:
    payment = books.owe(5000)
    values: dict[str, object] = {"method": "cash", "amount": usd(100), "reference": "1"} | changes
    with pytest.raises(Invalid) as refused:
        finance.receive(
            books.clerk(receive=None),
            order_id=payment.order_id,
            idempotency_key="k",
            **values,  # type: ignore[arg-type]
        )
    assert list(refused.value.fields) == [field]
    assert not Receipt.objects.exists()


def test_a_clerk_receives_and_voids_up_to_a_limit(books: Books) -> None:
    payment = books.owe(5000)
    clerk = books.clerk(receive=1000, void=500)
    receipt = books.receive(payment, 1000, actor=clerk)
    assert (receipt.received_by, receipt.holder) == (clerk.id, str(clerk.id))
    with pytest.raises(PermissionDenied):
        books.receive(payment, 1001, actor=clerk)
    with pytest.raises(PermissionDenied):
        finance.void_receipt(clerk, receipt.id, reason="x")
    with pytest.raises(PermissionDenied):
        books.receive(payment, 1, actor=books.clerk())
    assert books.again(payment).captured_minor == 1000


def test_many_small_voids_of_an_order_are_a_large_one(books: Books) -> None:
    payment, other = books.owe(5000), books.owe(5000)
    first, second, third = (books.receive(payment, amount) for amount in (300, 300, 200))
    clerk = books.clerk(void=500)
    finance.void_receipt(clerk, first.id, reason="x")
    with pytest.raises(PermissionDenied) as refused:
        finance.void_receipt(clerk, second.id, reason="x")
    assert refused.value.details["limit"] == 500
    assert books.again(payment).captured_minor == 500
    finance.void_receipt(clerk, third.id, reason="x")  # 500 in all
    finance.void_receipt(clerk, books.receive(other, 500).id, reason="x")  # another order
    finance.void_receipt(books.clerk(void=500), second.id, reason="x")  # another person
    books.adds_up()


def test_many_small_payments_out_of_an_order_are_a_large_one(books: Books) -> None:
    payment, clerk = books.owe(5000), books.clerk(pay_out=500)
    books.receive(payment, 5000)
    rows = [
        finance.request_refund(
            books.boss, payment.order_id, amount=Money(minor, "USD"), reason="x", idempotency_key=f"k{minor}"
        )[0]
        for minor in (400, 200)
    ]
    finance.finish_refund(clerk, rows[0].id, reference="slip 1")
    with pytest.raises(PermissionDenied):
        finance.finish_refund(clerk, rows[1].id, reference="slip 2")
    assert books.refunds(payment.order_id) == [(400, "cash", "done"), (200, "cash", "in_flight")]
    finance.finish_refund(books.clerk(pay_out=500), rows[1].id, reference="slip 2")
    books.adds_up()


def test_money_for_a_cancelled_order_goes_back(books: Books) -> None:
    payment = books.owe(5000)
    cancel_payment(books.boss, payment.order_id)
    books.receive(payment, 5000)
    assert books.refunds(payment.order_id) == [(5000, "cash", "due")]
    books.adds_up()


def test_a_total_that_rises_again_takes_the_refund_back(books: Books) -> None:
    payment = books.owe(5000)
    books.receive(payment, 5000)
    change_amount(books.boss, payment.order_id, usd(4000))
    change_amount(books.boss, payment.order_id, usd(4700))
    assert books.refunds(payment.order_id) == [(300, "cash", "due")]
    change_amount(books.boss, payment.order_id, usd(5000))
    assert books.refunds(payment.order_id) == [(300, "cash", "cancelled")]
    books.adds_up()


def test_a_refund_is_split_over_receipts_newest_first(books: Books) -> None:
    payment = books.owe(5000)
    books.receive(payment, 3000)
    books.receive(payment, 2000, method="cheque")
    finance.request_refund(books.boss, payment.order_id, amount=usd(2500), reason="x", idempotency_key="1")
    assert books.refunds(payment.order_id) == [(2000, "cheque", "in_flight"), (500, "cash", "in_flight")]
    finance.request_refund(books.boss, payment.order_id, amount=usd(2500), reason="x", idempotency_key="2")
    assert books.refunds(payment.order_id)[2:] == [(2500, "cash", "in_flight")]
    with pytest.raises(TooMuchRefund):
        finance.request_refund(books.boss, payment.order_id, amount=usd(1), reason="x", idempotency_key="3")
    books.adds_up()


def test_finance_says_that_cash_was_given_back(books: Books) -> None:
    payment = books.owe(5000)
    books.receive(payment, 5000)
    (row,) = finance.request_refund(
        books.boss, payment.order_id, amount=usd(700), reason="x", idempotency_key="1"
    )
    clerk = books.clerk(pay_out=600)
    with pytest.raises(PermissionDenied):
        finance.finish_refund(clerk, row.id, reference="slip")
    with pytest.raises(Invalid) as refused:
        finance.finish_refund(books.boss, row.id, reference=" ")
    assert list(refused.value.fields) == ["reference"]
    assert books.refunds(payment.order_id) == [(700, "cash", "in_flight")]
    finance.finish_refund(books.clerk(pay_out=700), row.id, reference="slip 4")
    assert books.refunds(payment.order_id) == [(700, "cash", "done")]
    with pytest.raises(RefundNotOpen):
        finance.finish_refund(books.boss, row.id, reference="slip 4")
    books.adds_up()


def test_a_gateways_money_is_neither_voided_nor_marked_by_hand(books: Books) -> None:
    payment = books.owe(5000)
    receipt = finance.receive(
        books.boss, order_id=payment.order_id, method="gateway", amount=usd(5000), idempotency_key="g", holder="demo"
    )  # fmt: skip
    with pytest.raises(NotByHand):
        finance.void_receipt(books.boss, receipt.id, reason="x")
    (row,) = finance.request_refund(
        books.boss, payment.order_id, amount=usd(1), reason="x", idempotency_key="1"
    )
    assert row.way == "other"  # no attempt of ours: a person has to
    Refund.objects.filter(id=row.id).update(way="gateway")
    with pytest.raises(RefundNotByHand):
        finance.finish_refund(books.boss, row.id, reference="x")


def test_a_refund_goes_another_way_if_somebody_says_so(books: Books) -> None:
    payment = books.owe(5000)
    books.receive(payment, 5000)
    finance.request_refund(
        books.boss, payment.order_id, amount=usd(10), reason="x", idempotency_key="1", to="bank_transfer"
    )  # fmt: skip
    assert books.refunds(payment.order_id) == [(10, "bank_transfer", "in_flight")]
    with pytest.raises(Invalid) as refused:
        finance.request_refund(
            books.boss, payment.order_id, amount=usd(10), reason="", idempotency_key="2", to="gateway"
        )
    assert sorted(refused.value.fields) == ["reason", "to"]


def test_receipts_cover_instalments_in_their_order(books: Books) -> None:
    payment = books.owe(9000, method="instalments", instalments=3)
    receipt = books.receive(payment, 7000)

    def states() -> list[str]:
        rows = Instalment.objects.filter(payment=payment).order_by("number")
        return list(rows.values_list("state", flat=True))

    assert states() == ["paid", "paid", "scheduled"]
    finance.void_receipt(books.boss, receipt.id, reason="x")
    assert states()[1:] == ["scheduled", "scheduled"]


def test_a_receipt_of_nobodys_order(books: Books) -> None:
    from callcart.commerce.payments.ledger import NoPayment

    with pytest.raises(NoPayment):
        finance.receive(books.boss, order_id=new_id(), method="cash", amount=usd(1), idempotency_key="x")
