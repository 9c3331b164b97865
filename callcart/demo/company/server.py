"""A company's server: on its own port, https with the installation's certificate, its book open as long as it runs."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from callcart.config import ConfigurationError, config
from callcart.core.ports import refuse_taken
from callcart.demo.company.book import CompanyBook

log = logging.getLogger("callcart.demo.company")
Book = TypeVar("Book", bound=CompanyBook)


def run(app: Starlette, *, name: str, port: int, setting: str) -> None:
    """Until SIGTERM or SIGINT. Raises ConfigurationError where the certificate is missing or the port is taken."""
    settings = config()
    tls: dict[str, Any] = {}
    if settings.tls:
        certificate, key = settings.path("tls", "cert.pem"), settings.path("tls", "key.pem")
        if not certificate.exists():
            raise ConfigurationError(f"{certificate} is missing: run `callcart setup` first.")
        tls = {"ssl_certfile": str(certificate), "ssl_keyfile": str(key)}
    refuse_taken(name, settings.host, port, setting=setting)
    uvicorn.run(
        app,
        host=settings.host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        **tls,
    )


def company(
    routes: Sequence[BaseRoute],
    *,
    open_book: Callable[[], Book],
    keep_at_it: Callable[[Book], Coroutine[Any, Any, None]],
) -> Starlette:
    """The server of these routes; `app.state.book` is its book, and `keep_at_it` runs beside it."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        book = open_book()
        app.state.book = book
        working = asyncio.create_task(keep_at_it(book))
        working.add_done_callback(_died)
        try:
            yield
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
            book.close()

    return Starlette(routes=[*routes, Route("/healthz", _healthz)], lifespan=lifespan)


async def _healthz(request: Request) -> Response:
    return PlainTextResponse("ok")


def _died(task: asyncio.Task[None]) -> None:
    """A company that does nothing and tells nobody anything must not look well: it ends, and is started again."""
    if task.cancelled() or task.exception() is None:
        return
    log.critical("the work of a demo company died", exc_info=task.exception())
    signal.raise_signal(signal.SIGTERM)
