"""Whoever sees numbers masked cannot try out whole numbers without end, in no search box."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from callcart.commerce.orders.public import OrderFilters, list_orders
from callcart.core import clock
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.ids import new_id
from callcart.people.customers import guesses
from callcart.people.customers.public import (
    TriedTooManyAddresses,
    TriedTooManyNumbers,
    add_email,
    count_number_tried,
    create_customer,
    search_customers,
)
from callcart.people.tenants.public import Tenant


def somebody(tenant: Tenant, *more: str) -> Actor:
    grants = {name: Grant() for name in ("customers.view", "orders.view", *more)}
    return Actor(tenant.id, ActorKind.STAFF, id=new_id(), name="Sam", grants=grants)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "PER_HOUR", 3)
    monkeypatch.setattr(guesses, "PER_DAY", 5)


def tries(search: Callable[[str], object], most: int = 12, form: str = "(212) 555-01{:02}") -> int:
    """How many whole numbers (or what `form` makes) one after the other are answered."""
    for done in range(most):
        try:
            search(form.format(done))
        except (TriedTooManyNumbers, TriedTooManyAddresses):
            return done
    return most


def test_whole_numbers_are_counted_by_person(tenant: Tenant, few: None) -> None:
    sam, ida = somebody(tenant), somebody(tenant)
    assert tries(lambda text: search_customers(sam, text)) == 3
    assert tries(lambda text: list_orders(sam, OrderFilters(text=text))) == 0  # one count for all boxes
    assert tries(lambda text: list_orders(ida, OrderFilters(text=text))) == 3


def test_an_hour_later_it_goes_on_until_the_days_end(
    tenant: Tenant, few: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam, moment = somebody(tenant), clock.now()
    answered = []
    for hours in (0, 2, 4, 23, 25):
        later = moment + timedelta(hours=hours)
        monkeypatch.setattr("callcart.core.throttle.now", lambda later=later: later)
        answered.append(tries(lambda text: search_customers(sam, text)))
    assert answered == [3, 2, 0, 0, 3]


def test_the_refusal_says_what_else_to_do(tenant: Tenant, few: None) -> None:
    sam = somebody(tenant)
    tries(lambda text: search_customers(sam, text))
    with pytest.raises(TriedTooManyNumbers) as refused:
        search_customers(sam, "+1 212 555 0142")
    assert refused.value.status == 429
    assert "Look for a name" in refused.value.message
    assert "60 minutes" in refused.value.message


@pytest.mark.parametrize("text", ["0142", "55 0142", "Ada", "ada.shop.example", "", "9" * 50])
def test_what_is_no_whole_number_is_not_counted(tenant: Tenant, few: None, text: str) -> None:
    sam = somebody(tenant)
    for _each in range(8):
        search_customers(sam, text)


def test_who_sees_numbers_and_the_system_are_not_counted(tenant: Tenant, few: None) -> None:
    for actor in (somebody(tenant, "customers.see_phone"), Actor.system(tenant.id)):
        assert tries(lambda text, actor=actor: search_customers(actor, text)) == 12  # type: ignore[misc]


@pytest.mark.parametrize(
    "text", ["+12125550142", "12125550142", "212.555.0142", "001 212 5550142", "2125550142 x7"]
)
def test_a_number_counts_in_any_form(tenant: Tenant, few: None, text: str) -> None:
    sam = somebody(tenant)
    for _each in range(3):
        count_number_tried(sam, text)
    with pytest.raises(TriedTooManyNumbers):
        count_number_tried(sam, text)


def test_those_who_are_read_a_number_still_find_whose_it_is(tenant: Tenant) -> None:
    made = create_customer(Actor.system(tenant.id), name="Ada", phone="(212) 555-0142")
    (match,) = search_customers(somebody(tenant), "212 555 0142")
    assert match.customer == made


@pytest.mark.parametrize("form", ["ada{}@shop.example", "ADA{}@", " ada{}@sh", "ada{}＠shop.example"])
def test_mail_addresses_are_counted_likewise(tenant: Tenant, few: None, form: str) -> None:
    sam, ida = somebody(tenant), somebody(tenant)
    assert tries(lambda text: search_customers(sam, text), form=form) == (12 if "＠" in form else 3)
    assert tries(lambda text: search_customers(sam, text)) == 3  # numbers have a count of their own
    assert tries(lambda text: search_customers(ida, text), form="ida{}@shop.example") == 3


def test_who_sees_numbers_but_not_addresses_is_counted_by_these(tenant: Tenant, few: None) -> None:
    sam = somebody(tenant, "customers.see_phone")
    assert tries(lambda text: search_customers(sam, text)) == 12
    assert tries(lambda text: search_customers(sam, text), form="ada{}@shop.example") == 3
    for actor in (somebody(tenant, "customers.see_email"), Actor.system(tenant.id)):
        assert tries(lambda text, actor=actor: search_customers(actor, text), form="a{}@b.example") == 12


def test_the_refusal_of_an_address_finds_nobody_and_says_so(tenant: Tenant, few: None) -> None:
    boss = Actor.system(tenant.id)
    ada = create_customer(boss, name="Ada")
    add_email(boss, ada.id, "ada@shop.example")
    sam = somebody(tenant)
    (match,) = search_customers(sam, "ada@shop.example")
    assert match.customer == ada
    tries(lambda text: search_customers(sam, text), form="ida{}@shop.example")
    with pytest.raises(TriedTooManyAddresses) as refused:
        search_customers(sam, "ada@shop.example")
    assert refused.value.status == 429
    assert "e-mail addresses" in refused.value.message
