"""The money of an order: what is owed, the receipts of what came, what goes back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Router, Schema, Status

from callcart.commerce.orders import public as orders
from callcart.commerce.payments import public as payments
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.web.api.doors import allowed
from callcart.web.api.shapes import Given, IdempotencyKey, Moment, MoneyGiven, MoneyShape, Text, money, of

router = Router(tags=["Payments"])


class ReceiptShape(Schema):
    id: UUID
    number: str
    method: str
    amount: MoneyShape
    payer: str
    reference: str
    received_at: datetime
    voided_at: datetime | None


class RefundShape(Schema):
    """`due` is owed, `in_flight` is on its way, `done` was given back, `failed` did not go, `cancelled` is not owed any more."""

    id: UUID
    amount: MoneyShape
    state: str
    way: str
    reason: str


class PaymentShape(Schema):
    """`amount` is owed in all, `captured` came in, `refundable` could still be given back."""

    order_id: UUID
    method: str
    state: str
    amount: MoneyShape
    captured: MoneyShape
    refundable: MoneyShape
    receipts: list[ReceiptShape]
    refunds: list[RefundShape]


class ReceiptGiven(Given):
    """Transfers and cheques need their reference."""

    method: Literal["cash", "bank_transfer", "cheque", "other"]
    amount: MoneyGiven
    reference: Text = ""
    payer: Text = ""
    received_at: Moment | None = None


class RefundGiven(Given):
    """`to` is empty for the way it was paid, or another way."""

    amount: MoneyGiven
    reason: Text
    to: Literal["", "store_credit", "cash", "bank_transfer", "cheque", "other"] = ""


@router.get("/orders/{uuid:order_id}/payment", response=PaymentShape, summary="Read an order's money")
def read(request: HttpRequest, order_id: UUID) -> PaymentShape:
    """Needs `payments.view` and `orders.view`."""
    actor = allowed(request, "payments.view")
    _require_order(actor, order_id)
    return _read(order_id)


@router.post("/orders/{uuid:order_id}/receipts", response={201: PaymentShape}, summary="Book money that came")
def receive(
    request: HttpRequest,
    order_id: UUID,
    body: ReceiptGiven,
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> Status[PaymentShape]:
    """What is more than was owed becomes a refund that is due. Needs `payments.receive` (with a high enough limit), `payments.view`
    and `orders.view`."""
    actor = allowed(request, "payments.receive", "payments.view")
    _require_order(actor, order_id)
    payments.receive(
        actor, order_id=order_id, method=body.method, amount=body.amount.value(), reference=body.reference,
        payer=body.payer, received_at=body.received_at, idempotency_key=idempotency_key,
    )  # fmt: skip
    return Status(201, _read(order_id))


@router.post("/orders/{uuid:order_id}/refunds", response={201: PaymentShape}, summary="Give money back")
def refund(
    request: HttpRequest,
    order_id: UUID,
    body: RefundGiven,
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> Status[PaymentShape]:
    """Split over the receipts, the newest first; never more than came in. Needs `payments.refund` (with a high enough limit),
    `payments.view` and `orders.view`."""
    actor = allowed(request, "payments.refund", "payments.view")
    _require_order(actor, order_id)
    payments.request_refund(
        actor, order_id, amount=body.amount.value(), reason=body.reason, to=body.to, idempotency_key=idempotency_key
    )  # fmt: skip
    return Status(201, _read(order_id))


def _require_order(actor: Actor, order_id: UUID) -> None:
    """A key narrowed to some orders does not reach the money of the others."""
    if not orders.visible(actor, "orders.view").filter(id=order_id).exists():
        raise NotFound


def _read(order_id: UUID) -> PaymentShape:
    found = payments.payment_of(order_id)
    if found is None:
        raise NotFound
    return PaymentShape(
        order_id=order_id, method=found.payment.method, state=found.payment.state, amount=of(found.amount),
        captured=of(found.captured), refundable=of(found.refundable),
        receipts=[
            ReceiptShape(
                id=each.id, number=each.number, method=each.method, amount=of(each.amount), payer=each.payer,
                reference=each.reference, received_at=each.received_at, voided_at=each.voided_at,
            )
            for each in found.receipts
        ],
        refunds=[
            RefundShape(
                id=each.id, amount=money(each.amount_minor, each.currency), state=each.state, way=each.way,
                reason=each.reason,
            )
            for each in found.refunds
        ],
    )  # fmt: skip
