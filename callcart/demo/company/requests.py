"""What a shop's server sends a company: JSON signed like a message. Nothing of an unsigned or old request is read. What makes no
sense is 400 with the value's name, what the company does not do is 402 with a reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from callcart.core.money import known_currencies
from callcart.demo.company.book import Refused
from callcart.integrations.demo_company import Forged, Seal

MOST_BYTES = 64 * 1024
_KEY = re.compile(r"[\w.:-]{1,200}\Z", re.ASCII)


class BadRequest(ValueError):
    """A value of the request makes no sense; the text names it."""


def endpoint(
    act: Callable[[Request, dict[str, Any]], dict[str, Any]], seal: Seal
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint of an action: checks the signature, reads the values, answers in JSON."""

    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(act(request, await _signed_values(request, seal)))
        except Forged:
            return JSONResponse({"error": "signature"}, status_code=401)
        except BadRequest as error:
            return JSONResponse({"error": "bad_request", "field": str(error)}, status_code=400)
        except Refused as error:
            return JSONResponse({"error": error.reason}, status_code=402)

    return answer


async def _signed_values(request: Request, seal: Seal) -> dict[str, Any]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BadRequest("body")
    seal.verify(request.headers, body)
    try:
        values = json.loads(body)
    except ValueError as error:
        raise BadRequest("body") from error
    if not isinstance(values, dict):
        raise BadRequest("body")
    return values


def text(values: dict[str, Any], name: str, *, most: int) -> str:
    given = values.get(name)
    if not isinstance(given, str) or len(given) > most:
        raise BadRequest(name)
    return given


def whole(value: object, name: str, *, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadRequest(name)
    return value


def key(values: dict[str, Any]) -> str:
    """The shop's own name for what it wants, by which asking twice is asking once."""
    given = text(values, "key", most=200)
    if not _KEY.match(given):
        raise BadRequest("key")
    return given


def currency(value: object) -> str:
    if value not in known_currencies():
        raise BadRequest("currency")
    return str(value)


def address(values: dict[str, Any], name: str) -> str:
    given = text(values, name, most=2000)
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadRequest(name)
    return given
