"""The shop's rules of approval, and the short list of receivers to be careful with."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.orders.models import ApprovalRules, DoubtfulReceiver, Order, ReceiverKind
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.search import fold
from callcart.people.customers.public import normalise_phone

MOST_RECEIVERS = 5_000
_MOST_MINOR = 10**12


class ListedAlready(Conflict):
    """This number or address is on the list already."""

    code = "order.receiver_listed"


class StaleRules(Conflict):
    """Somebody else changed the rules in the meantime. Look at them again, then repeat your change."""

    code = "order.stale_rules"


@dataclass(frozen=True, slots=True)
class RulesDraft:
    """Rules to be; amounts in minor units of the shop's currency, zero switches one off."""

    large_minor: int = 0
    first_cod_minor: int = 0
    refusals: int = 1
    duplicate_hours: int = 24
    auto_approve: bool = False
    auto_below_minor: int = 0


def rules_of_shop() -> ApprovalRules:
    """The shop's rules; those it starts with where it never set any (not stored)."""
    return ApprovalRules.objects.first() or ApprovalRules(version=0)


def set_rules(actor: Actor, draft: RulesDraft, *, version: int) -> ApprovalRules:
    """Raises Invalid with every wrong field, StaleRules."""
    actor.require("orders.approve_rules")
    form = Fields()
    for name in ("large_minor", "first_cod_minor", "auto_below_minor"):
        if not 0 <= getattr(draft, name) <= _MOST_MINOR:
            form.refuse(name, gettext("This cannot be right."))
    if not 0 <= draft.refusals <= 100:
        form.refuse("refusals", gettext("Give a number from 0 to 100."))
    if not 1 <= draft.duplicate_hours <= 24 * 14:
        form.refuse("duplicate_hours", gettext("Give 1 to 336 hours."))
    form.done()
    with transaction.atomic():
        rules = ApprovalRules.objects.select_for_update().first()
        if (rules.version if rules else 0) != version:
            raise StaleRules
        rules = rules or ApprovalRules(version=0)
        before = {name: getattr(rules, name) for name in RulesDraft.__dataclass_fields__}
        for name in before:
            setattr(rules, name, getattr(draft, name))
        rules.version += 1
        try:
            with transaction.atomic():
                rules.save()
        except IntegrityError as error:  # two at once made the first row
            raise StaleRules from error
    after = {name: getattr(rules, name) for name in before}
    audit.record(actor, "orders.set_rules", subject=("rules", rules.id), before=before, after=after)
    return rules


def list_receivers(actor: Actor) -> list[DoubtfulReceiver]:
    """The list, the newest first."""
    actor.require("orders.approve")
    return list(DoubtfulReceiver.objects.order_by("-id")[:MOST_RECEIVERS])


def add_receiver(actor: Actor, *, kind: str, value: str, note: str = "") -> DoubtfulReceiver:
    """Put a telephone number (any form) or an address on the list. Raises Invalid, ListedAlready."""
    actor.require("orders.approve")
    form = Fields()
    if kind not in set(ReceiverKind):
        form.refuse("kind", gettext("Choose one of the values offered."))
    value = form.line("value", value, most=400, required=True)
    note = form.line("note", note, most=200)
    key = ""
    if value and "kind" not in form.wrong:
        key = _key(kind, value, form)
    if DoubtfulReceiver.objects.count() >= MOST_RECEIVERS:
        form.refuse("value", gettext("The list is full; take something off first."))
    form.done()
    row = DoubtfulReceiver(kind=kind, key=key, value=value, note=note, added_by=actor.name)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ListedAlready from error
    audit.record(
        actor, "orders.list_receiver", subject=("receiver", row.id), after={"kind": kind}, reason=note
    )
    return row


def remove_receiver(actor: Actor, receiver_id: UUID) -> None:
    """Raises NotFound."""
    actor.require("orders.approve")
    row = DoubtfulReceiver.objects.filter(id=receiver_id).first()
    if row is None:
        raise NotFound
    row.delete()
    audit.record(
        actor, "orders.unlist_receiver", subject=("receiver", receiver_id), before={"kind": row.kind}
    )


def _key(kind: str, value: str, form: Fields) -> str:
    if kind == ReceiverKind.PHONE:
        try:
            return normalise_phone(value).e164
        except Invalid as error:
            form.refuse("value", next(iter(error.fields.values()), error.message))
            return ""
    key = address_key(value)
    if len(key) < 4:
        form.refuse("value", gettext("Give more of the address."))
    return key


def address_key(*parts: str) -> str:
    """An address as it is compared: letters and digits only, without case, width and accents."""
    return "".join(c for c in fold("".join(parts)) if unicodedata.category(c)[0] in "LN")


def listed(order: Order) -> set[str]:
    """Which kinds of the list an order is on. An entry of an address also fits one that goes on after it."""
    found = set()
    if DoubtfulReceiver.objects.filter(kind=ReceiverKind.PHONE, key=order.ship_phone).exists():
        found.add(ReceiverKind.PHONE.value)
    forms = {
        address_key(order.ship_street),
        address_key(order.ship_city, order.ship_district, order.ship_street),
        address_key(order.ship_province, order.ship_city, order.ship_district, order.ship_street),
        address_key(order.ship_street, order.ship_city),
    }
    keys = DoubtfulReceiver.objects.filter(kind=ReceiverKind.ADDRESS).values_list("key", flat=True)
    if any(form.startswith(key) for key in keys for form in forms):
        found.add(ReceiverKind.ADDRESS.value)
    return found
