"""Units that customers give back: kept on the order's lines by the domain that follows returns, which stands above this one, so
that where an order's goods stand can be derived here.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from callcart.commerce.orders import history
from callcart.commerce.orders.axes import refresh
from callcart.commerce.orders.life import close_if_done
from callcart.commerce.orders.models import Line, Order
from callcart.commerce.orders.states import Back
from callcart.core.actor import Actor


def keep_given_back(
    actor: Actor, order: Order, units: Mapping[UUID, Back], *, number: str, state: str, reason: str = ""
) -> None:
    """Set what is on its way back and what is here, by line; lines that are not named have neither. History says that the case
    `number` is `state` now. The caller holds the order's lock and has checked the permission."""
    for line in order.lines.all():
        wanted = units.get(line.id, Back())
        if (line.returning, line.returned) != (wanted.returning, wanted.returned):
            Line.objects.filter(id=line.id).update(returning=wanted.returning, returned=wanted.returned)
    refresh(order)
    history.record(actor, order, "return_moved", data={"number": number, "state": state}, reason=reason)
    close_if_done(actor, order)
