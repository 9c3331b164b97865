"""Making and changing carriers, their services, days and times. What was booked before keeps what it was booked with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, time
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.shipping import credentials
from callcart.commerce.shipping.carrier import adapter_names
from callcart.commerce.shipping.models import (
    Carrier,
    CarrierService,
    CutOff,
    DeliveryMethod,
    Holiday,
    ServiceMethod,
)
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.people.tenants.public import get_tenant

ENCODINGS = ("utf-8", "gbk", "utf-16")
_MOST_MINOR = 10**10
_MOST_BP = 10_000


class CarrierCodeTaken(Conflict):
    """Another carrier, or another service of this one, already has this code."""

    code = "shipping.carrier_code_taken"


@dataclass(frozen=True, slots=True)
class CarrierDraft:
    """A carrier to be. `account` holds what its adapter needs; None leaves what is stored."""

    code: str
    name: str
    name_zh: str = ""
    phone: str = ""
    adapter: str = ""
    tracking_page: str = ""
    stuck_days: int = 3
    poll_minutes: int = 60
    is_active: bool = True
    position: int = 0
    account: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """A carrier's service to be; units as in `CarrierService`."""

    code: str
    name: str
    name_zh: str = ""
    days_min: int = 1
    days_max: int = 3
    delivers_on: tuple[int, ...] = (0, 1, 2, 3, 4)
    divisor: int = 0
    max_weight_g: int | None = None
    fuel_bp: int = 0
    takes_cod: bool = False
    cod_fee_minor: int = 0
    cod_bp: int = 0
    cod_most_minor: int | None = None
    is_active: bool = True
    position: int = 0
    methods: tuple[str, ...] = ()


