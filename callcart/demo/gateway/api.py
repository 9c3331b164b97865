"""What a shop's server asks of the company: pages to pay on, charges, refunds, and what became of a key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from callcart.core.clock import now
from callcart.demo.company.requests import address, currency, endpoint, key, text, whole
from callcart.demo.gateway.book import Book
from callcart.demo.gateway.cards import CARDS
from callcart.demo.gateway.rows import Payment
from callcart.integrations.gateways.demo import SEAL

MOST_MINOR = 10**12


def handler(
    act: Callable[[Book, Request, dict[str, Any]], dict[str, Any]],
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint of an action on the book."""
    return endpoint(lambda request, values: act(request.app.state.book, request, values), SEAL)


def open_session(book: Book, request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """The page's address is on the host that the buyer knows the shop by, at our port."""
    asked = {
        **_amount(values),
        "key": key(values),
        "description": text(values, "description", most=200),
        "language": "zh-hans" if text(values, "language", most=20).startswith("zh") else "en",
        "return_url": address(values, "return_url"),
        "notify_url": address(values, "notify_url"),
        "keep_mandate": values.get("keep_mandate") is True,
    }
    payment = book.open_session(asked, at=now().timestamp())
    return {"reference": payment.reference, "url": _page(payment, request)}


def charge(book: Book, request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """The bank behind the card decides again: a card that was good may have become another."""
    mandate = text(values, "mandate", most=100)
    asked = {
        **_amount(values),
        "key": key(values),
        "description": text(values, "description", most=200),
        "mandate": mandate,
    }
    card = CARDS.get(book.of_mandate(mandate).card)
    declined = card.declined if card is not None else "card_gone"
    return book.charge(asked, declined=declined, at=now().timestamp()).event()


def refund(book: Book, request: Request, values: dict[str, Any]) -> dict[str, Any]:
    asked = {**_amount(values), "key": key(values), "reference": text(values, "reference", most=100)}
    return {"reference": book.refund(asked, at=now().timestamp())}


def look_up(book: Book, request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """The event of a settled payment; nothing while it is open or unknown."""
    payment = book.by_key(key(values))
    return payment.event() if payment is not None and payment.settled else {}


def _page(payment: Payment, request: Request) -> str:
    host = urlsplit(payment.return_url).hostname or "localhost"
    shown = f"[{host}]" if ":" in host else host
    return f"{request.url.scheme}://{shown}:{request.app.state.port}/pay/{payment.reference}"


def _amount(values: dict[str, Any]) -> dict[str, Any]:
    amount = whole(values.get("amount"), "amount", least=1, most=MOST_MINOR)
    return {"amount": amount, "currency": currency(values.get("currency"))}
