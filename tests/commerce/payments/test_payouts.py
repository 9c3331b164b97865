"""A gateway's payout file against its till: fees explained by themselves, everything else said by name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.commerce.payments import finance
from callcart.commerce.payments.divide import divide_payment
from callcart.commerce.payments.models import TillEntry
from callcart.commerce.payments.payouts import Payout, look_at_payout, take_payout
from callcart.core.actor import Actor
from callcart.core.clock import today
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.ids import new_id
from tests.commerce.payments.books import Books, usd

DAY = "America/New_York"


def _captured(books: Books, minor: int, reference: str) -> None:
    finance.receive(
        books.boss, order_id=books.owe(minor).order_id, method="gateway", amount=usd(minor), reference=reference,
        holder="demo", idempotency_key=str(new_id()),
    )  # fmt: skip


def _take(books: Books, text: str, actor: Actor | None = None) -> Payout:
    path = books.file(text)
    seen = look_at_payout(actor or books.boss, path, "p.csv")
    return take_payout(
        actor or books.boss, path, "p.csv", gateway="demo", day=today(DAY), layout=seen.layout
    )  # fmt: skip


def test_a_payout_counts_the_day_and_explains_its_fees_once(books: Books) -> None:
    _captured(books, 5000, "p1")
    _captured(books, 3000, "p2")
    text = "Reference,Amount,Fee\np1,50.00,1.50\np2,30.00,0.90\n"
    for _ in range(2):
        found = _take(books, text)
    assert (found.net, found.missing, found.unknown, found.differing) == (usd(7760), (), (), ())
    (till,) = finance.tills_of_day(books.boss, today(DAY))
    assert (till.counted, till.explained, till.unexplained) == (usd(7760), usd(-240), usd(0))
    finance.close_day(books.boss, till.till, today(DAY), currency="USD")
    with pytest.raises(finance.DayClosed):
        _take(books, text)
    books.adds_up()


def test_what_does_not_fit_is_named(books: Books) -> None:
    _captured(books, 5000, "p1")
    _captured(books, 3000, "p2")
    found = _take(books, "Reference,Amount,Fee\np1,49.99,\np9,1.00,\n")
    assert (found.missing, found.unknown, found.differing) == (("p2",), ("p9",), ("p1",))
    (till,) = finance.tills_of_day(books.boss, today(DAY))
    assert till.unexplained == usd(5099 - 8000)


def test_a_visit_whose_order_was_split_is_paid_out_once(books: Books) -> None:
    order_id = books.owe(5000).order_id
    finance.receive(
        books.boss, order_id=order_id, method="gateway", amount=usd(5000), reference="p1", holder="demo",
        idempotency_key="r",
    )  # fmt: skip
    divide_payment(books.boss, order_id, to=(new_id(), "N2"), kept=usd(3000), moved=usd(2000))
    found = _take(books, "Reference,Amount,Fee\np1,50.00,\n")
    assert (found.missing, found.unknown, found.differing) == ((), (), ())
    TillEntry.objects.filter(amount_minor=5000).update(day=today(DAY) - timedelta(days=1))
    found = _take(books, "Reference,Amount,Fee\np2,1.00,\n")  # the day of the split: nothing came in on it
    assert (found.missing, found.unknown) == ((), ("p2",))


def test_a_file_half_of_it_wrong_counts_nothing(books: Books) -> None:
    _captured(books, 5000, "p1")
    with pytest.raises(Invalid) as refused:
        _take(books, "Reference,Amount,Fee\np1,50.00,\np2,EUR 3,\n")
    assert list(refused.value.fields) == ["file"]
    with pytest.raises(PermissionDenied):
        _take(books, "Reference,Amount\np1,50.00\n", actor=books.clerk(view=None))
    (till,) = finance.tills_of_day(books.boss, today(DAY))
    assert till.counted is None
