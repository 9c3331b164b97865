"""The page of ways to pay: keys go in and never come out."""

from __future__ import annotations

import pytest
from django.test import override_settings

from callcart.commerce.payments.gateway import GatewayRefused, gateway
from callcart.commerce.payments.models import GatewayAccount
from callcart.integrations.gateways.stripe import StripeGateway
from tests.web.office.office import Office, field_error, words

INSTALLED = {
    "demo": "callcart.integrations.gateways.demo.DemoGateway",
    "stripe": "callcart.integrations.gateways.stripe.StripeGateway",
    "alipay": "callcart.integrations.gateways.alipay.AlipayGateway",
}
KEYS = {"secret_key": "sk_test_nobodys", "webhook_secret": "whsec_nobodys", "is_on": "1", "position": "1"}


@pytest.fixture(autouse=True)
def _installed() -> object:
    gateway.cache_clear()
    with override_settings(CALLCART_GATEWAYS=INSTALLED):
        yield
    gateway.cache_clear()


def test_keys_are_kept_and_never_shown(office: Office) -> None:
    client = office.client()
    assert "Not offered" in words(client.get("/office/money/ways"))
    answer = client.post("/office/money/ways/stripe", KEYS)
    assert answer.status_code == 303
    page = client.get("/office/money/ways")
    text = page.content.decode()
    assert "sk_test_nobodys" not in text and "whsec_nobodys" not in text
    assert "it is never shown again" in words(page)
    assert "/hooks/payments/stripe" in words(page)
    assert (
        client.post("/office/money/ways/stripe", {"position": "1"}).status_code == 303
    )  # switched off, keys kept
    row = GatewayAccount.objects.get()
    assert not row.is_on and row.sealed


def test_wrong_keys_are_said_at_their_fields(office: Office) -> None:
    client = office.client(language="zh-hans")
    answer = client.post("/office/money/ways/stripe", KEYS | {"secret_key": "pk_public"})
    assert answer.status_code == 422
    assert field_error(answer, "secret_key")
    assert "pk_public" not in answer.content.decode()
    assert not GatewayAccount.objects.exists()
    both = client.post(
        "/office/money/ways/alipay", {"app_id": "2021", "private_key": "x", "position": "x", "is_on": "1"}
    )
    assert both.status_code == 422
    assert (
        field_error(both, "private_key")
        and field_error(both, "alipay_public_key")
        and field_error(both, "position")
    )


def test_the_connection_is_tried(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    client = office.client()
    client.post("/office/money/ways/stripe", KEYS)

    def refuse(self: StripeGateway) -> None:
        raise GatewayRefused

    monkeypatch.setattr(StripeGateway, "check", refuse)
    assert client.post("/office/money/ways/stripe/test").status_code == 303
    assert "Keys refused" in words(client.get("/office/money/ways"))


def test_only_who_may(office: Office) -> None:
    owner, *others = (office.client(role) for role in ("owner", "finance", "agent", "supervisor"))
    for client in others:
        assert client.get("/office/money/ways").status_code == 403
        assert client.post("/office/money/ways/stripe", KEYS).status_code == 403
    assert not GatewayAccount.objects.exists()
    assert owner.post("/office/money/ways/nobody", KEYS).status_code == 404
    assert others[0].post("/office/money/ways/stripe/test").status_code == 403
