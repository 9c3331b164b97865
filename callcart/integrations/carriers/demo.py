"""The demo carrier company as a carrier: calls its small HTTP API, and verifies what it signs (`integrations/demo_company.py`)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

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
from callcart.core.money import Money
from callcart.integrations.demo_company import Forged, Seal, Unreachable, address, ask

SEAL = Seal("Meadow-Signature", "carrier_demo")

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


class DemoCarrier:
    """The adapter `demo`. It needs nothing of an account."""

    abilities = frozenset(Ability)

    def __init__(self, account: Mapping[str, str], base_url: str = "") -> None:
        self._base_url = base_url or account.get("base_url") or address(config().carrier_port)

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
        try:
            SEAL.verify(headers, body)
            return [_scan(each) for each in json.loads(body)["scans"]]
        except (Forged, ValueError, KeyError, TypeError) as error:
            raise ForgedScan from error

    def post(self, path: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """One signed request of the company. Raises CarrierUnreachable, CarrierRefused."""
        try:
            status, found = ask(self._base_url, path, values, SEAL)
        except Unreachable as error:
            raise CarrierUnreachable from error
        if status != 200:
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
