"""The centre's HTTP side, as the settings of a line at an HTTP provider have it where nothing is filled in: an SMS is posted with the
installation's secret as a bearer; what comes is sent to the number's web address, signed.
"""

from __future__ import annotations

import asyncio
import hmac
import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from callcart.core.clock import now
from callcart.core.secrets import secret
from callcart.core.sms_length import sms_length
from callcart.demo.sms.book import Book
from callcart.demo.sms.fates import Fate, telling
from callcart.demo.sms.submits import NotAccepted, look_at
from callcart.integrations.demo_company import Seal
from callcart.integrations.sms import statuses
from callcart.people.customers.numbers import read_phone

SEAL = Seal("Demo-Signature", "sms_demo")
MOST_BYTES = 64 * 1024
SILENCE_SECONDS = 30.0


def smpp_password() -> str:
    """What shops are connected with by SMPP, whose passwords have eight characters."""
    return secret(SEAL.secret_name)[:8]


async def take(request: Request) -> Response:
    """`{"to": "+…", "from": "+…", "text": "…", "key": "…"}`; the same key is one message."""
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {secret(SEAL.secret_name)}".encode()):
        return JSONResponse({"error": "key"}, status_code=401)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return JSONResponse({"error": "body"}, status_code=413)
    try:
        values = json.loads(body)
        to, shop, text, key = (str(values[name]) for name in ("to", "from", "text", "key"))
    except (ValueError, KeyError, TypeError):
        return JSONResponse({"error": "body"}, status_code=400)
    found = read_phone(to, "")
    if found is None or not text:
        return JSONResponse({"error": "to" if text else "text"}, status_code=400)
    book: Book = request.app.state.book
    number = book.known(key) if key else None
    if number is None:
        try:
            fate = look_at(book, found.e164)
        except NotAccepted as error:
            busy = error.status == statuses.THROTTLED
            return JSONResponse({"error": "busy" if busy else "number"}, status_code=429 if busy else 422)
        at, parts = now().timestamp(), sms_length(text).parts
        number = book.take_by_http(
            shop, found.e164, text, parts=parts, at=at, key=key or None, telling=telling(fate)
        )
        if fate is Fate.SILENT:
            await asyncio.sleep(SILENCE_SECONDS)
    return JSONResponse({"id": f"H-{number}"})
