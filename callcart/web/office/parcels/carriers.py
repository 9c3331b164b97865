"""Carriers in the office: who carries, how we talk to them, and the days on which nothing moves."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.carrier import account_fields, adapter_names
from callcart.commerce.shipping.models import Carrier, CarrierService, Holiday
from callcart.commerce.shipping.public import CarrierDraft
from callcart.core.errors import Invalid
from callcart.core.fields import Fields
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.parcels.numbers import whole
from callcart.web.office.refusal import refusal
from callcart.web.origin import own_url

ACCOUNT = ("token", "carrier", "timezone")


def account_labels() -> dict[str, str]:
    return {
        "token": _("Key"), "carrier": _("Carrier's number there"), "timezone": _("Time zone of scans without one"),
    }  # fmt: skip


@requires("shipping.view")
def carriers(request: HttpRequest) -> HttpResponse:
    rows = list(Carrier.objects.prefetch_related("services"))
    return page(
        request, "office/parcels/carriers.html", carriers=rows, adapters=adapter_names(),
        holidays=Holiday.objects.filter(carrier=None).count(), may=actor_of(request).can("shipping.manage"),
    )  # fmt: skip


@requires("shipping.view")
def carrier(request: HttpRequest, carrier_id: UUID | None = None) -> HttpResponse:
    """One carrier, or a new one."""
    actor, tried = actor_of(request), None
    found = Carrier() if carrier_id is None else shipping.get_carrier(carrier_id)
    if request.method == "POST":
        with attempt() as tried:
            saved = shipping.save_carrier(actor, _draft(request, found), carrier_id=carrier_id)
        if tried:
            return go(request, url("office:carrier", saved.id), toast=_("Saved."))
    elif carrier_id is None:
        actor.require("shipping.manage")
    said = refusal(tried)
    hook = own_url(request, f"/hooks/carriers/{actor.tenant_id}/{found.id}") if carrier_id else ""
    return page(
        request, "office/parcels/carrier.html", status=said.status, carrier=found, new=carrier_id is None, said=said,
        posted=request.POST, adapters=[(name, label) for name, label in adapter_names().items()], hook=hook,
        needs=account_fields(request.POST.get("adapter") or found.adapter), account=account_labels(), fields=ACCOUNT,
        services=list(CarrierService.objects.filter(carrier=found)) if carrier_id else [],
        may=actor.can("shipping.manage"),
    )  # fmt: skip


def _draft(request: HttpRequest, found: Carrier) -> CarrierDraft:
    posted, fields = request.POST, Fields()
    numbers = {"stuck_days": 0, "poll_minutes": 0, "position": 0}
    for name in numbers:
        with fields.part():
            numbers[name] = whole(posted.get(name, ""), name)
    fields.done()
    typed = {name: posted.get(f"account_{name}", "").strip()[:500] for name in ACCOUNT}
    changed = any(typed.values()) or "account_forget" in posted
    return CarrierDraft(
        code=posted.get("code", ""), name=posted.get("name", ""), name_zh=posted.get("name_zh", ""),
        phone=posted.get("phone", ""), adapter=posted.get("adapter", ""), tracking_page=posted.get("tracking_page", ""),
        is_active="is_active" in posted, account=typed if changed else None, **numbers,
    )  # fmt: skip


@requires("shipping.manage")
def holidays(request: HttpRequest) -> HttpResponse:
    """The days on which no carrier takes or brings anything: a line each."""
    tried, text = (
        None,
        "\n".join(
            f"{each.day.isoformat()} {each.name}".strip() for each in Holiday.objects.filter(carrier=None)
        ),
    )
    if request.method == "POST":
        text = request.POST.get("days", "")[:20_000]
        with attempt(Invalid) as tried:
            shipping.set_holidays(actor_of(request), _days(text))
        if tried:
            return go(request, url("office:carriers"), toast=_("Saved."))
    said = refusal(tried)
    return page(request, "office/parcels/holidays.html", status=said.status, said=said, text=text)


def _days(text: str) -> list[tuple[date, str]]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        day, _blank, name = line.strip().partition(" ")
        if not day:
            continue
        try:
            found.append((date.fromisoformat(day), name))
        except ValueError:
            said = _("Line %(number)s does not begin with a day such as 2026-12-25.") % {"number": number}
            raise Invalid(fields={"days": said}) from None
    return found
