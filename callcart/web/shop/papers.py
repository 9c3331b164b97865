"""What the page of an order shows of its invoices and credit notes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.orders import public as orders
from callcart.core.actor import Actor
from callcart.core.money import Money


@dataclass(frozen=True, slots=True)
class Paper:
    """An invoice or credit note on an order's page."""

    label: str
    number: str
    total: Money
    token: str


def papers(actor: Actor, order: orders.Order) -> dict[str, Any]:
    """What the page of an order shows of its invoices."""
    found = invoicing.documents_of_order(actor, order.id)
    names = {"invoice": _("Invoice"), "credit_note": _("Credit note")}
    issued = any(each.kind == "invoice" and each.closed_at is None for each in found)
    said = invoicing.buyer_of(order.id)
    # Who only knows the order's number and telephone number is not shown what its customer typed.
    own = actor.id is not None and actor.id == order.customer_id
    known = (said or invoicing.last_buyer(order.customer_id)) if own else None
    fields = ("kind", "title", "tax_number", "address", "email")
    return {
        "papers": [
            Paper(names[each.kind], each.number, each.total, invoicing.document_token(each.id))
            for each in found
        ],
        "names_buyer": not issued and order.state != orders.OrderState.CANCELLED,
        "invoice_for": said,
        "buyer": {name: getattr(known, name) for name in fields} if known else {},
        "wants": bool(known and known.wants_tax_invoice),
    }
