"""The process `callcart demo gateway`: the company's server on its own port, https with the installation's certificate."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from callcart.config import ConfigurationError, config
from callcart.core.ports import refuse_taken
from callcart.demo.gateway import api, pages
from callcart.demo.gateway.book import Book
from callcart.demo.gateway.notify import keep_telling

log = logging.getLogger("callcart.demo.gateway")
STATIC = Path(__file__).with_name("static")


def serve() -> None:
    """Until SIGTERM or SIGINT. Raises ConfigurationError where the certificate is missing."""
    settings = config()
    tls: dict[str, Any] = {}
    if settings.tls:
        certificate, key = settings.path("tls", "cert.pem"), settings.path("tls", "key.pem")
        if not certificate.exists():
            raise ConfigurationError(f"{certificate} is missing: run `callcart setup` first.")
        tls = {"ssl_certfile": str(certificate), "ssl_keyfile": str(key)}
    refuse_taken(
        "The demo payment company", settings.host, settings.gateway_port, setting="CALLCART_GATEWAY_PORT"
    )
    uvicorn.run(
        application(settings.path("demo-gateway", "book.sqlite")),
        host=settings.host,
        port=settings.gateway_port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        **tls,
    )


def application(path: Path) -> Starlette:
    """The company with its book at `path`."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        book = Book(path)
        app.state.book, app.state.port = book, config().gateway_port
        telling = asyncio.create_task(keep_telling(book))
        telling.add_done_callback(_died)
        try:
            yield
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling
            book.close()

    routes = [
        Route("/", pages.home),
        Route("/healthz", _healthz),
        Route("/pay/{reference}", pages.show, methods=["GET"]),
        Route("/pay/{reference}", pages.act, methods=["POST"]),
        Route("/api/sessions", api.handler(api.open_session), methods=["POST"]),
        Route("/api/charges", api.handler(api.charge), methods=["POST"]),
        Route("/api/refunds", api.handler(api.refund), methods=["POST"]),
        Route("/api/look-up", api.handler(api.look_up), methods=["POST"]),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


async def _healthz(request: Request) -> Response:
    return PlainTextResponse("ok")


def _died(task: asyncio.Task[None]) -> None:
    """A company that tells nobody anything must not look well: it ends, and is started again."""
    if task.cancelled() or task.exception() is None:
        return
    log.critical("the sender of messages died", exc_info=task.exception())
    signal.raise_signal(signal.SIGTERM)
