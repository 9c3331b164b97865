"""Delivery methods in the office: what customers choose from, their prices and places, and who carries them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.public import CarrierService, DeliveryMethod, MethodDraft
from callcart.core.fields import Fields
from callcart.core.ids import read_ids
from callcart.people.tenants.public import get_tenant
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.parcels import numbers
from callcart.web.office.refusal import Refusal, refusal
from callcart.web.office.selling.typed import codes

# The form's name of a field where the verb's is another one.
RENAMED = {"price_minor": "price", "free_above_minor": "free_above"}


@requires("shipping.view")
def methods(request: HttpRequest) -> HttpResponse:
    return _list_page(request)


def _list_page(request: HttpRequest, tried: Attempt | None = None) -> HttpResponse:
    """All methods in the order customers see them."""
    said = refusal(tried)
    return page(
        request, "office/parcels/methods.html", status=said.status, said=said, methods=shipping.list_methods(),
        services=shipping.services_by_method(), may=actor_of(request).can("shipping.manage"),
    )  # fmt: skip


@require_POST
@requires("shipping.manage")
def switch(request: HttpRequest, method_id: UUID) -> HttpResponse:
    """Offer it, or no more."""
    on = request.POST.get("on") == "1"
    with attempt() as tried:
        shipping.switch_method(actor_of(request), method_id, on=on, version=version_seen(request))
    if not tried:
        return _list_page(request, tried)
    said = _("Customers can choose it again.") if on else _("Customers cannot choose it any more.")
    return go(request, url("office:delivery_methods"), toast=said)


@requires("shipping.manage")
def method(request: HttpRequest, method_id: UUID | None = None) -> HttpResponse:
    """One method, or a new one."""
    actor, tried = actor_of(request), None
    found = _blank(request) if method_id is None else shipping.get_method(method_id)
    if request.method == "POST":
        form = Fields()
        with attempt() as tried:
            draft = _draft(request, form, found)
            with form.part():
                if method_id is None:
                    shipping.create_method(actor, draft)
                else:
                    shipping.update_method(actor, method_id, draft, version=version_seen(request))
            form.done()
        if tried:
            return go(request, url("office:delivery_methods"), toast=_("Saved."))
    said = refusal(tried)
    return page(
        request, "office/parcels/method.html", status=said.status, method=found, new=method_id is None, said=said,
        errors=_errors(said), shown=_shown(request, found), services=_offered(),
    )  # fmt: skip


def _blank(request: HttpRequest) -> DeliveryMethod:
    """A new one as the form first shows it: in the shop's own country, at the end of the list."""
    tenant, known = get_tenant(actor_of(request).tenant_id), shipping.list_methods()
    last = max((each.position for each in known), default=-1)
    return DeliveryMethod(currency=tenant.currency, countries=[tenant.country], position=last + 1)


def _offered() -> list[CarrierService]:
    rows = CarrierService.objects.select_related("carrier")
    return list(rows.order_by("carrier__position", "carrier__code", "position", "code"))


def _errors(said: Refusal) -> dict[str, str]:
    if isinstance(said.error, shipping.CodeTaken):
        return {"code": said.message}
    return {RENAMED.get(name, name): text for name, text in said.fields.items()}


def _draft(request: HttpRequest, form: Fields, found: DeliveryMethod) -> MethodDraft:
    posted, read = request.POST, dict[str, int]()
    for name in ("days_min", "days_max", "position"):
        with form.part():
            read[name] = numbers.whole(posted.get(name, ""), name)
    for name in ("price", "free_above"):
        with form.part():
            read[name] = numbers.minor(posted.get(name, ""), name, found.currency)
    if "days_min" not in read or "days_max" not in read:  # said already, at the field that cannot be read
        read |= {"days_min": 0, "days_max": 0}
    return MethodDraft(
        code=found.code or posted.get("code", ""), name=posted.get("name", ""), name_zh=posted.get("name_zh", ""),
        price_minor=read.get("price", 0), carrier=posted.get("carrier", ""), countries=codes(posted.get("countries", "")),
        zones=_places(posted.get("zones", "")), takes_cod="takes_cod" in posted, is_active="is_active" in posted,
        free_above_minor=read.get("free_above") if posted.get("free_above", "").strip() else None,
        days_min=read["days_min"], days_max=read["days_max"], position=read.get("position", 0),
        services=tuple(read_ids(posted.getlist("service"))),
    )  # fmt: skip


def _places(text: str) -> tuple[str, ...]:
    """Provinces by line, comma or semicolon; a province's name may hold blanks."""
    for mark in "\uff0c\u3001;\uff1b\r\n":
        text = text.replace(mark, ",")
    return tuple(each.strip() for each in text[:40_000].split(",") if each.strip())


def _shown(request: HttpRequest, found: DeliveryMethod) -> dict[str, Any]:
    """What the form shows: what was typed, else what is stored."""
    posted = request.POST
    new = found._state.adding
    stored: dict[str, Any] = {
        "code": found.code, "name": found.name, "name_zh": found.name_zh, "carrier": found.carrier,
        "price": "" if new else numbers.amount(found.price_minor, found.currency),
        "free_above": numbers.amount(found.free_above_minor, found.currency), "days_min": found.days_min,
        "days_max": found.days_max, "countries": ", ".join(found.countries), "zones": _(", ").join(found.zones),
        "position": found.position,
    }  # fmt: skip
    shown: dict[str, Any] = {name: posted.get(name, value) for name, value in stored.items()}
    if posted:
        ticked = {"takes_cod": "takes_cod" in posted, "is_active": "is_active" in posted}
        return shown | ticked | {"services": set(posted.getlist("service"))}
    served = () if new else shipping.services_of(found.code)
    shown |= {"takes_cod": found.takes_cod, "is_active": found.is_active}
    return shown | {"services": {str(each) for each in served}}
