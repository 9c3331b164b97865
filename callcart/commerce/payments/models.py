"""Money owed for orders and money received for them.

A payment is what an order owes by one method. An attempt is one visit to a provider's page or one charge, unique by the
provider's reference. A refund is money on its way back. Orders are known by id and number only. Amounts are minor units.
"""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callcart.commerce.payments.models_accounts import GatewayAccount
from callcart.commerce.payments.models_bank import BankFormat, LineState, Statement, StatementLine
from callcart.commerce.payments.models_cod import CashState, Remittance, RemittanceLine
from callcart.commerce.payments.models_receipts import (
    DifferenceKind,
    Receipt,
    ReceiptMethod,
    TillDay,
    TillDifference,
    TillEntry,
    TillKind,
)
from callcart.commerce.payments.models_stored import EntryKind, StoredAccount, StoredEntry, StoredKind
from callcart.core import ids
from callcart.core.tenancy import TenantModel

__all__ = [
    "Attempt",
    "AttemptState",
    "BankFormat",
    "CashState",
    "DifferenceKind",
    "EntryKind",
    "GatewayAccount",
    "Instalment",
    "InstalmentState",
    "LineState",
    "Payment",
    "PaymentMethod",
    "PaymentState",
    "ProviderEvent",
    "Receipt",
    "ReceiptMethod",
    "Refund",
    "RefundState",
    "RefundWay",
    "Remittance",
    "RemittanceLine",
    "Statement",
    "StatementLine",
    "StoredAccount",
    "StoredEntry",
    "StoredKind",
    "TillDay",
    "TillDifference",
    "TillEntry",
    "TillKind",
]


class PaymentMethod(StrEnum):
    PREPAID = "prepaid"
    COD = "cod"
    INSTALMENTS = "instalments"


class PaymentState(StrEnum):
    """Prepaid and instalments: due → part_paid → paid. Cash: due_on_delivery → collected_by_carrier → remitted."""

    DUE = "due"
    PART_PAID = "part_paid"
    PAID = "paid"
    DUE_ON_DELIVERY = "due_on_delivery"
    COLLECTED = "collected_by_carrier"
    REMITTED = "remitted"
    CANCELLED = "cancelled"


class AttemptState(StrEnum):
    INTENDED = "intended"
    OPEN = "open"
    CAPTURED = "captured"
    DECLINED = "declined"
    EXPIRED = "expired"
    FAILED = "failed"


class InstalmentState(StrEnum):
    SCHEDULED = "scheduled"
    CLAIMED = "claimed"
    PAID = "paid"
    OVERDUE = "overdue"
    CANCELLED = "cancelled"


class RefundState(StrEnum):
    DUE = "due"
    IN_FLIGHT = "in_flight"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RefundWay(StrEnum):
    """How money goes back. A gateway and stored value do it by themselves; the others a person does, and says so."""

    GATEWAY = "gateway"
    CASH = "cash"
    BANK_TRANSFER = "bank_transfer"
    CHEQUE = "cheque"
    OTHER = "other"
    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"


