"""Stripe: pages to pay on (Checkout Sessions), later instalments without the customer (PaymentIntents off session), refunds.

Written against Stripe's published HTTP interface, version 2024-06-20. Card numbers are typed on Stripe's page only. Our key
travels as `callcart_key` in the metadata of all that is made, and as Idempotency-Key; as Stripe forgets the latter
after a day, what moves money is looked for by the former before it is sent.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from babel.numbers import get_currency_precision
from django.utils.translation import gettext_lazy as _

from callcart.commerce.payments.gateway import (
    ChargeRequest,
    EventKind,
    ForgedWebhook,
    GatewayEvent,
    GatewayRefused,
    GatewayUnreachable,
    KeyField,
    RefundRequest,
    Session,
    SessionRequest,
    Traits,
)
from callcart.core.clock import now
from callcart.core.money import Money
from callcart.integrations.gateways import wire

API = "https://api.stripe.com"
VERSION = "2024-06-20"
TOLERANCE_SECONDS = 300
SIGNATURE_HEADER = "Stripe-Signature"
_KEY = "callcart_key"
_REFUND = "callcart_refund"
_KIND = "callcart_kind"
# Currencies without minor units that Stripe nevertheless counts in hundredths.
_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
_ENDED = frozenset({"requires_payment_method", "canceled"})
_PAGE_EVENTS = {
    "checkout.session.completed": EventKind.CAPTURED,
    "checkout.session.async_payment_succeeded": EventKind.CAPTURED,
    "checkout.session.async_payment_failed": EventKind.DECLINED,
    "checkout.session.expired": EventKind.EXPIRED,
}
_CHARGE_EVENTS = {
    "payment_intent.succeeded": EventKind.CAPTURED,
    "payment_intent.payment_failed": EventKind.DECLINED,
    "payment_intent.canceled": EventKind.DECLINED,
}
_REFUND_EVENTS = frozenset({"refund.failed", "refund.updated", "charge.refund.updated"})


def _begins(beginnings: tuple[str, ...], text: str) -> str:
    """The key, where it begins as such a key does and is one word. Raises ValueError."""
    if not text.startswith(beginnings) or not text.isascii() or any(c.isspace() for c in text):
        raise ValueError("not such a key")
    return text


class StripeGateway:
    """The provider `stripe`, with the keys of one shop."""

    traits = Traits(
        label=_("Card (Stripe)"),
        keys=(
            KeyField(
                "secret_key",
                _("Secret key"),
                _("Begins with sk_ or rk_."),
                secret=True,
                read=partial(_begins, ("sk_", "rk_")),
            ),
            KeyField(
                "webhook_secret",
                _("Signing secret of the webhook"),
                _("Begins with whsec_."),
                secret=True,
                read=partial(_begins, ("whsec_",)),
            ),
        ),
    )

    def __init__(self, values: Mapping[str, str], *, sandbox: bool = False, base_url: str = API) -> None:
        self._secret, self._webhook_secret = values["secret_key"], values["webhook_secret"]
        self._base_url = base_url

    def create_session(self, request: SessionRequest) -> Session:
        made = self._post("/v1/checkout/sessions", _session_form(request), key=request.key)
        return Session(reference=str(made["id"]), url=str(made["url"]))

    def charge(self, request: ChargeRequest) -> GatewayEvent | None:
        """A mandate is the customer and the payment that gave it; its card is asked for, so that a renewed one is used."""
        customer, _colon, origin = request.mandate.partition(":")
        if not origin:
            raise GatewayRefused
        card = self._get(f"/v1/payment_intents/{quote(origin, safe='')}").get("payment_method")
        if not card:
            raise GatewayRefused
        form = {
            "amount": str(_to_stripe(request.amount)),
            "currency": request.amount.currency.lower(),
            "customer": customer,
            "payment_method": str(card),
            "off_session": "true",
            "confirm": "true",
            "description": request.description,
            f"metadata[{_KEY}]": request.key,
            f"metadata[{_KIND}]": "charge",
        }
        answer = self._send("POST", "/v1/payment_intents", form=form, key=request.key)
        found = wire.json_of(answer)
        if answer.status_code == 200:
            return _of_intent(found)
        error = found.get("error") or {}
        intent = error.get("payment_intent")
        if answer.status_code != 402 or not isinstance(intent, dict):
            raise GatewayRefused
        failure = str(error.get("decline_code") or error.get("code") or "declined")
        return _event(intent, EventKind.DECLINED, f"answer:{intent['id']}", request.amount, failure=failure)

    def refund(self, request: RefundRequest) -> str:
        intent = self._intent_of(request.reference)
        known = self._get("/v1/refunds", {"payment_intent": intent, "limit": "100"})
        for each in known.get("data", []):
            if (each.get("metadata") or {}).get(_REFUND) == request.key:
                return _refunded(each)
        form = {
            "payment_intent": intent,
            "amount": str(_to_stripe(request.amount)),
            f"metadata[{_REFUND}]": request.key,
        }
        return _refunded(self._post("/v1/refunds", form, key=request.key))

    def look_up(self, key: str, reference: str = "") -> GatewayEvent | None:
        if reference.startswith("cs_"):
            session = self._get(f"/v1/checkout/sessions/{quote(reference, safe='')}")
            return _of_session(session, f"asked:{reference}:{session.get('status')}")
        query = f"metadata['{_KEY}']:'{key}'"
        for intent in self._get("/v1/payment_intents/search", {"query": query}).get("data", []):
            if (intent.get("metadata") or {}).get(_KEY) == key and (found := _of_intent(intent)) is not None:
                return found
        return None

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent | None:
        given = {name.lower(): value for name, value in headers.items()}
        verify(self._webhook_secret, given.get(SIGNATURE_HEADER.lower(), ""), body)
        try:
            told = json.loads(body)
            return _of_message(str(told["id"]), str(told["type"]), told["data"]["object"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ForgedWebhook from error

    def check(self) -> None:
        """Whether the secret key is one: asks for the balance."""
        self._get("/v1/balance")

    def _intent_of(self, reference: str) -> str:
        """The payment behind a reference of ours, which may be that of a page."""
        if not reference.startswith("cs_"):
            return reference
        intent = self._get(f"/v1/checkout/sessions/{quote(reference, safe='')}").get("payment_intent")
        if not intent:
            raise GatewayRefused
        return str(intent)

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        return _good(self._send("GET", path, query=query))

    def _post(self, path: str, form: Mapping[str, str], *, key: str) -> dict[str, Any]:
        return _good(self._send("POST", path, form=form, key=key))

    def _send(self, method: str, path: str, *, key: str = "", **parts: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._secret}", "Stripe-Version": VERSION}
        if key:
            headers["Idempotency-Key"] = key
        return wire.call(method, self._base_url + path, headers=headers, **parts)


def _good(answer: Any) -> dict[str, Any]:
    if answer.status_code != 200:
        raise GatewayRefused
    return wire.json_of(answer)


def _session_form(request: SessionRequest) -> dict[str, str]:
    item = "line_items[0]"
    form = {
        "mode": "payment",
        "client_reference_id": request.key,
        "success_url": request.return_url,
        "cancel_url": request.return_url,
        "locale": "zh" if request.language.startswith("zh") else "en",
        f"{item}[quantity]": "1",
        f"{item}[price_data][currency]": request.amount.currency.lower(),
        f"{item}[price_data][unit_amount]": str(_to_stripe(request.amount)),
        f"{item}[price_data][product_data][name]": request.description,
        f"metadata[{_KEY}]": request.key,
        f"payment_intent_data[metadata][{_KEY}]": request.key,
        f"payment_intent_data[metadata][{_KIND}]": "page",
        "payment_intent_data[description]": request.description,
    }
    if request.keep_mandate:
        form |= {"payment_intent_data[setup_future_usage]": "off_session", "customer_creation": "always"}
    return form


def sign(secret: str, body: bytes, *, at: int) -> str:
    """The header Stripe sends with a body at a Unix time."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def verify(secret: str, header: str, body: bytes) -> None:
    """Raise ForgedWebhook unless one `v1` of the header is a fresh signature of the body (there are two while a secret is
    being changed; other schemes count for nothing)."""
    parts = [part.strip().partition("=")[::2] for part in header.split(",")]
    stamp = next((value for name, value in parts if name == "t"), "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 13):
        raise ForgedWebhook
    if abs(now().timestamp() - int(stamp)) > TOLERANCE_SECONDS:
        raise ForgedWebhook
    wanted = sign(secret, body, at=int(stamp)).partition("v1=")[2].encode()
    given = [value for name, value in parts if name == "v1"]
    if not any([hmac.compare_digest(wanted, each.encode()) for each in given]):  # noqa: C419  all, in constant time
        raise ForgedWebhook


def _of_message(event_id: str, kind: str, told: Mapping[str, Any]) -> GatewayEvent | None:
    if kind in _PAGE_EVENTS:
        return _of_session(told, event_id, _PAGE_EVENTS[kind])
    metadata = told.get("metadata") or {}
    if kind in _CHARGE_EVENTS and metadata.get(_KIND) == "charge":
        failure = str((told.get("last_payment_error") or {}).get("code", ""))
        return _event(told, _CHARGE_EVENTS[kind], event_id, _amount(told), failure=failure)
    if kind in _REFUND_EVENTS and metadata.get(_REFUND) and told.get("status") in {"failed", "canceled"}:
        return GatewayEvent(
            event_id=event_id,
            kind=EventKind.REFUND_FAILED,
            reference=str(told["id"]),
            key=str(metadata[_REFUND]),
            amount=_amount(told),
            failure=str(told.get("failure_reason") or told["status"]),
        )
    return None


def _of_session(
    session: Mapping[str, Any], event_id: str, kind: EventKind | None = None
) -> GatewayEvent | None:
    """What a page says of itself: a `completed` one whose money is still on its way has not been paid."""
    paid = session.get("payment_status") == "paid"
    if kind is None:
        kind = EventKind.CAPTURED if paid else EventKind.EXPIRED
        if not paid and session.get("status") != "expired":
            return None
    if kind is EventKind.CAPTURED and not paid:
        return None
    intent, customer = session.get("payment_intent") or "", session.get("customer") or ""
    return GatewayEvent(
        event_id=event_id,
        kind=kind,
        reference=str(intent or session["id"]),
        key=str((session.get("metadata") or {}).get(_KEY) or session.get("client_reference_id") or ""),
        amount=_from_stripe(session["amount_total"], session["currency"]),
        mandate=f"{customer}:{intent}" if customer and intent and kind is EventKind.CAPTURED else "",
        failure="" if kind is EventKind.CAPTURED else str(kind),
    )


def _of_intent(intent: Mapping[str, Any]) -> GatewayEvent | None:
    """What a payment says of itself; one made by a page is open for another card until the page has run out."""
    status = intent.get("status")
    charge = (intent.get("metadata") or {}).get(_KIND) == "charge"
    if status == "succeeded":
        return _event(intent, EventKind.CAPTURED, f"asked:{intent['id']}:succeeded", _amount(intent))
    if charge and status in _ENDED:
        failure = str((intent.get("last_payment_error") or {}).get("code", "declined"))
        return _event(
            intent, EventKind.DECLINED, f"asked:{intent['id']}:{status}", _amount(intent), failure=failure
        )
    return None


def _event(
    intent: Mapping[str, Any], kind: EventKind, event_id: str, amount: Money, *, failure: str = ""
) -> GatewayEvent:
    """`amount_received` is what was taken; it is believed before what was asked for."""
    taken = intent.get("amount_received")
    if kind is EventKind.CAPTURED and taken:
        amount = _from_stripe(taken, amount.currency)
    return GatewayEvent(
        event_id=event_id,
        kind=kind,
        reference=str(intent["id"]),
        key=str((intent.get("metadata") or {}).get(_KEY, "")),
        amount=amount,
        failure=failure if kind is not EventKind.CAPTURED else "",
    )


def _refunded(refund: Mapping[str, Any]) -> str:
    """A pending refund is one that was taken on; should it fail after all, a message says so."""
    if refund.get("status") in {"failed", "canceled"}:
        raise GatewayRefused
    if not refund.get("id"):
        raise GatewayUnreachable
    return str(refund["id"])


def _amount(told: Mapping[str, Any]) -> Money:
    return _from_stripe(told["amount"], told["currency"])


def _to_stripe(amount: Money) -> int:
    return amount.minor * 100 if _hundredfold(amount.currency) else amount.minor


def _from_stripe(amount: Any, currency: Any) -> Money:
    code, units = str(currency).upper(), int(amount)
    return Money(units // 100 if _hundredfold(code) else units, code)


def _hundredfold(currency: str) -> bool:
    return currency in _IN_HUNDREDTHS and get_currency_precision(currency) == 0
