"""Making and changing delivery methods."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.shipping.models import DeliveryMethod
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.text import clean, problem
from callcart.people.tenants.public import get_tenant

_MOST = 10**10


class CodeTaken(Conflict):
    """Another delivery method already has this code."""

    code = "shipping.code_taken"


@dataclass(frozen=True, slots=True)
class MethodDraft:
    """A delivery method to be. Prices are minor units of the tenant's currency; days are working days."""

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


def create_method(actor: Actor, draft: MethodDraft) -> DeliveryMethod:
    """Raises Invalid, CodeTaken."""
    actor.require("shipping.manage")
    values = _checked(draft)
    method = DeliveryMethod(currency=get_tenant(actor.tenant_id).currency, **values)
    _save(method)
    audit.record(actor, "shipping.create_method", subject=("delivery_method", method.id), after=values)
    return method


def update_method(actor: Actor, method_id: UUID, draft: MethodDraft) -> DeliveryMethod:
    """Raises NotFound, Invalid, CodeTaken. Orders keep what they were placed with."""
    actor.require("shipping.manage")
    method = DeliveryMethod.objects.filter(id=method_id).first()
    if method is None:
        raise NotFound
    values = _checked(draft)
    before = {name: getattr(method, name) for name in values}
    for name, value in values.items():
        setattr(method, name, value)
    _save(method)
    audit.record(
        actor, "shipping.update_method", subject=("delivery_method", method.id), before=before, after=values
    )
    return method


def _checked(draft: MethodDraft) -> dict[str, Any]:
    values: dict[str, Any] = asdict(draft)
    problems = {}
    for name, longest in (("code", 32), ("name", 100), ("name_zh", 100), ("carrier", 100)):
        values[name] = clean(values[name])
        if said := problem(values[name], longest=longest, required=name in {"code", "name"}):
            problems[name] = said
    for name in ("price_minor", "free_above_minor"):
        if values[name] is not None and not 0 <= values[name] <= _MOST:
            problems[name] = gettext("This cannot be right.")
    if not 0 <= draft.position <= 10**6:
        problems["position"] = gettext("This cannot be right.")
    if not 0 <= draft.days_min <= draft.days_max <= 365:
        problems["days_max"] = gettext("The longest time comes after the shortest.")
    if problems:
        raise Invalid(fields=problems)
    values["countries"] = [clean(each).upper() for each in draft.countries if clean(each)]
    values["zones"] = [clean(each) for each in draft.zones if clean(each)]
    return values


def _save(method: DeliveryMethod) -> None:
    try:
        with transaction.atomic():
            method.save()
    except IntegrityError as error:
        raise CodeTaken from error
