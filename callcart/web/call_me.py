"""Somebody on the web wants to be called: a page of the shop, or a chat in which nobody answers. Counted by network address besides the
limits of the number, for a call costs the shop money.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest

from callcart.contact.callbacks import public as callbacks
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.core.throttle import Limit, count, network_of
from callcart.people.customers.public import resolve_customer_session
from callcart.web.reader import reader

CUSTOMER_COOKIE = "customer"
PER_ADDRESS, HOUR = 6, timedelta(hours=1)


def asked(
    request: HttpRequest,
    number: str,
    *,
    queue_id: UUID,
    source: callbacks.Source,
    conversation_id: UUID | None = None,
) -> callbacks.Asked:
    """Ask for it, in a transaction of its own: what is refused stays written down. Raises TriedTooOften."""
    tenant_id = int(request.tenant.id)  # type: ignore[attr-defined]
    address = request.META.get("REMOTE_ADDR", "")
    count(tenant_id, [Limit("call_me.address", address, PER_ADDRESS, HOUR)])
    with tenant_transaction(tenant_id):
        token = request.COOKIES.get(CUSTOMER_COOKIE, "")[:100]
        customer = resolve_customer_session(token) if token else None
        return callbacks.ask(
            Actor.system(tenant_id, "web"),
            callbacks.Wanted(
                number=number[:60], queue_id=queue_id, source=source, language=reader().language, conversation_id=conversation_id,
                customer_id=customer.id if customer is not None else None, asked_from=f"web {network_of(address)}",
            ),
        )  # fmt: skip
