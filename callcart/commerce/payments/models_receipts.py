"""Money as it was taken: receipts, the tills they lie in, and the days of a till.

A receipt is never changed or deleted, only voided. A till is whoever holds money for us: a person, a bank account, a carrier,
a gateway, stored value. Every sum that enters or leaves one is an entry on a day; a closed day takes no more entries.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.money import Money
from callcart.core.tenancy import TenantModel


class ReceiptMethod(StrEnum):
    GATEWAY = "gateway"
    CASH = "cash"
    BANK_TRANSFER = "bank_transfer"
    CHEQUE = "cheque"
    COD = "cod"
    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"
    OTHER = "other"


class TillKind(StrEnum):
    PERSON = "person"
    BANK = "bank"
    CARRIER = "carrier"
    GATEWAY = "gateway"
    STORED = "stored"


class DifferenceKind(StrEnum):
    """Why money counted or handed over is not what the receipts say."""

    FEE = "fee"
    ROUNDING = "rounding"
    LOSS = "loss"
    MISCOUNT = "miscount"
    TIMING = "timing"
    OTHER = "other"


class Receipt(TenantModel):
    """Money that came in for one order. `holder` is the gateway, carrier, bank account or person that has it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.TextField()
    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, related_name="receipts")
    order_id = models.UUIDField()
    order_number = models.TextField()
    customer_id = models.UUIDField(null=True)
    attempt = models.ForeignKey(
        "payments.Attempt", null=True, on_delete=models.PROTECT, related_name="receipts"
    )
    method = models.TextField(choices=[(m, m) for m in ReceiptMethod])
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    payer = models.TextField(blank=True, default="")
    reference = models.TextField(blank=True, default="")
    till_kind = models.TextField(choices=[(k, k) for k in TillKind])
    holder = models.TextField(blank=True, default="")
    received_at = models.DateTimeField()
    received_by = models.UUIDField(null=True)
    received_by_name = models.TextField(blank=True, default="")
    source_kind = models.TextField(blank=True, default="", help_text="statement_line, remittance_line")
    source_id = models.UUIDField(null=True)
    made_at = models.DateTimeField(db_default=Now())
    voided_at = models.DateTimeField(null=True)
    voided_by_name = models.TextField(blank=True, default="")
    void_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="payments_receipt_number"),
            # one visit to a provider pays one order, and those that were split off it
            models.UniqueConstraint(fields=["attempt", "payment"], name="payments_receipt_attempt"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payments_receipt_amount"),
            models.CheckConstraint(condition=Q(method__in=[*ReceiptMethod]), name="payments_receipt_method"),
            models.CheckConstraint(
                condition=Q(voided_at__isnull=True) | ~Q(void_reason=""), name="payments_receipt_void"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "-received_at", "-id"], name="payments_receipt_time"),
            models.Index(fields=["tenant_id", "method", "-received_at", "-id"], name="payments_receipt_kind"),
            models.Index(fields=["tenant_id", "order_number"], name="payments_receipt_order"),
            models.Index(
                fields=["tenant_id", "source_id"],
                condition=Q(source_id__isnull=False),
                name="payments_receipt_source",
            ),
            models.Index(
                fields=["tenant_id", "reference"],
                condition=~Q(reference=""),
                name="payments_receipt_reference",
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class TillEntry(TenantModel):
    """A sum that entered (positive) or left a till on a day of its books."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    till_kind = models.TextField(choices=[(k, k) for k in TillKind])
    holder = models.TextField(blank=True, default="")
    day = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    receipt = models.ForeignKey(Receipt, null=True, on_delete=models.PROTECT, related_name="entries")
    refund = models.ForeignKey("payments.Refund", null=True, on_delete=models.PROTECT, related_name="entries")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(receipt__isnull=False) | Q(refund__isnull=False), name="payments_tillentry_of"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "day", "till_kind", "holder"], name="payments_tillentry_day"),
        ]


class TillDay(TenantModel):
    """One day of a till in one currency: what was counted or paid out, and once it is closed what was expected then."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    till_kind = models.TextField(choices=[(k, k) for k in TillKind])
    holder = models.TextField(blank=True, default="")
    day = models.DateField()
    currency = models.TextField()
    expected_minor = models.BigIntegerField(null=True)
    counted_minor = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_name = models.TextField(blank=True, default="")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "till_kind", "holder", "day", "currency"], name="payments_tillday_once"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True)
                | Q(expected_minor__isnull=False, counted_minor__isnull=False),
                name="payments_tillday_closed",
            ),
        ]


class TillDifference(TenantModel):
    """A part of what was counted above (positive) or below what was expected, explained."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    till_day = models.ForeignKey(TillDay, on_delete=models.PROTECT, related_name="differences")
    kind = models.TextField(choices=[(k, k) for k in DifferenceKind])
    amount_minor = models.BigIntegerField()
    reason = models.TextField(blank=True, default="")
    by_name = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
