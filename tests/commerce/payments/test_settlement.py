"""The day of a till: expected against counted, every difference explained, and once closed for ever so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from callcart.commerce.payments import finance
from callcart.commerce.payments.cash import record_collected
from callcart.commerce.payments.models import TillEntry
from callcart.commerce.payments.settlement import DayNotOver, NotCounted
from callcart.core import clock
from callcart.core.errors import Invalid, PermissionDenied
from tests.commerce.payments.books import Books, usd


def _today() -> date:
    return clock.today("America/New_York")


def _only(books: Books, day: date | None = None) -> finance.TillSum:
    (found,) = finance.tills_of_day(books.boss, day or _today())
    return found


def test_cash_of_a_person_is_expected_counted_and_closed(books: Books) -> None:
    clerk = books.clerk(receive=None, pay_out=None)
    payment = books.owe(5000)
    books.receive(payment, 5000, actor=clerk)
    (row,) = finance.request_refund(
        books.boss, payment.order_id, amount=usd(700), reason="x", idempotency_key="1"
    )
    finance.finish_refund(clerk, row.id, reference="slip")
    found = _only(books)
    assert (found.till.holder, found.taken, found.given, found.expected) == (
        str(clerk.id), usd(5000), usd(-700), usd(4300),
    )  # fmt: skip
    with pytest.raises(NotCounted):
        finance.close_day(books.boss, found.till, _today(), currency="USD")
    finance.count_till(books.boss, found.till, _today(), counted=usd(4290))
    with pytest.raises(finance.Unexplained) as refused:
        finance.close_day(books.boss, found.till, _today(), currency="USD")
    assert "10" in refused.value.message
    finance.explain_till(
        books.boss, found.till, _today(), amount=usd(-10), kind="miscount", reason="one dime"
    )
    assert _only(books).unexplained == usd(0)
    finance.close_day(books.boss, found.till, _today(), currency="USD")
    closed = _only(books)
    assert (closed.is_closed, closed.expected, closed.counted) == (True, usd(4300), usd(4290))
    books.adds_up()


def test_a_closed_day_takes_nothing_more(books: Books) -> None:
    clerk = books.clerk(receive=None)
    receipt = books.receive(books.owe(5000), 5000, actor=clerk)
    till = _only(books).till
    finance.count_till(books.boss, till, _today(), counted=usd(5000))
    finance.close_day(books.boss, till, _today(), currency="USD")
    later = books.receive(books.owe(100), 100, actor=clerk)
    finance.void_receipt(books.boss, receipt.id, reason="wrong")
    tomorrow = _today() + timedelta(days=1)
    days = {row.receipt_id: row.day for row in TillEntry.objects.filter(amount_minor__in=[100, -5000])}
    assert days == {later.id: tomorrow, receipt.id: tomorrow}
    assert _only(books).expected == usd(5000)
    for verb in (
        lambda: finance.count_till(books.boss, till, _today(), counted=usd(1)),
        lambda: finance.explain_till(books.boss, till, _today(), amount=usd(1), kind="fee", reason="x"),
        lambda: finance.close_day(books.boss, till, _today(), currency="USD"),
    ):
        with pytest.raises(finance.DayClosed):
            verb()
    other = books.receive(books.owe(200), 200, actor=books.clerk(receive=None))
    assert TillEntry.objects.get(receipt=other).day == _today()  # another till's day is open
    books.adds_up()


def test_a_carriers_files_say_what_was_handed_over(books: Books) -> None:
    payment = books.owe(5000, method="cod")
    record_collected(books.boss, payment.order_id, carrier="fast")
    taken = books.remittance(
        "Tracking number,COD amount,Fee\nW1,50.00,1.50\n", {"W1": finance.Parcelled(payment.order_id)}
    )
    finance.book_matched(books.boss, taken.remittance.id)
    found = _only(books)
    assert (found.till.kind, found.till.holder, found.expected, found.reported) == (
        "carrier",
        "fast",
        usd(5000),
        usd(4850),
    )


def test_tills_of_a_day_stand_apart(books: Books) -> None:
    payment = books.owe(9000)
    books.receive(payment, 1000, actor=books.clerk(receive=None))
    books.receive(payment, 2000, method="bank_transfer")
    finance.receive(
        books.boss,
        order_id=payment.order_id,
        method="gateway",
        amount=usd(3000),
        idempotency_key="g",
        holder="demo",
    )
    found = {
        (row.till.kind, row.till.holder): row.expected for row in finance.tills_of_day(books.boss, _today())
    }
    assert found[("gateway", "demo")] == usd(3000)
    assert found[("bank", "")] == usd(2000)
    assert len(found) == 3


def test_an_explanation_is_taken_back_while_the_day_is_open(books: Books) -> None:
    books.receive(books.owe(5000), 5000, actor=books.clerk(receive=None))
    till = _only(books).till
    made = finance.explain_till(books.boss, till, _today(), amount=usd(-5), kind="loss", reason="x")
    finance.take_back_explanation(books.boss, made.id)
    finance.take_back_explanation(books.boss, made.id)
    assert _only(books).explained == usd(0)


def test_what_cannot_be_is_refused(books: Books) -> None:
    books.receive(books.owe(5000), 5000, actor=books.clerk(receive=None))
    till = _only(books).till
    with pytest.raises(DayNotOver):
        finance.count_till(books.boss, till, _today() + timedelta(days=1), counted=usd(1))
    with pytest.raises(Invalid) as refused:
        finance.explain_till(books.boss, till, _today(), amount=usd(0), kind="whim", reason="")
    assert sorted(refused.value.fields) == ["amount", "kind", "reason"]
    clerk = books.clerk(explain=9, view=None)
    for verb in (
        lambda: finance.explain_till(clerk, till, _today(), amount=usd(-10), kind="fee", reason="x"),
        lambda: finance.count_till(clerk, till, _today(), counted=usd(1)),
        lambda: finance.close_day(clerk, till, _today(), currency="USD"),
        lambda: finance.tills_of_day(books.clerk(), _today()),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    assert _only(books).counted is None
