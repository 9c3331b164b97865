"""Orders of guests find their customer: whoever signs in has proved a number, and what was ordered in the shop to that very
number without an account is theirs from then on.

Only a proof counts (`SignedIn`, which nothing but a right code makes), never a number that somebody typed; and only of the
number that the guest gave: where staff changed the address since, it may be a neighbour's.
"""

from __future__ import annotations

from callcart.commerce.orders import history
from callcart.commerce.orders.edit_actions import SetAddress
from callcart.commerce.orders.models import Channel, Order
from callcart.people.customers.public import SignedIn, customer_actor

# Anybody may order to a number: signing in must stay quick; the rest comes with the next time.
MOST_AT_ONCE = 100


def attach_guest_orders(signed: SignedIn) -> int:
    """Give the customer who signed in the web orders of that number which have no customer, the oldest first; how many
    there were. Twice, or at two browsers at once, is once.

    The version of an order stays: nothing that somebody could be changing at this moment is touched."""
    waiting = Order.objects.filter(customer_id=None, channel=Channel.WEB, ship_phone=signed.e164)
    as_given = waiting.exclude(changes__actions__contains=[{"kind": SetAddress.__name__}])
    found = list(as_given.select_for_update(no_key=True).order_by("id")[:MOST_AT_ONCE])
    actor = customer_actor(signed.customer)
    for order in found:
        order.customer_id = signed.customer.id
        order.save(update_fields=["customer_id"])
        history.record(
            actor, order, "attached", before={"customer_id": None}, after={"customer_id": order.customer_id}
        )
    return len(found)
