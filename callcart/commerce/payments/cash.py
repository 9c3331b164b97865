"""Cash on delivery: the carrier collects it at the door and later hands it over. It is ours only then.

States: due on delivery → collected by the carrier → remitted.
"""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.payments import ledger
from callcart.commerce.payments.incoming import Incoming
from callcart.commerce.payments.models import Payment, PaymentMethod, PaymentState, ReceiptMethod
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict
from callcart.core.text import clean


class NotCash(Conflict):
    """This order is not paid on delivery, or its cash was already recorded."""

    code = "payment.not_cash"


def record_collected(actor: Actor, order_id: UUID, *, carrier: str = "") -> Payment:
    """The carrier has the cash. Raises NoPayment, NotCash."""
    actor.require("payments.record_cash")
    payment = _in_state(order_id, PaymentState.DUE_ON_DELIVERY)
    payment.carrier, payment.collected_at = clean(carrier)[:100] or payment.carrier, now()
    ledger.settle(payment, collected=True)
    _note(actor, payment, PaymentState.DUE_ON_DELIVERY)
    return payment


def record_remitted(actor: Actor, order_id: UUID, *, reference: str = "", carrier: str = "") -> Payment:
    """The carrier has handed over all of an order's cash; `reference` is its statement's. Raises NoPayment, NotCash."""
    actor.require("payments.record_cash")
    payment = _in_state(order_id, PaymentState.COLLECTED)
    payment.reference = clean(reference)[:200]
    missing = payment.amount_minor - payment.captured_minor
    if missing > 0:
        holder = clean(carrier)[:100] or payment.carrier
        ledger.book(
            actor, payment, Incoming(ReceiptMethod.COD, missing, reference=payment.reference, holder=holder)
        )
    ledger.settle(payment, collected=True)
    _note(actor, payment, PaymentState.COLLECTED)
    return payment


def _in_state(order_id: UUID, state: PaymentState) -> Payment:
    payment = ledger.locked(order_id=order_id)
    if payment.method != PaymentMethod.COD or payment.state != state:
        raise NotCash(state=payment.state)
    return payment


def _note(actor: Actor, payment: Payment, before: PaymentState) -> None:
    audit.record(
        actor,
        "payments.record_cash",
        subject=("payment", payment.id),
        before={"state": before},
        after={"state": payment.state, "reference": payment.reference},
    )
