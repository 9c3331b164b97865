"""A carrier's service in the office: days, weights, surcharges, cash on delivery, cut-off times, and the methods it serves."""

from __future__ import annotations

from datetime import time
from typing import Any
from uuid import UUID

from babel.dates import get_day_names
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.models import CarrierService, CutOff, ServiceMethod
from callcart.commerce.shipping.public import ServiceDraft
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields
from callcart.people.tenants.public import get_tenant
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.parcels import numbers
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@requires("shipping.view")
def service(request: HttpRequest, carrier_id: UUID, service_id: UUID | None = None) -> HttpResponse:
    """One service, or a new one."""
    actor, tried = actor_of(request), None
    carrier, found = shipping.get_carrier(carrier_id), CarrierService(delivers_on=[0, 1, 2, 3, 4])
    if service_id is not None:
        found = shipping.get_service(service_id)
        if found.carrier_id != carrier.id:
            raise NotFound
    else:
        actor.require("shipping.manage")
        found.currency = get_tenant(actor.tenant_id).currency
    if request.method == "POST":
        with attempt() as tried:
            saved = _save(request, carrier_id, service_id, found.currency)
        if tried:
            if service_id is None:
                return go(
                    request,
                    url("office:carrier_rates", carrier_id, saved.id),
                    toast=_("Saved. Now its prices."),
                )
            return go(request, url("office:carrier_service", carrier_id, saved.id), toast=_("Saved."))
    said = refusal(tried)
    return page(
        request, "office/parcels/service.html", status=said.status, carrier=carrier, service=found, said=said,
        new=service_id is None, posted=request.POST, days=weekdays(), shown=_shown(found, request),
        methods=shipping.list_methods(), may=actor.can("shipping.manage"),
        zones=found.zones.count() if service_id else 0,
    )  # fmt: skip


def weekdays() -> dict[int, str]:
    """Weekdays in the reader's language, Monday is 0."""
    names = get_day_names("abbreviated", locale="zh_Hans" if reader().language.startswith("zh") else "en")
    return {day: str(names[day]) for day in range(7)}


def _shown(found: CarrierService, request: HttpRequest) -> dict[str, Any]:
    """What the form shows: what was typed, else what is stored."""
    posted = request.POST
    stored: dict[str, Any] = {
        "code": found.code, "name": found.name, "name_zh": found.name_zh, "days_min": found.days_min,
        "days_max": found.days_max, "divisor": found.divisor or "", "max_weight": numbers.kilograms(found.max_weight_g),
        "fuel": numbers.per_cent(found.fuel_bp), "cod_fee": numbers.amount(found.cod_fee_minor, found.currency),
        "cod_share": numbers.per_cent(found.cod_bp), "cod_most": numbers.amount(found.cod_most_minor, found.currency),
        "position": found.position,
    }  # fmt: skip
    shown: dict[str, Any] = {name: posted.get(name, value) for name, value in stored.items()}
    old = not found._state.adding
    if posted:
        shown |= {"takes_cod": "takes_cod" in posted, "is_active": "is_active" in posted}
        shown |= {"on": set(posted.getlist("on")), "serves": set(posted.getlist("method"))}
        shown["times"] = {day: posted.get(f"until_{day}", "") for day in range(7)}
        return shown
    shown |= {
        "takes_cod": found.takes_cod,
        "is_active": found.is_active,
        "on": {str(day) for day in found.delivers_on},
    }
    served = ServiceMethod.objects.filter(service=found).values_list("method_code", flat=True) if old else ()
    times = CutOff.objects.filter(service=found, warehouse_id=None) if old else ()
    shown["serves"] = set(served)
    shown["times"] = {each.weekday: each.at.isoformat("minutes") for each in times}
    if not old:
        shown["times"] = dict.fromkeys(range(5), "17:00")
    return shown


def _save(request: HttpRequest, carrier_id: UUID, service_id: UUID | None, currency: str) -> CarrierService:
    actor, fields = actor_of(request), Fields()
    draft, times = _draft(request, currency, fields), _times(request, fields)
    fields.done()
    saved = shipping.save_service(actor, carrier_id, draft, service_id=service_id)
    shipping.set_cut_offs(actor, saved.id, times)
    return saved


def _draft(request: HttpRequest, currency: str, fields: Fields) -> ServiceDraft:
    posted = request.POST
    read: dict[str, int] = {}
    for name, act in (
        ("days_min", lambda text, at: numbers.whole(text, at)),
        ("days_max", lambda text, at: numbers.whole(text, at)),
        ("divisor", lambda text, at: numbers.whole(text or "0", at)),
        ("position", lambda text, at: numbers.whole(text or "0", at)),
        ("max_weight", lambda text, at: numbers.grams(text, at) if text.strip() else 0),
        ("fuel", numbers.basis_points),
        ("cod_share", numbers.basis_points),
        ("cod_fee", lambda text, at: numbers.minor(text, at, currency)),
        ("cod_most", lambda text, at: numbers.minor(text, at, currency)),
    ):
        with fields.part():
            read[name] = act(posted.get(name, ""), name)
    return ServiceDraft(
        code=posted.get("code", ""), name=posted.get("name", ""), name_zh=posted.get("name_zh", ""),
        days_min=read.get("days_min", 0), days_max=read.get("days_max", 0), divisor=read.get("divisor", 0),
        delivers_on=tuple(int(day) for day in posted.getlist("on") if day in "0123456" and len(day) == 1),
        max_weight_g=read.get("max_weight") or None, fuel_bp=read.get("fuel", 0), takes_cod="takes_cod" in posted,
        cod_fee_minor=read.get("cod_fee", 0), cod_bp=read.get("cod_share", 0), cod_most_minor=read.get("cod_most") or None,
        is_active="is_active" in posted, position=read.get("position", 0), methods=tuple(posted.getlist("method")),
    )  # fmt: skip


def _times(request: HttpRequest, fields: Fields) -> dict[int, time]:
    found: dict[int, time] = {}
    for day in range(7):
        text = request.POST.get(f"until_{day}", "").strip()
        if not text:
            continue
        with fields.part():
            try:
                found[day] = time.fromisoformat(text[:8])
            except ValueError:
                raise Invalid(fields={f"until_{day}": _("A time such as 17:30.")}) from None
    return found
