"""The process `callcart demo carrier`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from callcart.config import config
from callcart.demo.carrier import api, pages
from callcart.demo.carrier.book import Book
from callcart.demo.carrier.notify import keep_moving
from callcart.demo.company.server import company, run

PACE = 20.0  # seconds a step of a parcel takes


def serve(*, pace: float = PACE) -> None:
    """Until SIGTERM or SIGINT. Raises ConfigurationError where the certificate is missing."""
    settings = config()
    app = application(settings.path("demo-carrier", "book.sqlite"), pace=pace)
    run(app, name="The demo carrier", port=settings.carrier_port, setting="CALLCART_CARRIER_PORT")


def application(path: Path, *, pace: float = PACE) -> Starlette:
    """The company with its book at `path`."""
    actions = {
        "rates": api.rates, "shipments": api.take, "label": api.label, "cancel": api.call_off, "track": api.track,
        "push": api.push,
    }  # fmt: skip
    routes = [
        Route("/", pages.home),
        Route("/style.css", pages.style),
        Route("/push", pages.push, methods=["POST"]),
        *(Route(f"/api/{name}", api.handler(act), methods=["POST"]) for name, act in actions.items()),
    ]
    return company(routes, open_book=partial(Book, path, pace=pace), keep_at_it=keep_moving)
