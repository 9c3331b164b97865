"""Making a tenant and changing what it is: name, money, hours, host names, service numbers. Every change is audited."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

import phonenumbers
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.money import known_currencies
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants import options
from callcart.people.tenants.directory import forget_now_and_after_commit
from callcart.people.tenants.models import Host, ServiceNumber, Tenant

LANGUAGES = ("en", "zh-hans")
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_PLAIN = ("name", "name_zh", "currency", "timezone", "language", "country")


class HostTaken(Conflict):
    """This host name already belongs to a shop."""

    code = "tenants.host_taken"


class NumberTaken(Conflict):
    """This service number already belongs to a shop."""

    code = "tenants.number_taken"


class SlugTaken(Conflict):
    """This short name already belongs to a shop."""

    code = "tenants.slug_taken"


def create_tenant(
    *,
    slug: str,
    name: str,
    currency: str,
    timezone: str,
    language: str,
    country: str,
    name_zh: str = "",
    hosts: Iterable[str] = (),
    settings: Mapping[str, Any] | None = None,
) -> Tenant:
    """A new tenant, reached by `<slug>.localhost` and by `hosts`. Done by the installation, not by a tenant's staff;
    raises Invalid, SlugTaken, HostTaken."""
    values = _checked(
        {
            "slug": slug,
            "name": name,
            "name_zh": name_zh,
            "currency": currency,
            "timezone": timezone,
            "language": language,
            "country": country,
        }
    )
    tenant = Tenant(**values)
    tenant.settings = options.changed(tenant, settings or {})
    with transaction.atomic():
        try:
            with transaction.atomic():
                tenant.save()
        except IntegrityError:
            raise SlugTaken(slug=slug) from None
        with tenant_transaction(tenant.id):
            for host in [f"{slug}.localhost", *hosts]:
                _add_host(tenant.id, host)
        forget_now_and_after_commit()
    return tenant


def update_tenant(
    actor: Actor,
    *,
    version: int | None = None,
    settings: Mapping[str, Any] | None = None,
    permission: str = "tenants.manage",
    **changes: Any,
) -> Tenant:
    """Change the actor's tenant: `name`, `name_zh`, `currency`, `timezone`, `language`, `country`, and any of the typed
    `settings`. Raises Invalid, Conflict (where `version` is not the one at hand). A domain that guards settings of its own by a
    permission of its own names it, and gives nothing but those."""
    actor.require(permission)
    tenant = _own(actor)
    if version is not None and version != tenant.version:
        raise Conflict
    values, stored = _checked_with_settings(tenant, changes, settings)
    before = {name: getattr(tenant, name) for name in values}
    if settings and stored is not None:
        old = options.changed(tenant, {})
        before |= {name: old[name] for name in settings}
        tenant.settings = stored
    for name, value in values.items():
        setattr(tenant, name, value)
    tenant.version += 1
    tenant.save()
    after = values | {name: (stored or {})[name] for name in settings or {}}
    audit.record(actor, "tenants.update", before=before, after=after)
    forget_now_and_after_commit()
    return tenant


def add_host(actor: Actor, host: str) -> Host:
    """Claim a host name for the actor's tenant; raises Invalid, HostTaken."""
    actor.require("tenants.manage")
    made = _add_host(actor.tenant_id, host)
    audit.record(actor, "tenants.add_host", subject=("host", made.id), after={"host": made.host})
    forget_now_and_after_commit()
    return made


def remove_host(actor: Actor, host_id: UUID) -> None:
    """Give a host name up; raises NotFound."""
    actor.require("tenants.manage")
    found = Host.objects.filter(id=host_id, tenant_id=actor.tenant_id).first()
    if found is None:
        raise NotFound
    audit.record(actor, "tenants.remove_host", subject=("host", found.id), before={"host": found.host})
    found.delete()
    forget_now_and_after_commit()


