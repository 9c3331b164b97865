"""Whether an order's money lets its goods go: paid in advance means before they leave, instalments the first of them."""

from __future__ import annotations

from callcart.commerce.orders.models import Order
from callcart.commerce.orders.states import PaymentAxis
from callcart.commerce.payments.public import PaymentMethod, sums_of
from callcart.core.errors import Conflict

SETTLED = frozenset(
    {PaymentAxis.PAID, PaymentAxis.REMITTED, PaymentAxis.NOTHING_DUE, PaymentAxis.PART_REFUNDED}
)


class NotPaid(Conflict):
    """This order is paid in advance and the money has not come yet."""

    code = "order.not_paid"


def money_is_missing(order: Order, axis: PaymentAxis) -> bool:
    """Whether an order to be paid in advance still waits for its money. What is only to be given back is not missing."""
    if order.payment_method == PaymentMethod.COD or axis in SETTLED:
        return False
    if order.payment_method == PaymentMethod.INSTALMENTS and axis == PaymentAxis.PART_PAID:
        return False
    if axis == PaymentAxis.REFUND_DUE:
        sums = sums_of([order.id]).get(order.id)
        return sums is None or sums.captured - sums.refunded - sums.refund_open < sums.owed
    return True