def save_carrier(actor: Actor, draft: CarrierDraft, *, carrier_id: UUID | None = None) -> Carrier:
    """Make a carrier, or change one. Raises Invalid, NotFound, CarrierCodeTaken."""
    actor.require("shipping.manage")
    row = Carrier() if carrier_id is None else get_carrier(carrier_id)
    values = _checked_carrier(draft)
    before = {} if carrier_id is None else {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    if draft.account is not None:
        row.account = credentials.seal(draft.account)
    _save(row)
    changed = {**values, "account": "set"} if draft.account is not None else values
    audit.record(actor, "shipping.save_carrier", subject=("carrier", row.id), before=before, after=changed)
    return row


def save_layout(actor: Actor, carrier_id: UUID, *, layout: str, encoding: str) -> Carrier:
    """Keep the columns and the encoding of the file a carrier gets; what the columns mean is checked by who writes the file.
    Raises NotFound, Invalid."""
    actor.require("shipping.update")
    fields, row = Fields(), get_carrier(carrier_id)
    row.layout = fields.block("layout", layout, most=5000)
    row.encoding = fields.choice("encoding", encoding, ENCODINGS)
    fields.done()
    row.save(update_fields=["layout", "encoding"])
    audit.record(
        actor,
        "shipping.save_layout",
        subject=("carrier", row.id),
        after={"layout": row.layout, "encoding": encoding},
    )
    return row


def get_carrier(carrier_id: UUID) -> Carrier:
    """Raises NotFound."""
    found = Carrier.objects.filter(id=carrier_id).first()
    if found is None:
        raise NotFound
    return found


def get_service(service_id: UUID) -> CarrierService:
    """Raises NotFound."""
    found = CarrierService.objects.select_related("carrier").filter(id=service_id).first()
    if found is None:
        raise NotFound
    return found


def _checked_carrier(draft: CarrierDraft) -> dict[str, Any]:
    fields = Fields()
    values: dict[str, Any] = {
        "code": fields.line("code", draft.code, most=40, required=True),
        "name": fields.line("name", draft.name, most=100, required=True),
        "name_zh": fields.line("name_zh", draft.name_zh, most=100),
        "phone": fields.line("phone", draft.phone, most=40),
        "tracking_page": fields.line("tracking_page", draft.tracking_page, most=500),
        "adapter": draft.adapter,
        "is_active": draft.is_active,
    }
    if draft.adapter and draft.adapter not in adapter_names():
        fields.refuse("adapter", gettext("Choose one of the values offered."))
    page = values["tracking_page"]
    if page and not (page.startswith("https://") and page.count("{number}") == 1):
        fields.refuse(
            "tracking_page", gettext("An address that begins with https:// and holds {number} once.")
        )
    for name, most in (("stuck_days", 60), ("poll_minutes", 10_080), ("position", 10**6)):
        least = 0 if name == "position" else 1
        values[name] = _within(fields, name, getattr(draft, name), least, most)
    fields.done()
    return values


def save_service(
    actor: Actor, carrier_id: UUID, draft: ServiceDraft, *, service_id: UUID | None = None
) -> CarrierService:
    """Make a service of a carrier, or change one. Raises Invalid, NotFound, CarrierCodeTaken."""
    actor.require("shipping.manage")
    carrier = get_carrier(carrier_id)
    row = CarrierService(carrier=carrier, currency=get_tenant(actor.tenant_id).currency)
    if service_id is not None:
        row = get_service(service_id)
        if row.carrier_id != carrier.id:
            raise NotFound
    values = _checked_service(draft)
    before = {} if service_id is None else {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    _save(row)
    _serve(row, draft.methods)
    audit.record(
        actor,
        "shipping.save_service",
        subject=("carrier_service", row.id),
        before=before,
        after={**values, "methods": list(draft.methods)},
    )
    return row


def _checked_service(draft: ServiceDraft) -> dict[str, Any]:
    fields = Fields()
    values: dict[str, Any] = asdict(replace(draft, methods=()))
    del values["methods"]
    values["code"] = fields.line("code", draft.code, most=40, required=True)
    values["name"] = fields.line("name", draft.name, most=100, required=True)
    values["name_zh"] = fields.line("name_zh", draft.name_zh, most=100)
    for name, most in (
        ("days_min", 365), ("days_max", 365), ("divisor", 100_000), ("fuel_bp", _MOST_BP), ("cod_bp", _MOST_BP),
        ("cod_fee_minor", _MOST_MINOR), ("position", 10**6),
    ):  # fmt: skip
        _within(fields, name, values[name], 0, most)
    for name in ("max_weight_g", "cod_most_minor"):
        if values[name] is not None:
            _within(fields, name, values[name], 1, _MOST_MINOR)
    if draft.days_max < draft.days_min:
        fields.refuse("days_max", gettext("The longest time comes after the shortest."))
    values["delivers_on"] = sorted(set(draft.delivers_on))
    if not values["delivers_on"] or not set(values["delivers_on"]) <= set(range(7)):
        fields.refuse("delivers_on", gettext("Choose at least one day."))
    fields.done()
    return values


def _within(fields: Fields, name: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        said = gettext("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
        fields.refuse(name, said)
    return value


def _serve(service: CarrierService, methods: Sequence[str]) -> None:
    known = set(DeliveryMethod.objects.filter(code__in=methods).values_list("code", flat=True))
    if unknown := set(methods) - known:
        raise Invalid(
            fields={"methods": gettext("There is no such delivery method: %s") % ", ".join(sorted(unknown))}
        )
    ServiceMethod.objects.filter(service=service).exclude(method_code__in=known).delete()
    ServiceMethod.objects.bulk_create(
        [ServiceMethod(service=service, method_code=code) for code in sorted(known)], ignore_conflicts=True
    )


def set_cut_offs(
    actor: Actor, service_id: UUID, times: Mapping[int, time], *, warehouse_id: UUID | None = None
) -> None:
    """Until when the service takes parcels, by weekday (Monday is 0), for one warehouse or for all without times of their
    own. A weekday that is left out has no collection; no times at all are the usual ones."""
    actor.require("shipping.manage")
    service = get_service(service_id)
    if not set(times) <= set(range(7)):
        raise Invalid(fields={"cut_offs": gettext("Choose one of the values offered.")})
    CutOff.objects.filter(service=service, warehouse_id=warehouse_id).delete()
    CutOff.objects.bulk_create(
        [CutOff(service=service, warehouse_id=warehouse_id, weekday=day, at=at) for day, at in times.items()]
    )
    after = {
        "warehouse_id": warehouse_id,
        "times": {day: at.isoformat("minutes") for day, at in times.items()},
    }
    audit.record(actor, "shipping.set_cut_offs", subject=("carrier_service", service.id), after=after)


def set_holidays(actor: Actor, days: Iterable[tuple[date, str]], *, carrier_id: UUID | None = None) -> None:
    """The days on which nothing moves, of one carrier or of all; what was there before is replaced."""
    actor.require("shipping.manage")
    carrier = None if carrier_id is None else get_carrier(carrier_id)
    named = {day: name.strip()[:100] for day, name in days}
    Holiday.objects.filter(carrier=carrier).delete()
    Holiday.objects.bulk_create([Holiday(carrier=carrier, day=day, name=name) for day, name in named.items()])
    audit.record(
        actor,
        "shipping.set_holidays",
        subject=None if carrier is None else ("carrier", carrier.id),
        after={"days": [day.isoformat() for day in sorted(named)]},
    )


def _save(row: Carrier | CarrierService) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        if getattr(diagnostics, "constraint_name", None) in {
            "shipping_carrier_code",
            "shipping_service_code",
        }:
            raise CarrierCodeTaken from error
        raise


def carrier_called(name: str) -> Carrier | None:
    """The carrier of that code or name, in either language; None where there is none, or more than one."""
    return carriers_called([name]).get(name)


def carriers_called(names: Iterable[str]) -> dict[str, Carrier]:
    """The same of several names at once, by what they are called there; names of none or of more than one are left out."""
    wanted = {name: plain for name in names if (plain := name.strip().casefold())}
    known: dict[str, set[Carrier]] = {}
    for each in Carrier.objects.all() if wanted else ():
        for called in (each.code, each.name, each.name_zh):
            known.setdefault(called.casefold(), set()).add(each)
    found = {name: known.get(plain, set()) for name, plain in wanted.items()}
    return {name: next(iter(its)) for name, its in found.items() if len(its) == 1}
