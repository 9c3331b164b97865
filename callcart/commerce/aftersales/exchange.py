"""What is sent instead: an order like any other, placed by the ordinary verb (its stock is held, it is approved and dispatched as
all are), without carriage, at what it costs more than what was paid. Where nothing was paid, because its cash was never collected, it is
paid for at the door. One for each case.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext, override

from callcart.commerce.aftersales import history
from callcart.commerce.aftersales.models import Case
from callcart.commerce.aftersales.worth import line_price, unpaid
from callcart.commerce.orders.public import (
    Channel,
    DraftLine,
    Order,
    OrderDraft,
    address_of,
    place_order,
)
from callcart.commerce.payments.public import PaymentMethod
from callcart.core.actor import Actor


def send_replacement(actor: Actor, case: Case, units: Mapping[UUID, int]) -> Order:
    """Place the order for units of the case's lines, once. The caller holds the case's lock and has checked the permission;
    prices are not the actor's to give, so the order is placed in the system's name. Raises Invalid, InsufficientStock."""
    if case.exchange_order_id is not None:
        return Order.objects.get(id=case.exchange_order_id)
    with override(case.order.language):
        reason = gettext("Instead of goods of return %(number)s") % {"number": case.number}
    wanted = [(row, units[row.id]) for row in case.lines.select_related("line") if units.get(row.id)]
    source, at_the_door = case.order, unpaid(case)
    draft = OrderDraft(
        lines=tuple(
            DraftLine(
                row.exchange_variant_id or row.variant_id,
                count,
                set_minor=line_price(case, row, count, unpaid=at_the_door),
                reason=reason,
            )
            for row, count in wanted
        ),
        channel=source.channel if source.channel != Channel.IMPORT else Channel.PHONE,
        address=address_of(source),
        delivery_method=source.delivery_method,
        payment_method=PaymentMethod.COD if at_the_door else PaymentMethod.PREPAID,
        customer_id=source.customer_id,
        note=reason,
        language=source.language,
        carriage_free=True,
    )
    system = Actor.system(actor.tenant_id, actor.name, channel=actor.channel)
    placed = place_order(system, draft, idempotency_key=f"return-{case.id}")
    case.exchange_order_id = placed.id
    case.save(update_fields=["exchange_order_id"])
    history.note(actor, case, "replacement", data={"number": placed.number, "order_id": str(placed.id)})
    return placed
