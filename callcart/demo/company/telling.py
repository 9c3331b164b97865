"""Tells shops what happened: signed, again and again with growing pauses until a shop says 2xx, whatever happens to either side
in between. A shop may get a message twice, and messages in another order than they were written.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from callcart.config import config
from callcart.core.clock import now
from callcart.demo.company.book import CompanyBook, Message
from callcart.integrations.demo_company import Seal, certificate_text

LOOK_EVERY = 0.1
TIMEOUT = 10.0


async def keep_at_it(book: CompanyBook, seal: Seal, *, work: Callable[[], None]) -> None:
    """Until cancelled: do the company's own work that is due, and tell what has not been told."""
    async with httpx.AsyncClient(verify=_trust(), timeout=TIMEOUT, trust_env=False) as client:
        while True:
            work()
            if due := book.due_messages(now().timestamp()):
                await asyncio.gather(*(_tell(client, book, seal, message) for message in due))
            await asyncio.sleep(LOOK_EVERY)


async def _tell(client: httpx.AsyncClient, book: CompanyBook, seal: Seal, message: Message) -> None:
    body = message.body.encode()
    url, headers, extensions = _addressed(message.url)
    headers |= seal.headers(body)
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
    here = parts._replace(netloc=f"127.0.0.1{port}").geturl()
    return here, {"Host": parts.netloc}, {"sni_hostname": host}


def _trust() -> ssl.SSLContext:
    """The usual authorities, and this installation's own certificate."""
    context = ssl.create_default_context()
    if config().tls and (text := certificate_text()):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=text)
    return context
