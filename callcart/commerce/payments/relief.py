"""What nobody owes any more, because it never arrived: the cash of parcels that came back undelivered.

The order's total stays as it was agreed; `relieved_minor` is what of it is not asked for. Only what has not come is let go: money that
is here already is given back by whoever settles the return.
"""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.payments import ledger
from callcart.commerce.payments.models import (
    CashState,
    Payment,
    PaymentMethod,
    PaymentState,
    RemittanceLine,
)
from callcart.commerce.payments.remittances import compare
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.money import Money


def relieve(actor: Actor, order_id: UUID, *, not_collected: Money) -> Payment:
    """The carrier never collected so much of an order's cash, and never will. Called by the orders domain with the whole sum, as
    often as a parcel moves; the same sum changes nothing, a smaller one (a lost parcel was found) is owed again. Raises
    NoPayment."""
    payment = ledger.locked(order_id=order_id)
    if payment.method != PaymentMethod.COD or payment.state == PaymentState.CANCELLED:
        return payment
    before, whole = payment.relieved_minor, payment.amount_minor + payment.relieved_minor
    relieved = min(not_collected.minor, max(before, whole - payment.captured_minor, 0))
    if relieved == before:
        return payment
    payment.relieved_minor, payment.amount_minor = relieved, whole - relieved
    ledger.settle(payment, reason="not delivered")
    _compare_anew(payment)
    audit.record(
        actor,
        "payments.relieve",
        subject=("payment", payment.id),
        before={"relieved_minor": before},
        after={"relieved_minor": relieved, "amount_minor": payment.amount_minor},
    )
    return payment


def _compare_anew(payment: Payment) -> None:
    """Lines of carriers' files that wait are measured by what is owed now."""
    waiting = RemittanceLine.objects.select_for_update(no_key=True).filter(
        payment=payment, state__in=[CashState.MATCHED, CashState.DIFFERS]
    )
    for line in waiting.order_by("id"):
        compare(line, payment, refused=False)
        line.changed_at = now()
        line.save(update_fields=["expected_minor", "state", "changed_at"])
