"""Looking somebody up: one box for a name, any form of a number, a mail, a customer or an order number."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.commerce.orders.public import Order, visible
from callcart.core.actor import Actor
from callcart.core.ids import spoken, unspoken
from callcart.people.customers.models import Customer
from callcart.people.customers.public import search_customers
from callcart.web.desk import labels

MOST = 12


@dataclass(frozen=True, slots=True)
class Found:
    """A customer who was looked up, and why."""

    id: UUID
    name: str
    about: str
    tier_label: str
    tier_tone: str


def found(actor: Actor, text: str) -> list[Found]:
    """Customers by anything typed into the one box; an order number finds whose order it is."""
    matches = [(each.customer, each.because) for each in search_customers(actor, text, limit=MOST)]
    known = {customer.id for customer, _because in matches}
    for order in _orders_numbered(actor, text):
        if order.customer_id and order.customer_id not in known:
            owner = Customer.objects.filter(id=order.customer_id).first()
            if owner is not None:
                matches.insert(0, (owner, _("Order %(number)s") % {"number": spoken(order.number)}))
    result = []
    for customer, because in matches[:MOST]:
        tier = labels.mark(labels.TIER, customer.tier)
        result.append(
            Found(customer.id, customer.name, f"{customer.number} · {because}", tier.text, tier.tone)
        )
    return result


def _orders_numbered(actor: Actor, text: str) -> list[Order]:
    number = unspoken(text)
    if not number or len(number) > 20 or not actor.can("orders.view"):
        return []
    return list(visible(actor, "orders.view").filter(number=number)[:1])
