"""How a one-time code reaches its telephone. A provider (SMS, voice) implements `CodeTransport`; the installation
names one at start by `use`. Called by a job, never inside a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from callcart.core.errors import Unavailable


class NoTransport(Unavailable):
    """Signing in by code is not set up here. Please call us, or order as a guest."""

    code = "customers.no_transport"
    retryable = False


@dataclass(frozen=True, slots=True)
class CodeMessage:
    """What is to be delivered. `text` is ready to be sent, in the customer's language; `code` is empty for a notice. With the same `key` it
    is the same message; after `until` it is of no use."""

    e164: str
    code: str
    text: str
    language: str
    key: UUID | None = None
    until: datetime | None = None


class CodeTransport(Protocol):
    """Delivers codes. `shows_code`: the page may show the code itself (demo), nobody is reached."""

    shows_code: bool

    def send(self, message: CodeMessage) -> None:
        """Hand one message to the provider; raises to be tried again."""


_in_use: CodeTransport | None = None


def use(transport: CodeTransport | None) -> None:
    """Name the transport of this process."""
    global _in_use
    _in_use = transport


def in_use() -> CodeTransport:
    """The named transport; on a demo installation without one, the fake; else what the settings name for the tenant in hand
    (`CALLCART_CODES`), which raises NoTransport where that tenant has none."""
    from callcart.config import config
    from callcart.people.customers.fake import FakeTransport

    if _in_use is not None:
        return _in_use
    if config().demo:
        use(FakeTransport())
        return in_use()
    named: CodeTransport = import_string(settings.CALLCART_CODES)()
    return named
