"""Calls outside in the office: where to, how many, for how much; what was used of it, what was refused, and which strangers knock."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.voice import limits, strangers
from callcart.contact.voice.outbound import Limit
from callcart.core.fields import Fields
from callcart.core.money import Money
from callcart.people.staff import public as staff
from callcart.people.tenants import public as tenants
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.listing import Cursor, cursor_of
from callcart.web.office.money.amounts import read_amount
from callcart.web.office.refusal import refusal

COUNTS = ("dial_hourly", "dial_hourly_agent", "dial_longest_minutes")
AMOUNTS = ("dial_minor_per_minute", "dial_daily_spend", "dial_daily_spend_agent")
PAGE = 30
_BETWEEN = re.compile(r"[\s,;，；、]+")


@requires("voice.limits")
def calls_outside(request: HttpRequest) -> HttpResponse:
    """The page, and the limits of its form."""
    if request.method != "POST":
        return _page(request)
    actor, posted, form = actor_of(request), request.POST, Fields()
    currency = tenants.get_tenant(actor.tenant_id).currency
    with attempt() as tried:
        values: dict[str, Any] = {name: posted.get(name, "") for name in COUNTS}
        values["dial_prefixes"] = [each for each in _BETWEEN.split(posted.get("dial_prefixes", "")) if each]
        values["dial_shows"] = posted.get("dial_shows", "")
        for name in AMOUNTS:
            with form.part():
                values[name] = read_amount(posted.get(name, ""), currency, field=name).minor
        with form.part():
            limits.set_dial_limits(actor, values, version=version_seen(request))
        form.done()
    if tried:
        return go(request, url("office:calls_outside"), toast=_("Saved. Outbound calls follow it at once."))
    return _page(request, tried)


def _page(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    actor, refused = actor_of(request), refusal(tried)
    shop, options = limits.dial_limits(actor)
    cursor = cursor_of(request)
    rows = limits.refusals(actor, before=_id(cursor), limit=PAGE + 1)
    shown = rows[:PAGE]
    whole, agents = limits.used(actor)
    names = staff.staff_names(
        {row.staff_id for row in shown if row.staff_id} | {row.staff_id for row in agents if row.staff_id}
    )
    return page(
        request, "office/dialling/limits.html", shop=shop, options=options, typed=_typed(request, tried, shop, options),
        numbers=_numbers(shop), whole=whole, agents=agents, names=names, refusals=shown, why=refusal_words(),
        next=Cursor("", str(shown[-1].id)).text() if len(rows) > PAGE else "", knocking=strangers.knocking(actor),
        errors=refused.fields, message=refused.message, stale=refused.stale, status=refused.status,
    )  # fmt: skip


def _id(cursor: Cursor | None) -> UUID | None:
    return UUID(cursor.id) if cursor else None


def _typed(
    request: HttpRequest, tried: Attempt | None, shop: tenants.Tenant, options: tenants.Options
) -> dict[str, Any]:
    """What the form's fields hold: as typed after a refusal, else as it is kept."""
    if tried is not None:
        return request.POST.dict()
    kept = {name: str(getattr(options, name)) for name in COUNTS}
    for name in AMOUNTS:
        kept[name] = str(Money(getattr(options, name), shop.currency).decimal)
    return kept | {"dial_prefixes": "\n".join(options.dial_prefixes), "dial_shows": options.dial_shows}


def _numbers(shop: tenants.Tenant) -> list[tuple[str, str]]:
    return [(each.number, each.number) for each in tenants.list_service_numbers(shop.id)]


def refusal_words() -> dict[str, str]:
    """Why a call was not let through, by the name of the rule."""
    return {
        Limit.PREFIX: _("Such numbers are not allowed"),
        Limit.OWN_NUMBER: _("One of the shop's own numbers"),
        Limit.RATE: _("Calls of the shop within an hour"),
        Limit.RATE_AGENT: _("Calls of the agent within an hour"),
        Limit.SPEND: _("What the shop may spend a day"),
        Limit.SPEND_AGENT: _("What the agent may spend a day"),
        Limit.PAGE: _("A visitor's page tried to call by itself"),
    }
