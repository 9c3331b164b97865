"""17TRACK, an aggregator that follows parcels of hundreds of carriers: its tracking API, version 2.2.

It carries nothing itself: numbers come from elsewhere, are registered here, and are asked about or told of. Requests carry
the account's key in `17token`; a message's `sign` is the SHA-256 of its raw body, a slash and that key. Format:
https://api.17track.net/en/doc (register, gettrackinfo, TRACKING_UPDATED).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx

from callcart.commerce.shipping.carrier import (
    Ability,
    CarrierRate,
    CarrierRefused,
    CarrierUnreachable,
    ForgedScan,
    Label,
    NotOffered,
    RateRequest,
    Scan,
    Shipment,
    ShipmentRequest,
)
from callcart.commerce.shipping.models import ParcelState

BASE_URL = "https://api.17track.net/track/v2.2"
TIMEOUT_SECONDS = 10.0
MOST_NUMBERS = 40  # of one request, by its rules

_REJECTED_ALREADY_REGISTERED = -18019901
_REJECTED_NOT_REGISTERED = -18019902

# The finer word decides where it is known, else the coarse one.
SUB_STATES: Mapping[str, ParcelState] = {
    "InfoReceived": ParcelState.PACKED,
    "InTransit_PickedUp": ParcelState.HANDED_OVER,
    "InTransit_CustomsRequiringInformation": ParcelState.EXCEPTION,
    "DeliveryFailure_Rejected": ParcelState.REFUSED,
    "DeliveryFailure_InvalidAddress": ParcelState.EXCEPTION,
    "Exception_Returning": ParcelState.RETURNING,
    "Exception_Returned": ParcelState.RETURNED,
    "Exception_Lost": ParcelState.LOST,
    "Exception_Destroyed": ParcelState.LOST,
    "Exception_Rejected": ParcelState.REFUSED,
    "Exception_Cancel": ParcelState.EXCEPTION,
}
STATES: Mapping[str, ParcelState] = {
    "InfoReceived": ParcelState.PACKED,
    "InTransit": ParcelState.IN_TRANSIT,
    "Expired": ParcelState.IN_TRANSIT,  # no news for long: that is our own trouble "stuck", not a place
    "AvailableForPickup": ParcelState.AT_PICKUP,
    "OutForDelivery": ParcelState.OUT_FOR_DELIVERY,
    "DeliveryFailure": ParcelState.ATTEMPT_FAILED,
    "Delivered": ParcelState.DELIVERED,
    "Exception": ParcelState.EXCEPTION,
}


class SeventeenTrack:
    """The adapter `seventeen`. Account: `token` (the API key), `carrier` (17TRACK's number of the carrier; empty: it finds out),
    `timezone` (of scans that come without one; UTC)."""

    abilities = frozenset({Ability.TRACK, Ability.PUSH})

    def __init__(self, account: Mapping[str, str]) -> None:
        self._token = account.get("token", "")
        carrier = account.get("carrier", "").strip()
        self._carrier = int(carrier) if carrier.isdecimal() else None
        self._base_url = account.get("base_url") or BASE_URL
        try:
            self._zone = ZoneInfo(account.get("timezone") or "UTC")
        except (ZoneInfoNotFoundError, ValueError):
            self._zone = ZoneInfo("UTC")

    def rate(self, request: RateRequest) -> list[CarrierRate]:
        raise NotOffered

    def create(self, request: ShipmentRequest) -> Shipment:
        raise NotOffered

    def label(self, tracking: str) -> Label:
        raise NotOffered

    def cancel(self, tracking: str) -> None:
        raise NotOffered

    def watch(self, trackings: Sequence[str]) -> None:
        """Register numbers, so that they are followed and told of; one registered before is no error."""
        for some in _portions(trackings):
            data = self._post("/register", [self._number(each) for each in some])
            wrong = [each for each in data.get("rejected", ()) if _code(each) != _REJECTED_ALREADY_REGISTERED]
            if wrong:
                raise CarrierRefused(reason=str(wrong[0].get("error", {}).get("message", ""))[:200])

    def track(self, trackings: Sequence[str]) -> list[Scan]:
        """What is known of numbers. Those that were never registered are, and have scans the next time."""
        found: list[Scan] = []
        unregistered: list[str] = []
        for some in _portions(trackings):
            data = self._post("/gettrackinfo", [self._number(each) for each in some])
            for each in data.get("accepted", ()):
                found += self._scans(each)
            unregistered += [
                str(each.get("number"))
                for each in data.get("rejected", ())
                if _code(each) == _REJECTED_NOT_REGISTERED
            ]
        if unregistered:
            self.watch(unregistered)
        return found

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> list[Scan]:
        given = {name.lower(): value for name, value in headers.items()}.get("sign", "")
        if not self._token or not hmac.compare_digest(given.lower().encode(), self.sign(body).encode()):
            raise ForgedScan
        try:
            message = json.loads(body)
            return list(self._scans(message["data"])) if message.get("event") == "TRACKING_UPDATED" else []
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ForgedScan from error

    def sign(self, body: bytes) -> str:
        """The `sign` of a message."""
        return hashlib.sha256(body + b"/" + self._token.encode()).hexdigest()

    def _number(self, tracking: str) -> dict[str, Any]:
        return {"number": tracking} | ({} if self._carrier is None else {"carrier": self._carrier})

    def _post(self, path: str, values: list[dict[str, Any]]) -> Mapping[str, Any]:
        headers = {"17token": self._token}
        try:
            answer = httpx.post(self._base_url + path, json=values, headers=headers, timeout=TIMEOUT_SECONDS)
        except httpx.HTTPError as error:
            raise CarrierUnreachable from error
        if answer.status_code == 429 or answer.status_code >= 500:
            raise CarrierUnreachable
        try:
            body = answer.json()
            code, data = body["code"], body.get("data") or {}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CarrierUnreachable from error  # a page of some proxy, not its answer
        if answer.status_code != 200 or code != 0:
            errors = data.get("errors") or [{"message": f"code {code}"}]
            raise CarrierRefused(reason=str(errors[0].get("message", ""))[:200])
        return data if isinstance(data, Mapping) else {}

    def _scans(self, data: Mapping[str, Any]) -> Iterator[Scan]:
        """All events of one number, of the first carrier that has any."""
        info = data.get("track_info") or {}
        for provider in (info.get("tracking") or {}).get("providers") or ():
            for event in provider.get("events") or ():
                at = self._moment(event)
                if at is not None:
                    yield _scan(str(data["number"]), event, at)

    def _moment(self, event: Mapping[str, Any]) -> datetime | None:
        """In UTC where it says so, else with its own offset, else in the account's zone."""
        for name in ("time_utc", "time_iso"):
            if text := event.get(name):
                try:
                    found = datetime.fromisoformat(str(text))
                except ValueError:
                    continue
                return (
                    found if found.tzinfo else found.replace(tzinfo=UTC if name == "time_utc" else self._zone)
                )
        return self._raw_moment(event.get("time_raw") or {})

    def _raw_moment(self, raw: Mapping[str, Any]) -> datetime | None:
        try:
            found = datetime.fromisoformat(f"{raw['date']} {raw.get('time') or '00:00:00'}")
        except (KeyError, ValueError):
            return None
        zone = str(raw.get("timezone") or "")
        try:
            sign, hours, minutes = zone[0], int(zone[1:3]), int(zone[4:6])
        except (IndexError, ValueError):
            return found.replace(tzinfo=self._zone)
        offset = timedelta(hours=hours, minutes=minutes)
        return (found - offset if sign == "+" else found + offset).replace(tzinfo=UTC)


def _scan(number: str, event: Mapping[str, Any], at: datetime) -> Scan:
    text = str(event.get("description") or "")
    place = str(event.get("location") or "")
    said = json.dumps([number, at.astimezone(UTC).isoformat(), text, place], ensure_ascii=False)
    return Scan(number, _state(event), at, place, text, hashlib.sha256(said.encode()).hexdigest()[:32])


def _state(event: Mapping[str, Any]) -> ParcelState:
    stage, fine = str(event.get("stage") or ""), str(event.get("sub_status") or "")
    coarse = fine.partition("_")[0]
    return (
        SUB_STATES.get(fine)
        or STATES.get(coarse)
        or {
            "PickedUp": ParcelState.HANDED_OVER,
            "Returning": ParcelState.RETURNING,
            "Returned": ParcelState.RETURNED,
        }.get(stage)
        or STATES.get(stage)
        or ParcelState.IN_TRANSIT
    )


def _code(rejected: Mapping[str, Any]) -> int:
    return int((rejected.get("error") or {}).get("code") or 0)


def _portions(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(numbers), MOST_NUMBERS):
        yield numbers[start : start + MOST_NUMBERS]
