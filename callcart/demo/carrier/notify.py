"""Moves what is due, and tells shops of it: signed, again and again with growing pauses until a shop says 2xx."""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

import httpx

from callcart.config import config
from callcart.core.clock import now
from callcart.demo.carrier.book import Book, Message
from callcart.integrations.carriers.demo import SIGNATURE_HEADER, certificate_text, sign

LOOK_EVERY = 0.1
TIMEOUT = 10.0


async def keep_moving(book: Book) -> None:
    """Until cancelled."""
    async with httpx.AsyncClient(verify=_trust(), timeout=TIMEOUT, trust_env=False) as client:
        while True:
            for tracking in book.due(now().timestamp()):
                book.move(tracking, at=now().timestamp())
            if due := book.due_messages(now().timestamp()):
                await asyncio.gather(*(_tell(client, book, message) for message in due))
            await asyncio.sleep(LOOK_EVERY)


async def _tell(client: httpx.AsyncClient, book: Book, message: Message) -> None:
    body = message.body.encode()
    url, headers, extensions = _addressed(message.url)
    headers["Content-Type"] = "application/json"
    headers[SIGNATURE_HEADER] = sign(body, at=int(now().timestamp()))
    try:
        answer = await client.post(url, content=body, headers=headers, extensions=extensions)
    except httpx.HTTPError as error:
        book.not_told(message, type(error).__name__, at=now().timestamp())
        return
    if answer.is_success:
        book.told(message, str(answer.status_code))
    else:
        book.not_told(message, str(answer.status_code), at=now().timestamp())


def _addressed(url: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Names under `.localhost` are this machine (RFC 6761), which not every resolver knows: asked for by address then, under
    their own name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host.endswith(".localhost"):
        return url, {}, {}
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"127.0.0.1{port}").geturl(), {"Host": parts.netloc}, {"sni_hostname": host}


def _trust() -> ssl.SSLContext:
    """The usual authorities, and this installation's own certificate."""
    context = ssl.create_default_context()
    if config().tls and (text := certificate_text()):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=text)
    return context
