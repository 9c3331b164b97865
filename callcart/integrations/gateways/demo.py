"""The demo payment gateway as a provider: calls its small HTTP API, and verifies what it signs.

Both run on one machine and share its certificate: the call goes to loopback, and nobody but the holder of that very
certificate's key is believed there. A message's signature is HMAC-SHA256 over its time and body with a secret both sides read from the installation; one
older than five minutes is refused, so that a recorded message cannot be sent again for ever.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpx
from django.utils.translation import gettext_lazy as _

from callcart.commerce.payments.gateway import (
    ChargeRequest,
    EventKind,
    ForgedWebhook,
    GatewayEvent,
    GatewayRefused,
    GatewayUnreachable,
    RefundRequest,
    Session,
    SessionRequest,
    Traits,
)
from callcart.config import config
from callcart.core.clock import now
from callcart.core.money import Money
from callcart.core.secrets import secret

SIGNATURE_HEADER = "Demo-Signature"
TOLERANCE_SECONDS = 300
TIMEOUT_SECONDS = 5.0
API_SECRET = "gateway_demo"  # noqa: S105  the name of the secret, not its value


def sign(body: bytes, *, at: int) -> str:
    """The signature header for a body sent at a Unix time: `t=<seconds>,v1=<hex>`."""
    mac = hmac.new(secret(API_SECRET).encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def verify(header: str, body: bytes) -> None:
    """Raise ForgedWebhook unless the header is a fresh signature of the body."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    try:
        at = int(parts.get("t", ""))
    except ValueError:
        raise ForgedWebhook from None
    if abs(now().timestamp() - at) > TOLERANCE_SECONDS:
        raise ForgedWebhook
    if not hmac.compare_digest(sign(body, at=at).encode(), header.encode()):
        raise ForgedWebhook


def certificate_text() -> str:
    """The installation's own certificate without the chain above it (PEM); empty where there is none yet."""
    path = config().path("tls", "cert.pem")
    if not path.exists():
        return ""
    first, end, _ = path.read_text(encoding="ascii").partition("-----END CERTIFICATE-----")
    return first + end


def _only_ours() -> ssl.SSLContext:
    """Trusts one certificate, the installation's; whose name is on it does not matter then."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if text := certificate_text():
        context.load_verify_locations(cadata=text)
    return context


def session_values(request: SessionRequest) -> dict[str, Any]:
    """A session as the company wants it asked for."""
    return {
        "key": request.key,
        "amount": request.amount.minor,
        "currency": request.amount.currency,
        "description": request.description,
        "language": request.language,
        "return_url": request.return_url,
        "notify_url": request.notify_url,
        "keep_mandate": request.keep_mandate,
    }


class DemoGateway:
    """The provider `demo`."""

    traits = Traits(label=_("Test card (demonstration)"))

    def __init__(self, base_url: str = "") -> None:
        scheme = "https" if config().tls else "http"
        self._base_url = base_url or f"{scheme}://127.0.0.1:{config().gateway_port}"

    def create_session(self, request: SessionRequest) -> Session:
        answer = self._post("/api/sessions", session_values(request))
        return Session(reference=str(answer["reference"]), url=str(answer["url"]))

    def charge(self, request: ChargeRequest) -> GatewayEvent:
        return _event(
            self._post(
                "/api/charges",
                {
                    "key": request.key,
                    "amount": request.amount.minor,
                    "currency": request.amount.currency,
                    "mandate": request.mandate,
                    "description": request.description,
                },
            )
        )

    def refund(self, request: RefundRequest) -> str:
        answer = self._post(
            "/api/refunds",
            {
                "key": request.key,
                "reference": request.reference,
                "amount": request.amount.minor,
                "currency": request.amount.currency,
            },
        )
        return str(answer["reference"])

    def look_up(self, key: str, reference: str = "") -> GatewayEvent | None:
        answer = self._post("/api/look-up", {"key": key})
        return _event(answer) if answer.get("event_id") else None

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        given = {name.lower(): value for name, value in headers.items()}
        verify(given.get(SIGNATURE_HEADER.lower(), ""), body)
        try:
            return _event(json.loads(body))
        except (ValueError, KeyError, TypeError) as error:
            raise ForgedWebhook from error

    def _post(self, path: str, values: Mapping[str, Any]) -> dict[str, Any]:
        body = json.dumps(values).encode()
        headers = {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: sign(body, at=int(now().timestamp())),
        }
        try:
            answer = httpx.post(
                self._base_url + path,
                content=body,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                trust_env=False,
                verify=_only_ours(),
            )
        except httpx.HTTPError as error:
            raise GatewayUnreachable from error
        if answer.status_code >= 500:
            raise GatewayUnreachable
        if answer.status_code != 200:
            raise GatewayRefused
        found: dict[str, Any] = answer.json()
        return found


def _event(data: Mapping[str, Any]) -> GatewayEvent:
    return GatewayEvent(
        event_id=str(data["event_id"]),
        kind=EventKind(data["kind"]),
        reference=str(data["reference"]),
        key=str(data["key"]),
        amount=Money(int(data["amount"]), str(data["currency"])),
        mandate=str(data.get("mandate", "")),
        failure=str(data.get("failure", "")),
    )
