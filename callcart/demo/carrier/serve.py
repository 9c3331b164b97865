"""The process `callcart demo carrier`: the company's server on its own port, https with the installation's certificate."""

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
from starlette.routing import Route

from callcart.config import ConfigurationError, config
from callcart.core.ports import refuse_taken
from callcart.demo.carrier import api, pages
from callcart.demo.carrier.book import Book
from callcart.demo.carrier.notify import keep_moving

log = logging.getLogger("callcart.demo.carrier")
PACE = 20.0  # seconds a step of a parcel takes


def serve(*, pace: float = PACE) -> None:
    """Until SIGTERM or SIGINT. Raises ConfigurationError where the certificate is missing."""
    settings = config()
    tls: dict[str, Any] = {}
    if settings.tls:
        certificate, key = settings.path("tls", "cert.pem"), settings.path("tls", "key.pem")
        if not certificate.exists():
            raise ConfigurationError(f"{certificate} is missing: run `callcart setup` first.")
        tls = {"ssl_certfile": str(certificate), "ssl_keyfile": str(key)}
    refuse_taken("The demo carrier", settings.host, settings.carrier_port, setting="CALLCART_CARRIER_PORT")
    uvicorn.run(
        application(settings.path("demo-carrier", "book.sqlite"), pace=pace),
        host=settings.host,
        port=settings.carrier_port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        **tls,
    )


def application(path: Path, *, pace: float = PACE) -> Starlette:
    """The company with its book at `path`."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        book = Book(path, pace=pace)
        app.state.book = book
        moving = asyncio.create_task(keep_moving(book))
        moving.add_done_callback(_died)
        try:
            yield
        finally:
            moving.cancel()
            with suppress(asyncio.CancelledError):
                await moving
            book.close()

    actions = {
        "rates": api.rates, "shipments": api.take, "label": api.label, "cancel": api.call_off, "track": api.track,
        "push": api.push,
    }  # fmt: skip
    routes = [
        Route("/", pages.home),
        Route("/style.css", pages.style),
        Route("/push", pages.push, methods=["POST"]),
        Route("/healthz", _healthz),
        *(Route(f"/api/{name}", api.handler(act), methods=["POST"]) for name, act in actions.items()),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


async def _healthz(request: Request) -> Response:
    return PlainTextResponse("ok")


def _died(task: asyncio.Task[None]) -> None:
    """A company that moves nothing must not look well: it ends, and is started again."""
    if task.cancelled() or task.exception() is None:
        return
    log.critical("the mover of parcels died", exc_info=task.exception())
    signal.raise_signal(signal.SIGTERM)
