"""What carriers say they hand over of the cash they collected: their files, and line by line what became of it."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.money import Money
from callcart.core.tenancy import TenantModel


class CashState(StrEnum):
    """`matched` is what we expect, to the cent; `differs` waits for an explanation, `unknown` for its order; `already` was handed
    over before, `refused` is a parcel nobody took; `dropped` was laid aside by a person."""

    MATCHED = "matched"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    ALREADY = "already"
    REFUSED = "refused"
    BOOKED = "booked"
    DROPPED = "dropped"


class Remittance(TenantModel):
    """A carrier's file: `paid_minor` is what arrived in our account for it, as somebody counted it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    carrier = models.TextField()
    reference = models.TextField(blank=True, default="")
    file_name = models.TextField()
    digest = models.TextField()
    currency = models.TextField()
    lines_new = models.IntegerField(default=0)
    lines_known = models.IntegerField(default=0)
    made_at = models.DateTimeField(db_default=Now())
    made_by_name = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "carrier", "digest"], name="payments_remittance_once"
            )
        ]
        indexes = [models.Index(fields=["tenant_id", "-made_at", "-id"], name="payments_remittance_time")]


class RemittanceLine(TenantModel):
    """The cash of one parcel or order. `fee_minor` is what the carrier keeps of it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    remittance = models.ForeignKey(Remittance, on_delete=models.PROTECT, related_name="lines")
    key = models.TextField()
    row = models.IntegerField()
    number = models.TextField()
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    expected_minor = models.BigIntegerField(default=0)
    currency = models.TextField()
    state = models.TextField(choices=[(s, s) for s in CashState])
    payment = models.ForeignKey(
        "payments.Payment", null=True, on_delete=models.PROTECT, related_name="remittance_lines"
    )
    difference_kind = models.TextField(blank=True, default="")
    difference_reason = models.TextField(blank=True, default="")
    changed_at = models.DateTimeField(db_default=Now())
    changed_by_name = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "key"], name="payments_remittanceline_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="payments_remittanceline_amount"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "id"],
                condition=Q(state__in=["matched", "differs", "unknown", "already", "refused"]),
                name="payments_remittanceline_open",
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def expected(self) -> Money:
        return Money(self.expected_minor, self.currency)

    @property
    def difference(self) -> Money:
        """What was handed over above what we expect; below zero where it is less."""
        return Money(self.amount_minor - self.expected_minor, self.currency)
