"""What a shop's server asks of the company: pages to pay on, charges, refunds, and what became of a key.

A request is signed like a message, and nothing of an unsigned or old one is read. Refusals are 402 with a reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from callcart.commerce.payments.gateway import ForgedWebhook
from callcart.core.clock import now
from callcart.core.money import known_currencies
from callcart.demo.gateway.book import Book, Refused
from callcart.demo.gateway.cards import CARDS
from callcart.demo.gateway.rows import Payment
from callcart.integrations.gateways.demo import SIGNATURE_HEADER, verify

MOST_BYTES = 64 * 1024
MOST_MINOR = 10**12
_KEY = re.compile(r"[\w.:-]{1,200}\Z", re.ASCII)


class BadRequest(ValueError):
    """A value of the request makes no sense; the text names it."""


def handler(act: Callable[[Book, Request, dict[str, Any]], dict[str, Any]]) -> Callable[..., Any]:
    """An endpoint of an action: checks the signature, reads the values, answers in JSON."""

    async def answer(request: Request) -> Response:
        try:
            values = await _signed_values(request)
            return JSONResponse(act(request.app.state.book, request, values))
        except ForgedWebhook:
            return JSONResponse({"error": "signature"}, status_code=401)
        except BadRequest as error:
            return JSONResponse({"error": "bad_request", "field": str(error)}, status_code=400)
        except Refused as error:
            return JSONResponse({"error": error.reason}, status_code=402)

    return answer


async def _signed_values(request: Request) -> dict[str, Any]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BadRequest("body")
    verify(request.headers.get(SIGNATURE_HEADER, ""), body)
    try:
        values = json.loads(body)
    except ValueError as error:
        raise BadRequest("body") from error
    if not isinstance(values, dict):
        raise BadRequest("body")
    return values


def open_session(book: Book, request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """The page's address is on the host that the buyer knows the shop by, at our port."""
    asked = {
        **_amount(values),
        "key": _key(values),
        "description": _text(values, "description", most=200),
        "language": "zh-hans" if _text(values, "language", most=20).startswith("zh") else "en",
        "return_url": _address(values, "return_url"),
        "notify_url": _address(values, "notify_url"),
        "keep_mandate": values.get("keep_mandate") is True,
    }
    payment = book.open_session(asked, at=now().timestamp())
    return {"reference": payment.reference, "url": _page(payment, request)}


def charge(book: Book, request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """The bank behind the card decides again: a card that was good may have become another."""
    mandate = _text(values, "mandate", most=100)
    asked = {
        **_amount(values),
        "key": _key(values),
        "description": _text(values, "description", most=200),
        "mandate": mandate,
    }
    card = CARDS.get(book.of_mandate(mandate).card)
    declined = card.declined if card is not None else "card_gone"
    return book.charge(asked, declined=declined, at=now().timestamp()).event()


def refund(book: Book, request: Request, values: dict[str, Any]) -> dict[str, Any]:
    asked = {**_amount(values), "key": _key(values), "reference": _text(values, "reference", most=100)}
    return {"reference": book.refund(asked, at=now().timestamp())}


def look_up(book: Book, request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """The event of a settled payment; nothing while it is open or unknown."""
    payment = book.by_key(_key(values))
    return payment.event() if payment is not None and payment.settled else {}


def _page(payment: Payment, request: Request) -> str:
    host = urlsplit(payment.return_url).hostname or "localhost"
    shown = f"[{host}]" if ":" in host else host
    return f"{request.url.scheme}://{shown}:{request.app.state.port}/pay/{payment.reference}"


def _key(values: dict[str, Any]) -> str:
    key = _text(values, "key", most=200)
    if not _KEY.match(key):
        raise BadRequest("key")
    return key


def _amount(values: dict[str, Any]) -> dict[str, Any]:
    amount, currency = values.get("amount"), values.get("currency")
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount <= MOST_MINOR:
        raise BadRequest("amount")
    if currency not in known_currencies():
        raise BadRequest("currency")
    return {"amount": amount, "currency": currency}


def _text(values: dict[str, Any], name: str, *, most: int) -> str:
    text = values.get(name)
    if not isinstance(text, str) or len(text) > most:
        raise BadRequest(name)
    return text


def _address(values: dict[str, Any], name: str) -> str:
    text = _text(values, name, most=2000)
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadRequest(name)
    return text
