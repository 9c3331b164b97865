"""Money that came, from a list and into a list: each row is a receipt of an order, booked as by hand. A row that was booked before
(same order, amount, day, way and reference) is known again. Undoing voids the receipts; nothing is ever deleted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callcart.commerce.payments.incoming import DIVIDED
from callcart.commerce.payments.models import Payment, Receipt, ReceiptMethod
from callcart.commerce.payments.receipts import BY_HAND, receive, void_receipt
from callcart.core.actor import Actor
from callcart.core.clock import midnight, now
from callcart.core.exchange.public import (
    Column,
    Did,
    Done,
    Importer,
    Kind,
    Outcome,
    Page,
    Place,
    Sheet,
    Unit,
    piece,
    refused,
    register,
)
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant

_METHODS = {
    "cash": "cash", "现金": "cash", "bank_transfer": "bank_transfer", "bank transfer": "bank_transfer", "transfer": "bank_transfer",
    "wire": "bank_transfer", "银行转账": "bank_transfer", "转账": "bank_transfer", "cheque": "cheque", "check": "cheque", "支票": "cheque",
    "other": "other", "其他": "other", "cod": "cod", "货到付款": "cod", "gateway": "gateway", "card": "other",
    "gift_card": "gift_card", "store_credit": "store_credit",
}  # fmt: skip

SHEET = Sheet(
    key="receipts",
    label=gettext_lazy("Receipts"),
    unit=("order+amount+received_at+method+reference",),
    columns=(
        Column("receipt", gettext_lazy("Receipt number"), most=40, names=("receipt no", "收据号", "收款单号")),
        Column("order", gettext_lazy("Order number"), required=True, most=40, example="10427", names=("order id", "order no", "订单号", "订单编号")),
        Column("method", gettext_lazy("Paid by"), Kind.CHOICE, required=True, choices=_METHODS, example="bank transfer", names=("payment type", "method", "支付方式", "收款方式")),
        Column("amount", gettext_lazy("Amount"), Kind.MONEY, required=True, least_value=1, example="25.00", names=("paid", "payment value", "金额", "收款金额", "支付金额")),
        Column("received_at", gettext_lazy("Received on"), Kind.MOMENT, names=("date", "paid at", "payment date", "收款时间", "收款日期", "日期")),
        Column("payer", gettext_lazy("Payer"), most=200, names=("paid from", "name", "付款人", "付款方")),
        Column("reference", gettext_lazy("Reference"), most=200, names=("transaction id", "bank reference", "流水号", "交易号", "参考号")),
    ),
)  # fmt: skip


def apply(actor: Actor, units: Sequence[Unit], place: Place, trial: bool) -> list[Outcome]:
    """One outcome a receipt, each by the verb that books money by hand."""
    actor.require("payments.receive")
    numbers = {unit.values["order"] for unit in units}
    payments = {row.order_number: row for row in Payment.objects.filter(order_number__in=numbers)}
    known = _known(numbers, ZoneInfo(place.timezone))
    return [_one(actor, unit.values, payments, known, place, trial) for unit in units]


_Known = dict[tuple[Any, ...], Receipt]


def _known(numbers: set[str], zone: ZoneInfo) -> _Known:
    found: _Known = {}
    for row in Receipt.objects.filter(order_number__in=numbers, voided_at=None):
        found[("number", row.number)] = row
        found[_key(row.order_number, row.method, row.amount_minor, row.received_at, row.reference, zone)] = (
            row
        )
    return found


def _key(
    order: str, method: str, amount: int, at: datetime, reference: str, zone: ZoneInfo
) -> tuple[Any, ...]:
    return (order, method, amount, at.astimezone(zone).date(), reference)


def _one(
    actor: Actor,
    values: Mapping[str, Any],
    payments: Mapping[str, Payment],
    known: _Known,
    place: Place,
    trial: bool,
) -> Outcome:
    at = datetime.fromisoformat(values["received_at"]) if values.get("received_at") else now()
    method, amount = values["method"], int(values["amount"])
    reference = str(values.get("reference", ""))
    key = _key(values["order"], method, amount, at, reference, ZoneInfo(place.timezone))
    same = known.get(("number", values["receipt"])) if values.get("receipt") else None
    if found := same or known.get(key):
        return Outcome(Did.UNCHANGED, found.id)
    payment = payments.get(values["order"])
    if payment is None:
        return refused(_("There is no order of this number."), "order")
    if method not in BY_HAND:
        return refused(_("Such money is booked by what brings it, not from a list."), "method")
    if payment.captured_minor + amount > payment.amount_minor:
        return refused(_("This is more than is owed for the order."), "amount")
    if trial:
        payment.captured_minor += amount  # so that two rows together are seen to be too much
        return Outcome(Did.MADE)
    digest = hashlib.sha256(repr(key).encode()).hexdigest()[:40]
    receipt = receive(
        actor,
        order_id=payment.order_id,
        method=ReceiptMethod(method),
        amount=Money(amount, payment.currency),
        reference=reference,
        payer=str(values.get("payer", "")),
        received_at=at,
        idempotency_key=f"import {digest} {_voided(payment, amount)}",
    )
    payment.refresh_from_db()
    return Outcome(Did.MADE, receipt.id)


def _voided(payment: Payment, amount: int) -> int:
    """How many receipts of this amount were voided: one that is booked again after that is new."""
    return Receipt.objects.filter(payment=payment, amount_minor=amount, voided_at__isnull=False).count()


def built_on(done: Sequence[Done]) -> dict[UUID, str]:
    """Receipts of which money was given back, or that were voided, or shared out over two orders."""
    rows = Receipt.objects.filter(id__in=[each.subject for each in done])
    gone = set(rows.exclude(refunds=None).values_list("id", flat=True))
    halves = Receipt.objects.filter(source_kind=DIVIDED, source_id__in=[row.id for row in rows])
    shared = set(halves.values_list("source_id", flat=True))
    found = {
        row.id: _("Receipt %(number)s was refunded or voided since.") % {"number": row.number}
        for row in rows
        if row.id in gone or row.voided_at is not None
    }
    return found | {
        row.id: _("Receipt %(number)s was shared out over two orders since.") % {"number": row.number}
        for row in rows
        if row.id in shared
    }


def undo(actor: Actor, done: Sequence[Done]) -> None:
    """Void the receipts."""
    for each in done:
        void_receipt(actor, each.subject, reason=_("Import undone"))


def export(actor: Actor, sheet: str, filters: Mapping[str, str], cursor: str) -> Page:
    """A page of receipts that stand, in the order of their making. Filters: `from`, `to` (days of receiving)."""
    actor.require("payments.view")
    zone = ZoneInfo(get_tenant(actor.tenant_id).timezone)
    rows = Receipt.objects.filter(voided_at=None)
    if filters.get("from"):
        rows = rows.filter(received_at__gte=midnight(date.fromisoformat(filters["from"]), zone))
    if filters.get("to"):
        rows = rows.filter(
            received_at__lt=midnight(date.fromisoformat(filters["to"]), zone) + timedelta(days=1)
        )
    found, following = piece(rows, cursor)
    values = [
        {
            "receipt": row.number,
            "order": row.order_number,
            "method": row.method,
            "amount": row.amount_minor,
            "received_at": row.received_at,
            "payer": row.payer,
            "reference": row.reference,
        }
        for row in found
    ]
    return Page(values, following)


IMPORTER = register(
    Importer(
        kind="payments",
        label=gettext_lazy("Receipts"),
        about=gettext_lazy("Money that came for orders by transfer, cheque, in cash or otherwise."),
        icon="receipt",
        sheets=(SHEET,),
        permissions=("payments.receive", "payments.void"),
        see=("payments.view",),
        apply=apply,
        built_on=built_on,
        undo=undo,
        export=export,
        by_day=True,
        batch=100,
    )
)