class Payment(TenantModel):
    """What one order owes by one method, and what of it has come: `captured_minor` is the sum of its receipts. `provider` and
    `reference` are those of the last capture; `payer_name` is who is expected to pay, `taken_by` who sold. `family` is the payment
    that this one and others were split from, the first of them. `relieved_minor` is what of the order's total nobody owes,
    because it came back undelivered."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    order_id = models.UUIDField()
    order_number = models.TextField()
    customer_id = models.UUIDField(null=True)
    payer_name = models.TextField(blank=True, default="")
    taken_by = models.UUIDField(null=True)
    promised_on = models.DateField(null=True)
    promise_note = models.TextField(blank=True, default="")
    carrier = models.TextField(blank=True, default="", help_text="who collected the cash")
    collected_at = models.DateTimeField(null=True)
    method = models.TextField(choices=[(m, m) for m in PaymentMethod])
    state = models.TextField(choices=[(s, s) for s in PaymentState])
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    relieved_minor = models.BigIntegerField(default=0, db_default=0)
    family = models.UUIDField(null=True)
    currency = models.TextField()
    provider = models.TextField(blank=True, default="")
    reference = models.TextField(blank=True, default="")
    mandate = models.TextField(blank=True, default="", help_text="the provider's token for later charges")
    arrears_since = models.DateTimeField(null=True, help_text="an instalment could not be collected")
    made_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    @property
    def missing_minor(self) -> int:
        """What has not come yet, never below zero."""
        return max(self.amount_minor - self.captured_minor, 0)

    @property
    def root(self) -> UUID:
        """What limits count by: orders split off one another are one."""
        return self.family or self.id

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, captured_minor__gte=0), name="payments_payment_amounts"
            ),
            models.CheckConstraint(condition=Q(relieved_minor__gte=0), name="payments_payment_relieved"),
            models.CheckConstraint(condition=Q(state__in=[*PaymentState]), name="payments_payment_state"),
            models.UniqueConstraint(fields=["order_id"], name="payments_payment_order"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "state", "made_at"], name="payments_payment_open"),
            models.Index(
                fields=["tenant_id", "made_at", "id"],
                condition=Q(state__in=["due", "part_paid"]),
                name="payments_payment_unpaid",
            ),
            models.Index(
                fields=["tenant_id", "collected_at", "id"],
                condition=Q(state="collected_by_carrier"),
                name="payments_payment_carrier",
            ),
            models.Index(
                "tenant_id",
                F("amount_minor") - F("captured_minor"),
                condition=Q(state__in=["due", "part_paid"]),
                name="payments_payment_missing",
            ),
            models.Index(fields=["tenant_id", "order_number"], name="payments_payment_number"),
            models.Index(
                fields=["tenant_id", "family"],
                condition=Q(family__isnull=False),
                name="payments_payment_family",
            ),
        ]


class Instalment(TenantModel):
    """One part of a payment plan. Collected by whoever moves it from `scheduled` to `claimed`. `step` is the next of its dunning
    schedule, `next_at` when it is taken; empty before the plan has begun and after its end."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    payment = models.ForeignKey(Payment, on_delete=models.CASCADE, related_name="instalments")
    number = models.IntegerField()
    due_on = models.DateField()
    amount_minor = models.BigIntegerField()
    state = models.TextField(default=InstalmentState.SCHEDULED, choices=[(s, s) for s in InstalmentState])
    tries = models.IntegerField(default=0)
    step = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True, default="")
    claimed_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["payment", "number"], name="payments_instalment_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="payments_instalment_amount"),
        ]
        indexes = [
            models.Index(
                F("due_on"), condition=Q(state__in=["scheduled", "claimed"]), name="payments_instalment_due"
            ),
            models.Index(
                fields=["tenant_id", "due_on", "id"],
                condition=Q(state__in=["scheduled", "claimed", "overdue"]),
                name="payments_instalment_open",
            ),
            models.Index(
                fields=["next_at"], condition=Q(next_at__isnull=False), name="payments_instalment_next"
            ),
        ]


class Attempt(TenantModel):
    """One visit to a provider. Its row is committed before the provider is asked; the provider's reference comes with
    the answer or with the webhook, whichever is first."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="attempts")
    instalment = models.ForeignKey(Instalment, null=True, on_delete=models.PROTECT, related_name="attempts")
    provider = models.TextField()
    reference = models.TextField(null=True)
    state = models.TextField(default=AttemptState.INTENDED, choices=[(s, s) for s in AttemptState])
    amount_minor = models.BigIntegerField()
    captured_minor = models.BigIntegerField(default=0)
    currency = models.TextField()
    url = models.TextField(blank=True, default="")
    failure = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "reference"], name="payments_attempt_reference"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_attempt_amount"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "made_at"],
                condition=Q(state__in=["intended", "open"]),
                name="payments_attempt_open",
            ),
        ]


class Refund(TenantModel):
    """Money to give back of one receipt: `due` is owed, `in_flight` somebody was asked to send it, `done` it was sent."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    receipt = models.ForeignKey(Receipt, null=True, on_delete=models.PROTECT, related_name="refunds")
    attempt = models.ForeignKey(
        Attempt, null=True, on_delete=models.PROTECT, related_name="refunds", help_text="empty: no gateway"
    )
    way = models.TextField(default=RefundWay.GATEWAY, choices=[(w, w) for w in RefundWay])
    payee = models.TextField(blank=True, default="")
    asked_by = models.UUIDField(null=True)
    asked_by_name = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    state = models.TextField(default=RefundState.DUE, choices=[(s, s) for s in RefundState])
    reason = models.TextField(blank=True, default="")
    reference = models.TextField(blank=True, default="")
    failure = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_refund_amount"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "made_at", "id"],
                condition=Q(state__in=["due", "in_flight", "failed"]),
                name="payments_refund_open",
            ),
        ]


class ProviderEvent(TenantModel):
    """What a provider told us, once each. `attempt` is empty where we know of no such payment: finance looks at it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    provider = models.TextField()
    event_id = models.TextField()
    kind = models.TextField()
    reference = models.TextField()
    attempt = models.ForeignKey(Attempt, null=True, on_delete=models.PROTECT, related_name="events")
    amount_minor = models.BigIntegerField(default=0)
    currency = models.TextField(blank=True, default="")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="payments_event_once"),
        ]
