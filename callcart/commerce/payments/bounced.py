"""A refund that a provider had taken on and that did not arrive after all (the card is closed, the bank sent it back)."""

from __future__ import annotations

from uuid import UUID

from callcart.commerce.payments import ledger
from callcart.commerce.payments.models import Payment, ReceiptMethod, Refund, RefundState
from callcart.commerce.payments.tills import enter, till_of
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.tenancy import current_tenant


def bounced(payment: Payment, refund_id: UUID, *, failure: str) -> None:
    """The money is back in the till it left, and the refund among those that failed. The caller holds the payment's lock; a
    second call changes nothing."""
    row = Refund.objects.select_related("receipt").get(id=refund_id)
    if row.state not in {RefundState.IN_FLIGHT, RefundState.DONE}:
        return
    actor = Actor.system(current_tenant(), "gateway", channel="gateway")
    if row.state == RefundState.DONE:
        holder = row.receipt.holder if row.receipt is not None else ""
        enter(till_of(actor, ReceiptMethod(row.way), holder), row.amount_minor, row.currency, refund=row)
    row.state, row.failure, row.changed_at, row.done_at = RefundState.FAILED, failure, now(), None
    row.save(update_fields=["state", "failure", "changed_at", "done_at"])
    audit.record(
        actor,
        "payments.refund_failed",
        subject=("payment", payment.id),
        after={"refund": row.id, "failure": failure, "amount_minor": row.amount_minor},
    )
    ledger.tell(payment)
