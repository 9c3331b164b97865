"""Making and changing delivery methods, and which carriers' services carry them.

A method's code stays what it was made with: orders and services name the method by it. Whoever changes one says which version
they saw; orders keep the name, the price and the days they were placed with.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.shipping.models import CarrierService, DeliveryMethod, ServiceMethod
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, NotFound
from callcart.core.fields import Fields
from callcart.core.regions import region_key
from callcart.core.versions import seen_row
from callcart.people.tenants.public import get_tenant, name_fields

_MOST = 10**10
_MOST_PLACES = 500
_COUNTRY = re.compile("[A-Z]{2}")


class CodeTaken(Conflict):
    """Another delivery method already has this code."""

    code = "shipping.code_taken"


@dataclass(frozen=True, slots=True)
class MethodDraft:
    """A delivery method to be. Prices are minor units of the tenant's currency; days are working days. `services` are the
    ids of the carriers' services that carry it; None leaves those there are."""

    code: str
    name: str
    price_minor: int
    name_zh: str = ""
    carrier: str = ""
    countries: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    free_above_minor: int | None = None
    days_min: int = 1
    days_max: int = 3
    takes_cod: bool = True
    is_active: bool = True
    position: int = 0
    services: tuple[UUID, ...] | None = None


def create_method(actor: Actor, draft: MethodDraft) -> DeliveryMethod:
    """Raises Invalid, CodeTaken."""
    actor.require("shipping.manage")
    values, services = _checked(draft)
    method = DeliveryMethod(currency=get_tenant(actor.tenant_id).currency, **values)
    try:
        with transaction.atomic():
            method.save(force_insert=True)
    except IntegrityError as error:
        raise CodeTaken from error
    _carried_by(method, services)
    _tell(actor, method, "shipping.create_method", after=_told(values, services))
    return method


def update_method(actor: Actor, method_id: UUID, draft: MethodDraft, *, version: int) -> DeliveryMethod:
    """Raises NotFound, Conflict where somebody was faster, Invalid. Orders keep what they were placed with."""
    actor.require("shipping.manage")
    method = _locked(method_id, version)
    values, services = _checked(draft, kept=method.code)
    before: dict[str, Any] = {name: getattr(method, name) for name in values}
    if services is not None:
        before["services"] = sorted(str(each) for each in services_of(method.code))
    for name, value in values.items():
        setattr(method, name, value)
    method.version += 1
    method.save()
    _carried_by(method, services)
    _tell(actor, method, "shipping.update_method", before=before, after=_told(values, services))
    return method


def switch_method(actor: Actor, method_id: UUID, *, on: bool, version: int) -> DeliveryMethod:
    """Offer a method to customers, or no more. Raises NotFound, Conflict where somebody was faster."""
    actor.require("shipping.manage")
    method = _locked(method_id, version)
    if method.is_active == on:
        return method
    method.is_active = on
    method.version += 1
    method.save(update_fields=["is_active", "version"])
    _tell(actor, method, "shipping.switch_method", before={"is_active": not on}, after={"is_active": on})
    return method


def get_method(method_id: UUID) -> DeliveryMethod:
    """Raises NotFound."""
    found = DeliveryMethod.objects.filter(id=method_id).first()
    if found is None:
        raise NotFound
    return found


def services_of(code: str) -> set[UUID]:
    """The services that carry a delivery method; none: any may."""
    return set(ServiceMethod.objects.filter(method_code=code).values_list("service_id", flat=True))


def services_by_method() -> dict[str, list[CarrierService]]:
    """The services that carry each delivery method, by its code, with their carriers."""
    found: dict[str, list[CarrierService]] = {}
    rows = ServiceMethod.objects.select_related("service__carrier")
    for row in rows.order_by("service__carrier__position", "service__position", "service__code"):
        found.setdefault(row.method_code, []).append(row.service)
    return found


def _locked(method_id: UUID, version: int) -> DeliveryMethod:
    return seen_row(DeliveryMethod.objects.select_for_update(no_key=True), method_id, version)


def _tell(actor: Actor, method: DeliveryMethod, action: str, **change: Any) -> None:
    audit.record(actor, action, subject=("delivery_method", method.id), **change)
    events.emit(
        "shipping.method_changed", subject=("delivery_method", method.id), data={"method_id": method.id}
    )


def _told(values: dict[str, Any], services: Collection[UUID] | None) -> dict[str, Any]:
    return values if services is None else {**values, "services": sorted(str(each) for each in services)}


def _checked(draft: MethodDraft, *, kept: str = "") -> tuple[dict[str, Any], set[UUID] | None]:
    """The columns, and the services; Invalid names every wrong field. `kept`: the code it has already."""
    fields = Fields()
    values: dict[str, Any] = asdict(draft)
    del values["services"]
    _names(fields, values)
    if kept and values["code"] != kept:
        fields.refuse("code", gettext("The code stays: orders name the method by it."))
    for name, most in (("price_minor", _MOST), ("free_above_minor", _MOST), ("position", 10**6)):
        if values[name] is not None and not 0 <= values[name] <= most:
            fields.refuse(name, gettext("This cannot be right."))
    if not 0 <= draft.days_min <= draft.days_max <= 365:
        fields.refuse("days_max", gettext("The longest time comes after the shortest."))
    values["countries"], values["zones"] = _countries(fields, draft), _zones(fields, draft)
    services = _services(fields, draft)
    fields.done()
    return values, services


def _names(fields: Fields, values: dict[str, Any]) -> None:
    values["code"] = fields.line("code", values["code"], most=32, required=True)
    for name in ("name", "name_zh", "carrier"):
        values[name] = fields.line(name, values[name], most=100)
    if not values["name"] and not values["name_zh"]:
        fields.refuse(name_fields(get_tenant())[0], gettext("Please fill this in."))


def _countries(fields: Fields, draft: MethodDraft) -> list[str]:
    found = list(dict.fromkeys(each.strip().upper() for each in draft.countries if each.strip()))
    if len(found) > _MOST_PLACES or not all(map(_COUNTRY.fullmatch, found)):
        fields.refuse("countries", gettext("Two letters for each country, such as US or CN."))
    return found


def _zones(fields: Fields, draft: MethodDraft) -> list[str]:
    """Provinces as they are typed, each once however it is written."""
    typed = (fields.line("zones", each, most=100) for each in draft.zones[: _MOST_PLACES + 1])
    found = {region_key(each): each for each in typed if each}
    if len(draft.zones) > _MOST_PLACES:
        fields.refuse("zones", gettext("At most %(most)d provinces.") % {"most": _MOST_PLACES})
    return list(found.values())


def _services(fields: Fields, draft: MethodDraft) -> set[UUID] | None:
    if draft.services is None:
        return None
    wanted = set(draft.services)
    if CarrierService.objects.filter(id__in=wanted).count() != len(wanted):
        fields.refuse("services", gettext("Choose one of the values offered."))
    return wanted


def _carried_by(method: DeliveryMethod, services: Collection[UUID] | None) -> None:
    if services is None:
        return
    ServiceMethod.objects.filter(method_code=method.code).exclude(service__in=services).delete()
    ServiceMethod.objects.bulk_create(
        [ServiceMethod(service_id=each, method_code=method.code) for each in sorted(services)],
        ignore_conflicts=True,
    )
