"""What a carrier must be able to do, and which ones are installed.

An adapter is made with the account of one carrier of one shop. All its calls are made outside of transactions. `create`
carries a reference of ours, and a carrier makes one shipment of a reference however often it comes; one that cannot
promise this says so by not claiming CREATE. A message is believed only after `parse_webhook` has verified it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from callcart.commerce.shipping.models import ParcelState
from callcart.core.errors import AppError, NotFound, Unavailable
from callcart.core.money import Money


class CarrierUnreachable(Unavailable):
    """The carrier does not answer. Nothing is lost; it is asked again."""

    code = "shipping.carrier_unreachable"


class CarrierRefused(AppError):
    """The carrier refused this: %(reason)s"""

    code = "shipping.carrier_refused"
    status = 502


class ForgedScan(AppError):
    """The signature of this message is not right."""

    code = "shipping.forged_scan"
    status = 400


class NotOffered(AppError):
    """This carrier does not offer this over its interface."""

    code = "shipping.not_offered"
    status = 409


class Ability(StrEnum):
    """What an adapter can do."""

    RATE = "rate"
    CREATE = "create"
    CANCEL = "cancel"
    TRACK = "track"
    PUSH = "push"


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends or receives."""

    name: str
    phone: str
    country: str
    province: str
    city: str
    street: str
    district: str = ""
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class RateRequest:
    """What would it cost; grams."""

    to: Party
    weight_g: int
    cod: Money | None = None


@dataclass(frozen=True, slots=True)
class CarrierRate:
    """The carrier's own answer for one of its services."""

    service: str
    price: Money
    days: int


@dataclass(frozen=True, slots=True)
class ShipmentRequest:
    """A parcel to be carried. `reference` is ours and made once; `notify_url` is where scans are to be sent."""

    reference: str
    service: str
    to: Party
    weight_g: int
    contents: str
    notify_url: str = ""
    cod: Money | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    """What the carrier made of it. The label is a file of `media_type`; empty where the carrier prints none."""

    tracking: str
    label: bytes = b""
    media_type: str = ""
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A label as a file."""

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Scan:
    """One thing that happened, by the carrier's own clock. `reference` is the carrier's id of it, or a digest of what it says."""

    tracking: str
    state: ParcelState
    at: datetime
    place: str = ""
    text: str = ""
    reference: str = ""


class CarrierAdapter(Protocol):
    """A carrier. Methods raise CarrierUnreachable, CarrierRefused, and NotOffered where `abilities` leaves it out."""

    abilities: frozenset[Ability]

    def rate(self, request: RateRequest) -> list[CarrierRate]:
        """What the carrier itself asks for this."""
        ...

    def create(self, request: ShipmentRequest) -> Shipment:
        """Have it carried; the same reference gives the same shipment."""
        ...

    def label(self, tracking: str) -> Label:
        """The label once more."""
        ...

    def cancel(self, tracking: str) -> None:
        """Call it off; CarrierRefused once it is on its way. Calling off twice is no error."""
        ...

    def watch(self, trackings: Sequence[str]) -> None:
        """Tell a carrier that wants to know beforehand which numbers will be asked about; nothing for the others."""
        ...

    def track(self, trackings: Sequence[str]) -> list[Scan]:
        """All that is known of these numbers; unknown ones have no scans."""
        ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> list[Scan]:
        """Verify and read a message; ForgedScan where the signature is wrong, too old or missing."""
        ...


def adapter_names() -> dict[str, str]:
    """Installed adapters by name, with the name that people read."""
    return {name: str(info["label"]) for name, info in settings.CALLCART_CARRIERS.items()}


def account_fields(name: str) -> tuple[str, ...]:
    """What an adapter needs of an account; empty for an unknown one."""
    info = settings.CALLCART_CARRIERS.get(name)
    return tuple(info["account"]) if info else ()


def adapter(name: str, account: Mapping[str, str]) -> CarrierAdapter:
    """An adapter for an account; NotFound for a name that is not installed."""
    info = settings.CALLCART_CARRIERS.get(name)
    if info is None:
        raise NotFound
    made: CarrierAdapter = import_string(str(info["path"]))(dict(account))
    return made
