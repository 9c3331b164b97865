"""Who sells, whom an invoice is for, the series of numbers, and what was issued.

An invoice or credit note is never changed (`functions.sql` sees to it): `content` holds all that is printed, so that its PDF can
be drawn again, byte for byte. Only what of an invoice has been credited moves. Amounts are minor units of `currency`.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.language import Named
from callcart.core.money import Money
from callcart.core.tenancy import TenantModel


class Kind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class IssueAt(StrEnum):
    """When an order gets its invoice by itself."""

    HAND = "hand"
    PAYMENT = "payment"
    DISPATCH = "dispatch"


class PaperLanguage(StrEnum):
    """In which language an invoice is printed; `customer`: that of the order."""

    CUSTOMER = "customer"
    EN = "en"
    ZH = "zh-hans"
    BOTH = "both"


class BuyerKind(StrEnum):
    PERSON = "person"
    COMPANY = "company"


class BatchState(StrEnum):
    """waiting → running → done; stopped by somebody on the way."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class Seller(Named, TenantModel):
    """One row a shop: what is printed about it, and how its invoices are made."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    name = models.TextField(blank=True, default="")
    name_zh = models.TextField(blank=True, default="")
    address = models.TextField(blank=True, default="")
    address_zh = models.TextField(blank=True, default="")
    tax_number = models.TextField(blank=True, default="")
    bank = models.TextField(blank=True, default="")
    bank_account = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    note_zh = models.TextField(blank=True, default="")
    logo = models.TextField(blank=True, default="", help_text="key of a file")
    issue_at = models.TextField(default=IssueAt.HAND, choices=[(i, i) for i in IssueAt])
    language = models.TextField(default=PaperLanguage.CUSTOMER, choices=[(p, p) for p in PaperLanguage])
    invoice_prefix = models.TextField(default="INV")
    credit_prefix = models.TextField(default="CN")
    by_year = models.BooleanField(default=True)
    credit_refunds = models.BooleanField(default=True, help_text="credit notes for refunds by themselves")
    send_by_itself = models.BooleanField(default=False)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id"], name="invoicing_seller_one"),
            models.CheckConstraint(
                condition=~Q(invoice_prefix=F("credit_prefix")), name="invoicing_seller_prefixes"
            ),
        ]


class Series(TenantModel):
    """One run of numbers. Whoever issues holds its row until the commit, so a number that is rolled back is given again."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    code = models.TextField()
    kind = models.TextField(choices=[(k, k) for k in Kind])
    last = models.IntegerField(default=0)
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="invoicing_series_code"),
            models.CheckConstraint(condition=Q(last__gte=0), name="invoicing_series_last"),
        ]

    def __str__(self) -> str:
        return self.code


class Buyer(TenantModel):
    """Whom the invoice of an order is for, where it is not simply its receiver. `wants_tax_invoice`: an official electronic tax
    invoice is asked for, which the tax system makes and not we."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    order_id = models.UUIDField()
    customer_id = models.UUIDField(null=True)
    kind = models.TextField(default=BuyerKind.PERSON, choices=[(k, k) for k in BuyerKind])
    title = models.TextField()
    tax_number = models.TextField(blank=True, default="")
    address = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    bank = models.TextField(blank=True, default="")
    bank_account = models.TextField(blank=True, default="")
    email = models.TextField(blank=True, default="")
    wants_tax_invoice = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order_id"], name="invoicing_buyer_order")]
        indexes = [
            models.Index(
                fields=["tenant_id", "customer_id", "-changed_at"],
                condition=Q(customer_id__isnull=False),
                name="invoicing_buyer_customer",
            )
        ]


class Document(TenantModel):
    """An invoice, or a credit note of the invoice it `refers_to`. `closed_at`: all of it has been credited. `source` names what
    a credit note was made for, once each; `sha256` is the digest of its PDF."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.TextField(choices=[(k, k) for k in Kind])
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="documents")
    position = models.IntegerField()
    number = models.TextField()
    order_id = models.UUIDField()
    order_number = models.TextField()
    customer_id = models.UUIDField(null=True)
    refers_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="credit_notes")
    buyer_title = models.TextField()
    buyer_tax_number = models.TextField(blank=True, default="")
    wants_tax_invoice = models.BooleanField(default=False)
    currency = models.TextField()
    net_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField()
    total_minor = models.BigIntegerField()
    credited_minor = models.BigIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")
    source = models.TextField(blank=True, default="")
    content = models.JSONField()
    sha256 = models.TextField()
    issued_at = models.DateTimeField()
    issued_by = models.UUIDField(null=True)
    issued_by_name = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "position"], name="invoicing_document_position"),
            models.UniqueConstraint(fields=["tenant_id", "number"], name="invoicing_document_number"),
            models.UniqueConstraint(
                fields=["order_id"],
                condition=Q(kind="invoice", closed_at__isnull=True),
                name="invoicing_document_one_open",
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "source"], condition=~Q(source=""), name="invoicing_document_source"
            ),
            models.CheckConstraint(condition=Q(kind__in=[*Kind]), name="invoicing_document_kind"),
            models.CheckConstraint(
                condition=Q(total_minor=F("net_minor") + F("tax_minor"))
                & Q(net_minor__gte=0, tax_minor__gte=0),
                name="invoicing_document_total",
            ),
            models.CheckConstraint(
                condition=Q(credited_minor__gte=0, credited_minor__lte=F("total_minor")),
                name="invoicing_document_credited",
            ),
            models.CheckConstraint(
                condition=Q(kind="invoice", refers_to__isnull=True)
                | Q(kind="credit_note", refers_to__isnull=False, credited_minor=0),
                name="invoicing_document_refers",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "-issued_at", "-id"], name="invoicing_document_time"),
            models.Index(fields=["tenant_id", "kind", "-issued_at", "-id"], name="invoicing_document_sort"),
            models.Index(fields=["tenant_id", "order_id", "issued_at"], name="invoicing_document_order"),
            models.Index(fields=["tenant_id", "order_number"], name="invoicing_document_onumber"),
            models.Index(
                fields=["tenant_id", "issued_at", "id"],
                condition=Q(wants_tax_invoice=True),
                name="invoicing_document_wanted",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def left(self) -> Money:
        """What of an invoice has not been credited."""
        return Money(self.total_minor - self.credited_minor, self.currency)


class Batch(TenantModel):
    """Issuing for all orders of some days that have none yet. `after_at` and `after_id` are where it stands: moved in the
    transaction that issues, so a worker that dies loses a portion and doubles nothing."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    state = models.TextField(default=BatchState.WAITING, choices=[(s, s) for s in BatchState])
    since = models.DateTimeField()
    until = models.DateTimeField()
    only = models.TextField(default=IssueAt.DISPATCH, help_text="orders sent out, or paid")
    after_at = models.DateTimeField(null=True)
    after_id = models.UUIDField(null=True)
    expected = models.IntegerField(default=0)
    issued = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    problems = models.JSONField(default=list)
    staff_id = models.UUIDField(null=True)
    staff_name = models.TextField(blank=True, default="")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[*BatchState]), name="invoicing_batch_state"),
        ]
        indexes = [models.Index(fields=["tenant_id", "-made_at", "-id"], name="invoicing_batch_time")]
