"""What a payment provider must be able to do, and which ones are installed.

Every call carries a key of ours (the attempt or refund it is for), and a provider does the same key only once. Calls
are made outside of transactions. A webhook is trusted only after `parse_webhook` has verified its signature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
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
    """`refund_failed`: money that was on its way back has not arrived; the key is then that of the refund."""

    CAPTURED = "captured"
    DECLINED = "declined"
    EXPIRED = "expired"
    REFUND_FAILED = "refund_failed"


@dataclass(frozen=True, slots=True)
class KeyField:
    """One thing a shop has to fill in to use a provider. A `secret` one is kept sealed and never shown again; `read`
    raises ValueError for a text that cannot be one."""

    name: str
    label: str | Promise
    help: str | Promise = ""
    secret: bool = False
    lines: bool = False
    read: Callable[[str], object] | None = None

    def fits(self, text: str) -> bool:
        """Whether a text can be one: `read` raises ValueError for what cannot."""
        try:
            return self.read is None or self.read(text) is not None
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Traits:
    """What a provider is, before any call. `keys`: empty for one that needs no account of the shop's own; `currencies`:
    empty for any; `mandates`: whether it can take later instalments without the customer; `answer`: the text a message is
    answered with, where the provider wants a certain one."""

    label: str | Promise = ""
    keys: tuple[KeyField, ...] = ()
    currencies: frozenset[str] = frozenset()
    mandates: bool = True
    answer: str = ""
    sandbox: bool = False

    def takes(self, currency: str) -> bool:
        return not self.currencies or currency in self.currencies


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """A page to pay on. `keep_mandate`: later charges without the customer will follow (instalments). `mobile`: the customer
    reads on a telephone, for providers with a page of its own for that."""

    key: str
    amount: Money
    description: str
    language: str
    return_url: str
    notify_url: str
    keep_mandate: bool = False
    mobile: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """The page the customer is sent to, and the provider's reference of it (empty where there is none yet)."""

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
    """A payment provider. Methods raise GatewayUnreachable (nothing is known, ask again) or GatewayRefused (it said no, and
    nothing has moved). A class may carry `traits`; one whose traits name keys is made with `(values, sandbox=…)`, and has
    a `check()` that tries them."""

    def create_session(self, request: SessionRequest) -> Session:
        """Open a page to pay on."""
        ...

    def charge(self, request: ChargeRequest) -> GatewayEvent | None:
        """Take money on a mandate; None where the provider has not decided yet and will tell."""
        ...

    def refund(self, request: RefundRequest) -> str:
        """Give money back; the provider's reference of the refund."""
        ...

    def look_up(self, key: str, reference: str = "") -> GatewayEvent | None:
        """What became of an attempt; None where it is still open or unknown there."""
        ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent | None:
        """Verify and read a message; None for a true one that says nothing of an attempt's end. ForgedWebhook where the
        signature is wrong, too old or missing."""
        ...


def gateway_names() -> list[str]:
    """Installed providers, in the order in which they are offered where a shop has chosen none."""
    return list(settings.CALLCART_GATEWAYS)


def maker_of(name: str) -> Any:
    """The class (or function) that makes an installed provider; NotFound for an unknown name."""
    path = settings.CALLCART_GATEWAYS.get(name)
    if path is None:
        raise NotFound
    return import_string(path)


def traits_of(name: str) -> Traits:
    """What an installed provider is; NotFound for an unknown name."""
    found: Traits = getattr(maker_of(name), "traits", Traits())
    return found


@cache
def gateway(name: str) -> Gateway:
    """An installed provider that needs no keys of a shop; NotFound for an unknown name. `accounts.open_gateway` makes any."""
    made: Gateway = maker_of(name)()
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
