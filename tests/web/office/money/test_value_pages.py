"""Instalments, gift cards and store credit in the office."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

from django.test import Client

from callcart.commerce.payments.models import Instalment, InstalmentState, Payment, Receipt, StoredAccount
from callcart.commerce.payments.public import credit_of_customer, grant_credit, issue_card
from callcart.core import clock
from callcart.core.money import Money
from callcart.people.approvals.public import Approval
from tests.web.office.office import Office, field_error, grouped, words


def _usd(minor: int) -> Money:
    return Money(minor, "USD")


def _card(office: Office, minor: int = 5000) -> tuple[StoredAccount, str]:
    made = issue_card(office.boss, amount=_usd(minor), idempotency_key=str(uuid4()))
    return made.account, made.code


def test_a_card_is_issued_and_its_code_shown_once(office: Office) -> None:
    client = office.client("finance", language="zh-hans")
    assert client.get("/office/money/gift-cards").status_code == 200
    sent = {"amount": "50", "note": "a prize", "key": "k1"}
    first = client.post("/office/money/gift-cards/new", sent)
    found = re.search(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){3}", words(first))
    assert first.status_code == 200 and found
    again = client.post("/office/money/gift-cards/new", sent)
    assert found[0] not in words(again)
    account = StoredAccount.objects.get()
    assert account.balance_minor == 5000
    for address in ("/office/money/gift-cards", f"/office/money/gift-cards/{account.id}"):
        page = client.get(address)
        assert account.code_end in words(page) and found[0] not in words(page)
    assert account.code_end in words(client.get("/office/money/gift-cards", {"q": found[0]}))


def test_what_is_wrong_with_a_new_card_is_said_and_kept(office: Office) -> None:
    client = office.client("finance")
    answer = client.post(
        "/office/money/gift-cards/new",
        {"amount": "x", "expires_on": "yesterday", "note": "for Ada", "key": "k"},
    )
    assert answer.status_code == 422
    assert field_error(answer, "amount") and field_error(answer, "expires_on")
    assert 'value="for Ada"' in answer.content.decode()
    assert not StoredAccount.objects.exists()


def test_blocking_and_taking_value_off(office: Office) -> None:
    client, (account, _code) = office.client("finance"), _card(office)
    here = f"/office/money/gift-cards/{account.id}"
    assert client.post(f"{here}/block", {"reason": ""}).status_code == 422
    assert client.post(f"{here}/block", {"reason": "stolen"}).status_code == 303
    assert "stolen" in words(client.get(here))
    assert client.post(f"{here}/block", {"act": "unblock"}).status_code == 303
    assert (
        client.post(f"{here}/take-back", {"amount": "20", "reason": "typing error", "key": "t"}).status_code
        == 303
    )
    account.refresh_from_db()
    assert (account.balance_minor, account.blocked_at) == (3000, None)
    assert client.post(f"{here}/take-back", {"amount": "900", "reason": "x", "key": "u"}).status_code == 409


def test_store_credit_is_given_within_the_limit_or_asked_for(office: Office) -> None:
    customer = office.customer()
    client = office.narrowed("supervisor", payments__grant_credit={"limit": 1000})
    here = f"/office/customers/{customer.id}/credit"
    assert client.get(here).status_code == 200
    assert (
        client.post(f"{here}/give", {"amount": "9", "reason": "late parcel", "key": "a"}).status_code == 303
    )
    assert credit_of_customer(customer.id, "USD") == _usd(900)
    above = {"amount": "90", "reason": "broken", "key": "b"}
    answer = client.post(f"{here}/give", above)
    assert answer.status_code == 403 and "Ask for approval" in words(answer)
    assert client.post(f"{here}/give", above | {"ask": "1"}).status_code == 303
    assert credit_of_customer(customer.id, "USD") == _usd(900)
    request = Approval.objects.get()
    owner = office.client()
    assert owner.post(f"/office/work/approvals/{request.id}/approve").status_code == 303
    assert credit_of_customer(customer.id, "USD") == _usd(9900)
    assert "late parcel" in words(client.get(here)) and "broken" in words(client.get(here))
    summary = words(client.get(f"{here}/summary"))
    assert "$99.00" in summary
    assert (
        client.post(f"{here}/take-back", {"amount": "5", "reason": "too much", "key": "c"}).status_code == 303
    )
    assert credit_of_customer(customer.id, "USD") == _usd(9400)


def test_an_order_is_paid_by_code_and_by_credit(office: Office) -> None:
    customer = office.customer()
    order = office.order(payment_method="prepaid", customer_id=customer.id)
    _account, code = _card(office, 700)
    grant_credit(office.boss, customer_id=customer.id, amount=_usd(300), reason="x", idempotency_key="g")
    client = office.client("agent")
    here = f"/office/orders/{order.id}/stored-value"
    assert "Pay by gift card or credit" in words(client.get(f"/office/orders/{order.id}"))
    wrong = client.post(here, {"code": "ABCD", "key": "k"})
    assert wrong.status_code == 422 and field_error(wrong, "code")
    assert client.post(here, {"code": code, "key": "k"}).status_code == 303
    assert client.post(here, {"code": code, "key": "k"}).status_code == 303  # pressed twice
    assert client.post(here, {"from": "credit", "key": "k"}).status_code == 303
    assert Payment.objects.get(order_id=order.id).captured_minor == 1000
    assert Receipt.objects.filter(order_id=order.id).count() == 2


def test_instalments_by_standing_and_the_plan_of_one(office: Office) -> None:
    order = office.order(payment_method="instalments", instalments=3, customer_id=office.customer().id)
    with clock.frozen(clock.now() + timedelta(days=40)):
        client = office.client("finance", language="zh-hans")
        for standing in ("overdue", "today", "failed", "soon", "nonsense"):
            assert client.get("/office/money/instalments", {"standing": standing}).status_code == 200
        assert grouped(order.number) in words(client.get("/office/money/instalments"))
    client = office.client("finance", language="zh-hans")
    plan = client.get(f"/office/money/instalments/{order.id}")
    assert plan.status_code == 200 and grouped(order.number) in words(plan)
    assert client.get(f"/office/money/instalments/{office.order().id}").status_code == 404


def test_another_day_and_another_plan(office: Office) -> None:
    order = office.order(payment_method="instalments", instalments=3, customer_id=office.customer().id)
    client, here = office.client("supervisor"), f"/office/money/instalments/{order.id}"
    rows = list(Instalment.objects.filter(payment__order_id=order.id).order_by("number"))
    wrong = client.post(f"{here}/{rows[2].id}", {"due_on": "2020-01-01", "reason": ""})
    assert wrong.status_code == 422 and field_error(wrong, "due_on") and field_error(wrong, "reason")
    day = rows[2].due_on + timedelta(days=5)
    assert (
        client.post(f"{here}/{rows[2].id}", {"due_on": day.isoformat(), "reason": "agreed"}).status_code
        == 303
    )
    rows[2].refresh_from_db()
    assert rows[2].due_on == day
    odd = client.post(
        f"{here}/plan", {"count": "99", "first_due": "", "days": "0", "deposit": "x", "reason": "r"}
    )
    assert odd.status_code == 422 and field_error(odd, "count") and field_error(odd, "deposit")
    first = (clock.now() + timedelta(days=9)).date().isoformat()
    new = {"count": "2", "first_due": first, "days": "14", "deposit": "5", "reason": "wishes it"}
    assert client.post(f"{here}/plan", new).status_code == 303
    live = Instalment.objects.filter(payment__order_id=order.id, state=InstalmentState.SCHEDULED)
    assert live.order_by("number").values_list("amount_minor", flat=True)[0] == 500
    assert live.count() == 3


def test_who_may_see_none_of_it(office: Office) -> None:
    account, _code = _card(office)
    order, customer = office.order(), office.customer()
    for role in ("warehouse", "marketing"):
        _denied(office.client(role), account, order.id, customer.id)
    account.refresh_from_db()
    assert (account.balance_minor, account.blocked_at) == (5000, None)
    assert StoredAccount.objects.count() == 1


def _denied(client: Client, account: StoredAccount, order: UUID, customer: UUID) -> None:
    for address in (
        "/office/money/gift-cards", f"/office/money/gift-cards/{account.id}", "/office/money/instalments",
        f"/office/money/instalments/{order}", f"/office/customers/{customer}/credit",
        f"/office/customers/{customer}/credit/summary",
    ):  # fmt: skip
        assert client.get(address).status_code == 403, address
    for address in (
        "/office/money/gift-cards/new", f"/office/money/gift-cards/{account.id}/block",
        f"/office/money/gift-cards/{account.id}/take-back", f"/office/customers/{customer}/credit/give",
        f"/office/customers/{customer}/credit/take-back", f"/office/orders/{order}/stored-value",
        f"/office/money/instalments/{order}/plan",
    ):  # fmt: skip
        assert client.post(address, {"amount": "1", "reason": "x", "key": "k"}).status_code == 403, address
