"""A shop's own accounts with providers: kept sealed, offered by choice, and believed for that shop's payments only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import override_settings

from callcart.commerce.payments import accounts
from callcart.commerce.payments.gateway import (
    ForgedWebhook,
    GatewayRefused,
    GatewayUnreachable,
    gateway,
    key_of,
)
from callcart.commerce.payments.intent import create_intent
from callcart.commerce.payments.models import (
    Attempt,
    AttemptState,
    GatewayAccount,
    Payment,
    PaymentMethod,
    Refund,
    RefundState,
    TillEntry,
)
from callcart.commerce.payments.refund import request_refund
from callcart.commerce.payments.webhook import Outcome, apply_webhook
from callcart.core import tokens
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.integrity import find_in
from callcart.core.models import AuditEntry
from callcart.core.money import Money
from callcart.core.tenancy import tenant_transaction
from callcart.integrations.gateways.stripe import StripeGateway, sign
from callcart.people.tenants.public import Tenant

SECRETS = {"secret_key": "sk_test_nobodys", "webhook_secret": "whsec_nobodys"}
INSTALLED = {
    "fake": "callcart.commerce.payments.fake.FakeGateway",
    "stripe": "callcart.integrations.gateways.stripe.StripeGateway",
    "alipay": "callcart.integrations.gateways.alipay.AlipayGateway",
}


@pytest.fixture(autouse=True)
def _installed() -> Iterator[None]:
    with override_settings(CALLCART_GATEWAYS=INSTALLED):
        gateway.cache_clear()
        yield
    gateway.cache_clear()


def _clerk(tenant: Tenant, *permissions: str) -> Actor:
    grants = {name: Grant() for name in permissions}
    return Actor(tenant.id, ActorKind.STAFF, id=new_id(), name="Fin", grants=grants)


def _set_up(tenant: Tenant, **more: Any) -> GatewayAccount:
    values = {"values": SECRETS, "is_on": True, **more}
    return accounts.set_up(_clerk(tenant, "payments.set_up"), "stripe", **values)


def test_what_needs_no_keys_is_offered_until_it_is_switched_off(tenant: Tenant) -> None:
    assert [each.provider for each in accounts.offers("USD")] == ["fake"]
    accounts.set_up(_clerk(tenant, "payments.set_up"), "fake", values={}, is_on=False)
    assert accounts.offers("USD") == []
    with pytest.raises(accounts.NoWayToPay):
        accounts.chosen("", "USD")


def test_several_at_once_in_the_order_the_shop_wants(tenant: Tenant) -> None:
    _set_up(tenant, position=0)
    accounts.set_up(_clerk(tenant, "payments.set_up"), "fake", values={}, is_on=True, position=3)
    assert [each.provider for each in accounts.offers("USD")] == ["stripe", "fake"]
    assert accounts.chosen("fake", "USD").provider == "fake"
    assert accounts.chosen("", "USD").provider == "stripe"
    for wrong in ("alipay", "nobody"):
        with pytest.raises(NotFound):
            accounts.chosen(wrong, "USD")


def test_secrets_are_sealed_and_never_shown(tenant: Tenant) -> None:
    row = _set_up(tenant)
    assert row.values == {}
    kept = json.dumps([row.sealed, *(each.after for each in AuditEntry.objects.all())])
    for secret in SECRETS.values():
        assert secret not in kept
    assert json.loads(tokens.unseal("gateway_keys", row.sealed)) == SECRETS
    way = accounts.way_of("stripe")
    assert way.kept == {"secret_key", "webhook_secret"}
    assert "sk_test_nobodys" not in repr(way.values)
    _set_up(
        tenant, values={"secret_key": "", "webhook_secret": "whsec_new"}
    )  # an empty field keeps what is there
    assert json.loads(tokens.unseal("gateway_keys", GatewayAccount.objects.get().sealed)) == {
        "secret_key": "sk_test_nobodys", "webhook_secret": "whsec_new"
    }  # fmt: skip


def test_keys_that_cannot_be_keys(tenant: Tenant) -> None:
    with pytest.raises(Invalid) as refused:
        _set_up(tenant, values={"secret_key": "pk_live_x", "webhook_secret": ""}, position=500)
    assert set(refused.value.fields) == {"secret_key", "webhook_secret", "position"}
    assert not GatewayAccount.objects.exists()
    with pytest.raises(PermissionDenied):
        accounts.set_up(_clerk(tenant, "payments.view"), "stripe", values=SECRETS, is_on=True)
    with pytest.raises(NotFound):
        accounts.set_up(_clerk(tenant, "payments.set_up"), "nobody", values={}, is_on=True)


def test_a_shop_does_not_see_anothers_keys(tenant: Tenant, other_tenant: Tenant) -> None:
    _set_up(tenant)
    with tenant_transaction(other_tenant.id):
        assert accounts.offers("CNY") == accounts.offers("CNY") and not accounts.way_of("stripe").kept
        with pytest.raises(accounts.NotSetUp):
            accounts.open_gateway("stripe")


@pytest.mark.parametrize(
    ("error", "said"), [(GatewayRefused, "refused"), (GatewayUnreachable, "unreachable"), (None, "")]
)
def test_the_connection_is_tried(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, error: type[Exception] | None, said: str
) -> None:
    _set_up(tenant)

    def check(self: StripeGateway) -> None:
        if error is not None:
            raise error

    monkeypatch.setattr(StripeGateway, "check", check)
    assert accounts.test_connection(_clerk(tenant, "payments.set_up"), "stripe") == said
    row = GatewayAccount.objects.get()
    assert (row.test_failure, row.tested_at is not None) == (said, True)
    with pytest.raises(PermissionDenied):
        accounts.test_connection(_clerk(tenant), "stripe")


def _attempt(tenant: Tenant, minor: int = 5000) -> Attempt:
    order_id = new_id()
    payment = create_intent(
        Actor.system(tenant.id), order_id=order_id, order_number="N1", method=PaymentMethod.PREPAID,
        amount=Money(minor, "USD"),
    )  # fmt: skip
    return Attempt.objects.create(
        payment=payment, provider="stripe", amount_minor=minor, currency="USD", reference="cs_1"
    )


def _message(
    kind: str, told: dict[str, Any], *, secret: str = SECRETS["webhook_secret"]
) -> tuple[dict[str, str], bytes]:
    body = json.dumps({"id": f"evt_{kind}", "type": kind, "data": {"object": told}}).encode()
    return {"Stripe-Signature": sign(secret, body, at=int(now().timestamp()))}, body


def _paid(tenant_id: int, attempt_id: UUID, *, amount: int = 5000, currency: str = "usd") -> dict[str, Any]:
    return {
        "id": "cs_1", "status": "complete", "payment_status": "paid", "payment_intent": "pi_1", "customer": None,
        "amount_total": amount, "currency": currency, "metadata": {"callcart_key": key_of(tenant_id, attempt_id)},
    }  # fmt: skip


def test_a_message_is_booked_for_the_shop_it_was_sent_to(tenant: Tenant) -> None:
    _set_up(tenant)
    attempt = _attempt(tenant)
    message = _message("checkout.session.completed", _paid(tenant.id, attempt.id))
    assert apply_webhook("stripe", *message, host_tenant=tenant.id) is Outcome.APPLIED
    assert apply_webhook("stripe", *message, host_tenant=tenant.id) is Outcome.KNOWN
    assert Payment.objects.get(id=attempt.payment_id).captured_minor == 5000
    late = _message("checkout.session.expired", {**_paid(tenant.id, attempt.id), "payment_status": "unpaid"})
    assert (
        apply_webhook("stripe", *late, host_tenant=tenant.id) is Outcome.KNOWN
    )  # out of order: paid stays paid
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.CAPTURED
    other = _message("customer.created", {"id": "cus_1"})
    assert apply_webhook("stripe", *other, host_tenant=tenant.id) is Outcome.IGNORED


def test_a_shop_with_an_account_of_its_own_cannot_pay_anothers_orders(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    _set_up(tenant)
    attempt = _attempt(tenant)
    with tenant_transaction(other_tenant.id):
        accounts.set_up(
            Actor.system(other_tenant.id), "stripe", is_on=True,
            values={"secret_key": "sk_theirs", "webhook_secret": "whsec_theirs"},
        )  # fmt: skip
    told = _paid(tenant.id, attempt.id)
    theirs = _message("checkout.session.completed", told, secret="whsec_theirs")
    assert apply_webhook("stripe", *theirs, host_tenant=other_tenant.id) is Outcome.UNMATCHED
    with pytest.raises(ForgedWebhook):
        apply_webhook("stripe", *theirs, host_tenant=tenant.id)
    with pytest.raises(NotFound):
        apply_webhook("stripe", *theirs)
    assert Payment.objects.get(id=attempt.payment_id).captured_minor == 0


def test_a_lying_currency_is_left_for_people(tenant: Tenant) -> None:
    _set_up(tenant)
    attempt = _attempt(tenant)
    message = _message("checkout.session.completed", _paid(tenant.id, attempt.id, currency="eur"))
    assert apply_webhook("stripe", *message, host_tenant=tenant.id) is Outcome.UNMATCHED
    assert Payment.objects.get(id=attempt.payment_id).captured_minor == 0


def test_a_refund_that_came_back_is_among_the_failed_and_in_the_till_again(tenant: Tenant) -> None:
    _set_up(tenant)
    attempt = _attempt(tenant)
    apply_webhook(
        "stripe", *_message("checkout.session.completed", _paid(tenant.id, attempt.id)), host_tenant=tenant.id
    )
    payment = Payment.objects.get(id=attempt.payment_id)
    (row,) = request_refund(
        Actor.system(tenant.id), payment.order_id, amount=Money(2000, "USD"), reason="r", idempotency_key="r"
    )
    from callcart.commerce.payments import ledger

    ledger.refunded(Actor.system(tenant.id), ledger.locked(payment_id=payment.id), row, reference="re_1")
    told = {
        "id": "re_1", "status": "failed", "amount": 2000, "currency": "usd", "failure_reason": "lost_or_stolen_card",
        "metadata": {"callcart_refund": key_of(tenant.id, row.id)},
    }  # fmt: skip
    message = _message("refund.failed", told)
    assert apply_webhook("stripe", *message, host_tenant=tenant.id) is Outcome.APPLIED
    assert apply_webhook("stripe", *message, host_tenant=tenant.id) is Outcome.KNOWN
    row = Refund.objects.get(id=row.id)
    assert (row.state, row.failure) == (RefundState.FAILED, "lost_or_stolen_card")
    assert sum(each.amount_minor for each in TillEntry.objects.filter(refund=row)) == 0
    assert find_in("payments") == []
