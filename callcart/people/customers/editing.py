"""The beginning and the end of every change of a customer: whether the actor may, the lock that puts changes of one
person in order, and the event that tells pages to look again."""

from __future__ import annotations

from uuid import UUID

from callcart.core import events
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.people.customers.models import Customer


def require_editable(actor: Actor, customer_id: UUID) -> Customer:
    """The customer, locked, where the actor may change them: by permission, or being the customer. NotFound for a
    customer who asks for another."""
    if actor.kind is ActorKind.CUSTOMER:
        if actor.id != customer_id:
            raise NotFound
    else:
        actor.require("customers.edit")
    return locked(customer_id)


def locked(customer_id: UUID) -> Customer:
    """The customer under a lock that orders changes of one person, or NotFound."""
    found = Customer.objects.select_for_update(no_key=True).filter(id=customer_id).first()
    if found is None:
        raise NotFound
    return found


def save(customer: Customer) -> None:
    """Store the customer as changed, also where only something of theirs changed."""
    customer.version += 1
    customer.updated_at = now()
    customer.save()
    events.emit("customer.changed", subject=("customer", customer.id))
