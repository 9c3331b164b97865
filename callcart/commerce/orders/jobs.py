"""Background work on orders."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext, override

from callcart.core import jobs
from callcart.core.actor import Actor
from callcart.core.tenancy import current_tenant


@jobs.job(queue="default", retry=5)
def cancel_unpaid(*, order_id: str) -> None:
    """Cancel a prepaid order nobody paid for, so that its goods can be sold to others. Money that comes later is
    booked and noted as a refund due."""
    from callcart.commerce.orders.axes import axes_of
    from callcart.commerce.orders.life import cancel_order
    from callcart.commerce.orders.models import Order
    from callcart.commerce.orders.states import OrderState, PaymentAxis

    order = Order.objects.select_for_update(no_key=True).filter(id=UUID(order_id)).first()
    if order is None or order.state != OrderState.PLACED:
        return
    if axes_of([order])[order.id].payment != PaymentAxis.DUE:
        return
    with override(order.language):
        reason = gettext("Not paid in time")
    actor = Actor.system(current_tenant(), "payments")
    cancel_order(actor, order.id, reason=reason, version=order.version)
