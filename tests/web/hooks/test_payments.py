"""The address that payment providers send their messages to."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings

from callcart.commerce.payments import webhook as booking
from callcart.commerce.payments.fake import webhook
from callcart.commerce.payments.gateway import GatewayEvent
from callcart.commerce.payments.models import PaymentState, ProviderEvent
from callcart.core.tenancy import tenant_transaction
from callcart.web.hooks.payments import MOST_BYTES
from tests.commerce.payments.conftest import fake_gateway, till
from tests.commerce.payments.till import Till

__all__ = ["fake_gateway", "till"]

ADDRESS = "/hooks/payments/fake"


def _send(event: GatewayEvent, *, host: str = "harbor.localhost", address: str = ADDRESS) -> HttpResponse:
    headers, body = webhook(event)
    return _post(body, headers["Fake-Signature"], host=host, address=address)


def _post(
    body: bytes, signature: str, *, host: str = "harbor.localhost", address: str = ADDRESS
) -> HttpResponse:
    client = Client(enforce_csrf_checks=True, HTTP_HOST=host, raise_request_exception=False)
    sent: Any = client.post(
        address, data=body, content_type="application/json", headers={"Fake-Signature": signature}
    )
    return sent  # type: ignore[no-any-return]


def _paid(till: Till) -> tuple[Any, GatewayEvent]:
    order = till.owe(5000)
    return order, till.provider.pay(till.key(till.start(order)))


def test_a_signed_message_is_booked_and_committed_before_the_answer(till: Till) -> None:
    order, event = _paid(till)
    answer = _send(event)
    assert (answer.status_code, answer.content) == (200, b'{"outcome": "applied"}')
    assert till.payment(order).state == PaymentState.PAID
    assert _send(event).content == b'{"outcome": "known"}'


@pytest.mark.parametrize("host", ["qinghe.localhost", "127.0.0.1", "nobody.example"])
def test_the_key_names_the_shop_whatever_the_host(till: Till, host: str) -> None:
    order, event = _paid(till)
    assert _send(event, host=host).status_code == 200
    assert till.payment(order).state == PaymentState.PAID


def test_a_forged_message_is_refused_and_nothing_is_kept(till: Till) -> None:
    order, event = _paid(till)
    _, body = webhook(event)
    for signature in ("", "0" * 64, "é" * 10):
        answer = _post(body, signature)
        assert answer.status_code == 400
        assert b'"payment.forged_webhook"' in answer.content
    assert _post(b"\xff\xfe not json", "").status_code == 400
    assert _post(b"", "").status_code == 400
    assert till.payment(order).captured_minor == 0
    with tenant_transaction(till.tenant_id):
        assert not ProviderEvent.objects.exists()


def test_a_message_longer_than_any_is_not_read(till: Till) -> None:
    assert _post(b" " * (MOST_BYTES + 1), "").status_code == 413


def test_only_known_providers_and_only_posts(till: Till) -> None:
    _, event = _paid(till)
    assert _send(event, address="/hooks/payments/nobody").status_code == 404
    assert Client(HTTP_HOST="harbor.localhost").get(ADDRESS).status_code == 405


def test_what_breaks_in_booking_is_no_success_and_books_nothing(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, event = _paid(till)

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(booking.audit, "record", break_down)  # the last step of a booking
        assert _send(event).status_code == 500
    assert till.payment(order).captured_minor == 0
    assert _send(event).content == b'{"outcome": "applied"}'
    assert till.payment(order).captured_minor == 5000


def test_an_installation_without_providers_takes_no_message(till: Till) -> None:
    _, event = _paid(till)
    from callcart.commerce.payments.gateway import gateway

    with override_settings(CALLCART_GATEWAYS={}):
        gateway.cache_clear()
        assert _send(event).status_code == 404
