"""What the frame asks for: begin, say, hear, and the little things between. Who asks is known by a token in a header that no other page
can send; no cookie is believed but the shop's own sign-in, and that only to name the customer when a chat begins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from callcart.commerce.orders.public import cart_id
from callcart.contact.callbacks.public import Source, queue_that_calls
from callcart.contact.messaging.public import PICTURES, File, transcripts, visitors, visits
from callcart.core.actor import Actor
from callcart.core.errors import AppError, Invalid, NotFound, NotSignedIn
from callcart.core.http import non_atomic
from callcart.core.tenancy import tenant_transaction
from callcart.engage.cards.public import agree
from callcart.engage.notices.public import sends_transcripts
from callcart.people.customers.public import resolve_customer_session
from callcart.people.staff.public import staff_names
from callcart.web.call_me import asked
from callcart.web.chat import called, cards
from callcart.web.reader import reader
from callcart.web.uploads import ROOM, length_of

TOKEN = "X-Chat-Token"  # noqa: S105  the header's name
CUSTOMER_COOKIE, CART_COOKIE = "customer", "cart"
MOST_BODY = 64 * 1024
Answer = dict[str, Any]


def answers(view: Callable[..., Answer]) -> Callable[..., HttpResponse]:
    """A view that answers plain JSON; what is refused is told as JSON too, and leaves nothing behind."""

    @csrf_exempt
    @wraps(view)
    def run(request: HttpRequest, line_id: UUID, **more: Any) -> HttpResponse:
        try:
            answer = JsonResponse(view(request, line_id, **more))
        except AppError as error:
            fields = error.fields if isinstance(error, Invalid) else {}
            body = {"code": error.code, "message": str(error.message), "fields": fields}
            answer = JsonResponse(body, status=error.status)
        answer["Cache-Control"] = "no-store"
        return answer

    return run


@require_POST
@answers
def begin(request: HttpRequest, line_id: UUID) -> Answer:
    """A visitor begins, with the first words and the token his page has chosen."""
    line, given = visitors.chat_line(line_id), body_of(request)
    customer = _customer(request)
    visitor = visitors.begin(
        line,
        token=request.headers.get(TOKEN, ""),
        name=str(given.get("name", "")),
        email=str(given.get("email", "")),
        language=reader().language,
        address=request.META.get("REMOTE_ADDR", ""),
        customer_id=customer.id if customer is not None else None,
    )
    _is_at(request, visitor, given)
    visitors.says(visitor, str(given.get("text", "")), key=str(given.get("key", "")))
    return _heard(visitor, after=0)


@require_POST
@answers
def say(request: HttpRequest, line_id: UUID) -> Answer:
    """The visitor says something, as a form (a file may be with it)."""
    visitor = visitor_in(request, line_id)
    if length_of(request) > visitors.MOST_FILE + ROOM:  # before it is read
        raise Invalid(fields={"file": visitors.too_large()})
    sent = request.FILES.get("file")
    if sent is not None and (sent.size or 0) > visitors.MOST_FILE:
        raise Invalid(fields={"file": visitors.too_large()})
    file = File(sent.name or "", sent.content_type or "", sent.read()) if sent is not None else None
    visitors.says(
        visitor,
        request.POST.get("text", ""),
        key=request.POST.get("key", ""),
        file=file,
        address=request.META.get("REMOTE_ADDR", ""),
    )
    return _heard(visitor, after=_place(request.POST.get("after")))


@require_GET
@answers
def heard(request: HttpRequest, line_id: UUID) -> Answer:
    """What has been said since a place, and how the chat stands; `seen` is the place up to which the page shows."""
    visitor = visitor_in(request, line_id)
    return _heard(visitor, after=_place(request.GET.get("after")))


@require_GET
@answers
def shown(request: HttpRequest, line_id: UUID) -> Answer:
    """The cards of the conversation as they stand now."""
    return _cards(visitor_in(request, line_id))


@require_POST
@answers
def agreed(request: HttpRequest, line_id: UUID) -> Answer:
    """The visitor says yes to an order that was shown to him, as he saw it."""
    visitor, given = visitor_in(request, line_id), body_of(request)
    confirmed = agree(visitor, _place(given.get("place")), version=_place(given.get("version")))
    return {"confirmed": confirmed, **_cards(visitor)}


@require_POST
@answers
def transcript(request: HttpRequest, line_id: UUID) -> Answer:
    """The visitor wants what was said, by mail."""
    visitor, given = visitor_in(request, line_id), body_of(request)
    if not sends_transcripts():
        raise NotFound
    network = request.META.get("REMOTE_ADDR", "")
    asked = transcripts.ask(
        visitor, email=str(given.get("email", "")), key=str(given.get("key", "")), network=network
    )
    return {"address": asked.address}


@require_POST
@answers
def typing(request: HttpRequest, line_id: UUID) -> Answer:
    visitors.is_typing(visitor_in(request, line_id))
    return {}


@require_POST
@answers
def page(request: HttpRequest, line_id: UUID) -> Answer:
    """Which page the visitor looks at, and up to which place he has read."""
    visitor, given = visitor_in(request, line_id), body_of(request)
    if given.get("page"):
        _is_at(request, visitor, given)
    if given.get("seen"):
        visitors.has_read(visitor, _place(given["seen"]))
    return {}


@require_POST
@non_atomic
@answers
def end(request: HttpRequest, line_id: UUID) -> Answer:
    """The visitor ends the chat."""
    tenant_id = int(request.tenant.id)  # type: ignore[attr-defined]
    with tenant_transaction(tenant_id):
        visitor = visitor_in(request, line_id)
    visitors.goes(visitor)
    return {}


@require_POST
@non_atomic
@answers
def call_me(request: HttpRequest, line_id: UUID) -> Answer:
    """The visitor wants to be called instead: where the chat waits, it ends, and the call has its place."""
    tenant_id = int(request.tenant.id)  # type: ignore[attr-defined]
    with tenant_transaction(tenant_id):
        line = visitors.chat_line(line_id)
        visitor = visitor_in(request, line_id) if request.headers.get(TOKEN) else None
        queue_id = queue_that_calls(line.queue_id)
    if queue_id is None:
        raise NotFound
    answer = asked(
        request, str(body_of(request).get("number", "")), queue_id=queue_id, source=Source.CHAT,
        conversation_id=visitor.conversation_id if visitor is not None else None,
    )  # fmt: skip
    if answer.callback is None:
        raise Invalid(fields={"number": answer.words})
    return {}


@require_GET
def file(request: HttpRequest, line_id: UUID, file_id: UUID) -> HttpResponse:
    """A file of the visitor's own chat: a picture to be shown, anything else to be saved."""
    try:
        kept, content = visitors.file_of(visitor_in(request, line_id), file_id)
    except NotSignedIn:
        raise NotFound from None  # a page of ours would ask to sign in, as staff
    shown = kept.type in PICTURES
    response = HttpResponse(content, content_type=kept.type if shown else "application/octet-stream")
    response["Content-Disposition"] = "inline" if shown else "attachment"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def visitor_in(request: HttpRequest, line_id: UUID) -> Any:
    """The visitor who asks, of this chat. Raises NotSignedIn, NotFound."""
    visitor = visitors.visitor_of(request.headers.get(TOKEN, ""))
    if visitor.line_id != line_id:
        raise NotFound
    return visitor


