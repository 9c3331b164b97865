"""Money of the demo's past: paid through the demo payment company's own book, so that the company knows these payments later
(a refund, an instalment) as if its pages had been used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from uuid import UUID

from django.conf import settings

from callcart.commerce.payments import gateway as gateways
from callcart.commerce.payments.gateway import (
    ChargeRequest,
    EventKind,
    ForgedWebhook,
    GatewayEvent,
    GatewayUnreachable,
    RefundRequest,
    Session,
    SessionRequest,
)
from callcart.commerce.payments.public import Attempt, start_payment
from callcart.commerce.payments.webhook import apply_event
from callcart.config import config
from callcart.core.clock import now
from callcart.core.money import Money
from callcart.demo.gateway.book import Book
from callcart.demo.gateway.rows import State
from callcart.integrations.gateways.demo import session_values


@cache
def _book() -> Book:
    return Book(config().path("demo-gateway", "book.sqlite"))


class BookGateway:
    """The provider `demo` without its wire: sessions are opened in the book itself. Nothing else is done while seeding."""

    def create_session(self, request: SessionRequest) -> Session:
        made = _book().open_session(session_values(request), at=now().timestamp())
        return Session(reference=made.reference, url=f"demo:{made.reference}")

    def charge(self, request: ChargeRequest) -> GatewayEvent:
        raise GatewayUnreachable

    def refund(self, request: RefundRequest) -> str:
        raise GatewayUnreachable

    def look_up(self, key: str) -> GatewayEvent | None:
        raise GatewayUnreachable

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        raise ForgedWebhook


@contextmanager
def by_the_book() -> Iterator[None]:
    """Inside, the provider `demo` is its book."""
    before = settings.CALLCART_GATEWAYS
    settings.CALLCART_GATEWAYS = {"demo": f"{BookGateway.__module__}.{BookGateway.__qualname__}"}
    gateways.gateway.cache_clear()
    try:
        yield
    finally:
        settings.CALLCART_GATEWAYS = before
        gateways.gateway.cache_clear()


def pay(order_id: UUID) -> None:
    """The customer pays what is due now. In `by_the_book`, in the transaction and at the frozen time in hand."""
    redirect = start_payment(order_id, return_url="", notify_url="")
    attempt = Attempt.objects.get(id=redirect.attempt_id)
    book = _book()
    reference = attempt.reference or ""
    payment = book.payment(reference)
    assert payment is not None
    book.finish(payment, State.CAPTURED, messages=0, at=now().timestamp())
    done = book.payment(reference)
    assert done is not None
    apply_event(
        "demo",
        GatewayEvent(
            event_id=done.event_id,
            kind=EventKind.CAPTURED,
            reference=done.reference,
            key=done.key,
            amount=Money(done.amount, done.currency),
            mandate=done.mandate,
        ),
    )
