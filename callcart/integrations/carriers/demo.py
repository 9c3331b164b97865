"""The demo carrier company as a carrier: calls its small HTTP API, and verifies what it signs.

Both run on one machine and share its certificate. A message's signature is HMAC-SHA256 over its time and body with a secret
both sides read from the installation; one older than five minutes is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import httpx

from callcart.commerce.shipping.carrier import (
    Ability,
    CarrierRate,
    CarrierRefused,
    CarrierUnreachable,
    ForgedScan,
    Label,
    RateRequest,
    Scan,
    Shipment,
    ShipmentRequest,
)
from callcart.commerce.shipping.models import ParcelState
from callcart.config import config
from callcart.core.clock import now
from callcart.core.money import Money
from callcart.core.secrets import secret

SIGNATURE_HEADER = "Meadow-Signature"
TOLERANCE_SECONDS = 300
TIMEOUT_SECONDS = 5.0
API_SECRET = "carrier_demo"  # noqa: S105  the name of the secret, not its value

# The company's words for what happened, and ours. A word that is not here is something on the way.
STATES: Mapping[str, ParcelState] = {
    "collected": ParcelState.HANDED_OVER,
    "arrived": ParcelState.IN_TRANSIT,
    "departed": ParcelState.IN_TRANSIT,
    "delayed": ParcelState.IN_TRANSIT,
    "loaded": ParcelState.OUT_FOR_DELIVERY,
    "bad_address": ParcelState.EXCEPTION,
    "not_home": ParcelState.ATTEMPT_FAILED,
    "locker": ParcelState.AT_PICKUP,
    "rejected": ParcelState.REFUSED,
    "delivered": ParcelState.DELIVERED,
    "sent_back": ParcelState.RETURNING,
    "back": ParcelState.RETURNED,
    "missing": ParcelState.LOST,
}


def sign(body: bytes, *, at: int) -> str:
    """The signature header for a body sent at a Unix time: `t=<seconds>,v1=<hex>`."""
    mac = hmac.new(secret(API_SECRET).encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def verify(header: str, body: bytes) -> None:
    """Raise ForgedScan unless the header is a fresh signature of the body."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    try:
        at = int(parts.get("t", ""))
    except ValueError:
        raise ForgedScan from None
    if abs(now().timestamp() - at) > TOLERANCE_SECONDS:
        raise ForgedScan
    if not hmac.compare_digest(sign(body, at=at).encode(), header.encode()):
        raise ForgedScan


def certificate_text() -> str:
    """The installation's own certificate without the chain above it (PEM); empty where there is none yet."""
    path = config().path("tls", "cert.pem")
    if not path.exists():
        return ""
    first, end, _ = path.read_text(encoding="ascii").partition("-----END CERTIFICATE-----")
    return first + end


def only_ours() -> ssl.SSLContext:
    """Trusts one certificate, the installation's; whose name is on it does not matter then."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if text := certificate_text():
        context.load_verify_locations(cadata=text)
    return context


class DemoCarrier:
    """The adapter `demo`. It needs nothing of an account."""

    abilities = frozenset(Ability)

    def __init__(self, account: Mapping[str, str], base_url: str = "") -> None:
        scheme = "https" if config().tls else "http"
        self._base_url = (
            base_url or account.get("base_url") or f"{scheme}://127.0.0.1:{config().carrier_port}"
        )

    def rate(self, request: RateRequest) -> list[CarrierRate]:
        values = {"to": asdict(request.to), "weight_g": request.weight_g} | _cod(request.cod)
        return [
            CarrierRate(
                str(each["service"]), Money(int(each["price"]), str(each["currency"])), int(each["days"])
            )
            for each in self.post("/api/rates", values)["rates"]
        ]

    def create(self, request: ShipmentRequest) -> Shipment:
        values = {
            "key": request.reference,
            "service": request.service,
            "to": asdict(request.to),
            "weight_g": request.weight_g,
            "contents": request.contents,
            "notify_url": request.notify_url,
        } | _cod(request.cod)
        answer = self.post("/api/shipments", values)
        label = base64.b64decode(str(answer["label"]))
        price = Money(int(answer["price"]), str(answer["currency"]))
        return Shipment(str(answer["tracking"]), label, "application/pdf", price)

    def label(self, tracking: str) -> Label:
        answer = self.post("/api/label", {"tracking": tracking})
        return Label(base64.b64decode(str(answer["label"])), "application/pdf")

    def cancel(self, tracking: str) -> None:
        self.post("/api/cancel", {"tracking": tracking})

    def watch(self, trackings: Sequence[str]) -> None:
        """The company knows its own numbers."""

    def track(self, trackings: Sequence[str]) -> list[Scan]:
        return [_scan(each) for each in self.post("/api/track", {"numbers": list(trackings)})["scans"]]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> list[Scan]:
        given = {name.lower(): value for name, value in headers.items()}
        verify(given.get(SIGNATURE_HEADER.lower(), ""), body)
        try:
            return [_scan(each) for each in json.loads(body)["scans"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ForgedScan from error

    def post(self, path: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """One signed request of the company. Raises CarrierUnreachable, CarrierRefused."""
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
                verify=only_ours() if self._base_url.startswith("https") else True,
            )
        except httpx.HTTPError as error:
            raise CarrierUnreachable from error
        if answer.status_code >= 500:
            raise CarrierUnreachable
        found: dict[str, Any] = answer.json()
        if answer.status_code != 200:
            raise CarrierRefused(reason=str(found.get("field") or found.get("error")))
        return found


def _cod(cod: Money | None) -> dict[str, Any]:
    return {} if cod is None else {"cod": cod.minor, "currency": cod.currency}


def _scan(data: Mapping[str, Any]) -> Scan:
    at = datetime.fromisoformat(str(data["at"]))
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return Scan(
        tracking=str(data["tracking"]),
        state=STATES.get(str(data["what"]), ParcelState.IN_TRANSIT),
        at=at,
        place=str(data.get("place", "")),
        text=str(data.get("text", "")),
        reference=str(data["id"]),
    )
