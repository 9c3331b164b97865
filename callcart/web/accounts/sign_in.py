"""Sign-in and sign-out of staff. The password and the code are judged by `people.staff`; here is only the page.

With htmx a refusal changes the middle of the form, so the password stays typed while the code is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from callcart.config import config
from callcart.core import clock
from callcart.core.errors import AppError
from callcart.people.staff import public as staff
from callcart.people.staff.models import Staff
from callcart.web.http import actor_of, actor_or_none, go, is_htmx, page, requires, safe_next
from callcart.web.menu import first_page
from callcart.web.middleware import SESSION_COOKIE
from callcart.web.reader import reader

DEMO_PASSWORD = "callcart-demo"  # noqa: S105  printed on the demo's own page
DEMO_NAMES = ("owner", "super", "amy", "ben", "ware", "fin")
SESSION_SECONDS = 7 * 24 * 3600
ICONS = {
    "owner": "building-store",
    "supervisor": "activity",
    "agent": "headset",
    "warehouse": "building-warehouse",
    "finance": "cash",
    "marketing": "discount",
}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody the demo lets you be."""

    email: str
    role: str
    icon: str


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """The sign-in page, and what becomes of what was typed."""
    if request.method == "POST":
        return _try(request)
    actor = actor_or_none(request)
    if actor is not None:
        return go(request, safe_next(request, first_page(actor)))
    return _form(request)


def _try(request: HttpRequest) -> HttpResponse:
    try:
        who, token = log_in(request, code=request.POST.get("code", ""))
    except AppError as refusal:
        return _form(request, refusal)
    rotate_token(request)
    response = go(request, safe_next(request, first_page(staff.actor_of(who))))
    keep_session(response, token)
    return response


def log_in(request: HttpRequest, *, code: str) -> tuple[Staff, str]:
    """Who typed this, and the token of their new session; raises what `staff.log_in` refuses with."""
    tenant_id: int = request.tenant.id  # type: ignore[attr-defined]
    return staff.log_in(
        tenant_id,
        request.POST.get("email", ""),
        request.POST.get("password", ""),
        totp=code,
        ip=request.META.get("REMOTE_ADDR", ""),
        user_agent=request.headers.get("User-Agent", ""),
    )


def keep_session(response: HttpResponse, token: str) -> None:
    """This browser is signed in from now on."""
    response.set_cookie(
        SESSION_COOKIE, token, max_age=SESSION_SECONDS, httponly=True, secure=config().tls, samesite="Lax"
    )


def _form(request: HttpRequest, refusal: AppError | None = None) -> HttpResponse:
    htmx = is_htmx(request)
    code_asked = isinstance(refusal, staff.CodeRequired | staff.WrongCode)
    status = 200 if refusal is None else refusal.status
    return page(
        request,
        "accounts/login.html",
        block="outcome" if htmx else "",
        status=422 if htmx and refusal else status,
        next=safe_next(request, ""),
        email=request.POST.get("email", "")[:254],
        message="" if refusal is None or code_asked else refusal.message,
        wait_until=_wait_until(refusal),
        ask_code=code_asked,
        code_error=refusal.message if isinstance(refusal, staff.WrongCode) else "",
        demo_people=[] if htmx else demo_people(request),
        demo_password=DEMO_PASSWORD,
    )


def _wait_until(refusal: AppError | None) -> datetime | None:
    seconds = refusal.details.get("seconds") if isinstance(refusal, staff.LockedOut) else None
    return clock.now() + timedelta(seconds=seconds) if isinstance(seconds, int) else None


def demo_people(request: HttpRequest) -> list[DemoPerson]:
    """The demo's staff of this shop, in a fixed order; nobody outside the demo."""
    if not config().demo:
        return []
    slug = request.tenant.slug  # type: ignore[attr-defined]
    wanted = [f"{name}@{slug}.example" for name in DEMO_NAMES]
    found = {
        one.email: one
        for one in Staff.objects.filter(email__in=wanted, is_active=True).prefetch_related("roles")
    }
    people = []
    for email in wanted:
        if email in found:
            role = found[email].roles.all().first()
            people.append(
                DemoPerson(
                    email=email,
                    role=role.name_in(reader().language) if role else found[email].name,
                    icon=ICONS.get(role.key if role else "", "user"),
                )
            )
    return people


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End this browser's session."""
    staff.log_out(request.COOKIES.get(SESSION_COOKIE, ""))
    response = go(request, "/login")
    response.delete_cookie(SESSION_COOKIE, samesite="Lax")
    return response


@requires()
def start(request: HttpRequest) -> HttpResponse:
    """To the first page this person may use."""
    return go(request, first_page(actor_of(request)))
