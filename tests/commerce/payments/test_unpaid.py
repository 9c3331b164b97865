"""Orders not paid in full: by age, method, sum, agent and promise; called, asked by link; off the list once paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcart.commerce.payments import finance
from callcart.commerce.payments.models import Payment
from callcart.commerce.payments.unpaid import NotOwed
from callcart.core import clock
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import Event
from callcart.people.tasks.models import Task
from tests.commerce.payments.books import Books, usd


def _aged(books: Books, days: int, minor: int = 1000, **values: str) -> Payment:
    payment = books.owe(minor, **values)
    Payment.objects.filter(id=payment.id).update(made_at=clock.now() - timedelta(days=days, hours=1))
    return payment


def _found(books: Books, **filters: object) -> list[object]:
    return [row.id for row in finance.list_unpaid(books.boss, finance.UnpaidFilters(**filters))]  # type: ignore[arg-type]


def test_the_oldest_comes_first_and_pages_join(books: Books) -> None:
    rows = [_aged(books, days) for days in (40, 20, 10, 5, 1)]
    books.receive(rows[2], 1000)
    _aged(books, 3, method="cod")
    expected = [row.id for row in rows if row is not rows[2]]
    assert _found(books) == expected
    first = finance.list_unpaid(books.boss, finance.UnpaidFilters(), limit=2)
    after = (first[-1].made_at, first[-1].id)
    assert [
        row.id for row in finance.list_unpaid(books.boss, finance.UnpaidFilters(), after=after)
    ] == expected[2:]


def test_ages_sums_and_filters(books: Books) -> None:
    old, mid, new = _aged(books, 40, 5000), _aged(books, 5, 700), _aged(books, 0, 900)
    books.receive(old, 1000)
    buckets = {each.age: (each.count, each.missing) for each in finance.unpaid_by_age(books.boss, "USD")}
    assert buckets == {
        "d2": (1, usd(900)), "d7": (1, usd(700)), "d14": (0, usd(0)), "d30": (0, usd(0)), "older": (1, usd(4000)),
    }  # fmt: skip
    assert _found(books, age="older") == [old.id]
    assert _found(books, age="d7") == [mid.id]
    assert _found(books, least_minor=900) == [old.id, new.id]
    assert _found(books, most_minor=700) == [mid.id]
    agent = new_id()
    Payment.objects.filter(id=mid.id).update(taken_by=agent)
    assert _found(books, agent_id=agent) == [mid.id]
    assert _found(books, method="instalments") == []


def test_a_promise_is_kept_in_mind(books: Books) -> None:
    payment = books.owe(1000)
    day = clock.today("America/New_York")
    finance.promise(
        books.clerk(send_link=None), payment.order_id, on=day + timedelta(days=2), note="after payday"
    )
    assert _found(books, promised="yes") == [payment.id]
    assert _found(books, promised="no") == []
    assert _found(books, promised="broken") == []
    with clock.frozen(clock.now() + timedelta(days=4)):
        assert _found(books, promised="broken") == [payment.id]
    for wrong in (day - timedelta(days=2), day + timedelta(days=200)):
        with pytest.raises(Invalid) as refused:
            finance.promise(books.boss, payment.order_id, on=wrong)
        assert list(refused.value.fields) == ["on"]
    with pytest.raises(PermissionDenied):
        finance.promise(books.clerk(view=None), payment.order_id, on=None)
    finance.promise(books.boss, payment.order_id, on=None)
    assert books.again(payment).promised_on is None
    books.receive(payment, 1000)
    with pytest.raises(NotOwed):
        finance.promise(books.boss, payment.order_id, on=day)


def test_the_call_list_holds_an_order_once_and_lets_go_when_it_is_paid(books: Books) -> None:
    one, two, paid = books.owe(1000), books.owe(2000), books.owe(3000)
    books.receive(paid, 3000)
    orders = [one.order_id, two.order_id, paid.order_id]
    assert finance.call_for(books.boss, orders) == 2
    assert finance.call_for(books.boss, orders) == 2
    assert Task.objects.filter(kind="collect", state="open").count() == 2
    books.receive(one, 1000)
    assert list(Task.objects.filter(kind="collect", state="open").values_list("subject_id", flat=True)) == [
        two.order_id
    ]


def test_links_are_asked_for_in_bulk(books: Books) -> None:
    one, two = books.owe(1000), books.owe(2000)
    books.receive(two, 2000)
    assert finance.ask_to_pay(books.boss, [one.order_id, two.order_id]) == 1
    (event,) = Event.objects.filter(kind="payments.link_wanted")
    assert event.data == {"order_id": str(one.order_id)}
    with pytest.raises(PermissionDenied):
        finance.ask_to_pay(books.clerk(view=None), [one.order_id])
