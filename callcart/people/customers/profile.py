"""Who a customer is: making one, changing it, blocking. Staff need `customers.edit`; a customer may change a little of
their own. Every change is audited and told by an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.core import audit, events, ids
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import Conflict, PermissionDenied
from callcart.core.fields import Fields
from callcart.people.customers import custom, reach
from callcart.people.customers.editing import locked, require_editable, save
from callcart.people.customers.models import Category, Customer, Tier
from callcart.people.tenants.public import get_tenant

LANGUAGES = ("en", "zh-hans")
CONSENTS = ("call", "sms", "email")
MOST_NAME = 100
MOST_NOTE = 4000
_OWN = {"name", "language", "consent"}
_STAFF = _OWN | {"tier", "category_id", "note", "custom"}


def create_customer(
    actor: Actor,
    *,
    name: str = "",
    phone: str = "",
    email: str = "",
    tier: str = Tier.STANDARD,
    category_id: UUID | None = None,
    language: str = "",
    note: str = "",
    consent: Mapping[str, bool] | None = None,
    custom: Mapping[str, Any] | None = None,
    source: str = "",
) -> Customer:
    """A new customer with a number of their own; at least a name, a phone or an e-mail must be known. The phone is read
    in any form. Others may have the same phone. Raises Invalid with all that is wrong."""
    actor.require("customers.edit")
    form = Fields()
    if not (name.strip() or phone.strip() or email.strip()):
        form.refuse("name", _("Give a name, a phone number or an e-mail address."))
    given: dict[str, Any] = {
        "name": name,
        "tier": tier,
        "category_id": category_id,
        "language": language or get_tenant(actor.tenant_id).language,
        "note": note,
        "consent": consent or {},
    }
    if custom is not None:
        given["custom"] = custom
    values = _checked(form, actor, given, None)
    found = reach.read_into(form, phone)
    address = form.email("email", email)
    form.done()
    return _keep_new(actor, values, source=source, e164=found.e164 if found else "", address=address)


def _keep_new(actor: Actor, values: dict[str, Any], *, source: str, e164: str, address: str) -> Customer:
    customer = Customer(number=ids.next_number("customer"), source=source or actor.channel, **values)
    customer.set_search(customer.name, customer.number)
    customer.save()
    if e164:
        reach.first_phone(customer, e164)
    if address:
        reach.first_email(customer, address)
    audit.record(actor, "customers.create", subject=("customer", customer.id), after=values)
    events.emit("customer.created", subject=("customer", customer.id))
    return customer


def update_customer(
    actor: Actor, customer_id: UUID, *, version: int | None = None, **changes: Any
) -> Customer:
    """Change `name`, `tier`, `category_id`, `language`, `note`, `consent` ({"sms": True}), `custom` ({key: value}). A
    customer may change their own name, language and consent. NotFound, Invalid, Conflict (an outdated `version`)."""
    customer = require_editable(actor, customer_id)
    if version is not None and version != customer.version:
        raise Conflict
    allowed = _OWN if actor.kind is ActorKind.CUSTOMER else _STAFF
    if not set(changes) <= allowed:
        raise TypeError(f"not to be changed: {sorted(set(changes) - allowed)}")
    form = Fields()
    values = _checked(form, actor, changes, customer)
    form.done()
    values = {key: value for key, value in values.items() if getattr(customer, key) != value}
    if not values:
        return customer
    before = {key: getattr(customer, key) for key in values}
    for key, value in values.items():
        setattr(customer, key, value)
    customer.set_search(customer.name, customer.number)
    save(customer)
    audit.record(actor, "customers.update", subject=("customer", customer.id), before=before, after=values)
    return customer


def block_customer(actor: Actor, customer_id: UUID, *, reason: str) -> Customer:
    """Mark a customer as one to refuse; what that stops is for each room to say. NotFound, Invalid."""
    form = Fields()
    because = form.line("reason", reason, most=300, required=True)
    form.done()
    return _set_blocked(actor, customer_id, blocked=True, because=because)


def unblock_customer(actor: Actor, customer_id: UUID, *, reason: str = "") -> Customer:
    form = Fields()
    because = form.line("reason", reason, most=300)
    form.done()
    return _set_blocked(actor, customer_id, blocked=False, because=because)


def _set_blocked(actor: Actor, customer_id: UUID, *, blocked: bool, because: str) -> Customer:
    if actor.kind is ActorKind.CUSTOMER:
        raise PermissionDenied(permission="customers.block")
    actor.require("customers.block")
    customer = locked(customer_id)
    if customer.blocked != blocked:
        customer.blocked, customer.blocked_because = blocked, because if blocked else ""
        save(customer)
        action = "customers.block" if blocked else "customers.unblock"
        audit.record(actor, action, subject=("customer", customer.id), reason=because)
    return customer


def _checked(form: Fields, actor: Actor, values: Mapping[str, Any], old: Customer | None) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    for key, value in values.items():
        if key == "name":
            clean[key] = form.line(key, value, most=MOST_NAME)
        elif key == "note":
            clean[key] = form.block(key, value, most=MOST_NOTE)
        elif key == "tier":
            clean[key] = form.choice(key, value, Tier.values)
        elif key == "language":
            clean[key] = form.choice(key, value, LANGUAGES)
        elif key == "category_id":
            clean[key] = _category(form, value)
        elif key == "consent":
            clean[key] = _consent(form, actor, value, old)
        else:
            clean[key] = custom.checked_custom(form, value, old=old.custom if old else None)
    return clean


def _category(form: Fields, category_id: UUID | None) -> UUID | None:
    if category_id is not None and not Category.objects.filter(id=category_id).exists():
        form.refuse("category", _("Choose one of the values offered."))
    return category_id


def _consent(form: Fields, actor: Actor, given: Mapping[str, bool], old: Customer | None) -> dict[str, Any]:
    """What was agreed to, when and how it was said; an unchanged answer keeps its moment."""
    merged = dict(old.consent) if old else {}
    for key, value in given.items():
        if key not in CONSENTS:
            form.refuse("consent", _("Choose one of the values offered."))
        elif merged.get(key, {}).get("given") is not bool(value):
            merged[key] = {"given": bool(value), "at": now().isoformat(), "channel": actor.channel}
    return merged
