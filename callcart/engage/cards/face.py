"""What a card shows: plain values, read anew each time it is looked at, so that it follows the order. No address, number or name of a
person is in it: whoever sees the chat sees the goods, the sums and how it stands, and no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from callcart.commerce.orders import public as orders
from callcart.commerce.orders.models import Order
from callcart.commerce.payments import public as payments
from callcart.core.money import Money

MOST_LINES = 6
_PAYABLE = frozenset({orders.PaymentAxis.DUE, orders.PaymentAxis.PART_PAID})
_OVER = frozenset({orders.OrderState.DRAFT, orders.OrderState.CANCELLED})
_OURS_TO_KNOW = frozenset({orders.Fulfilment.RESERVED, orders.Fulfilment.RELEASED})
# What may be sent out on the customer's word: nothing that is to be paid in advance and was not.
_MONEY_IS_FINE = frozenset(
    {orders.PaymentAxis.DUE_ON_DELIVERY, orders.PaymentAxis.PAID, orders.PaymentAxis.NOTHING_DUE}
)


@dataclass(frozen=True, slots=True)
class Face:
    """An order as a card. `due`: what can be paid now by the link, None where nothing can; `waits`: it can be agreed to."""

    order_id: UUID
    number: str
    version: int
    total: Money
    due: Money | None
    lines: tuple[tuple[int, str], ...]
    more: int
    state: str
    labels: tuple[str, ...]
    waits: bool


def faces(order_ids: Iterable[UUID], *, language: str) -> dict[UUID, Face]:
    """Orders as cards; those that are gone are not there. Their labels are in the active language."""
    return {row.id: _face(row, language) for row in Order.objects.filter(id__in=set(order_ids))}


def _face(order: Order, language: str) -> Face:
    rows = orders.shown(order)
    payable = order.payment_state in _PAYABLE and order.state not in _OVER
    return Face(
        order_id=order.id,
        number=order.number,
        version=order.version,
        total=order.total,
        due=_due(order) if payable else None,
        lines=tuple((row.quantity, row.name_in(language)) for row in rows[:MOST_LINES]),
        more=max(0, len(rows) - MOST_LINES),
        state=order.state,
        labels=_labels(order),
        waits=waits(order),
    )


def waits(order: Order) -> bool:
    """Whether the customer's word is what it waits for."""
    return order.state == orders.OrderState.PLACED and order.payment_state in _MONEY_IS_FINE


def _due(order: Order) -> Money | None:
    found = payments.payment_of(order.id)
    if found is None or found.payment.state == payments.PaymentState.CANCELLED:
        return None
    return Money(max(found.amount.minor - found.captured.minor, 0), order.currency)


def _labels(order: Order) -> tuple[str, ...]:
    """How it stands, in a word or two each; what only the shop cares for is left out."""
    said = [orders.state_label(order.state)]
    if order.state != orders.OrderState.CANCELLED and order.fulfilment_state not in _OURS_TO_KNOW:
        said.append(orders.fulfilment_label(order.fulfilment_state))
    said.append(orders.payment_label(order.payment_state))
    return tuple(said)
