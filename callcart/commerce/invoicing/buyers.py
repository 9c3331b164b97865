"""Whom the invoice of an order is for: asked at check-out, by the agent, or on the order's page, and open to change until the
invoice is issued. Nothing here is an official tax invoice: what one needs is only kept and handed on."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.commerce.invoicing.errors import IsIssued
from callcart.commerce.invoicing.models import Buyer, BuyerKind, Document, Kind
from callcart.commerce.orders.public import Order, visible
from callcart.core import audit, events
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.fields import Fields

# Unified social credit code (18), the older tax numbers (15, 17, 20): digits and capital letters.
_CHINESE_TAX_NUMBER = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{17,18}|[0-9A-Z]{20}")
_TAX_NUMBER = re.compile(r"[0-9A-Z][0-9A-Z ./-]{2,38}")


@dataclass(frozen=True, slots=True)
class BuyerDraft:
    """Whom it is for. `wants_tax_invoice`: an official electronic tax invoice, by mail."""

    kind: str = BuyerKind.PERSON
    title: str = ""
    tax_number: str = ""
    address: str = ""
    phone: str = ""
    bank: str = ""
    bank_account: str = ""
    email: str = ""
    wants_tax_invoice: bool = False


def buyer_of(order_id: UUID) -> Buyer | None:
    """Whom the invoice of an order is for, where somebody said so."""
    return Buyer.objects.filter(order_id=order_id).first()


def last_buyer(customer_id: UUID | None) -> Buyer | None:
    """Whom this customer's latest invoice was to be for, to be offered again."""
    if customer_id is None:
        return None
    return Buyer.objects.filter(customer_id=customer_id).order_by("-changed_at").first()


def set_buyer(actor: Actor, order_id: UUID, draft: BuyerDraft) -> Buyer:
    """Say whom the invoice is for. A customer may for an order of theirs. Raises NotFound, Invalid, IsIssued."""
    order = reachable(actor, order_id, permission="invoicing.buyer", lock=True)
    values = check_buyer(draft, country=order.ship_country)
    if Document.objects.filter(order_id=order.id, kind=Kind.INVOICE, closed_at__isnull=True).exists():
        raise IsIssued
    return _store(actor, order, values)


def change_buyer(actor: Actor, order: Order, draft: BuyerDraft) -> Buyer:
    """The same while an invoice is being corrected; the caller holds the order's lock and has asked for permission."""
    return _store(actor, order, check_buyer(draft, country=order.ship_country))


def reachable(actor: Actor, order_id: UUID, *, permission: str, lock: bool = False) -> Order:
    """An order whose papers the actor may work with: staff need the permission besides seeing it. Raises NotFound."""
    if actor.kind is not ActorKind.CUSTOMER:
        actor.require(permission)
    found = visible(actor, "orders.view").filter(id=order_id)
    order = (found.select_for_update(no_key=True) if lock else found).first()
    if order is None:
        raise NotFound
    return order


def check_buyer(draft: BuyerDraft, *, country: str) -> dict[str, Any]:
    """The values to keep. Raises Invalid with every wrong field."""
    form, values = Fields(), asdict(draft)
    form.choice("kind", draft.kind, BuyerKind)
    values["title"] = form.line("title", draft.title, most=200, required=True)
    values["address"] = form.line("address", draft.address, most=300)
    values["phone"] = form.line("phone", draft.phone, most=60)
    values["bank"] = form.line("bank", draft.bank, most=200)
    values["bank_account"] = form.line("bank_account", draft.bank_account, most=60)
    values["email"] = form.email("email", draft.email, required=draft.wants_tax_invoice)
    number = form.line("tax_number", draft.tax_number, most=40).upper()
    if country == "CN":
        number = number.replace(" ", "")
    values["tax_number"] = number
    if number and not (_CHINESE_TAX_NUMBER if country == "CN" else _TAX_NUMBER).fullmatch(number):
        form.refuse("tax_number", _("This is not a tax number."))
    if not number and country == "CN" and draft.kind == BuyerKind.COMPANY:
        form.refuse("tax_number", _("A company's invoice needs its tax number."))
    form.done()
    return values


def _store(actor: Actor, order: Order, values: dict[str, Any]) -> Buyer:
    found = Buyer.objects.filter(order_id=order.id).first() or Buyer(order_id=order.id)
    before = {name: getattr(found, name) for name in values} if found.changed_at else {}
    for name, value in values.items():
        setattr(found, name, value)
    found.customer_id, found.changed_at = order.customer_id, now()
    found.save()
    audit.record(actor, "invoicing.buyer", subject=("order", order.id), before=before, after=values)
    events.emit("invoicing.buyer_changed", subject=("order", order.id), data={"order_id": order.id})
    return found
