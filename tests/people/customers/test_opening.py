"""A number that staff add opens the customer's account only after a while, and whoever opens it now is told at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import frozen
from callcart.core.database import raw
from callcart.core.errors import Invalid
from callcart.core.ids import new_id
from callcart.core.models import Event
from callcart.core.tenancy import tenant_session, tenant_transaction
from callcart.people.customers import jobs, opening, transport
from callcart.people.customers.fake import FakeTransport
from callcart.people.customers.models import Customer, CustomerSession, Phone
from callcart.people.customers.public import (
    add_phone,
    create_customer,
    customer_actor,
    make_primary_phone,
    remove_phone,
    request_code,
    resolve_customer_session,
    verify_code,
)
from callcart.people.tenants.public import Tenant

NOW = datetime(2026, 3, 8, 17, 0, tzinfo=UTC)
OLD, NEW = "+12125550142", "+12125550199"


@pytest.fixture
def tenant_id(fresh_db: str) -> Iterator[int]:
    """Codes are counted on a connection of their own, so there must be real commits."""
    with frozen(NOW):
        yield Tenant.objects.get(slug="harbor").id


@pytest.fixture
def sent() -> Iterator[FakeTransport]:
    fake = FakeTransport()
    transport.use(fake)
    yield fake
    transport.use(None)


def clerk(tenant_id: int) -> Actor:
    return Actor(tenant_id, ActorKind.STAFF, id=new_id(), name="Sam", grants={"customers.edit": Grant()})


def ada(tenant_id: int, phone: str = OLD) -> Customer:
    with tenant_transaction(tenant_id):
        return create_customer(clerk(tenant_id), name="Ada Example", phone=phone)


def add(tenant_id: int, customer: Customer, number: str = NEW, **more: bool) -> UUID:
    with tenant_transaction(tenant_id):
        return add_phone(clerk(tenant_id), customer.id, number, **more).id


def sign_in(tenant_id: int, number: str) -> Customer:
    with tenant_transaction(tenant_id):
        code = request_code(tenant_id, number).shown_code
    with tenant_transaction(tenant_id):
        return verify_code(tenant_id, number, code).customer


def delivered(tenant_id: int, sent: FakeTransport) -> list[tuple[str, str]]:
    """Run the jobs of notices that wait: to whom, and what."""
    with tenant_transaction(tenant_id):
        waiting = raw.all(
            "SELECT args::text FROM procrastinate_jobs WHERE task_name LIKE '%%send_number_notice' ORDER BY id"
        )
    for (args,) in waiting:
        with tenant_session(tenant_id):
            given = json.loads(args)
            given.pop("tenant_id")
            jobs.send_number_notice(**given)
    return [(each.e164, each.text) for each in sent.sent]


@pytest.mark.parametrize("is_primary", [False, True])
def test_staff_cannot_sign_in_as_a_customer_by_a_number_they_add(tenant_id: int, is_primary: bool) -> None:
    customer = ada(tenant_id)
    add(tenant_id, customer, is_primary=is_primary)
    with pytest.raises(Invalid) as refused:
        sign_in(tenant_id, NEW)
    assert "It can sign in in 72 hours" in refused.value.fields["phone"]
    with tenant_transaction(tenant_id):
        assert not CustomerSession.objects.exists()
        assert Customer.objects.count() == 1
    assert sign_in(tenant_id, OLD) == customer


def test_nor_by_taking_the_old_one_away(tenant_id: int) -> None:
    customer = ada(tenant_id)
    added = add(tenant_id, customer)
    with tenant_transaction(tenant_id):
        make_primary_phone(clerk(tenant_id), added)
        remove_phone(clerk(tenant_id), Phone.objects.get(e164=OLD).id)
    with pytest.raises(Invalid):
        sign_in(tenant_id, NEW)


def test_nor_by_adding_the_first_number_of_somebody_who_is_there(tenant_id: int) -> None:
    customer = ada(tenant_id, phone="")
    add(tenant_id, customer)
    with pytest.raises(Invalid):
        sign_in(tenant_id, NEW)


def test_nor_by_adding_it_again(tenant_id: int) -> None:
    customer = ada(tenant_id)
    added = add(tenant_id, customer)
    with frozen(NOW + timedelta(hours=71)), tenant_transaction(tenant_id):
        remove_phone(clerk(tenant_id), added)
        add_phone(clerk(tenant_id), customer.id, NEW)
    with frozen(NOW + timedelta(hours=73)), pytest.raises(Invalid):
        sign_in(tenant_id, NEW)


def test_after_the_wait_the_number_signs_in(tenant_id: int) -> None:
    customer = ada(tenant_id)
    add(tenant_id, customer)
    with frozen(NOW + timedelta(hours=72)):
        assert sign_in(tenant_id, NEW) == customer


def test_a_number_that_waits_still_opens_the_account_it_opened_before(tenant_id: int) -> None:
    spouse = ada(tenant_id, phone=NEW)
    add(tenant_id, ada(tenant_id), is_primary=True)
    assert sign_in(tenant_id, NEW) == spouse


def test_a_customer_who_is_made_with_a_number_signs_in_by_it(tenant_id: int) -> None:
    customer = ada(tenant_id)
    assert sign_in(tenant_id, OLD) == customer


def test_what_is_taken_over_from_another_system_opens_at_once(tenant_id: int) -> None:
    customer = ada(tenant_id)
    with tenant_transaction(tenant_id):
        add_phone(Actor.system(tenant_id), customer.id, NEW)
    assert sign_in(tenant_id, NEW) == customer


def test_a_number_customers_add_themselves_waits_too(tenant_id: int) -> None:
    customer = ada(tenant_id)
    with tenant_transaction(tenant_id):
        add_phone(customer_actor(customer), customer.id, NEW)
    with pytest.raises(Invalid):
        sign_in(tenant_id, NEW)


def test_the_numbers_that_open_it_are_told(tenant_id: int, sent: FakeTransport) -> None:
    customer = ada(tenant_id)
    added = add(tenant_id, customer)
    added_again = add(tenant_id, customer)
    assert added == added_again
    [(to, text)] = delivered(tenant_id, sent)
    assert to == OLD
    assert "The number ****0199 was added to your account at Harbor" in text
    assert "5550199" not in text
    with tenant_transaction(tenant_id):
        event = Event.objects.get(kind="customer.number_changed")
        assert (event.subject_id, event.data) == (customer.id, {"phone_id": str(added), "change": "added"})


@pytest.mark.parametrize(
    ("language", "hours", "said"),
    [
        ("en", 24, "In 1 day it can sign in."),
        ("en", 72, "In 3 days it can sign in."),
        ("en", 100, "In 5 days it can sign in."),
        ("zh-hans", 24, "1 天后可用其登录。"),
        ("zh-hans", 120, "5 天后可用其登录。"),
    ],
)
def test_they_are_told_how_long_it_really_takes(
    tenant_id: int,
    sent: FakeTransport,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    hours: int,
    said: str,
) -> None:
    monkeypatch.setattr(opening, "WAIT", timedelta(hours=hours))
    with tenant_transaction(tenant_id):
        customer = create_customer(clerk(tenant_id), name="Ada Example", phone=OLD, language=language)
    add(tenant_id, customer)
    [(_to, text)] = delivered(tenant_id, sent)
    assert said in text
    with tenant_transaction(tenant_id):
        assert Phone.objects.get(e164=NEW).opens_from == NOW + timedelta(hours=hours)


def test_a_number_taken_off_is_told_itself(tenant_id: int, sent: FakeTransport) -> None:
    ada(tenant_id)
    with tenant_transaction(tenant_id):
        phone = Phone.objects.get()
        remove_phone(clerk(tenant_id), phone.id)
        event = Event.objects.get(kind="customer.number_changed")
        assert event.data == {"phone_id": str(phone.id), "change": "removed"}
    [(to, text)] = delivered(tenant_id, sent)
    assert to == OLD
    assert "The number ****0142 was taken off your account" in text


def test_the_jobs_hold_no_number(tenant_id: int) -> None:
    add(tenant_id, ada(tenant_id))
    with tenant_transaction(tenant_id):
        kept = str(raw.all("SELECT args::text FROM procrastinate_jobs"))
    assert "sealed" in kept
    assert "0142" not in kept
    assert "0199" not in kept


def test_where_nobody_can_be_reached_the_notice_is_let_go(
    tenant_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> FakeTransport:
        raise transport.NoTransport

    monkeypatch.setattr(transport, "in_use", unreachable)
    add(tenant_id, ada(tenant_id))
    assert delivered(tenant_id, FakeTransport()) == []


def browsers(tenant_id: int, number: str) -> list[str]:
    """Two browsers signed in by a number, as far as their tokens still say whose they are."""
    tokens = []
    for minutes in (0, 2):
        with frozen(NOW + timedelta(minutes=minutes)):
            with tenant_transaction(tenant_id):
                code = request_code(tenant_id, number).shown_code
            with tenant_transaction(tenant_id):
                tokens.append(verify_code(tenant_id, number, code).token)
    return tokens


def open_ones(tenant_id: int, tokens: list[str]) -> list[bool]:
    with tenant_transaction(tenant_id):
        return [resolve_customer_session(token) is not None for token in tokens]


def test_taking_a_number_off_signs_out_whoever_came_in_by_it(tenant_id: int) -> None:
    customer = ada(tenant_id)
    with tenant_transaction(tenant_id):
        add_phone(Actor.system(tenant_id), customer.id, NEW)
    by_old, by_new = browsers(tenant_id, OLD), browsers(tenant_id, NEW)
    with tenant_transaction(tenant_id):
        remove_phone(clerk(tenant_id), Phone.objects.get(e164=OLD).id)
    assert open_ones(tenant_id, by_old) == [False, False]
    assert open_ones(tenant_id, by_new) == [True, True]


def test_but_not_whoever_has_an_account_of_their_own_with_it(tenant_id: int) -> None:
    spouse = ada(tenant_id)
    tokens = browsers(tenant_id, OLD)
    other = ada(tenant_id, phone=NEW)
    with tenant_transaction(tenant_id):
        remove_phone(clerk(tenant_id), add_phone(Actor.system(tenant_id), other.id, OLD).id)
    assert open_ones(tenant_id, tokens) == [True, True]
    assert sign_in_later(tenant_id, OLD) == spouse


def sign_in_later(tenant_id: int, number: str) -> Customer:
    with frozen(NOW + timedelta(minutes=30)):
        return sign_in(tenant_id, number)


def test_who_signs_in_while_it_is_taken_off_does_not_stay(tenant_id: int) -> None:
    """The removal waits for a sign-in that has the number already, and ends it too."""
    customer = ada(tenant_id)
    with tenant_transaction(tenant_id):
        add_phone(Actor.system(tenant_id), customer.id, NEW)
        code = request_code(tenant_id, OLD).shown_code
        phone_id = Phone.objects.get(e164=OLD).id
    signed, waits = threading.Event(), threading.Event()
    tokens: list[str] = []

    def come_in() -> None:
        with frozen(NOW), tenant_transaction(tenant_id):
            tokens.append(verify_code(tenant_id, OLD, code).token)
            signed.set()
            assert waits.wait(30)

    def take_off() -> None:
        assert signed.wait(30)
        with frozen(NOW), tenant_transaction(tenant_id):
            remove_phone(clerk(tenant_id), phone_id)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(_alone, come_in), pool.submit(_alone, take_off)
        while not _somebody_waits() and not second.done():
            pass
        waits.set()
        first.result(30)
        second.result(30)
    assert open_ones(tenant_id, tokens) == [False]


def _alone(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connection.close()


def _somebody_waits() -> bool:
    return bool(
        raw.autocommit_one("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype <> 'advisory'")[0]
    )
