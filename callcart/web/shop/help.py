"""Delivery, returns, paying, and when somebody answers: made of what the shop has set up, not of promises."""

from __future__ import annotations

from dataclasses import dataclass

from babel import dates
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from callcart.commerce.shipping.public import DeliveryChoice, DeliveryMethod, list_methods, methods_for
from callcart.contact.callbacks.public import queue_that_calls
from callcart.contact.hours.public import calendar_of
from callcart.core.clock import now
from callcart.core.money import Money
from callcart.people.tenants.public import settings_of
from callcart.web import formats
from callcart.web.reader import reader
from callcart.web.shop.regions import regions_of
from callcart.web.shop.visit import show, tenant_of
from callcart.web.shop.words import arrives


@dataclass(frozen=True, slots=True)
class Method:
    """A delivery method as the help page explains it."""

    name: str
    when: str
    price: str
    free_from: str
    takes_cod: bool
    regions: str


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    tenant = tenant_of(request)
    options = settings_of(tenant)
    zones = {each.code: each for each in list_methods()}
    choices = methods_for(country=tenant.country, region="", goods=Money.zero(tenant.currency))
    return show(
        request,
        "shop/help.html",
        personal=False,
        methods=[_method(each, zones[each.code], tenant.country) for each in choices],
        calls_back=queue_that_calls() is not None,
        open_now=calendar_of().is_open(now()),
        hours=_hours(options.business_hours),
    )


def _method(choice: DeliveryChoice, row: DeliveryMethod, country: str) -> Method:
    names = dict(regions_of(country, reader().language))
    return Method(
        name=choice.name_in(reader().language),
        when=arrives(choice),
        price=formats.money(choice.price) if choice.price else _("free"),
        free_from=formats.money(choice.free_above) if choice.free_above else "",
        takes_cod=choice.takes_cod,
        regions=_(", ").join(names.get(zone, zone) for zone in row.zones),
    )


def _hours(week: tuple[tuple[tuple[str, str], ...], ...]) -> list[tuple[str, str]]:
    """(day, hours) pairs; none where somebody always answers."""
    if all(day == (("00:00", "24:00"),) for day in week):
        return []
    names = dates.get_day_names("wide", context="stand-alone", locale=reader().locale)
    return [
        (names[place], _(", ").join(_span(*each) for each in day) or _("closed"))
        for place, day in enumerate(week)
    ]


def _span(start: str, end: str) -> str:
    return f"{formats.clock_time(start)}–{formats.clock_time(end)}"
