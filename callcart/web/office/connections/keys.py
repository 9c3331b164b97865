"""API keys in the office: which there are, making one (its secret is seen once), revoking one."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.core.actor import Actor
from callcart.core.clock import midnight
from callcart.core.fields import Fields
from callcart.people.keys import public as keys
from callcart.web.api.permissions import SERVED
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.office.roles import areas_of, typed_grants, wanted_grants
from callcart.web.origin import own_url


@requires("keys.manage")
def api_keys(request: HttpRequest) -> HttpResponse:
    """All keys, those in use first."""
    return page(
        request, "office/connections/keys.html", rows=keys.list_keys(actor_of(request)), states=states()
    )


@requires("keys.manage")
def api_key_new(request: HttpRequest) -> HttpResponse:
    """A new key. Its secret is on the answer to the form and nowhere else; a reload shows the list."""
    if request.method != "POST":
        return _form(request)
    actor, posted, form = actor_of(request), request.POST, Fields()
    with attempt() as tried:
        wanted = wanted_grants(request, form)
        expires_at = _end_of_day(actor, posted.get("expires_on", ""), form)
        per_minute = _number(posted.get("per_minute", ""), form)
        given: keys.Given | None = None
        with form.part():
            given = keys.create_key(
                actor,
                name=posted.get("name", ""),
                wanted=wanted,
                expires_at=expires_at,
                per_minute=per_minute,
            )
        form.done()
    if not tried or given is None:
        return _form(request, tried)
    return page(
        request, "office/connections/key_made.html", key=given.key, secret=given.secret,
        address=own_url(request, "/api/v1/products"),
    )  # fmt: skip


@requires("keys.manage")
def api_key(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """One key: what it may do, and when it was last used."""
    return _key_page(request, key_id)


@require_POST
@requires("keys.manage")
def api_key_revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """End a key for good."""
    with attempt() as tried:
        keys.revoke_key(actor_of(request), key_id)
    if tried:
        return go(
            request, url("office:api_keys"), toast=_("Key revoked. Requests with it are refused from now on.")
        )
    return _key_page(request, key_id, tried)


def states() -> dict[str, tuple[str, str]]:
    """The states of keys in words, and their colour."""
    return {
        "active": (_("In use"), "green"),
        "expired": (_("Expired"), "amber"),
        "revoked": (_("Revoked"), "grey"),
    }


def _form(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    actor, refused = actor_of(request), refusal(tried)
    held = [name for name in SERVED if actor.can(name)]
    return page(
        request, "office/connections/key_new.html", posted=request.POST, errors=refused.fields,
        message=refused.message, areas=areas_of(typed_grants(request), request, only=held or ("-",)),
        everything=False, per_minute=keys.DEFAULT_PER_MINUTE, status=refused.status,
    )  # fmt: skip


def _key_page(request: HttpRequest, key_id: UUID, tried: Attempt | None = None) -> HttpResponse:
    row, refused = keys.get_key(actor_of(request), key_id), refusal(tried)
    held = areas_of(row.key.grants, request, only=tuple(row.key.grants) or ("-",))
    return page(
        request, "office/connections/key.html", row=row, areas=held, states=states(), message=refused.message,
        status=refused.status,
    )  # fmt: skip


def _end_of_day(actor: Actor, text: str, form: Fields) -> datetime | None:
    """The end of a day in the reader's time zone; nothing typed is never."""
    if not text.strip():
        return None
    try:
        day = datetime.strptime(text.strip()[:20], "%Y-%m-%d").date()
        return midnight(day + timedelta(days=1), ZoneInfo(actor.timezone))
    except (ValueError, OverflowError):
        form.refuse("expires_at", _("This is not a day."))
        return None


def _number(text: str, form: Fields) -> int:
    plain = text.strip()
    if plain.isascii() and plain.isdecimal() and len(plain) < 10:
        return int(plain)
    if plain:
        form.refuse("per_minute", _("Give a whole number."))
    return keys.DEFAULT_PER_MINUTE
