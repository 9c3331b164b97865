"""Where an order stands and what it waits for, told to staff in one line: what to do next, not what was done."""

from __future__ import annotations

from django.utils.translation import gettext as _

from callcart.commerce.orders import public as orders
from callcart.commerce.orders.public import OrderState, PaymentAxis
from callcart.commerce.shipping import public as shipping
from callcart.web import formats
from callcart.web.reader import reader

_OWED = frozenset({PaymentAxis.DUE, PaymentAxis.PART_PAID})
_TO_REFUND = frozenset({PaymentAxis.REFUND_DUE})


def standing(detail: orders.OrderDetail) -> str:
    """One sentence. Money to be given back comes first, it is what nobody may forget."""
    state, payment = OrderState(detail.order.state), detail.axes.payment
    if payment in _TO_REFUND:
        return _("Money is to be given back.")
    if state is OrderState.CANCELLED:
        return _("Nothing is left to do.")
    if detail.parcels and state is not OrderState.ON_HOLD:
        return _parcels(detail)
    if state is OrderState.ON_HOLD:
        return _("Waits until it is released from hold.")
    if state is OrderState.CONFIRMED:
        return _("Waits to be sent out.")
    if payment in _OWED and detail.order.payment_method != "cod":
        return _("Waits for the customer's payment.")
    return _("Waits to be confirmed.")


def _parcels(detail: orders.OrderDetail) -> str:
    newest = max(detail.parcels, key=lambda each: each.state_at)
    where = shipping.state_name(newest.state, reader().language)
    said = _("Parcel: %(state)s, %(when)s") % {"state": where, "when": formats.datetime(newest.state_at)}
    if newest.place:
        said = _("%(said)s, %(place)s") % {"said": said, "place": newest.place}
    return said
