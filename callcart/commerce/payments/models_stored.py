"""Value that customers hold with the shop: gift cards and store credit.

An account's balance is the sum of its entries and never below zero. Entries are only added. A gift card's code is kept as a
digest and its last characters; whoever reads the table cannot spend it.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.tenancy import TenantModel


class StoredKind(StrEnum):
    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"


class EntryKind(StrEnum):
    """`issued` and `granted` put value in, `spent` and `expired` take it out, `returned` gives a refund back."""

    ISSUED = "issued"
    GRANTED = "granted"
    SPENT = "spent"
    RETURNED = "returned"
    EXPIRED = "expired"
    TAKEN_BACK = "taken_back"


class StoredAccount(TenantModel):
    """One gift card, or one customer's store credit in one currency."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.TextField(choices=[(k, k) for k in StoredKind])
    currency = models.TextField()
    customer_id = models.UUIDField(null=True)
    code_digest = models.TextField(null=True)
    code_end = models.TextField(blank=True, default="")
    balance_minor = models.BigIntegerField(default=0)
    blocked_at = models.DateTimeField(null=True)
    block_reason = models.TextField(blank=True, default="")
    expires_on = models.DateField(null=True)
    note = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    made_by_name = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(balance_minor__gte=0), name="payments_stored_balance"),
            models.CheckConstraint(
                condition=Q(kind="gift_card", code_digest__isnull=False)
                | Q(kind="store_credit", customer_id__isnull=False),
                name="payments_stored_holder",
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "code_digest"],
                name="payments_stored_code",
                condition=Q(kind="gift_card"),
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "customer_id", "currency"],
                condition=Q(kind="store_credit"),
                name="payments_stored_credit",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "kind", "made_at", "id"], name="payments_stored_list"),
            models.Index(fields=["tenant_id", "code_end"], name="payments_stored_end"),
            models.Index(
                fields=["expires_on"], condition=Q(balance_minor__gt=0), name="payments_stored_expiry"
            ),
        ]


class StoredEntry(TenantModel):
    """Value that went in or out. `key` makes the same work one entry; `receipt_id` is that of an order paid by it, `refund_id`
    that of money given back to it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    account = models.ForeignKey(StoredAccount, on_delete=models.PROTECT, related_name="entries")
    kind = models.TextField(choices=[(k, k) for k in EntryKind])
    amount_minor = models.BigIntegerField()
    balance_minor = models.BigIntegerField(help_text="after this entry")
    key = models.TextField()
    order_id = models.UUIDField(null=True)
    order_number = models.TextField(blank=True, default="")
    receipt_id = models.UUIDField(null=True)
    refund_id = models.UUIDField(null=True)
    reason = models.TextField(blank=True, default="")
    actor_name = models.TextField(blank=True, default="")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="payments_storedentry_amount"),
            models.CheckConstraint(condition=Q(balance_minor__gte=0), name="payments_storedentry_balance"),
            models.UniqueConstraint(fields=["account", "key"], name="payments_storedentry_once"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "receipt_id"], name="payments_storedentry_receipt"),
        ]
