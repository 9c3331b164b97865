"""How a refusal or a fault looks: a page for a person, a sentence for htmx, JSON for a machine. Reads no database, except for
the shop's own page (`shop.refusal`), which knows how to do without.

The JSON form is stable: `{"code", "message", "retryable", "fields"?, "details"?}`.
"""

from __future__ import annotations

import json
import logging
import uuid
from contextlib import nullcontext
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.core.errors import AppError, Invalid, NotFound, NotSignedIn, PermissionDenied
from callcart.web.http import is_htmx, page, trigger
from callcart.web.reader import reading

log = logging.getLogger("callcart.web")

TITLES = {
    400: gettext_lazy("That request could not be read"),
    401: gettext_lazy("Please sign in"),
    403: gettext_lazy("This is not open to you"),
    404: gettext_lazy("There is nothing here"),
    409: gettext_lazy("Somebody was quicker"),
    413: gettext_lazy("That was too much at once"),
    422: gettext_lazy("Something in the form is not right yet"),
    429: gettext_lazy("A little too fast"),
    500: gettext_lazy("Something broke on our side"),
    503: gettext_lazy("Not reachable just now"),
}
ICONS = {
    403: "lock",
    404: "map-pin-off",
    409: "users",
    422: "edit",
    429: "hourglass",
    500: "tool",
    503: "plug-connected-x",
}


class BadRequest(AppError):
    """Your browser sent something we could not understand. Go back, reload the page and try again."""

    code = "bad_request"
    status = 400


class FormExpired(AppError):
    """This form was open too long, or cookies are off. Reload the page and send it again."""

    code = "form_expired"
    status = 403


class Broken(AppError):
    """It is not your fault, and it has been written down. Nothing of what you sent was saved; please try again."""

    code = "internal"
    status = 500
    retryable = True


class PageMissing(NotFound):
    """The address may be mistyped, or what it showed is gone or belongs to somebody else."""

    code = "not_found"


def error_response(request: HttpRequest, error: AppError, *, reference: str = "") -> HttpResponse:
    """The answer to a request that was refused, in the form the asker understands and the reader's language."""
    who = getattr(request, "reader", None)
    with reading(who) if who else nullcontext():
        if wants_json(request):
            response = HttpResponse(
                json.dumps(as_json(error)), content_type="application/json", status=error.status
            )
        elif is_htmx(request):
            response = _for_htmx(request, error)
        elif isinstance(error, NotSignedIn):
            response = HttpResponseRedirect(sign_in_address(request.get_full_path()))
        else:
            response = _as_page(request, error, reference)
    wait = error.details.get("retry_after")
    if isinstance(wait, int):
        response["Retry-After"] = str(wait)
    return response


def as_json(error: AppError) -> dict[str, Any]:
    body: dict[str, Any] = {"code": error.code, "message": error.message, "retryable": error.retryable}
    if isinstance(error, Invalid):
        body["fields"] = {name: str(text) for name, text in error.fields.items()}
    plain = {
        key: value for key, value in error.details.items() if isinstance(value, str | int | float | bool)
    }
    return {**body, "details": plain} if plain else body


def wants_json(request: HttpRequest) -> bool:
    """Machines: the API and the hooks, and whoever asks for JSON before HTML."""
    if request.path_info.startswith(("/api/", "/hooks/")):
        return True
    accept = request.headers.get("Accept", "")
    return "application/json" in accept and "text/html" not in accept


def sign_in_address(back: str) -> str:
    return f"/login?{urlencode({'next': back}, quote_via=quote)}" if back not in {"", "/"} else "/login"


def _for_htmx(request: HttpRequest, error: AppError) -> HttpResponse:
    """No swap: the page stays as it is; `htmx-setup.js` says the sentence and marks the fields."""
    response = HttpResponse(status=error.status)
    response["HX-Reswap"] = "none"
    said = as_json(error)
    if isinstance(error, NotSignedIn):
        from_page = request.headers.get("HX-Current-URL", "")
        path = "/" + from_page.partition("://")[2].partition("/")[2]
        said["sign_in"] = sign_in_address(path)
        if not path.startswith("/desk"):  # leaving the desk would end the call's sound: it asks in place
            response["HX-Redirect"] = said["sign_in"]
    trigger(response, "callcart:error", said)
    return response


def _as_page(request: HttpRequest, error: AppError, reference: str) -> HttpResponse:
    title = str(TITLES.get(error.status, TITLES[400]))
    fields = list(error.fields.values()) if isinstance(error, Invalid) else []
    if _of_shop(request):
        from callcart.web.shop.refusal import refusal_page

        response = refusal_page(request, error, title=title, fields=fields, reference=reference)
    else:
        response = page(
            request,
            "errors/page.html",
            status=error.status,
            error=error,
            fields=fields,
            title=title,
            error_icon=ICONS.get(error.status, "alert-triangle"),
            reference=reference,
        )
    # often made outside the middleware that does this; without the cookie, the page's own forms would be refused
    CsrfViewMiddleware(lambda _request: response).process_response(request, response)
    return response


def _of_shop(request: HttpRequest) -> bool:
    """Whether a visitor of a shop asked; what is not known to be of staff is."""
    from callcart.web.middleware import is_staff_face

    return getattr(request, "tenant", None) is not None and not is_staff_face(request.path_info)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, BadRequest())


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, PermissionDenied())


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_response(request, PageMissing())


def server_error(request: HttpRequest) -> HttpResponse:
    """Something unforeseen: a reference ties what the person reads to the line in the log."""
    reference = uuid.uuid4().hex[:8]
    log.error("request failed, reference %s", reference)
    try:
        return error_response(request, Broken(), reference=reference)
    except Exception:  # the page itself may be what broke; this is the process edge
        log.exception("the error page failed too")
        return HttpResponse(
            _("Something broke on our side"), status=500, content_type="text/plain; charset=utf-8"
        )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_response(request, FormExpired())
