"""Which ways to pay a shop offers, and the keys of its accounts with providers: set up by staff, tried out, and opened for a
call. A secret once given is sealed and never shown again; leaving its field empty keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from callcart.commerce.payments.gateway import (
    Gateway,
    GatewayRefused,
    GatewayUnreachable,
    Traits,
    gateway,
    gateway_names,
    maker_of,
    traits_of,
)
from callcart.commerce.payments.models_accounts import GatewayAccount
from callcart.core import audit, tokens
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import AppError, Conflict, NotFound
from callcart.core.fields import Fields
from callcart.core.tenancy import current_tenant, tenant_transaction

_SEAL = "gateway_keys"
MOST_KEY = 8000


class NotSetUp(AppError):
    """This way to pay is not set up."""

    code = "payment.not_set_up"
    status = 409


class NoWayToPay(Conflict):
    """There is no way to pay online just now. Please call us."""

    code = "payment.no_way"


@dataclass(frozen=True, slots=True)
class Way:
    """A provider as the settings page shows it. `kept` names the secrets that are there."""

    provider: str
    traits: Traits
    is_on: bool
    sandbox: bool
    position: int
    values: Mapping[str, str]
    kept: frozenset[str]
    account: GatewayAccount | None

    @property
    def is_ready(self) -> bool:
        return all(field.name in self.kept or self.values.get(field.name) for field in self.traits.keys)


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider as a customer may choose it."""

    provider: str
    label: str
    mandates: bool


def ways() -> list[Way]:
    """Every installed provider with what the shop has set up of it, in the order in which they are offered."""
    rows = {row.provider: row for row in GatewayAccount.objects.all()}
    found = [_way(name, place, rows.get(name)) for place, name in enumerate(gateway_names())]
    return sorted(found, key=lambda way: (way.position, gateway_names().index(way.provider)))


def way_of(provider: str) -> Way:
    """One of them; NotFound for a provider that is not installed."""
    traits_of(provider)
    return next(way for way in ways() if way.provider == provider)


def _way(name: str, place: int, row: GatewayAccount | None) -> Way:
    traits = traits_of(name)
    return Way(
        provider=name,
        traits=traits,
        is_on=row.is_on if row is not None else not traits.keys,
        sandbox=row.sandbox if row is not None else False,
        position=row.position if row is not None else place,
        values=row.values if row is not None else {},
        kept=frozenset(_secrets(row)),
        account=row,
    )


def offers(currency: str) -> list[Offer]:
    """What a customer may choose from to pay in a currency; the first is the shop's preferred one."""
    return [
        Offer(way.provider, str(way.traits.label or way.provider), way.traits.mandates)
        for way in ways()
        if way.is_on and way.is_ready and way.traits.takes(currency)
    ]


def chosen(provider: str, currency: str) -> Offer:
    """The offer of that name, or the first where none is named. Raises NoWayToPay; NotFound for one not on offer."""
    found = offers(currency)
    if not found:
        raise NoWayToPay
    if not provider:
        return found[0]
    for offer in found:
        if offer.provider == provider:
            return offer
    raise NotFound


def open_gateway(name: str) -> Gateway:
    """A provider with the keys of the current tenant, also one that is switched off meanwhile: what was begun by it ends by it.
    Raises NotFound for an unknown one, NotSetUp without keys. To be called outside of a transaction or inside one."""
    if not traits_of(name).keys:
        return gateway(name)
    with tenant_transaction(current_tenant()):
        row = GatewayAccount.objects.filter(provider=name).first()
    if row is None:
        raise NotSetUp
    return _made(name, {**row.values, **_secrets(row)}, sandbox=row.sandbox)


def _made(name: str, values: Mapping[str, str], *, sandbox: bool) -> Gateway:
    if any(not values.get(field.name) for field in traits_of(name).keys):
        raise NotSetUp
    made: Gateway = maker_of(name)(values, sandbox=sandbox)
    return made


def set_up(
    actor: Actor,
    provider: str,
    *,
    values: Mapping[str, str],
    is_on: bool,
    sandbox: bool = False,
    position: int = 0,
) -> GatewayAccount:
    """Keep a shop's keys of a provider and whether it is offered. An empty secret keeps the one there is. Raises
    PermissionDenied, NotFound, Invalid."""
    actor.require("payments.set_up")
    traits = traits_of(provider)
    row = GatewayAccount.objects.select_for_update(no_key=True).filter(provider=provider).first()
    before = row.is_on if row is not None else not traits.keys
    row = row or GatewayAccount(provider=provider)
    secrets, form, changed = _secrets(row), Fields(), []
    for field in traits.keys:
        kept = secrets if field.secret else row.values
        given = form.block(field.name, values.get(field.name, ""), most=MOST_KEY)
        if given and given != kept.get(field.name):
            changed.append(field.name)
            if not field.fits(given):
                form.refuse(field.name, _("This is not a key of the right kind."))
            kept[field.name] = given
        if is_on and not kept.get(field.name):
            form.refuse(field.name, _("Please fill this in."))
    if not 0 <= position <= 99:
        form.refuse("position", _("Give a number from 0 to 99."))
    form.done()
    row.is_on, row.sandbox, row.position = is_on, sandbox and traits.sandbox, position
    row.sealed = tokens.seal(_SEAL, json.dumps(secrets)) if secrets else ""
    row.changed_at, row.changed_by_name = now(), actor.name
    if changed:
        row.tested_at, row.test_failure = None, ""
    row.save()
    audit.record(
        actor,
        "payments.set_up",
        subject=("gateway_account", row.id),
        before={"is_on": before},
        after={"provider": provider, "is_on": is_on, "sandbox": row.sandbox, "changed": changed},
    )
    return row


def test_connection(actor: Actor, provider: str) -> str:
    """Try the keys at the provider: empty where they work, else what is wrong in words. Calls the provider: outside of a
    transaction. Raises PermissionDenied, NotFound, NotSetUp."""
    actor.require("payments.set_up")
    traits_of(provider)
    failure = ""
    try:
        check = getattr(open_gateway(provider), "check", None)
        if check is not None:
            check()
    except (GatewayRefused, GatewayUnreachable, ValueError) as error:
        refused = not isinstance(error, GatewayUnreachable)
        failure = "refused" if refused else "unreachable"
    with tenant_transaction(actor.tenant_id), transaction.atomic():
        GatewayAccount.objects.filter(provider=provider).update(tested_at=now(), test_failure=failure)
        audit.record(actor, "payments.test_connection", after={"provider": provider, "failure": failure})
    return failure


def _secrets(row: GatewayAccount | None) -> dict[str, str]:
    """The secrets of an account; none where they were sealed by another installation (a restored backup without its key)."""
    if row is None or not row.sealed:
        return {}
    try:
        found: dict[str, Any] = json.loads(tokens.unseal(_SEAL, row.sealed))
    except ValueError:
        return {}
    return {name: str(value) for name, value in found.items()}
