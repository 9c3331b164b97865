"""Who holds money for us, and the day of their books on which a sum enters or leaves.

A day that is closed stays as it is: what comes later goes into the next open one. Entering shares a lock of the till that
closing takes alone, so no entry slips into a day while it is being closed. It is the last lock of any transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max

from callcart.commerce.payments.models import Receipt, ReceiptMethod, Refund
from callcart.commerce.payments.models_receipts import TillDay, TillEntry, TillKind
from callcart.core.actor import Actor
from callcart.core.clock import today
from callcart.core.database import raw
from callcart.core.tenancy import current_tenant
from callcart.people.tenants.public import get_tenant

_KINDS = {
    ReceiptMethod.GATEWAY: TillKind.GATEWAY,
    ReceiptMethod.BANK_TRANSFER: TillKind.BANK,
    ReceiptMethod.COD: TillKind.CARRIER,
    ReceiptMethod.GIFT_CARD: TillKind.STORED,
    ReceiptMethod.STORE_CREDIT: TillKind.STORED,
}


@dataclass(frozen=True, slots=True)
class TillRef:
    """A till: its kind and who it is (a gateway's name, a carrier, an account, a staff member's id)."""

    kind: TillKind
    holder: str


def till_of(actor: Actor, method: ReceiptMethod, holder: str = "") -> TillRef:
    """The till that money of a method lies in. Cash and cheques are with whoever took them."""
    kind = _KINDS.get(method, TillKind.PERSON)
    if kind is TillKind.PERSON:
        return TillRef(kind, str(actor.id or ""))
    return TillRef(kind, str(method) if kind is TillKind.STORED else holder)


def enter(
    till: TillRef,
    amount_minor: int,
    currency: str,
    *,
    receipt: Receipt | None = None,
    refund: Refund | None = None,
) -> TillEntry:
    """Write a sum into a till, on today's day or the first open one after it."""
    lock(till, alone=False)
    return TillEntry.objects.create(
        till_kind=till.kind,
        holder=till.holder,
        day=open_day(till),
        amount_minor=amount_minor,
        currency=currency,
        receipt=receipt,
        refund=refund,
    )


def open_day(till: TillRef) -> date:
    """The day that entries of this moment belong to."""
    present = today(get_tenant(current_tenant()).timezone)
    closed = TillDay.objects.filter(
        till_kind=till.kind, holder=till.holder, closed_at__isnull=False, day__gte=present
    ).aggregate(last=Max("day"))["last"]
    return present if closed is None else closed + timedelta(days=1)


def lock(till: TillRef, *, alone: bool) -> None:
    """Until the end of the transaction; `alone` keeps everybody else out."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    name = f"payments.till:{current_tenant()}:{till.kind}:{till.holder}"
    raw.run(f"SELECT {function}(hashtextextended(%s, 0))", (name,))
