"""What a shop's server asks of the company: prices, shipments, labels, calling off, and what happened to numbers."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from callcart.core.clock import now
from callcart.demo.carrier.book import Book
from callcart.demo.carrier.label import label as draw
from callcart.demo.carrier.route import Fate
from callcart.demo.company import requests
from callcart.demo.company.book import Refused
from callcart.demo.company.requests import BadRequest, text, whole
from callcart.integrations.carriers.demo import SEAL

_PARTY = ("name", "phone", "country", "province", "city", "district", "street", "postcode")


def handler(
    act: Callable[[Book, dict[str, Any]], dict[str, Any]],
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint of an action on the book."""
    return requests.endpoint(lambda request, values: act(request.app.state.book, values), SEAL)


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
    key = requests.key(values)
    asked: dict[str, Any] = {
        "to": _party(values),
        "service": text(values, "service", most=40),
        "weight_g": _grams(values),
        "contents": text(values, "contents", most=200),
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
    tracking = text(values, "tracking", most=40)
    found = book.shipment(tracking)
    if found is None:
        raise Refused("unknown_number")
    return {"label": base64.b64encode(draw(tracking, found.asked)).decode()}


def call_off(book: Book, values: dict[str, Any]) -> dict[str, Any]:
    book.call_off(text(values, "tracking", most=40))
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
    numbers = [text(values, "tracking", most=40)] if tracking else book.going()
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
    found = {name: text(to, name, most=300) for name in _PARTY}
    for name in ("name", "phone", "city", "street"):
        if not found[name].strip():
            raise BadRequest(name)
    return found


def _grams(values: dict[str, Any]) -> int:
    return whole(values.get("weight_g"), "weight_g", least=1, most=50_000)


def _cod(values: dict[str, Any]) -> int:
    return whole(values.get("cod", 0), "cod", least=0, most=10**9)


def _currency(values: dict[str, Any]) -> str:
    to = values.get("to")
    home = "CNY" if isinstance(to, dict) and to.get("country") == "CN" else "USD"
    return requests.currency(values.get("currency") or home)


def _address(values: dict[str, Any]) -> str:
    """Where to tell; nothing, where the shop asks by itself."""
    return requests.address(values, "notify_url") if text(values, "notify_url", most=2000) else ""
