"""What a payment provider must be able to do, and which ones are installed.

Every call carries a key of ours (the attempt or refund it is for), and a provider does the same key only once. Calls
are made outside of transactions. A webhook is trusted only after `parse_webhook` has verified its signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from callcart.core.errors import AppError, NotFound, Unavailable
from callcart.core.money import Money


class GatewayUnreachable(Unavailable):
    """The payment provider does not answer. No money has moved that we know of; try again in a moment."""

    code = "payment.gateway_unreachable"


class GatewayRefused(AppError):
    """The payment provider refused this."""

    code = "payment.gateway_refused"
    status = 502


class ForgedWebhook(AppError):
    """The signature of this message is not right."""

    code = "payment.forged_webhook"
    status = 400


class EventKind(StrEnum):
    CAPTURED = "captured"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """A page to pay on. `keep_mandate`: later charges without the customer will follow (instalments)."""

    key: str
    amount: Money
    description: str
    language: str
    return_url: str
    notify_url: str
    keep_mandate: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """The page the customer is sent to, and the provider's reference of it."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """Money taken without the customer, on a mandate given earlier."""

    key: str
    amount: Money
    mandate: str
    description: str


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Money to give back of a capture."""

    key: str
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """What became of an attempt. `event_id` is unique at the provider; `key` is ours."""

    event_id: str
    kind: EventKind
    reference: str
    key: str
    amount: Money
    mandate: str = ""
    failure: str = ""


class Gateway(Protocol):
    """A payment provider. Methods raise GatewayUnreachable or GatewayRefused."""

    def create_session(self, request: SessionRequest) -> Session:
        """Open a page to pay on."""
        ...

    def charge(self, request: ChargeRequest) -> GatewayEvent:
        """Take money on a mandate."""
        ...

    def refund(self, request: RefundRequest) -> str:
        """Give money back; the provider's reference of the refund."""
        ...

    def look_up(self, key: str) -> GatewayEvent | None:
        """What became of an attempt; None where it is still open or unknown there."""
        ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        """Verify and read a message; ForgedWebhook where the signature is wrong, too old or missing."""
        ...


def gateway_names() -> list[str]:
    """Installed providers; the first is used for new payments."""
    return list(settings.CALLCART_GATEWAYS)


@cache
def gateway(name: str) -> Gateway:
    """An installed provider; NotFound for an unknown name."""
    path = settings.CALLCART_GATEWAYS.get(name)
    if path is None:
        raise NotFound
    made: Gateway = import_string(path)()
    return made


def key_of(tenant_id: int, row_id: UUID) -> str:
    """Our key of an attempt or refund at a provider; it names the tenant, as a webhook may come in by any host."""
    return f"{tenant_id}.{row_id}"


def read_key(key: str) -> tuple[int, UUID] | None:
    """Tenant and row of a key; None where it is not one of ours."""
    tenant, _, row = key.partition(".")
    try:
        return int(tenant), UUID(row)
    except ValueError:
        return None