def add_service_number(
    actor: Actor,
    number: str,
    *,
    name: str,
    name_zh: str = "",
    queue_id: UUID | None = None,
    greeting: str = "",
) -> ServiceNumber:
    """Add a number customers dial; it is read in the tenant's country. Raises Invalid, NumberTaken."""
    actor.require("tenants.manage")
    form, country = Fields(), _own(actor).country
    values: dict[str, Any] = {"queue_id": queue_id}
    with form.part():
        values |= _checked({"name": name, "name_zh": name_zh}, known=_PLAIN)
    with form.part():
        values["number"] = _service_number(number, country)
    with form.part():
        values["greeting"] = _greeting(greeting)
    form.done()
    made = ServiceNumber(tenant_id=actor.tenant_id, **values)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise NumberTaken(number=made.number) from None
    audit.record(
        actor,
        "tenants.add_service_number",
        subject=("service_number", made.id),
        after={"number": made.number},
    )
    forget_now_and_after_commit()
    return made


def update_service_number(actor: Actor, number_id: UUID, **changes: Any) -> ServiceNumber:
    """Change `name`, `name_zh`, `queue_id`, `greeting` or `is_active` of a service number; NotFound, Invalid."""
    actor.require("tenants.manage")
    found = ServiceNumber.objects.filter(id=number_id, tenant_id=actor.tenant_id).first()
    if found is None:
        raise NotFound
    form, values = Fields(), dict[str, Any]()
    with form.part():
        values |= _checked({key: changes[key] for key in ("name", "name_zh") if key in changes}, known=_PLAIN)
    with form.part():
        values |= {"greeting": _greeting(changes["greeting"])} if "greeting" in changes else {}
    form.done()
    values |= {key: changes[key] for key in ("queue_id", "is_active") if key in changes}
    before = {key: getattr(found, key) for key in values}
    for key, value in values.items():
        setattr(found, key, value)
    found.save()
    audit.record(
        actor,
        "tenants.update_service_number",
        subject=("service_number", found.id),
        before=before,
        after=values,
    )
    forget_now_and_after_commit()
    return found


def _checked_with_settings(
    tenant: Tenant, changes: Mapping[str, Any], settings: Mapping[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The properties, and the settings to store (None: they stay). Invalid names every wrong one of both."""
    form, values, stored = Fields(), dict[str, Any](), None
    with form.part():
        values = _checked(changes, known=_PLAIN)
    with form.part():
        stored = options.changed(tenant, settings) if settings else None
    form.done()
    return values, stored


def _own(actor: Actor) -> Tenant:
    found = Tenant.objects.select_for_update().filter(id=actor.tenant_id).first()
    if found is None:
        raise NotFound
    return found


def _add_host(tenant_id: int, host: str) -> Host:
    name = host.strip().rstrip(".").casefold()
    if not _HOST.fullmatch(name):
        raise Invalid(fields={"host": _("This is not a host name.")})
    try:
        with transaction.atomic():
            return Host.objects.create(tenant_id=tenant_id, host=name)
    except IntegrityError:
        raise HostTaken(host=name) from None


def _checked(values: Mapping[str, Any], *, known: Iterable[str] = ("slug", *_PLAIN)) -> dict[str, Any]:
    unknown = set(values) - set(known)
    if unknown:
        raise TypeError(f"not a property of a tenant: {sorted(unknown)}")
    clean = {key: str(value).strip() for key, value in values.items()}
    wrong = {key: problem for key, value in clean.items() if (problem := _problem(key, value))}
    if wrong:
        raise Invalid(fields=wrong)
    return clean


def _problem(key: str, value: str) -> str:
    problems = {
        "slug": (_SLUG.fullmatch(value), _("3 to 40 small letters, digits and hyphens, a letter first.")),
        "name": (value and _is_line(value), _("Give a name of at most 100 characters.")),
        "name_zh": (_is_line(value), _("Give a name of at most 100 characters.")),
        "currency": (value in known_currencies(), _("This is not a currency.")),
        "timezone": (value in available_timezones(), _("This is not a time zone.")),
        "language": (value in LANGUAGES, _("Choose one of the languages offered.")),
        "country": (value in phonenumbers.SUPPORTED_REGIONS, _("This is not a country.")),
    }
    fine, problem = problems[key]
    return "" if fine else problem


def _is_line(value: str) -> bool:
    return len(value) <= 100 and (value.isprintable() or not value)


def _service_number(text: str, country: str) -> str:
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise Invalid(fields={"number": _("This is not a telephone number.")})
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _greeting(name: str) -> str:
    if len(name) > 120 or not (name.isprintable() or not name):
        raise Invalid(fields={"greeting": _("This is not the name of a prompt.")})
    return name
