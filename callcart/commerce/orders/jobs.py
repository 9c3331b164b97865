"""Background work on orders: a prepaid order nobody pays for gives its goods back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext, override

from callcart.commerce.orders.axes import axes_of
from callcart.commerce.orders.life import cancel_order
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.states import OrderState, PaymentAxis
from callcart.core import jobs
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.tenancy import current_tenant

UNPAID_KEPT = timedelta(hours=48)
UNPAID_KEPT_AFTER_HOLD = timedelta(hours=24)


def watch_unpaid(order: Order) -> None:
    """Have an order that was just placed cancelled if nobody has paid when its time is over."""
    jobs.defer_in(int(UNPAID_KEPT.total_seconds()), cancel_unpaid, order_id=str(order.id))


def watch_unpaid_again(order: Order) -> None:
    """An order goes on after a hold. Where its time ran out meanwhile it was passed over: it gets a day more, then the same
    look again."""
    if order.placed_at is not None and now() - order.placed_at >= UNPAID_KEPT:
        jobs.defer_in(int(UNPAID_KEPT_AFTER_HOLD.total_seconds()), cancel_unpaid, order_id=str(order.id))


@jobs.job(queue="default", retry=5)
def cancel_unpaid(*, order_id: str) -> None:
    """Cancel a prepaid order nobody paid for, so that its goods can be sold to others. Money that comes later is
    booked and noted as a refund due. One on hold is left alone: somebody is looking into it (see `watch_unpaid_again`)."""
    order = Order.objects.select_for_update(no_key=True).filter(id=UUID(order_id)).first()
    if order is None or order.state != OrderState.PLACED:
        return
    if axes_of([order])[order.id].payment != PaymentAxis.DUE:
        return
    with override(order.language):
        reason = gettext("Not paid in time")
    actor = Actor.system(current_tenant(), "payments")
    cancel_order(actor, order.id, reason=reason, version=order.version)
