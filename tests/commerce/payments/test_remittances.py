"""Cash that carriers hand over: line by line against what is owed, a cent off is explained, nothing is booked twice."""

from __future__ import annotations

import pytest

from callcart.commerce.payments import finance
from callcart.commerce.payments.cash import record_collected
from callcart.commerce.payments.intent import cancel_payment
from callcart.commerce.payments.models import CashState, Payment, PaymentState, Receipt, RemittanceLine
from callcart.core.errors import Invalid, PermissionDenied
from tests.commerce.payments.books import Books, usd

HEAD = "Tracking number,COD amount,Fee,Status"


@pytest.fixture
def carried(books: Books) -> Payment:
    """An order whose cash the carrier has."""
    payment = books.owe(5000, method="cod")
    record_collected(books.boss, payment.order_id, carrier="fast")
    return books.again(payment)


def _take(books: Books, payment: Payment, text: str, *, came_back: bool = False) -> RemittanceLine:
    books.remittance(f"{HEAD}\n{text}\n", {"W1": finance.Parcelled(payment.order_id, came_back)})
    return RemittanceLine.objects.latest("id")


def test_what_is_right_to_the_cent_is_booked(books: Books, carried: Payment) -> None:
    line = _take(books, carried, "W1,50.00,1.50,delivered")
    assert (line.state, line.expected_minor, line.fee_minor) == (CashState.MATCHED, 5000, 150)
    assert books.again(carried).state == PaymentState.COLLECTED
    found = finance.book_matched(books.boss, line.remittance_id)
    assert (found.booked, found.passed_over) == (1, 0)
    assert finance.book_matched(books.boss, line.remittance_id).booked == 0
    receipt = Receipt.objects.get()
    assert (receipt.method, receipt.amount_minor, receipt.holder, receipt.till_kind) == (
        "cod",
        5000,
        "fast",
        "carrier",
    )
    assert books.again(carried).state == PaymentState.REMITTED
    books.adds_up()


def test_an_order_number_does_as_well(books: Books, carried: Payment) -> None:
    books.remittance(f"{HEAD}\n{carried.order_number},50.00,,\n")
    assert RemittanceLine.objects.get().state == CashState.MATCHED


def test_cash_nobody_told_us_was_collected(books: Books) -> None:
    payment = books.owe(5000, method="cod")
    line = _take(books, payment, "W1,50.00,,")
    finance.book_matched(books.boss, line.remittance_id)
    assert books.again(payment).state == PaymentState.REMITTED


def test_a_cent_off_waits_for_an_explanation(books: Books, carried: Payment) -> None:
    line = _take(books, carried, "W1,49.99,,")
    assert (line.state, line.difference) == (CashState.DIFFERS, usd(-1))
    assert finance.book_matched(books.boss, line.remittance_id).booked == 0
    with pytest.raises(Invalid) as refused:
        finance.explain_line(books.boss, line.id, kind="whim", reason="")
    assert sorted(refused.value.fields) == ["kind", "reason"]
    finance.explain_line(books.boss, line.id, kind="rounding", reason="paid in coins")
    assert books.again(carried).state == PaymentState.REMITTED
    with pytest.raises(finance.CashLineDone):
        finance.explain_line(books.boss, line.id, kind="rounding", reason="again")
    books.adds_up()


def test_less_can_be_booked_as_it_came(books: Books, carried: Payment) -> None:
    line = _take(books, carried, "W1,30.00,,")
    finance.explain_line(books.boss, line.id, kind=finance.AS_PAID, reason="the rest comes later")
    found = books.again(carried)
    assert (found.state, found.captured_minor) == (PaymentState.COLLECTED, 3000)
    books.adds_up()


def test_more_is_booked_as_it_came_and_owed_back(books: Books, carried: Payment) -> None:
    line = _take(books, carried, "W1,60.00,,")
    finance.explain_line(books.boss, line.id, kind=finance.AS_PAID, reason="no change at the door")
    assert books.refunds(carried.order_id) == [(1000, "bank_transfer", "due")]
    books.adds_up()


def test_differences_are_explained_up_to_a_limit(books: Books, carried: Payment) -> None:
    line = _take(books, carried, "W1,48.00,,")
    clerk = books.clerk(reconcile=None, record_cash=None, explain=199)
    with pytest.raises(PermissionDenied):
        finance.explain_line(clerk, line.id, kind="fee", reason="x")
    assert not Receipt.objects.exists()
    finance.explain_line(
        books.clerk(reconcile=None, record_cash=None, explain=200), line.id, kind="fee", reason="x"
    )  # fmt: skip