def _is_at(request: HttpRequest, visitor: Any, given: Mapping[str, Any]) -> None:
    """Where the visitor is. The cart is the one that his browser proves: pages of others are not sent its cookie."""
    cart = cart_id(request.COOKIES.get(CART_COOKIE, "")[:100])
    visits.is_at(visitor, page=str(given.get("page", "")), title=str(given.get("title", "")), cart_id=cart)


def _customer(request: HttpRequest) -> Actor | None:
    token = request.COOKIES.get(CUSTOMER_COOKIE, "")[:100]
    return resolve_customer_session(token) if token else None


def body_of(request: HttpRequest) -> dict[str, Any]:
    """A small JSON object. Raises Invalid."""
    try:
        found = json.loads(request.body[:MOST_BODY] or b"{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Invalid(fields={"body": "JSON"})
    return found


def _place(value: Any) -> int:
    text = str(value or "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _cards(visitor: Any) -> Answer:
    return {"cards": list(cards.told(visitors.cards(visitor), visitor.tenant_id).values())}


def _heard(visitor: Any, *, after: int) -> Answer:
    said, now = visitors.heard(visitor, after=after)
    shown_cards = cards.told(said, visitor.tenant_id)
    names = staff_names((each.who for each in said), language=reader().language)
    return {
        "messages": [
            {
                "place": each.place,
                "at": each.at.isoformat(),
                "mine": each.mine,
                "who": called.first_name(names, each.who),
                "text": each.text,
                "read": each.read,
                "card": shown_cards.get(each.place),
                "files": [
                    {
                        "id": str(file.id),
                        "name": file.name,
                        "size": file.size,
                        "picture": file.type in PICTURES,
                    }
                    for file in each.files
                ],
            }
            for each in said
        ],
        "state": now.state,
        "place": now.place,
        "wait": now.wait,
        "call": called.told(visitor),
    }
