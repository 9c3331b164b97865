"""Signing in by code: once, in time, five tries, not too often, and nothing is learned about who has a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections

from callcart.core.actor import Actor
from callcart.core.clock import frozen
from callcart.core.errors import Invalid
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.models import Customer, CustomerCode, CustomerSession
from callcart.people.customers.public import (
    AskedTooOften,
    CodeSent,
    create_customer,
    log_out_customer,
    request_code,
    resolve_customer_session,
    verify_code,
)
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import at_once

NOW = datetime(2026, 3, 8, 17, 0, tzinfo=UTC)
PHONE = "(212) 555-0142"


@pytest.fixture
def tenant_id(fresh_db: str) -> Iterator[int]:
    """Counts are kept on a connection of their own, so there must be real commits."""
    with frozen(NOW):
        yield Tenant.objects.get(slug="harbor").id


def ask(tenant_id: int, phone: str = PHONE, ip: str = "") -> CodeSent:
    with tenant_transaction(tenant_id):
        return request_code(tenant_id, phone, ip=ip)


def try_code(tenant_id: int, code: str, phone: str = PHONE) -> tuple[Customer, str]:
    with tenant_transaction(tenant_id):
        signed = verify_code(tenant_id, phone, code)
    return signed.customer, signed.token


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_right_code_signs_in_once(tenant_id: int) -> None:
    sent = ask(tenant_id)
    customer, token = try_code(tenant_id, f" {sent.shown_code[:3]} {sent.shown_code[3:]} ", "+1 212 555 0142")
    with tenant_transaction(tenant_id):
        actor = resolve_customer_session(token)
        assert actor is not None
        assert actor.id == customer.id
        assert CustomerSession.objects.get().token_hash != token
    with pytest.raises(Invalid):
        try_code(tenant_id, sent.shown_code)
    with tenant_transaction(tenant_id):
        log_out_customer(token)
        assert resolve_customer_session(token) is None


def test_full_width_digits_are_digits(tenant_id: int) -> None:
    code = ask(tenant_id).shown_code
    wide = code.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    assert try_code(tenant_id, wide)[1]


@pytest.mark.parametrize("typed", ["", "\x00", "\ud800", "x" * 10_000, "🙂", "1' OR '1'='1"])
def test_odd_codes_are_only_wrong(tenant_id: int, typed: str) -> None:
    ask(tenant_id)
    with pytest.raises(Invalid) as refused:
        try_code(tenant_id, typed)
    assert set(refused.value.fields) == {"code"}


def test_five_wrong_tries_end_it_and_the_right_one_comes_too_late(tenant_id: int) -> None:
    code = ask(tenant_id).shown_code
    left = []
    for _ in range(5):
        with pytest.raises(Invalid) as refused:
            try_code(tenant_id, wrong(code))
        left.append(refused.value.fields["code"])
    assert left[0] == "This code is not right. 4 tries are left."
    assert left[4] == "This code has run out. Ask for a new one."
    with pytest.raises(Invalid):
        try_code(tenant_id, code)
    with tenant_transaction(tenant_id):
        assert not Customer.objects.exists()


def test_tries_at_once_are_counted_one_by_one(tenant_id: int) -> None:
    code = ask(tenant_id).shown_code
    with frozen(NOW):
        found = at_once(
            tenant_id, [_frozen(lambda: verify_code(tenant_id, PHONE, wrong(code))) for _ in range(12)]
        )
    assert Counter(type(each).__name__ for each in found) == {"Invalid": 12}
    with tenant_transaction(tenant_id):
        assert CustomerCode.objects.get().tries == 5


def test_the_right_code_twice_at_once_signs_in_once(tenant_id: int) -> None:
    code = ask(tenant_id).shown_code
    found = at_once(tenant_id, [_frozen(lambda: verify_code(tenant_id, PHONE, code)) for _ in range(6)])
    assert Counter(type(each).__name__ for each in found) == {"SignedIn": 1, "Invalid": 5}
    with tenant_transaction(tenant_id):
        assert Customer.objects.count() == 1


def _frozen(work: object) -> object:
    def run() -> object:
        with frozen(NOW):
            return work()  # type: ignore[operator]

    return run


def test_a_code_runs_out_after_five_minutes(tenant_id: int) -> None:
    code = ask(tenant_id).shown_code
    with frozen(NOW + timedelta(minutes=5, seconds=1)), pytest.raises(Invalid):
        try_code(tenant_id, code)


def test_only_the_newest_code_counts(tenant_id: int) -> None:
    first = ask(tenant_id).shown_code
    with frozen(NOW + timedelta(seconds=61)):
        second = ask(tenant_id).shown_code
        if first != second:
            with pytest.raises(Invalid):
                try_code(tenant_id, first)
        assert try_code(tenant_id, second)[1]


def test_asked_again_too_soon_and_too_often(tenant_id: int) -> None:
    ask(tenant_id)
    with pytest.raises(AskedTooOften) as refused:
        ask(tenant_id, "+12125550142")
    assert refused.value.details["seconds"] == 60
    for minute in range(1, 5):
        with frozen(NOW + timedelta(minutes=2 * minute)):
            ask(tenant_id)
    with frozen(NOW + timedelta(minutes=12)), pytest.raises(AskedTooOften):
        ask(tenant_id)
    with frozen(NOW + timedelta(minutes=61)):
        ask(tenant_id)


def test_one_address_cannot_ask_for_many_numbers(tenant_id: int) -> None:
    for number in range(30):
        ask(tenant_id, f"21255501{number:02d}", ip="203.0.113.7")
    with pytest.raises(AskedTooOften):
        ask(tenant_id, "2125550177", ip="203.0.113.7")
    assert ask(tenant_id, "2125550177", ip="203.0.113.8").e164 == "+12125550177"


def test_a_network_of_ipv6_is_one_address(tenant_id: int) -> None:
    """Whoever has one of its addresses has all of them, and each code costs an SMS."""
    for number in range(30):
        ask(tenant_id, f"21255501{number:02d}", ip=f"2001:db8:7:7::{number:x}")
    with pytest.raises(AskedTooOften):
        ask(tenant_id, "2125550177", ip="2001:db8:7:7:ffff::1")
    assert ask(tenant_id, "2125550177", ip="2001:db8:7:8::1").e164 == "+12125550177"


def test_many_that_ask_at_one_moment_are_counted(tenant_id: int) -> None:
    def one(number: int) -> bool:
        try:
            with frozen(NOW):
                ask(tenant_id, f"21255502{number:02d}", ip="203.0.113.9")
            return True
        except AskedTooOften:
            return False
        finally:
            connections.close_all()

    ask(tenant_id, "2125550299", ip="203.0.113.9")
    with tenant_transaction(tenant_id):
        first = CustomerCode.objects.get()
        CustomerCode.objects.bulk_create(
            CustomerCode(
                e164=f"+121255503{number:02d}", address_hash=first.address_hash, code_hash="x", made_at=NOW,
                expires_at=NOW, tries=0,
            )
            for number in range(25)
        )  # fmt: skip
    with ThreadPoolExecutor(12) as hands:
        sent = list(hands.map(one, range(12)))
    assert sum(sent) == 4


def test_a_count_stays_when_the_request_is_rolled_back(tenant_id: int) -> None:
    code = ask(tenant_id).shown_code
    for _ in range(5):
        with pytest.raises(Invalid):
            try_code(tenant_id, wrong(code))  # the transaction of each request is rolled back
    with tenant_transaction(tenant_id):
        assert CustomerCode.objects.get().tries == 5


def test_nobody_learns_whether_a_number_is_known(tenant_id: int) -> None:
    with tenant_transaction(tenant_id):
        create_customer(Actor.system(tenant_id), name="Ada Example", phone="212 555 0150")
    known, unknown = ask(tenant_id, "2125550150"), ask(tenant_id, "2125550151")
    assert (known.expires_at, known.again_at) == (unknown.expires_at, unknown.again_at)
    said = []
    for phone, sent in (("2125550150", known), ("2125550151", unknown)):
        with pytest.raises(Invalid) as refused:
            try_code(tenant_id, wrong(sent.shown_code), phone)
        said.append(refused.value.fields)
    assert said[0] == said[1]


def test_a_known_number_signs_its_owner_in(tenant_id: int) -> None:
    with tenant_transaction(tenant_id):
        ada = create_customer(Actor.system(tenant_id), name="Ada Example", phone=PHONE)
    customer, _token = try_code(tenant_id, ask(tenant_id).shown_code)
    assert customer.id == ada.id


def test_codes_of_one_tenant_are_not_the_others(tenant_id: int) -> None:
    code = ask(tenant_id, "+12125550142").shown_code
    other = Tenant.objects.get(slug="qinghe").id
    with pytest.raises(Invalid):
        try_code(other, code, "+12125550142")
    with tenant_transaction(other):
        assert resolve_customer_session("nonsense") is None


def test_sessions_end_after_a_month_unused(tenant_id: int) -> None:
    _customer, token = try_code(tenant_id, ask(tenant_id).shown_code)
    with frozen(NOW + timedelta(days=29)), tenant_transaction(tenant_id):
        assert resolve_customer_session(token)
    with frozen(NOW + timedelta(days=58)), tenant_transaction(tenant_id):
        assert resolve_customer_session(token)
    with frozen(NOW + timedelta(days=89)), tenant_transaction(tenant_id):
        assert resolve_customer_session(token) is None
