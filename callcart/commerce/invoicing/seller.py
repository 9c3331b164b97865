"""Who sells, and how the shop's invoices are made. One row a shop, made at the first look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.commerce.invoicing.models import IssueAt, Kind, PaperLanguage, Seller, Series
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict
from callcart.core.fields import Fields
from callcart.people.tenants.public import get_tenant

_PREFIX = re.compile(r"[A-Z0-9]{1,8}")
_LINES: Mapping[str, int] = {
    "name": 200, "name_zh": 200, "tax_number": 40, "bank": 200, "bank_account": 60, "phone": 60,
}  # fmt: skip
_BLOCKS: Mapping[str, int] = {"address": 400, "address_zh": 400, "note": 600, "note_zh": 600}


@dataclass(frozen=True, slots=True)
class SellerDraft:
    """What is printed about the shop, and when and how invoices are made. `logo`: key of a picture, empty for none."""

    name: str = ""
    name_zh: str = ""
    address: str = ""
    address_zh: str = ""
    tax_number: str = ""
    bank: str = ""
    bank_account: str = ""
    phone: str = ""
    email: str = ""
    note: str = ""
    note_zh: str = ""
    logo: str = ""
    issue_at: str = IssueAt.HAND
    language: str = PaperLanguage.CUSTOMER
    invoice_prefix: str = "INV"
    credit_prefix: str = "CN"
    by_year: bool = True
    credit_refunds: bool = True
    send_by_itself: bool = False


def seller() -> Seller:
    """The shop's row, under its name until somebody fills it in; not stored before that."""
    found = Seller.objects.first()
    if found is not None:
        return found
    tenant = get_tenant()
    return Seller(name=tenant.name, name_zh=tenant.name_zh, version=0)


def is_ready(found: Seller) -> bool:
    """Whether enough is known to print an invoice: a name and an address in one language at least."""
    return bool((found.name or found.name_zh) and (found.address or found.address_zh))


def save_seller(actor: Actor, draft: SellerDraft, *, version: int) -> Seller:
    """Change it; invoices that were issued keep what they say. Raises Invalid, Conflict."""
    actor.require("invoicing.set_up")
    values = _checked(draft)
    with transaction.atomic():
        found = Seller.objects.select_for_update().first() or Seller(version=0)
        if found.version != version:
            raise Conflict
        before = {name: getattr(found, name) for name in values}
        for name, value in values.items():
            setattr(found, name, value)
        found.version += 1
        try:
            with transaction.atomic():
                found.save()
        except IntegrityError as error:  # somebody else was the first to fill it in
            raise Conflict from error
    audit.record(
        actor,
        "invoicing.set_up",
        subject=("invoice_seller", found.id),
        before={name: value for name, value in before.items() if values[name] != value},
        after={name: value for name, value in values.items() if before[name] != value},
    )
    events.emit("invoicing.set_up", subject=("invoice_seller", found.id))
    return found


def _checked(draft: SellerDraft) -> dict[str, Any]:
    form, values = Fields(), asdict(draft)
    for name, most in _LINES.items():
        values[name] = form.line(name, values[name], most=most)
    for name, most in _BLOCKS.items():
        values[name] = form.block(name, values[name], most=most)
    values["email"] = form.email("email", values["email"])
    form.choice("issue_at", draft.issue_at, IssueAt)
    form.choice("language", draft.language, PaperLanguage)
    if not (values["name"] or values["name_zh"]):
        form.refuse("name", _("Please fill this in."))
    if not (values["address"] or values["address_zh"]):
        form.refuse("address", _("Please fill this in."))
    _check_prefixes(form, values)
    form.done()
    return values


def _check_prefixes(form: Fields, values: dict[str, Any]) -> None:
    """A prefix is of invoices or of credit notes, for ever: the same number never names two things."""
    for name, other in (("invoice_prefix", Kind.CREDIT_NOTE), ("credit_prefix", Kind.INVOICE)):
        values[name] = prefix = str(values[name]).strip().upper()[:20]
        if not _PREFIX.fullmatch(prefix):
            form.refuse(name, _("One to eight letters and digits."))
            continue
        taken = Series.objects.filter(kind=other)
        if any(each.code == prefix or each.code.startswith(f"{prefix}-") for each in taken):
            form.refuse(name, _("The other kind of document had this prefix before."))
    if values["invoice_prefix"] == values["credit_prefix"]:
        form.refuse("credit_prefix", _("Invoices and credit notes need different prefixes."))
