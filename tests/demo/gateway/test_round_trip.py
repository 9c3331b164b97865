"""From our attempt to the company's page and back by its message, with the real process of the company and real commits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from callcart.commerce.payments.gateway import (
    EventKind,
    GatewayRefused,
    GatewayUnreachable,
    RefundRequest,
    SessionRequest,
    gateway,
    key_of,
)
from callcart.commerce.payments.jobs import charge_instalment, reconcile_attempt, send_refund
from callcart.commerce.payments.models import (
    Attempt,
    AttemptState,
    PaymentMethod,
    PaymentState,
    ProviderEvent,
    RefundState,
)
from callcart.commerce.payments.public import Redirect, request_refund, start_payment
from callcart.core import clock
from callcart.core.ids import new_id
from callcart.core.money import Money
from callcart.core.tenancy import tenant_session, tenant_transaction
from callcart.integrations.demo_company import Forged
from callcart.integrations.gateways.demo import SEAL, DemoGateway
from callcart.people.tenants.models import Tenant
from tests.commerce.payments.till import Till
from tests.demo.gateway.shopfront import Company, Web, eventually, open_company

ACCEPTED, DECLINED, SLOW = "4242424242424242", "4000000000000002", "4000000000003220"
TWICE, SILENT, LYING = "4000000000007726", "4000000000000259", "4000000000000341"


@pytest.fixture(scope="module")
def company() -> Iterator[Company]:
    with open_company() as opened:
        yield opened


@pytest.fixture
def web(fresh_db: str) -> Iterator[Web]:
    opened = Web()
    yield opened
    opened.close()


@pytest.fixture
def till(fresh_db: str, company: Company) -> Till:
    gateway.cache_clear()
    return Till(Tenant.objects.get(slug="harbor").id, None)  # type: ignore[arg-type]


def _start(till: Till, web: Web, order: UUID, *, language: str = "en") -> Redirect:
    with tenant_session(till.tenant_id):
        return start_payment(
            order,
            return_url=f"{web.url}/back",
            notify_url=f"{web.url}/hooks/payments/demo",
            language=language,
        )


def _events(till: Till) -> int:
    with tenant_transaction(till.tenant_id):
        return ProviderEvent.objects.count()


def test_paid_on_the_page_and_told_by_message(till: Till, web: Web, company: Company) -> None:
    order = till.owe(5000)
    page = _start(till, web, order)
    assert page.url.startswith("https://harbor.localhost:")
    shown = company.get(page.url)
    assert "$50.00" in shown.text and till.payment(order).order_number in shown.text
    assert f"form-action 'self' {web.url};" in shown.headers["content-security-policy"]
    sent = company.post(page.url, card=ACCEPTED)
    assert sent.status_code == 303
    assert company.get(sent.headers["location"]).headers["location"] == f"{web.url}/back"
    eventually(lambda: till.payment(order).state == PaymentState.PAID)
    (attempt,) = till.attempts(order)
    assert attempt.reference is not None and page.url.endswith(attempt.reference)
    company.post(page.url, card=ACCEPTED)  # the button once more
    assert till.payment(order).captured_minor == 5000


def test_the_page_speaks_both_languages(till: Till, web: Web, company: Company) -> None:
    page = _start(till, web, till.owe(5000), language="zh-hans")
    assert "应付金额" in company.get(page.url).text
    english = company.get(f"{page.url}?lang=en")
    assert "To pay" in english.text and "meadow_lang=en" in english.headers["set-cookie"]


def test_told_twice_is_booked_once(till: Till, web: Web, company: Company) -> None:
    order = till.owe(5000)
    company.post(_start(till, web, order).url, card=TWICE)
    eventually(lambda: web.asked >= 2)
    eventually(lambda: till.payment(order).state == PaymentState.PAID)
    assert (till.payment(order).captured_minor, _events(till)) == (5000, 1)


def test_a_company_that_tells_of_less_than_it_took_is_booked_as_it_says(
    till: Till, web: Web, company: Company
) -> None:
    order = till.owe(5000)
    company.post(_start(till, web, order).url, card=LYING)
    eventually(lambda: till.payment(order).state == PaymentState.PART_PAID)
    assert till.payment(order).captured_minor == 4900  # the order is not taken for paid


def test_never_told_is_found_by_asking(till: Till, web: Web, company: Company) -> None:
    order = till.owe(5000)
    page = _start(till, web, order)
    with tenant_session(till.tenant_id):
        reconcile_attempt(attempt_id=str(page.attempt_id))
    assert till.attempts(order)[0].state == AttemptState.OPEN
    company.post(page.url, card=SILENT)
    with tenant_session(till.tenant_id):
        reconcile_attempt(attempt_id=str(page.attempt_id))
    assert till.payment(order).state == PaymentState.PAID
    assert web.asked == 0


def test_declined_then_paid_with_another_card(till: Till, web: Web, company: Company) -> None:
    order = till.owe(5000)
    page = _start(till, web, order)
    sent = company.post(page.url, card=DECLINED)
    assert "The bank refused this card" in company.get(sent.headers["location"]).text
    eventually(lambda: till.attempts(order)[0].state == AttemptState.DECLINED)
    company.post(page.url, card=ACCEPTED)
    eventually(lambda: till.payment(order).state == PaymentState.PAID)


def test_cancelled_goes_back_to_the_shop_unpaid(till: Till, web: Web, company: Company) -> None:
    order = till.owe(5000)
    page = _start(till, web, order)
    assert company.post(page.url, cancel="yes").headers["location"] == f"{web.url}/back"
    eventually(lambda: till.attempts(order)[0].failure == "cancelled")
    company.post(page.url, card=ACCEPTED)  # too late
    assert "cancelled" in company.get(page.url).text
    assert _start(till, web, order).attempt_id != page.attempt_id


def test_a_shop_that_is_down_is_told_later(till: Till, web: Web, company: Company) -> None:
    order = till.owe(5000)
    web.down = True
    company.post(_start(till, web, order).url, card=ACCEPTED)
    eventually(lambda: web.asked >= 2)
    assert till.payment(order).state == PaymentState.DUE
    web.down = False
    eventually(lambda: till.payment(order).state == PaymentState.PAID)


def test_a_company_killed_in_the_middle_finishes_after_its_restart(
    till: Till, web: Web, company: Company
) -> None:
    slow, untold = till.owe(5000), till.owe(7000)
    page = _start(till, web, slow)
    company.post(page.url, card=SLOW)
    assert 'http-equiv="refresh"' in company.get(page.url).text
    web.down = True
    company.post(_start(till, web, untold).url, card=ACCEPTED)
    eventually(lambda: web.asked >= 1)
    company.kill()
    with pytest.raises(GatewayUnreachable):
        _start(till, web, till.owe(100))
    web.down = False
    company.start_again()
    for order in (slow, untold):
        eventually(lambda order=order: till.payment(order).state == PaymentState.PAID)  # type: ignore[misc]


def test_instalments_on_a_mandate_and_money_back(till: Till, web: Web, company: Company) -> None:
    order = till.owe(9000, method=PaymentMethod.INSTALMENTS, instalments=3)
    company.post(_start(till, web, order).url, card=ACCEPTED)
    eventually(lambda: till.payment(order).captured_minor == 3000)
    second = till.instalments(order)[1]
    with tenant_session(till.tenant_id):
        charge_instalment(instalment_id=str(second.id))
    assert till.payment(order).captured_minor == 6000
    eventually(lambda: web.asked >= 2)  # the message about the charge, which we know already
    assert till.payment(order).captured_minor == 6000
    with tenant_transaction(till.tenant_id):
        rows = request_refund(
            till.boss, order, amount=Money(4000, "USD"), reason="broken", idempotency_key="back"
        )
    for row in rows:
        with tenant_session(till.tenant_id):
            send_refund(refund_id=str(row.id))
    found = till.refunds(order)
    assert [(row.amount_minor, row.state) for row in found] == [
        (3000, RefundState.DONE),
        (1000, RefundState.DONE),
    ]
    first: Attempt = till.attempts(order)[0]
    with pytest.raises(GatewayRefused):  # 1000 of the first are gone, whatever our own book says
        DemoGateway().refund(RefundRequest("again", str(first.reference), Money(2001, "USD")))


def test_a_key_is_one_thing(till: Till, web: Web, company: Company) -> None:
    provider, key = DemoGateway(), key_of(till.tenant_id, new_id())
    first = provider.create_session(_request(key, 100, web))
    assert provider.create_session(_request(key, 100, web)) == first
    with pytest.raises(GatewayRefused):
        provider.create_session(_request(key, 200, web))
    assert provider.look_up(key) is None
    assert provider.look_up("nobody") is None
    company.post(first.url, card=SILENT)
    found = provider.look_up(key)
    assert found is not None
    assert (found.kind, found.amount, found.reference) == (
        EventKind.CAPTURED,
        Money(100, "USD"),
        first.reference,
    )


def _request(key: str, minor: int, web: Web) -> SessionRequest:
    return SessionRequest(
        key=key,
        amount=Money(minor, "USD"),
        description="1",
        language="en",
        return_url=f"{web.url}/back",
        notify_url=f"{web.url}/hooks/payments/demo",
    )


def test_the_company_believes_nobody_unsigned(company: Company) -> None:
    body = json.dumps({"key": "1"}).encode()
    moment = int(clock.now().timestamp())
    assert company.raw("/api/look-up", body, {}).status_code == 401
    assert (
        company.raw("/api/look-up", body, {SEAL.header: SEAL.sign(body + b" ", at=moment)}).status_code == 401
    )
    assert (
        company.raw("/api/look-up", body, {SEAL.header: SEAL.sign(body, at=moment - 400)}).status_code == 401
    )
    assert company.raw("/api/look-up", body, {SEAL.header: SEAL.sign(body, at=moment)}).json() == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": "5"}, "amount"),
        ({"currency": "XXQ"}, "currency"),
        ({"key": "a b"}, "key"),
        ({"key": "x" * 300}, "key"),
        ({"return_url": "javascript:alert(1)"}, "return_url"),
        ({"notify_url": "//nowhere"}, "notify_url"),
        ({"description": None}, "description"),
    ],
)
def test_nonsense_is_named(company: Company, change: dict[str, object], field: str) -> None:
    values = {
        "key": "k", "amount": 5, "currency": "USD", "description": "", "language": "en",
        "return_url": "https://a.example/", "notify_url": "https://a.example/", **change,
    }  # fmt: skip
    body = json.dumps(values).encode()
    answer = company.raw(
        "/api/sessions", body, {SEAL.header: SEAL.sign(body, at=int(clock.now().timestamp()))}
    )
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_pages_that_do_not_exist(company: Company) -> None:
    assert company.get("/pay/nothing").status_code == 404
    assert company.post("/pay/nothing", card=ACCEPTED).status_code == 404
    assert company.get("/").status_code == 200
    assert company.get("/static/pay.css").headers["content-type"].startswith("text/css")


def test_a_signature_is_of_its_time_and_its_body() -> None:
    moment = clock.now()
    header = SEAL.sign(b"body", at=int(moment.timestamp()))
    SEAL.verify({SEAL.header.upper(): header}, b"body")
    for later in (timedelta(seconds=301), timedelta(seconds=-302)):
        with clock.frozen(moment + later), pytest.raises(Forged):
            SEAL.verify({SEAL.header.upper(): header}, b"body")
    for wrong in ("", "t=,v1=", "t=x", header.replace("v1=", "v2="), header + "0", f"t=1,{header}", "v1=é"):
        with pytest.raises(Forged):
            SEAL.verify({SEAL.header: wrong}, b"body")
    with pytest.raises(Forged):
        SEAL.verify({SEAL.header.upper(): header}, b"body ")
