"""The way of every request: static files, security headers, tenant and transaction, staff session, language.

One transaction per request, tenant set inside it; it commits only when the answer is below 400. What a verb refused
(AppError) becomes an answer after the transaction is gone. Views marked `non_atomic` open their own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.urls import Resolver404, resolve

from callcart.config import config
from callcart.core.errors import AppError, Unavailable
from callcart.core.tenancy import tenant_session, tenant_transaction
from callcart.web import assets
from callcart.web.errors import PageMissing, error_response
from callcart.web.forwarded import visitor_address
from callcart.web.jinja import live_origin
from callcart.web.reader import Reader, accepted_language, known_language, reading

log = logging.getLogger("callcart.web")

Next = Callable[[HttpRequest], HttpResponse]
SESSION_COOKIE = "staff"
LANGUAGE_COOKIE = "lang"
WITHOUT_TENANT = ("/healthz", "/readyz", "/metrics", assets.PREFIX)
STAFF_FACES = ("/desk", "/office", "/profile", "/login", "/logout", "/language")
RETRYABLE_STATES = {"40001", "40P01", "55P03", "57014", "25P04"}


class Busy(Unavailable):
    """Too many people changed the same thing at the same moment. Nothing was saved; please send it again."""

    code = "busy"


class StaticMiddleware:
    """Answers /static/ before anything else runs."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(assets.PREFIX):
            return assets.serve(request)
        return self.get_response(request)


class ForwardedMiddleware:
    """REMOTE_ADDR is the visitor's address for all that comes after, also behind proxies that are trusted."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if trusted := config().trusted_proxies:
            request.META["REMOTE_ADDR"] = visitor_address(
                request.META.get("REMOTE_ADDR", ""),
                request.META.get("HTTP_X_FORWARDED_FOR", ""),
                trusted=trusted,
            )
        return self.get_response(request)


class SecurityHeadersMiddleware:
    """The policy of what a page may load and whom it may talk to; no inline script or style, no eval."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", content_security_policy(request))
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy",
            "microphone=(self), camera=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
        )
        if config().tls:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def content_security_policy(request: HttpRequest) -> str:
    """One line of the header; the live process and the demo gateway are on this host, at their own ports."""
    forms = "'self'"
    if config().demo:
        host, _ = split_domain_port(request.get_host())
        scheme = "https" if config().tls else "http"
        forms += "".join(
            f" {scheme}://{name}:{config().gateway_port}" for name in sorted({host, config().public_host})
        )
    rules = {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "media-src": "'self' blob:",
        "connect-src": f"'self' {live_origin(request, scheme='http')} {live_origin(request, scheme='ws')}",
        "object-src": "'none'",
        "frame-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": forms,
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class _NothingKept(Exception):
    """Not an error: carries an answer out of a transaction that must roll back."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


class TenantMiddleware:
    """Whose host this is, and the transaction of the request."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        state = prepare(request)
        if request.path_info.startswith(WITHOUT_TENANT):
            return self.get_response(request)
        try:
            tenant = find_tenant(request)
        except OperationalError:
            log.exception("no database")
            return error_response(request, Unavailable())
        if tenant is None:
            return error_response(request, PageMissing())
        state.tenant = request.tenant = tenant  # type: ignore[attr-defined]
        response = self._inside(request, tenant.id)
        return response if state.error is None else error_response(request, state.error)

    def _inside(self, request: HttpRequest, tenant_id: int) -> HttpResponse:
        if _non_atomic(request):
            with tenant_session(tenant_id):
                return self.get_response(request)
        try:
            with tenant_transaction(tenant_id):
                response = self.get_response(request)
                if response.status_code >= 400:
                    raise _NothingKept(response)
        except _NothingKept as left:
            return left.response
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal, or the database asking to try again: remembered, answered once the transaction is gone."""
        error = as_app_error(exception)
        if error is None:
            return None
        state_of(request).error = error
        return HttpResponse(status=error.status)


@dataclass(slots=True)
class State:
    """What these middlewares know of a request."""

    tenant: Any = None
    error: AppError | None = None


def prepare(request: HttpRequest) -> State:
    state = State()
    request.callcart = state  # type: ignore[attr-defined]
    request.actor = None  # type: ignore[attr-defined]
    request.tenant = None  # type: ignore[attr-defined]
    request.reader = Reader(language=_asked_language(request) or "en")  # type: ignore[attr-defined]
    return state


def state_of(request: HttpRequest) -> State:
    state: State = request.callcart  # type: ignore[attr-defined]
    return state


def find_tenant(request: HttpRequest) -> Any:
    """The tenant a program's key names; else that of this host name, on a host nobody claimed the installation's default."""
    from callcart.people.tenants.public import tenant_by_host
    from callcart.web.bearer import tenant_of_key

    if (named := tenant_of_key(request)) is not None:
        return named
    host, _ = split_domain_port(request.get_host())
    return tenant_by_host(host)


def as_app_error(exception: Exception) -> AppError | None:
    if isinstance(exception, AppError):
        return exception
    if isinstance(exception, OperationalError):
        cause = exception.__cause__
        if getattr(cause, "sqlstate", None) in RETRYABLE_STATES:
            return Busy()
    return None


def _non_atomic(request: HttpRequest) -> bool:
    try:
        view: Any = resolve(request.path_info).func
    except Resolver404:
        return False
    return bool(getattr(view, "callcart_non_atomic", False))


class SessionMiddleware:
    """`request.actor`: the staff member of the session cookie, on the pages of staff. The shop has its own sign-in."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request.COOKIES.get(SESSION_COOKIE, "")
        if token and state_of(request).tenant is not None and is_staff_face(request.path_info):
            from callcart.people.staff.public import resolve_session

            actor = resolve_session(token)
            request.actor = actor and replace(actor, channel=face_of(request.path_info))  # type: ignore[attr-defined]
        return self.get_response(request)


def face_of(path: str) -> str:
    """Where a staff member acts, as history tells it: at the desk, or else in the office."""
    return "desk" if path == "/desk" or path.startswith("/desk/") else "office"


def is_staff_face(path: str) -> bool:
    return any(path == face or path.startswith(f"{face}/") for face in STAFF_FACES)


class LanguageMiddleware:
    """`request.reader`: the staff member's language and zone, else the cookie's, the browser's, the tenant's."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        who = reader_of(request)
        request.reader = who  # type: ignore[attr-defined]
        with reading(who):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", "zh-Hans" if who.language == "zh-hans" else "en")
        return response


def reader_of(request: HttpRequest) -> Reader:
    tenant, actor = state_of(request).tenant, getattr(request, "actor", None)
    own = known_language(actor.language) if actor is not None else None
    home = known_language(getattr(tenant, "language", None))
    zone = getattr(actor, "timezone", "") or getattr(tenant, "timezone", "") or "UTC"
    return Reader(
        language=own or _asked_language(request) or home or "en",
        zone=zone,
        currency=getattr(tenant, "currency", ""),
        country=getattr(tenant, "country", ""),
    )


def _asked_language(request: HttpRequest) -> str | None:
    cookie = known_language(request.COOKIES.get(LANGUAGE_COOKIE))
    return cookie or accepted_language(request.headers.get("Accept-Language", ""))
