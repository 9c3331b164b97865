"""Tells shops what became of payments: signed, again and again with growing pauses until a shop says 2xx, whatever happens
to either side in between. A shop may get a message twice, and messages in another order than they were written.
"""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

import httpx

from callcart.config import config
from callcart.core.clock import now
from callcart.demo.gateway.book import Book
from callcart.demo.gateway.cards import CARDS
from callcart.demo.gateway.rows import Message, Payment, State
from callcart.integrations.gateways.demo import SIGNATURE_HEADER, certificate_text, sign

LOOK_EVERY = 0.1
TIMEOUT = 10.0


async def keep_telling(book: Book) -> None:
    """Until cancelled: decide what is due, and send what has not been told."""
    async with httpx.AsyncClient(verify=_trust(), timeout=TIMEOUT, trust_env=False) as client:
        while True:
            for payment in book.due_payments(now().timestamp()):
                settle(book, payment)
            due = book.due_messages(now().timestamp())
            if due:
                await asyncio.gather(*(_tell(client, book, message) for message in due))
            await asyncio.sleep(LOOK_EVERY)


def settle(book: Book, payment: Payment) -> None:
    """The bank has decided about a card, or a page has run out."""
    at = now().timestamp()
    if payment.state is State.OPEN:
        book.finish(payment, State.EXPIRED, failure="expired", at=at)
        return
    card = CARDS.get(payment.card)
    if card is None or card.declined:
        book.finish(payment, State.DECLINED, failure=card.declined if card else "card_gone", at=at)
    else:
        book.finish(payment, State.CAPTURED, messages=card.messages, short=card.short, at=at)


async def _tell(client: httpx.AsyncClient, book: Book, message: Message) -> None:
    body = message.body.encode()
    url, headers, extensions = _addressed(message.url)
    headers["Content-Type"] = "application/json"
    headers[SIGNATURE_HEADER] = sign(body, at=int(now().timestamp()))
    try:
        answer = await client.post(url, content=body, headers=headers, extensions=extensions)
    except httpx.HTTPError as error:
        book.not_delivered(message, type(error).__name__, at=now().timestamp())
        return
    if answer.is_success:
        book.delivered(message, str(answer.status_code))
    else:
        book.not_delivered(message, str(answer.status_code), at=now().timestamp())


def _addressed(url: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Names under `.localhost` are this machine (RFC 6761), which not every resolver knows: asked for by address then, under
    their own name."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host.endswith(".localhost"):
        return url, {}, {}
    port = f":{parts.port}" if parts.port else ""
    here = parts._replace(netloc=f"127.0.0.1{port}").geturl()
    return here, {"Host": parts.netloc}, {"sni_hostname": host}


def _trust() -> ssl.SSLContext:
    """The usual authorities, and this installation's own certificate."""
    context = ssl.create_default_context()
    if config().tls and (text := certificate_text()):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=text)
    return context
