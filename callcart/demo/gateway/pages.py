"""The pages a buyer sees: pay with a test card, wait for the bank, go back to the shop. The address of a page cannot be
guessed and is all that is needed to pay on it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from callcart.core.clock import now
from callcart.core.money import Money
from callcart.demo.gateway.book import Book
from callcart.demo.gateway.cards import CARDS
from callcart.demo.gateway.notify import settle
from callcart.demo.gateway.rows import Payment, State
from callcart.demo.gateway.words import CARD_WORDS, LANGUAGES, WORDS

REFRESH_SECONDS = 1
MOST_BYTES = 4096
LANGUAGE_COOKIE = "meadow_lang"  # cookies know no ports: the shop on this host has one of its own
_templates = Environment(
    loader=PackageLoader("callcart.demo.gateway"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


async def home(request: Request) -> Response:
    language = _language(request, "en")
    return _page(request, "said.html", language=language, said=WORDS[language]["home"])


async def show(request: Request) -> Response:
    """The page of a payment, whatever has become of it."""
    payment = _book(request).payment(request.path_params["reference"])
    if payment is None:
        return _missing(request)
    language = _language(request, payment.language)
    words = WORDS[language]
    if payment.state is State.OPEN:
        return _open_page(request, payment, language)
    if payment.state is State.PROCESSING:
        return _page(
            request,
            "said.html",
            language=language,
            refresh=REFRESH_SECONDS,
            said=words["thinking"],
            more=words["thinking_more"],
            waiting=True,
        )
    if payment.state is State.CAPTURED:
        return RedirectResponse(payment.return_url, status_code=303)
    said_of = {State.DECLINED: "cancelled", State.EXPIRED: "expired"}[payment.state]
    return _page(request, "said.html", language=language, said=words[said_of], back=payment.return_url)


async def act(request: Request) -> Response:
    """The buyer has chosen a card, or cancels; anything else shows the page again."""
    book, reference = _book(request), request.path_params["reference"]
    payment = book.payment(reference)
    if payment is None:
        return _missing(request)
    form = await _form(request)
    card = CARDS.get(form.get("card", ""))
    at = now().timestamp()
    if payment.state is State.OPEN and "cancel" in form:
        book.finish(payment, State.DECLINED, failure="cancelled", at=at)
        return RedirectResponse(payment.return_url, status_code=303)
    if payment.state is State.OPEN and card is not None and payment.due_at > at:
        book.begin(payment, card=card.number, seconds=card.seconds, at=at)
        chosen = book.payment(reference)
        if chosen is not None and chosen.state is State.PROCESSING and not card.seconds:
            settle(book, chosen)
    return RedirectResponse(_here(request), status_code=303)


def _open_page(request: Request, payment: Payment, language: str) -> Response:
    return _page(
        request,
        "pay.html",
        language=language,
        payment=payment,
        amount=Money(payment.amount, payment.currency).format("zh_Hans" if language == "zh-hans" else "en"),
        cards=list(CARDS.values()),
        card_words=CARD_WORDS[language],
        failure=WORDS[language].get(payment.failure, ""),
        form_to=payment.return_url,
    )


def _missing(request: Request) -> Response:
    language = _language(request, "en")
    words = WORDS[language]
    said = {"said": words["missing"], "more": words["missing_more"]}
    return _page(request, "said.html", language=language, status=404, **said)


def _page(
    request: Request, name: str, *, language: str, status: int = 200, form_to: str = "", **values: Any
) -> Response:
    known = {"words": WORDS[language], "language": language, "languages": LANGUAGES}
    empty = {"refresh": 0, "more": "", "waiting": False, "back": ""}
    text = _templates.get_template(name).render({**known, **empty, **values})
    response = HTMLResponse(text, status_code=status)
    # Browsers hold a form's redirect to this list as well, and it leads back to the shop.
    forms = f"'self' {_origin(form_to)}" if form_to else "'self'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src 'self'; form-action {forms};"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, httponly=True, samesite="lax", path="/pay")
    return response


def _language(request: Request, wanted: str) -> str:
    """What the buyer has chosen here, else the shop's wish."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
    return asked if asked in LANGUAGES else wanted


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _here(request: Request) -> str:
    return request.url.path


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _book(request: Request) -> Book:
    book: Book = request.app.state.book
    return book
