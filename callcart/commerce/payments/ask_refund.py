"""Asking for a refund above one's own limit: checked against what can be given back now, and again when it is approved."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext, override

from callcart.commerce.payments.ledger import NoPayment
from callcart.commerce.payments.queries import payment_of
from callcart.commerce.payments.refund import WAY_PAID, TooMuchRefund
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.ids import spoken
from callcart.core.money import Money
from callcart.people.approvals import public as approvals


def ask_refund(
    actor: Actor, order_id: UUID, *, amount: Money, reason: str, idempotency_key: str, to: str = WAY_PAID
) -> approvals.Approval:
    """Have somebody with a higher limit asked to give this back. Raises PermissionDenied where the actor may refund nothing at all,
    Invalid, NoPayment, TooMuchRefund, AlreadyAsked, NobodyCanApprove."""
    actor.require("payments.refund")
    found = payment_of(order_id)
    if found is None:
        raise NoPayment
    if amount.minor <= 0:
        raise Invalid(fields={"amount": gettext("Give an amount above zero.")})
    if amount.currency != found.amount.currency or amount.minor > found.refundable.minor:
        raise TooMuchRefund(most=found.refundable.format(actor.language))
    with override(actor.language):
        label = gettext("Order %(number)s") % {"number": spoken(found.payment.order_number)}
    return approvals.ask(
        actor,
        action="payments.refund",
        permission="payments.refund",
        subject=("order", order_id),
        label=label,
        amount=amount,
        payload={
            "order": str(order_id),
            "amount": amount.minor,
            "currency": amount.currency,
            "reason": reason,
            "key": idempotency_key,
            "to": to,
        },
        reason=reason,
    )
