"""The company's own page: its newest parcels, and buttons that push them along. For demonstrations only."""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from callcart.core.clock import now
from callcart.demo.carrier.book import Book, Shipment
from callcart.demo.carrier.route import Fate, steps
from callcart.demo.company.book import Refused

_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Meadow Post</title><link rel="stylesheet" href="/style.css"><h1>Meadow Post</h1>
<p>The carrier of the demo. Nothing is carried here; parcels move by themselves within minutes, or by these buttons.</p>
<form method="post" action="/push"><button>Move all one step on</button></form>
"""
_STYLE = """body{font:16px system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;
width:100%}td,th{padding:.4rem .6rem;border-bottom:1px solid #ddd;text-align:left}form{display:inline}button,select{font:inherit}"""
_MOST_BYTES = 4096
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'"}


async def home(request: Request) -> Response:
    book: Book = request.app.state.book
    rows = "".join(_row(book, each) for each in book.newest())
    table = (
        f"<table><tr><th>Number<th>To<th>Last<th>Way<th></tr>{rows}</table>"
        if rows
        else "<p>No parcels yet.</p>"
    )
    return HTMLResponse(_HEAD + table, headers=HEADERS)


async def style(request: Request) -> Response:
    return Response(_STYLE, media_type="text/css")


async def push(request: Request) -> Response:
    """The button of one parcel, or of all."""
    book: Book = request.app.state.book
    form = await _form(request)
    tracking, fate = form.get("tracking", ""), form.get("fate", "")
    for each in [tracking] if tracking else book.going():
        try:
            if fate in set(Fate):
                book.turn(each, Fate(fate))
            book.move(each, at=now().timestamp())
        except Refused:
            continue
    return RedirectResponse("/", status_code=303)


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _row(book: Book, each: Shipment) -> str:
    scans = book.scans([each.tracking])
    last = escape(scans[-1]["text"]) if scans else "not collected yet"
    if each.cancelled:
        last = "called off"
    options = "".join(f"<option{' selected' if fate is each.fate else ''}>{fate}" for fate in Fate)
    button = (
        f'<form method="post" action="/push"><input type="hidden" name="tracking" value="{escape(each.tracking)}">'
        f'<select name="fate" aria-label="Way">{options}</select> <button>Next step</button></form>'
    )
    over = each.cancelled or (each.step >= len(steps(each.fate)) and each.fate is not Fate.STUCK)
    city = escape(str(each.asked["to"].get("city", "")))
    return (
        f"<tr><td>{escape(each.tracking)}<td>{city}<td>{last}<td>{each.fate}<td>{'' if over else button}</tr>"
    )
