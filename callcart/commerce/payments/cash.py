"""Cash on delivery: the carrier collects it at the door and later hands it over. It is ours only then."""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.payments import ledger
from callcart.commerce.payments.ledger import Incoming
from callcart.commerce.payments.models import Payment, PaymentMethod, PaymentState, ReceiptMethod
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict
from callcart.core.text import clean


class NotCash(Conflict):
    """This order is not paid on delivery, or its cash was already recorded."""

    code = "payment.not_cash"


def record_collected(actor: Actor, order_id: UUID) -> Payment:
    """The carrier has the cash. Raises NoPayment, NotCash."""
    return _step(actor, order_id, PaymentState.DUE_ON_DELIVERY, PaymentState.COLLECTED)


def record_remitted(actor: Actor, order_id: UUID, *, reference: str = "", carrier: str = "") -> Payment:
    """The carrier has handed the cash to us; `reference` is its statement's. Raises NoPayment, NotCash."""
    return _step(
        actor, order_id, PaymentState.COLLECTED, PaymentState.REMITTED, reference=reference, carrier=carrier
    )


def _step(
    actor: Actor,
    order_id: UUID,
    before: PaymentState,
    after: PaymentState,
    *,
    reference: str = "",
    carrier: str = "",
) -> Payment:
    actor.require("payments.record_cash")
    payment = ledger.locked(order_id=order_id)
    if payment.method != PaymentMethod.COD or payment.state != before:
        raise NotCash(state=payment.state)
    if after == PaymentState.REMITTED:
        payment.reference = clean(reference)[:200]
        missing = payment.amount_minor - payment.captured_minor
        if missing > 0:
            money = Incoming(ReceiptMethod.COD, missing, reference=payment.reference, holder=carrier)
            ledger.book(actor, payment, money)
    ledger.settle(payment, collected=True)
    audit.record(
        actor,
        "payments.record_cash",
        subject=("payment", payment.id),
        before={"state": before},
        after={"state": payment.state, "reference": payment.reference},
    )
    return payment
