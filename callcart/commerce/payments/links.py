"""Links to pay by: for a phone order the agent sends one, the customer needs no account. A link names an order by a sealed
token (`core.links`).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from callcart.commerce.payments import ledger
from callcart.commerce.payments.models import Instalment, Payment
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.links import link_token, row_of_token
from callcart.core.money import Money

_NAME = "pay_links"


@dataclass(frozen=True, slots=True)
class PayPage:
    """What the page behind a link shows."""

    order_id: UUID
    order_number: str
    method: str
    state: str
    total: Money
    paid: Money
    due_now: Money
    instalments: tuple[Instalment, ...]


def pay_token(actor: Actor, order_id: UUID) -> str:
    """The token of an order's pay link (`/pay/<token>`); for staff who may send one, and the customer at check-out."""
    if actor.is_of_shop:
        actor.require("payments.send_link")
    return link_token(_NAME, order_id)


def order_of_token(token: str) -> UUID:
    """The order a token is for; NotFound for one we did not make, or made for another tenant."""
    return row_of_token(_NAME, token)


def pay_page(token: str) -> PayPage:
    """What is owed behind a link. Raises NotFound."""
    order_id = order_of_token(token)
    payment = Payment.objects.filter(order_id=order_id).first()
    if payment is None:
        raise NotFound
    due, _ = ledger.amount_due_now(payment)
    return PayPage(
        order_id=order_id,
        order_number=payment.order_number,
        method=payment.method,
        state=payment.state,
        total=Money(payment.amount_minor, payment.currency),
        paid=Money(payment.captured_minor, payment.currency),
        due_now=Money(due, payment.currency),
        instalments=tuple(payment.instalments.order_by("number")),
    )
