"""What views are made of: pages, permission marks, redirects with a toast, attempts that leave nothing half done.

A response of status 400 and above is never committed; `attempt()` lets a view catch a refusal, show the form again
and still be sure the verb's writes are gone.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.template.context_processors import csrf
from django.utils.http import url_has_allowed_host_and_scheme

from callcart.config import config
from callcart.core.actor import Actor
from callcart.core.errors import AppError, Invalid, NotFound, NotSignedIn
from callcart.core.ids import read_id
from callcart.web.jinja import context as common_context
from callcart.web.reader import reader

P = ParamSpec("P")
Response = TypeVar("Response", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], Response]
YEAR = 365 * 24 * 3600


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks for a piece of a page (a boosted or restored page is whole)."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def page(
    request: HttpRequest, template: str, *, block: str = "", status: int = 200, toast: str = "", **values: Any
) -> HttpResponse:
    """Render a template; with `block`, only that block of it (for htmx). `toast` is said in words on arrival."""
    response = HttpResponse(render(request, template, block=block, **values), status=status)
    response["Vary"] = "HX-Request"
    response["Cache-Control"] = "no-store" if actor_or_none(request) else "no-cache"
    if toast:
        say(response, toast)
    return response


def render(request: HttpRequest, template: str, *, block: str = "", **values: Any) -> str:
    """The text of a template, or of one block of it."""
    backend = cast(Jinja2, engines["jinja2"])
    found = backend.env.get_template(template)
    known = {**common_context(request), "request": request, **_csrf(request), **values}
    if not block:
        return found.render(known)
    return "".join(found.blocks[block](found.new_context(known)))


def _csrf(request: HttpRequest) -> dict[str, Any]:
    from django.template.backends.utils import csrf_input_lazy

    return {**csrf(request), "csrf_input": csrf_input_lazy(request)}


def say(response: HttpResponse, text: str, *, kind: str = "success") -> None:
    """Show a toast when htmx takes this response. Kinds: success, info, warning, danger."""
    trigger(response, "callcart:toast", {"text": text, "kind": kind})


def trigger(response: HttpResponse, event: str, detail: Any = None) -> None:
    """Have htmx dispatch an event in the browser; adds to those already there."""
    events = json.loads(response.get("HX-Trigger", "{}"))
    events[event] = {} if detail is None else detail
    response["HX-Trigger"] = json.dumps(events)


def go(request: HttpRequest, address: str, *, toast: str = "", kind: str = "success") -> HttpResponse:
    """Send the reader to another page, from a plain form or from htmx; the toast appears there."""
    response: HttpResponse
    if is_htmx(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = address.partition("#")[0]  # with a fragment the browser would only scroll
    else:
        response = HttpResponseRedirect(address)
        response.status_code = 303
    if toast:
        text = base64.urlsafe_b64encode(json.dumps({"text": toast, "kind": kind}).encode()).decode()
        response.set_cookie("toast", text, max_age=60, secure=config().tls, samesite="Lax")
    return response


def safe_next(request: HttpRequest, default: str) -> str:
    """The `next` address of the request where it stays on this host, else the default."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if own else default


def wanted_id(text: str) -> UUID:
    """The id that a request names; NotFound where it names none."""
    found = read_id(text)
    if found is None:
        raise NotFound
    return found


def version_seen(request: HttpRequest) -> int:
    """The version of what a form was opened with; 0, which nothing has, where it names none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def units_typed(text: str) -> int:
    """How many units somebody typed: 0 for nothing, -1 for what is no number, which every rule of units refuses."""
    text = text.strip()
    if text in ("", "0"):
        return 0
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else -1


def actor_or_none(request: HttpRequest) -> Actor | None:
    return cast("Actor | None", getattr(request, "actor", None))


def actor_of(request: HttpRequest) -> Actor:
    """Who is signed in; raises NotSignedIn."""
    actor = actor_or_none(request)
    if actor is None:
        raise NotSignedIn
    return actor


def reading_here(actor: Actor) -> Actor:
    """The actor in the language of the page in hand, which may not be the one on file."""
    return replace(actor, language=reader().language)


def requires(*permissions: str) -> Callable[[View[P, Response]], View[P, Response]]:
    """Only for staff holding every one of these permissions; with none named, for anybody of the staff."""

    def mark(view: View[P, Response]) -> View[P, Response]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> Response:
            actor = actor_of(request)
            if not actor.is_staff:
                raise NotSignedIn
            for permission in permissions:
                actor.require(permission)
            return view(request, *args, **kwargs)

        checked.callcart_permissions = permissions  # type: ignore[attr-defined]
        return checked

    return mark


class Attempt:
    """What came of `attempt()`: the refusal, or None; and what it said of each field."""

    def __init__(self) -> None:
        self.error: AppError | None = None

    @property
    def fields(self) -> dict[str, str]:
        return self.error.fields if isinstance(self.error, Invalid) else {}

    @property
    def message(self) -> str:
        return self.error.message if self.error else ""

    @property
    def status(self) -> int:
        return self.error.status if self.error else 200

    def __bool__(self) -> bool:
        """True where it went well."""
        return self.error is None


@contextmanager
def attempt(*kinds: type[AppError]) -> Iterator[Attempt]:
    """Try a verb; a refusal of these kinds (any AppError if none named) undoes its writes and is kept.

    with attempt(Invalid, Conflict) as tried:
        order = place_order(...)
    if not tried:
        return page(request, "…", errors=tried.fields, status=tried.status)
    """
    tried = Attempt()
    refusals = kinds or (AppError,)
    try:
        with transaction.atomic():
            yield tried
    except refusals as error:
        tried.error = error
