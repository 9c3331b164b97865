"""The tables of stock documents: a head, and a line for each SKU.

One table for all types, as they share number, list, page and movements; what a type makes of a line stands at the line.
States are in `states.py`. A document that has ended is never changed again.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.tenancy import TenantModel

KIND = "stock_document"
"""How movements, events and audit name a document."""


class DocumentType(StrEnum):
    STOCK_IN = "stock_in"
    STOCK_OUT = "stock_out"
    TRANSFER = "transfer"
    COUNT = "count"


class DocumentKind(StrEnum):
    """What a stock-in or stock-out document is for; empty for the other types."""

    NONE = ""
    PURCHASE = "purchase"
    RETURN = "return"
    COUNT = "count"
    OTHER = "other"
    WRITE_OFF = "write_off"
    SAMPLE = "sample"
    OWN_USE = "own_use"


IN_KINDS = (DocumentKind.PURCHASE, DocumentKind.RETURN, DocumentKind.COUNT, DocumentKind.OTHER)
OUT_KINDS = (DocumentKind.WRITE_OFF, DocumentKind.SAMPLE, DocumentKind.OWN_USE)


class DocumentState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    COUNTING = "counting"
    SENT = "sent"
    PART_RECEIVED = "part_received"
    RECEIVED = "received"
    CLOSED_SHORT = "closed_short"
    CLOSED = "closed"
    POSTED = "posted"
    CANCELLED = "cancelled"


class Document(TenantModel):
    """The head. A transfer leaves `warehouse` for `target`. `partner` and `reference`: the supplier, or whoever else it is
    about, and their number. `blind`: whoever counts does not see how many there should be. `free`: nothing was
    announced, whatever comes is taken."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.TextField()
    type = models.TextField(choices=[(t, t) for t in DocumentType])
    kind = models.TextField(blank=True, default="", choices=[(k, k) for k in DocumentKind])
    state = models.TextField(default=DocumentState.DRAFT, choices=[(s, s) for s in DocumentState])
    version = models.IntegerField(default=1)
    warehouse = models.ForeignKey("inventory.Warehouse", on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey("inventory.Warehouse", null=True, on_delete=models.PROTECT, related_name="+")
    partner = models.TextField(blank=True, default="")
    reference = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    due_on = models.DateField(null=True)
    blind = models.BooleanField(default=False)
    free = models.BooleanField(default=False)
    scope = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.UUIDField(null=True)
    made_by_name = models.TextField(blank=True, default="")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="inventory_document_number"),
            models.CheckConstraint(condition=Q(type__in=[*DocumentType]), name="inventory_document_type"),
            models.CheckConstraint(condition=Q(kind__in=[*DocumentKind]), name="inventory_document_kind"),
            models.CheckConstraint(condition=Q(state__in=[*DocumentState]), name="inventory_document_state"),
            models.CheckConstraint(
                condition=(Q(type="transfer") & Q(target__isnull=False) & ~Q(target=models.F("warehouse")))
                | (~Q(type="transfer") & Q(target__isnull=True)),
                name="inventory_document_target",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "-id"], name="inventory_document_time"),
            models.Index(fields=["tenant_id", "type", "-id"], name="inventory_document_types"),
            models.Index(
                fields=["tenant_id", "type", "-id"],
                condition=Q(ended_at=None),
                name="inventory_document_open",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class DocumentLine(TenantModel):
    """One SKU of a document.

    `expected`: announced (stock-in), to be sent or sent (transfer), to be taken out (stock-out), on the shelf when the count
    began (count). `received`, `damaged`, `inspecting`: what came, by condition. `counted`: what was counted, None as long as
    nobody has; `book`: what was on hand by the books at that moment; `earlier`: what was counted before a recount.
    `condition`: in which the units lie that a stock-out takes. `explained`: units of a transfer's difference that are settled.
    `open_units`: still to come, kept for the list of stock alone.
    """

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.PROTECT, related_name="+")
    warehouse = models.ForeignKey("inventory.Warehouse", on_delete=models.PROTECT, related_name="+")
    position = models.IntegerField(default=0)
    condition = models.TextField(default="sellable")
    expected = models.IntegerField(default=0)
    received = models.IntegerField(default=0)
    damaged = models.IntegerField(default=0)
    inspecting = models.IntegerField(default=0)
    counted = models.IntegerField(null=True)
    book = models.IntegerField(null=True)
    earlier = models.IntegerField(null=True)
    explained = models.IntegerField(default=0)
    open_units = models.IntegerField(default=0)
    cost_minor = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "variant", "condition"], name="inventory_documentline_once"
            ),
            models.CheckConstraint(
                condition=Q(expected__gte=0)
                & Q(received__gte=0)
                & Q(damaged__gte=0)
                & Q(inspecting__gte=0)
                & Q(open_units__gte=0)
                & Q(explained__gte=0)
                & (Q(counted=None) | Q(counted__gte=0)),
                name="inventory_documentline_units",
            ),
            models.CheckConstraint(
                condition=Q(condition__in=["sellable", "damaged", "inspecting"]),
                name="inventory_documentline_condition",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "variant", "warehouse"],
                condition=Q(open_units__gt=0),
                name="inventory_documentline_open",
            ),
        ]

    @property
    def came(self) -> int:
        """All units that came, whatever their condition."""
        return self.received + self.damaged + self.inspecting

    @property
    def difference(self) -> int | None:
        """Counted less what the books said at that moment; None as long as it is not counted."""
        return None if self.counted is None or self.book is None else self.counted - self.book
