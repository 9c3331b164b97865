"""A carrier in memory: for tests and for trying things out. Its messages are signed with a key of its own."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

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
from callcart.core.money import Money

_KEY = b"fake"
LABEL = b"%PDF-1.4 fake label"


@dataclass
class FakeCarrier:
    """Set `down` to be unreachable, `refuses` to take nothing; `before_answer` runs after a shipment was made and before it is
    told (what a killed worker never hears)."""

    account: Mapping[str, str] = field(default_factory=dict)
    abilities: frozenset[Ability] = frozenset(Ability)
    down: bool = False
    refuses: str = ""
    shipments: dict[str, ShipmentRequest] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    watched: list[str] = field(default_factory=list)
    scans: dict[str, list[Scan]] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    before_answer: Callable[[], None] | None = None

    def rate(self, request: RateRequest) -> list[CarrierRate]:
        self._answer()
        currency = request.cod.currency if request.cod else "USD"
        return [CarrierRate("fake", Money(100 + request.weight_g // 10, currency), 2)]

    def create(self, request: ShipmentRequest) -> Shipment:
        self._answer()
        if self.refuses:
            raise CarrierRefused(reason=self.refuses)
        self.shipments.setdefault(request.reference, request)
        if self.before_answer is not None:
            self.before_answer()
        return Shipment(tracking_of(request.reference), LABEL, "application/pdf", Money(750, "USD"))

    def label(self, tracking: str) -> Label:
        self._answer()
        if tracking not in {tracking_of(each) for each in self.shipments}:
            raise CarrierRefused(reason="unknown number")
        return Label(LABEL, "application/pdf")

    def cancel(self, tracking: str) -> None:
        self._answer()
        if tracking not in {tracking_of(each) for each in self.shipments}:
            raise CarrierRefused(reason="unknown number")
        if self.scans.get(tracking):
            raise CarrierRefused(reason="already on its way")
        self.cancelled.add(tracking)

    def watch(self, trackings: Sequence[str]) -> None:
        self._answer()
        self.watched.extend(trackings)

    def track(self, trackings: Sequence[str]) -> list[Scan]:
        self._answer()
        self.asked.append(tuple(trackings))
        return [scan for each in trackings for scan in self.scans.get(each, ())]

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> list[Scan]:
        given = {name.lower(): value for name, value in headers.items()}.get("fake-signature", "")
        if not hmac.compare_digest(given.encode(), _sign(body).encode()):
            raise ForgedScan
        return [
            Scan(
                tracking=each["tracking"],
                state=ParcelState(each["state"]),
                at=datetime.fromisoformat(each["at"]),
                place=each["place"],
                text=each["text"],
                reference=each["reference"],
            )
            for each in json.loads(body)
        ]

    def happen(self, scan: Scan) -> Scan:
        """Something happens to a parcel; it is told to whoever asks from now on."""
        self.scans.setdefault(scan.tracking, []).append(scan)
        return scan

    def _answer(self) -> None:
        if self.down:
            raise CarrierUnreachable


def tracking_of(reference: str) -> str:
    """The number that the carrier gives for a reference of ours."""
    return "FK" + hashlib.sha256(reference.encode()).hexdigest()[:12].upper()


def _sign(body: bytes) -> str:
    return hmac.new(_KEY, body, hashlib.sha256).hexdigest()


def webhook(scans: Iterable[Scan]) -> tuple[dict[str, str], bytes]:
    """Headers and body of the message that tells of scans."""
    body = json.dumps(
        [
            {
                "tracking": each.tracking,
                "state": each.state,
                "at": each.at.isoformat(),
                "place": each.place,
                "text": each.text,
                "reference": each.reference,
            }
            for each in scans
        ]
    ).encode()
    return {"Fake-Signature": _sign(body)}, body
