"""Money that came, and the one place where a receipt of it is drawn up, whatever brought it: a person, a message, a file, a split
or another system's books.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from callcart.commerce.payments.models import Payment, Receipt, ReceiptMethod
from callcart.commerce.payments.tills import TillRef
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now

DIVIDED = "receipt"
"""The source of a receipt that is a part of another one."""


@dataclass(frozen=True, slots=True)
class Taker:
    """Who wrote a receipt: a person of the staff, or a name alone."""

    name: str
    id: UUID | None = None

    @classmethod
    def of(cls, actor: Actor) -> Taker:
        return cls(actor.name, actor.id if actor.kind is ActorKind.STAFF else None)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Money that came, before it is a receipt. `holder`: the gateway, carrier or bank account that has it now; a person's own
    till needs none. `source`: what it was booked from."""

    method: ReceiptMethod
    amount_minor: int
    payer: str = ""
    reference: str = ""
    holder: str = ""
    received_at: datetime | None = None
    source: tuple[str, UUID | None] | None = None


def draw_up(
    payment: Payment,
    money: Incoming,
    till: TillRef,
    *,
    number: str,
    taker: Taker,
    attempt_id: UUID | None = None,
) -> Receipt:
    """A receipt for a payment, not yet saved; neither till nor sums are touched."""
    kind, source_id = money.source or ("", None)
    return Receipt(
        number=number,
        payment=payment,
        order_id=payment.order_id,
        order_number=payment.order_number,
        customer_id=payment.customer_id,
        attempt_id=attempt_id,
        method=money.method,
        amount_minor=money.amount_minor,
        currency=payment.currency,
        payer=money.payer or payment.payer_name,
        reference=money.reference,
        till_kind=till.kind,
        holder=till.holder,
        received_at=money.received_at or now(),
        received_by=taker.id,
        received_by_name=taker.name,
        source_kind=kind,
        source_id=source_id,
    )


def as_came(receipt: Receipt, amount_minor: int) -> tuple[Incoming, Taker]:
    """A part of a receipt's money, as it came and as it was written down then."""
    source = (receipt.source_kind, receipt.source_id) if receipt.source_id else None
    money = Incoming(
        ReceiptMethod(receipt.method),
        amount_minor,
        payer=receipt.payer,
        reference=receipt.reference or receipt.number,
        received_at=receipt.received_at,
        source=source or (DIVIDED, receipt.id),
    )
    return money, Taker(receipt.received_by_name, receipt.received_by)
