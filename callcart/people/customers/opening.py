"""Which of a customer's numbers open the account at the shop, and from when (decision 0007). A number that is added later is
there at once for calls and parcels; it opens the account only after a while, in which those that open it now are told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from callcart.core import events, jobs, tokens
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.people.customers.jobs import send_number_notice
from callcart.people.customers.models import Customer, CustomerSession, Phone

WAIT = timedelta(hours=72)


class NumberChange(StrEnum):
    ADDED = "added"
    REMOVED = "removed"


def opens_from(actor: Actor) -> datetime:
    """From when a number opens the account that this actor adds to a customer who is there already. The system's own come
    from another system, where they were in use."""
    return now() if actor.kind is ActorKind.SYSTEM else now() + WAIT


def opening_numbers(customer: Customer) -> list[str]:
    """The numbers that open the account now, in E.164."""
    found = Phone.objects.filter(customer=customer, opens_from__lte=now()).order_by("created_at", "id")
    return list(found.values_list("e164", flat=True))


def end_sessions_by_number(customer: Customer, e164: str) -> int:
    """End the sessions that were started by a number which is the customer's no more; how many there were."""
    open_ones = CustomerSession.objects.filter(customer=customer, e164=e164, revoked_at=None)
    return open_ones.update(revoked_at=now())


def tell_of(actor: Actor, phone: Phone, change: NumberChange, *, to: list[str]) -> None:
    """Tell the customer at these numbers what becomes of another, or of one of them; an event for other ways to tell. What
    the system does is no surprise to anybody."""
    if actor.kind is ActorKind.SYSTEM:
        return
    customer = phone.customer
    for e164 in to:
        jobs.defer(
            send_number_notice,
            sealed=tokens.seal("codes", f"{e164} {phone.e164}"),
            change=str(change),
            language=customer.language,
            days=-(-WAIT // timedelta(days=1)),
        )
    events.emit(
        "customer.number_changed",
        subject=("customer", customer.id),
        data={"phone_id": phone.id, "change": str(change)},
    )
