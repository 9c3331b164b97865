"""The process `callcart demo gateway`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from callcart.config import config
from callcart.demo.company.server import company, run
from callcart.demo.gateway import api, pages
from callcart.demo.gateway.book import Book
from callcart.demo.gateway.notify import keep_telling

STATIC = Path(__file__).with_name("static")


def serve() -> None:
    """Until SIGTERM or SIGINT. Raises ConfigurationError where the certificate is missing."""
    settings = config()
    app = application(settings.path("demo-gateway", "book.sqlite"))
    run(app, name="The demo payment company", port=settings.gateway_port, setting="CALLCART_GATEWAY_PORT")


def application(path: Path) -> Starlette:
    """The company with its book at `path`."""
    actions = {
        "sessions": api.open_session, "charges": api.charge, "refunds": api.refund, "look-up": api.look_up,
    }  # fmt: skip
    routes = [
        Route("/", pages.home),
        Route("/pay/{reference}", pages.show, methods=["GET"]),
        Route("/pay/{reference}", pages.act, methods=["POST"]),
        *(Route(f"/api/{name}", api.handler(act), methods=["POST"]) for name, act in actions.items()),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    app = company(routes, open_book=partial(Book, path), keep_at_it=keep_telling)
    app.state.port = config().gateway_port
    return app
