"""What a shop's server asks of the company: prices, shipments, labels, calling off, and what happened to numbers.

A request is signed like a message, and nothing of an unsigned or old one is read. Refusals are 402 with a reason.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from callcart.commerce.shipping.carrier import ForgedScan
from callcart.core.clock import now
from callcart.core.money import known_currencies
from callcart.demo.carrier.book import Book, Refused
from callcart.demo.carrier.label import label as draw
from callcart.demo.carrier.route import Fate
from callcart.integrations.carriers.demo import SIGNATURE_HEADER, verify

MOST_BYTES = 64 * 1024
_KEY = re.compile(r"[\w.:-]{1,200}\Z", re.ASCII)
_PARTY = ("name", "phone", "country", "province", "city", "district", "street", "postcode")


class BadRequest(ValueError):
    """A value of the request makes no sense; the text names it."""


def handler(act: Callable[[Book, dict[str, Any]], dict[str, Any]]) -> Callable[..., Any]:
    """An endpoint of an action: checks the signature, reads the values, answers in JSON."""

    async def answer(request: Request) -> Response:
        try:
            values = await _signed_values(request)
            return JSONResponse(act(request.app.state.book, values))
        except ForgedScan:
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


def rates(book: Book, values: dict[str, Any]) -> dict[str, Any]:
    """Two services, by weight."""
    _party(values)
    currency = _currency(values)
    base = price(_grams(values), currency)
    found = [("standard", base, 3), ("express", base * 2, 1)]
    return {
        "rates": [
            {"service": service, "price": cost, "currency": currency, "days": days}
            for service, cost, days in found
        ]
    }


def take(book: Book, values: dict[str, Any]) -> dict[str, Any]:
    """A shipment, once for each key."""
    key = _text(values, "key", most=200)
    if not _KEY.match(key):
        raise BadRequest("key")
    asked: dict[str, Any] = {
        "to": _party(values),
        "service": _text(values, "service", most=40),
        "weight_g": _grams(values),
        "contents": _text(values, "contents", most=200),
        "currency": _currency(values),
        "cod": _cod(values),
    }
    cost = price(asked["weight_g"], asked["currency"]) * (2 if asked["service"] == "express" else 1)
    found = book.take(
        key, asked, price=cost, currency=asked["currency"], notify_url=_address(values), at=now().timestamp()
    )
    return {"tracking": found.tracking, "price": found.price, "currency": found.currency} | label(
        book, {"tracking": found.tracking}
    )


def label(book: Book, values: dict[str, Any]) -> dict[str, Any]:
    tracking = _text(values, "tracking", most=40)
    found = book.shipment(tracking)
    if found is None:
        raise Refused("unknown_number")
    return {"label": base64.b64encode(draw(tracking, found.asked)).decode()}


def call_off(book: Book, values: dict[str, Any]) -> dict[str, Any]:
    book.call_off(_text(values, "tracking", most=40))
    return {}


def track(book: Book, values: dict[str, Any]) -> dict[str, Any]:
    numbers = values.get("numbers")
    if (
        not isinstance(numbers, list)
        or len(numbers) > 100
        or not all(isinstance(each, str) for each in numbers)
    ):
        raise BadRequest("numbers")
    return {"scans": book.scans(numbers)}


def push(book: Book, values: dict[str, Any]) -> dict[str, Any]:
    """For demonstrations: a number (or all) goes some steps on at once, its fate changed first where one is named."""
    tracking = values.get("tracking")
    numbers = [_text(values, "tracking", most=40)] if tracking else book.going()
    count = values.get("steps")
    if not isinstance(count, int) or not 0 <= count <= 20:
        raise BadRequest("steps")
    if fate := values.get("fate"):
        if fate not in set(Fate):
            raise BadRequest("fate")
        for each in numbers:
            book.turn(each, Fate(fate))
    moved = sum(book.move(each, at=now().timestamp()) for _step in range(count) for each in numbers)
    return {"parcels": len(numbers), "scans": moved}


def price(grams: int, currency: str) -> int:
    """Minor units: a kilogram, and each further one begun."""
    first, further = (800, 200) if currency == "CNY" else (650, 150)
    return first + max(-(-grams // 1000) - 1, 0) * further


def _party(values: dict[str, Any]) -> dict[str, str]:
    to = values.get("to")
    if not isinstance(to, dict):
        raise BadRequest("to")
    found = {name: _text(to, name, most=300) for name in _PARTY}
    for name in ("name", "phone", "city", "street"):
        if not found[name].strip():
            raise BadRequest(name)
    return found


def _grams(values: dict[str, Any]) -> int:
    grams = values.get("weight_g")
    if isinstance(grams, bool) or not isinstance(grams, int) or not 0 < grams <= 50_000:
        raise BadRequest("weight_g")
    return grams


def _cod(values: dict[str, Any]) -> int:
    cod = values.get("cod", 0)
    if isinstance(cod, bool) or not isinstance(cod, int) or not 0 <= cod <= 10**9:
        raise BadRequest("cod")
    return cod


def _currency(values: dict[str, Any]) -> str:
    to = values.get("to")
    given = values.get("currency") or ("CNY" if isinstance(to, dict) and to.get("country") == "CN" else "USD")
    if given not in known_currencies():
        raise BadRequest("currency")
    return str(given)


def _text(values: dict[str, Any], name: str, *, most: int) -> str:
    text = values.get(name)
    if not isinstance(text, str) or len(text) > most:
        raise BadRequest(name)
    return text


def _address(values: dict[str, Any]) -> str:
    text = _text(values, "notify_url", most=2000)
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadRequest("notify_url")
    return text
