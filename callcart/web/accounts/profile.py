"""One's own account: language and time zone, password, second factor, sessions. Refusals go to their fields by htmx."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import segno
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from callcart.config import config
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.people.staff import public as staff
from callcart.web.accounts.browsers import browser_name, is_phone
from callcart.web.accounts.zones import zone_choices
from callcart.web.http import YEAR, actor_of, go, page, requires, wanted_id
from callcart.web.language import chosen_language, keep_language
from callcart.web.reader import reader


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A browser somebody is signed in with, as the page shows it."""

    id: UUID
    browser: str
    phone: bool
    ip: str
    last_seen_at: datetime
    current: bool


@dataclass(frozen=True, slots=True)
class ShownEnrolment:
    """What an authenticator app scans, or a person types."""

    image: str
    secret: str

    @property
    def spaced(self) -> str:
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


@never_cache
@require_safe
@requires()
def show(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, enrolment: ShownEnrolment | None = None) -> HttpResponse:
    actor = actor_of(request)
    person = staff.get_staff(_own_id(actor))
    home = request.tenant.timezone  # type: ignore[attr-defined]
    values: dict[str, Any] = {
        "person": person,
        "roles": [role.name_in(reader().language) for role in person.roles.all()],
        "zones": [("", _("The shop's (%(zone)s)") % {"zone": home}), *zone_choices()],
        "sessions": [_shown(session, actor) for session in staff.list_sessions(actor)],
        "enrolment": enrolment,
    }
    return page(request, "accounts/profile.html", **values)


def _shown(session: staff.Session, actor: Actor) -> ShownSession:
    return ShownSession(
        id=session.id,
        browser=browser_name(session.user_agent),
        phone=is_phone(session.user_agent),
        ip=session.ip,
        last_seen_at=session.last_seen_at,
        current=session.id == actor.session,
    )


@require_POST
@requires()
def save_preferences(request: HttpRequest) -> HttpResponse:
    """Language, time zone, light or dark."""
    language = chosen_language(request)
    staff.update_own(actor_of(request), language=language, timezone=request.POST.get("timezone", ""))
    response = go(request, "/profile")
    keep_language(response, language)
    theme = request.POST.get("theme", "")
    if theme in {"light", "dark"}:
        response.set_cookie("theme", theme, max_age=YEAR, secure=config().tls, samesite="Lax")
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@sensitive_post_parameters()
@require_POST
@requires()
def save_password(request: HttpRequest) -> HttpResponse:
    """A new password, typed twice; the other browsers are signed out."""
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        raise Invalid(fields={"again": _("The two new passwords are not the same.")})
    staff.change_own_password(actor_of(request), old=request.POST.get("old", ""), new=new)
    return go(request, "/profile", toast=_("Password changed. Other browsers are signed out."))


@never_cache
@sensitive_post_parameters()
@require_POST
@requires()
def two_step(request: HttpRequest) -> HttpResponse:
    """Begin (show the QR code), then switch on with a first right code."""
    actor = actor_of(request)
    if request.POST.get("begin"):
        begun = staff.start_totp(actor)
        image = segno.make(begun.address, error="m").svg_data_uri(scale=4, border=0, dark="#000")
        return _page(request, ShownEnrolment(image=image, secret=begun.secret))
    staff.confirm_totp(actor, request.POST.get("code", ""))
    return go(request, "/profile#two-step", toast=_("Two-step sign-in is on."))


@sensitive_post_parameters()
@require_POST
@requires()
def two_step_off(request: HttpRequest) -> HttpResponse:
    staff.disable_totp(actor_of(request), request.POST.get("password", ""))
    return go(request, "/profile#two-step", toast=_("Two-step sign-in is off."), kind="warning")


@require_POST
@requires()
def end_session(request: HttpRequest) -> HttpResponse:
    """Sign one browser out, or all but this one (`others`)."""
    actor, wanted = actor_of(request), request.POST.get("session", "")
    if wanted == "others":
        staff.revoke_other_sessions(actor)
        return go(request, "/profile#sessions", toast=_("All other browsers are signed out."))
    staff.revoke_session(actor, wanted_id(wanted))
    return go(request, "/profile#sessions", toast=_("That browser is signed out."))


def _own_id(actor: Actor) -> UUID:
    if actor.id is None:
        raise NotFound
    return actor.id
