"""Bank statements: a file is taken in once, a line once however many files hold it, and what becomes of each line.

A line is booked by receipts that name it as their source; `booked_minor` is what they come to.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.money import Money
from callcart.core.tenancy import TenantModel


class LineState(StrEnum):
    """`open` waits for a person; `going_back` is to be returned to the sender, `returned` was; `ignored` is not about orders."""

    OPEN = "open"
    BOOKED = "booked"
    GOING_BACK = "going_back"
    RETURNED = "returned"
    IGNORED = "ignored"


class BankFormat(TenantModel):
    """How the files of one bank account are read: which heading is which column, and how dates and amounts are written."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    account = models.TextField()
    mapping = models.JSONField(default=dict)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "account"], name="payments_bankformat_account")
        ]


class Statement(TenantModel):
    """A file of a bank account."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    account = models.TextField()
    file_name = models.TextField()
    digest = models.TextField()
    currency = models.TextField()
    lines_new = models.IntegerField(default=0)
    lines_known = models.IntegerField(default=0)
    made_at = models.DateTimeField(db_default=Now())
    made_by_name = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "account", "digest"], name="payments_statement_once")
        ]
        indexes = [models.Index(fields=["tenant_id", "-made_at", "-id"], name="payments_statement_time")]


class StatementLine(TenantModel):
    """Money that came into the account (positive) or left it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    key = models.TextField()
    row = models.IntegerField()
    day = models.DateField()
    amount_minor = models.BigIntegerField()
    booked_minor = models.BigIntegerField(default=0)
    currency = models.TextField()
    payer = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    reference = models.TextField(blank=True, default="")
    state = models.TextField(default=LineState.OPEN, choices=[(s, s) for s in LineState])
    note = models.TextField(blank=True, default="")
    proposed = models.ForeignKey("payments.Payment", null=True, on_delete=models.SET_NULL, related_name="+")
    confidence = models.IntegerField(default=0)
    why = models.JSONField(default=list)
    changed_at = models.DateTimeField(db_default=Now())
    changed_by_name = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "key"], name="payments_statementline_once"),
            models.CheckConstraint(
                condition=Q(booked_minor=0) | Q(booked_minor__gte=0, amount_minor__gte=F("booked_minor")),
                name="payments_statementline_booked",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "-day", "-id"],
                condition=Q(state__in=["open", "going_back"]),
                name="payments_statementline_open",
            ),
            models.Index(fields=["tenant_id", "-day", "-id"], name="payments_statementline_time"),
        ]

    @property
    def left_minor(self) -> int:
        return self.amount_minor - self.booked_minor

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def left(self) -> Money:
        return Money(self.left_minor, self.currency)
