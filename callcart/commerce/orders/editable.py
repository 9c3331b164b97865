"""What of an order may still be changed, and how much money a change moves.

Until the warehouse begins, everything. Once goods have left, what has not: quantities down to what was sent, lines that
were not sent at all, new lines. Where nothing is left to change, the refusal says what to do instead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.inventory.public import Reservation, ReservationState
from callcart.commerce.orders.dispatches import BeingPacked
from callcart.commerce.orders.edit_actions import (
    Action,
    ChangedLine,
    ChangePreview,
    MoneyMoved,
    SetAddress,
    SetDelivery,
)
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.states import EDITABLE, OrderState, WrongState
from callcart.commerce.payments.public import PaymentMethod, sums_of
from callcart.commerce.shipping import public as shipping
from callcart.core.errors import Conflict
from callcart.core.money import Money


class AllSent(Conflict):
    """Everything of this order has left. Take goods back by a return or an exchange; for more, make a new order."""

    code = "order.all_sent"


class PartSent(Conflict):
    """Part of this order is on its way to this address already. Cancel the rest and make a new order to the other address."""

    code = "order.part_sent"


def sent_units(order_id: UUID) -> Counter[UUID]:
    """Units that have left, by order line."""
    found: Counter[UUID] = Counter()
    rows = Reservation.objects.filter(order_id=order_id, state=ReservationState.SHIPPED)
    for line_id, quantity in rows.values_list("line_id", "quantity"):
        found[line_id] += quantity
    return found


def check_editable(order: Order, actions: Sequence[Action] = ()) -> Counter[UUID]:
    """The units that have left already, by line. Raises WrongState, BeingPacked, AllSent, PartSent."""
    if OrderState(order.state) in EDITABLE:
        return Counter()
    if order.state != OrderState.CONFIRMED:
        raise WrongState(state=order.state)
    waiting = shipping.open_dispatches(order.id)
    if begun := next((each for each in waiting if each.state in shipping.BEGUN), None):
        raise BeingPacked(number=begun.number)
    sent = sent_units(order.id)
    if sent and sum(sent.values()) >= sum(order.lines.values_list("quantity", flat=True)):
        raise AllSent
    if sent and any(isinstance(action, SetAddress | SetDelivery) for action in actions):
        raise PartSent
    return sent


def sent_problems(lines: Sequence[ChangedLine], sent: Counter[UUID]) -> dict[str, str]:
    """Lines of the copy that would hold fewer than were sent, and sent ones that would be gone."""
    found, kept = dict[str, str](), set[UUID]()
    for index, line in enumerate(lines):
        for line_id, _variant, units in line.demands():
            if line_id is None:
                continue
            kept.add(line_id)
            if units < sent[line_id]:
                said = gettext("%(sent)d of it were sent already.") % {"sent": sent[line_id]}
                found[f"lines.{index}.quantity"] = said
    if any(units and line_id not in kept for line_id, units in sent.items()):
        found["lines"] = gettext("What was sent already cannot be taken out of the order.")
    return found


def money_moved(order: Order, preview: ChangePreview) -> MoneyMoved:
    """What the change would move, against what has come so far."""
    nothing = Money.zero(order.currency)
    if order.payment_method == PaymentMethod.COD:
        return MoneyMoved(nothing, nothing, preview.total, preview.total_before)
    sums = sums_of([order.id]).get(order.id)
    kept = Money(sums.captured - sums.refunded - sums.refund_open if sums else 0, order.currency)
    missing = preview.total - kept
    if missing.minor > 0:
        return MoneyMoved(missing, nothing)
    return MoneyMoved(nothing, -missing)