def test_already_remitted_unknown_and_refused(books: Books, carried: Payment) -> None:
    finance.book_matched(books.boss, _take(books, carried, "W1,50.00,,").remittance_id)
    again = _take(books, carried, "W1,50.01,,")
    assert again.state == CashState.ALREADY
    assert _take(books, carried, "W9,50.00,,").state == CashState.UNKNOWN
    back = books.owe(700, method="cod")
    assert _take(books, back, "W1,7.00,,", came_back=True).state == CashState.REFUSED
    other = books.owe(800, method="cod")
    assert _take(books, other, "W1,,,拒收").state == CashState.REFUSED
    gone = books.owe(900, method="cod")
    cancel_payment(books.boss, gone.order_id)
    assert _take(books, gone, "W1,9.00,,").state == CashState.REFUSED
    assert books.again(carried).captured_minor == 5000


def test_twice_in_one_file_is_cash_once(books: Books, carried: Payment) -> None:
    books.remittance(
        f"{HEAD}\nW1,50.00,,\n{carried.order_number},50.00,,\n", {"W1": finance.Parcelled(carried.order_id)}
    )
    assert sorted(RemittanceLine.objects.values_list("state", flat=True)) == [
        CashState.ALREADY,
        CashState.MATCHED,
    ]


def test_a_file_or_line_that_comes_again(books: Books, carried: Payment) -> None:
    text, parcels = f"{HEAD}\nW1,50.00,,\n", {"W1": finance.Parcelled(carried.order_id)}
    books.remittance(text, parcels)
    with pytest.raises(finance.KnownRemittance):
        books.remittance(text, parcels)
    second = books.remittance(text + "W7,1.00,,\n", parcels)
    assert (second.remittance.lines_new, second.known) == (1, 1)


def test_rows_that_cannot_be_read(books: Books, carried: Payment) -> None:
    taken = books.remittance(f"{HEAD}\nW1,-5.00,,\nW2,EUR 5.00,,\nW3,,,\n,5.00,,\n")
    assert sorted(taken.wrong) == [2, 3, 4]
    assert not RemittanceLine.objects.exists()


def test_the_order_of_an_unknown_number_is_named_by_a_person(books: Books, carried: Payment) -> None:
    line = _take(books, carried, "W9,50.00,,")
    with pytest.raises(Invalid):
        finance.assign_line(books.boss, line.id, order_number="1")
    with pytest.raises(Invalid):
        finance.assign_line(books.boss, line.id, order_number=books.owe(5000).order_number)
    assert (
        finance.assign_line(books.boss, line.id, order_number=carried.order_number).state == CashState.MATCHED
    )
    with pytest.raises(finance.CashLineDone):
        finance.assign_line(books.boss, line.id, order_number=carried.order_number)


def test_an_order_that_changed_meanwhile_is_passed_over(books: Books, carried: Payment) -> None:
    line = _take(books, carried, "W1,50.00,,")
    books.receive(carried, 2000)
    found = finance.book_matched(books.boss, line.remittance_id)
    assert (found.booked, found.passed_over) == (0, 1)
    assert books.again(carried).captured_minor == 2000


def test_a_booked_line_is_undone_by_voiding(books: Books, carried: Payment) -> None:
    line = _take(books, carried, "W1,50.00,,")
    finance.book_matched(books.boss, line.remittance_id)
    finance.void_receipt(books.boss, Receipt.objects.get().id, reason="another parcel")
    line.refresh_from_db()
    assert (line.state, books.again(carried).state) == (CashState.MATCHED, PaymentState.COLLECTED)
    finance.drop_line(books.boss, line.id, reason="the carrier was wrong")
    assert finance.book_matched(books.boss, line.remittance_id).booked == 0
    books.adds_up()


def test_carriers_owe_what_they_collected(books: Books, carried: Payment) -> None:
    other = books.owe(9000, method="cod")
    record_collected(books.boss, other.order_id, carrier="slow")
    books.owe(100, method="cod")  # nobody has its cash yet
    debts = finance.owed_by_carriers(books.boss)
    assert [(each.carrier, each.count, each.amount) for each in debts] == [
        ("slow", 1, usd(9000)),
        ("fast", 1, usd(5000)),
    ]
    assert [row.id for row in finance.carried_orders(books.boss, carrier="fast")] == [carried.id]


def test_who_may_not_book_cash_changes_nothing(books: Books, carried: Payment) -> None:
    line = _take(books, carried, "W1,50.00,,")
    for clerk in (books.clerk(), books.clerk(reconcile=None), books.clerk(record_cash=None)):
        with pytest.raises(PermissionDenied):
            finance.book_matched(clerk, line.remittance_id)
    assert books.again(carried).state == PaymentState.COLLECTED
