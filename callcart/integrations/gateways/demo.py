"""The demo payment gateway as a provider: calls its small HTTP API, and verifies what it signs (`integrations/demo_company.py`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

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
from callcart.core.money import Money
from callcart.integrations.demo_company import Forged, Seal, Unreachable, address, ask

SEAL = Seal("Demo-Signature", "gateway_demo")


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
        self._base_url = base_url or address(config().gateway_port)

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
        try:
            SEAL.verify(headers, body)
            return _event(json.loads(body))
        except (Forged, ValueError, KeyError, TypeError) as error:
            raise ForgedWebhook from error

    def _post(self, path: str, values: Mapping[str, Any]) -> dict[str, Any]:
        try:
            status, found = ask(self._base_url, path, values, SEAL)
        except Unreachable as error:
            raise GatewayUnreachable from error
        if status != 200:
            raise GatewayRefused
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
