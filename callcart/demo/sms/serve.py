"""The process `callcart demo sms`: the pages and the HTTP side on one port, SMPP on another."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Route

from callcart.config import config
from callcart.core.ports import refuse_taken
from callcart.demo.company.server import company, run
from callcart.demo.company.telling import keep_at_it
from callcart.demo.sms import api, pages
from callcart.demo.sms.api import SEAL
from callcart.demo.sms.book import Book
from callcart.demo.sms.centre import Centre


def serve() -> None:
    """Until SIGTERM or SIGINT. Raises ConfigurationError where the certificate is missing or a port is taken."""
    settings = config()
    name = "The demo SMS centre"
    refuse_taken(name, "127.0.0.1", settings.smpp_port, setting="CALLCART_SMPP_PORT")
    app = application(settings.path("demo-sms", "book.sqlite"), smpp_port=settings.smpp_port)
    run(app, name=name, port=settings.sms_port, setting="CALLCART_SMS_PORT")


def application(path: Path, *, smpp_port: int) -> Starlette:
    """The centre with its book at `path`. SMPP has no TLS here and is for this machine only."""
    routes = [
        Route("/", pages.home),
        Route("/style.css", pages.style),
        Route("/phone", pages.take_phone, methods=["POST"]),
        Route("/phone/{number}", pages.phone),
        Route("/phone/{number}", pages.write, methods=["POST"]),
        Route("/phone/{number}/messages", pages.messages),
        Route("/phone/{number}/set", pages.choose, methods=["POST"]),
        Route("/hook", pages.set_hook, methods=["POST"]),
        Route("/api/messages", api.take, methods=["POST"]),
    ]

    def open_book() -> Book:
        book = Book(path)
        app.state.centre = Centre(book)
        return book

    async def keep_serving(book: Book) -> None:
        centre: Centre = app.state.centre
        async with await asyncio.start_server(centre.serve, "127.0.0.1", smpp_port):
            await keep_at_it(book, SEAL, work=centre.tell_what_is_due)

    app = company(routes, open_book=open_book, keep_at_it=keep_serving)
    return app
