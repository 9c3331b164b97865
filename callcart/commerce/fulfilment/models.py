"""Waves of picking, packings with their boxes, what has to go back on its shelf, manifests of a carrier's collection, and waybill
templates with what was printed of them.

A box is numbered before anything lies in it, because its waybill is printed first; it becomes a parcel, under that number, when
the carrier takes it. Orders, dispatch documents and warehouses are known by id.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callcart.commerce.catalog.models import Variant
from callcart.commerce.fulfilment.template_models import PrintJob, PrintState, Template, TemplateVersion
from callcart.core import ids
from callcart.core.tenancy import TenantModel

__all__ = [
    "Box", "BoxLine", "Manifest", "Packing", "PackingState", "PrintJob", "PrintState", "PutBack", "Template",
    "TemplateVersion", "Wave", "WaveDispatch", "WaveLine", "WaveState",
]  # fmt: skip


class WaveState(StrEnum):
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Wave(TenantModel):
    """Documents of one warehouse that are picked on one round: by article, then sorted into a slot for each."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.TextField()
    warehouse_id = models.UUIDField()
    state = models.TextField(default=WaveState.OPEN, choices=[(s, s) for s in WaveState])
    made_at = models.DateTimeField(db_default=Now())
    staff_id = models.UUIDField(null=True)
    staff_name = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="fulfilment_wave_number"),
            models.CheckConstraint(condition=Q(state__in=[*WaveState]), name="fulfilment_wave_state"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "-id"], name="fulfilment_wave_newest"),
            models.Index(
                fields=["tenant_id", "warehouse_id", "-id"],
                condition=Q(state="open"),
                name="fulfilment_wave_open",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class WaveDispatch(TenantModel):
    """A document on a wave and the slot its goods are sorted into. `is_on` is false once it came off: cancelled, or short."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="slots")
    dispatch_id = models.UUIDField()
    slot = models.IntegerField()
    is_on = models.BooleanField(default=True)
    off_reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["slot"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "dispatch_id"], condition=Q(is_on=True), name="fulfilment_slot_once"
            ),
            models.UniqueConstraint(fields=["wave", "slot"], name="fulfilment_slot_number"),
        ]


class WaveLine(TenantModel):
    """An article of a wave where the picker finds it; the order of the lines is the walk. `bin` and `route` are copied from
    stock when the wave is made."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    route = models.IntegerField(default=0)
    bin = models.TextField(blank=True, default="")
    quantity = models.IntegerField()
    picked = models.IntegerField(default=0)
    is_short = models.BooleanField(default=False)

    class Meta:
        ordering = ["route", "bin", "id"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "variant"], name="fulfilment_waveline_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=0) & Q(picked__gte=0) & Q(picked__lte=F("quantity")),
                name="fulfilment_waveline_units",
            ),
        ]


class PackingState(StrEnum):
    OPEN = "open"
    PACKED = "packed"
    HANDED_OVER = "handed_over"
    ENDED = "ended"


class Packing(TenantModel):
    """The packing of one dispatch document. While it is open, `staff_id` has it on the table and nobody else scans into it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    dispatch_id = models.UUIDField()
    order_id = models.UUIDField()
    warehouse_id = models.UUIDField()
    state = models.TextField(default=PackingState.OPEN, choices=[(s, s) for s in PackingState])
    staff_id = models.UUIDField(null=True)
    staff_name = models.TextField(blank=True, default="")
    begun_at = models.DateTimeField(null=True)
    packed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "dispatch_id"], name="fulfilment_packing_once"),
            models.CheckConstraint(condition=Q(state__in=[*PackingState]), name="fulfilment_packing_state"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "warehouse_id", "id"],
                condition=Q(state__in=["open", "packed"]),
                name="fulfilment_packing_going",
            ),
        ]


class Manifest(TenantModel):
    """What a carrier takes from one warehouse at one collection."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.TextField()
    warehouse_id = models.UUIDField()
    carrier = models.TextField(blank=True, default="")
    driver = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    staff_name = models.TextField(blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="fulfilment_manifest_number"),
            models.UniqueConstraint(
                fields=["tenant_id", "warehouse_id", "carrier"],
                condition=Q(closed_at=None),
                name="fulfilment_manifest_open_once",
            ),
        ]
        indexes = [models.Index(fields=["tenant_id", "-id"], name="fulfilment_manifest_newest")]

    def __str__(self) -> str:
        return self.number


class Box(TenantModel):
    """One box of a packing. `number` is its waybill's, given once and kept; `tracking` the carrier's, where a label of theirs is
    stuck on. `prints` counts how often its waybill was printed."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    packing = models.ForeignKey(Packing, on_delete=models.CASCADE, related_name="boxes")
    position = models.IntegerField()
    number = models.TextField()
    tracking = models.TextField(blank=True, default="")
    weight_g = models.IntegerField(null=True)
    printed_at = models.DateTimeField(null=True)
    printed_by = models.TextField(blank=True, default="")
    prints = models.IntegerField(default=0)
    manifest = models.ForeignKey(Manifest, on_delete=models.PROTECT, null=True, related_name="boxes")
    parcel_id = models.UUIDField(null=True)
    out_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["packing", "position"], name="fulfilment_box_position"),
            models.UniqueConstraint(fields=["tenant_id", "number"], name="fulfilment_box_number"),
            models.CheckConstraint(
                condition=Q(weight_g=None) | Q(weight_g__gt=0), name="fulfilment_box_weight"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "tracking"], condition=~Q(tracking=""), name="fulfilment_box_tracking"
            ),
            models.Index(fields=["manifest", "out_at", "id"], name="fulfilment_box_manifest"),
        ]


class BoxLine(TenantModel):
    """Units of an order line that were scanned into a box."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    box = models.ForeignKey(Box, on_delete=models.CASCADE, related_name="lines")
    line_id = models.UUIDField()
    variant_id = models.UUIDField()
    quantity = models.IntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["box", "line_id"], name="fulfilment_boxline_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="fulfilment_boxline_quantity"),
        ]


class PutBack(TenantModel):
    """Units that were taken for a document and belong on their shelf again. The count never left the books."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    warehouse_id = models.UUIDField()
    dispatch_id = models.UUIDField()
    dispatch_number = models.TextField()
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    reason = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    done_by = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="fulfilment_putback_quantity"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "warehouse_id", "id"],
                condition=Q(done_at=None),
                name="fulfilment_putback_open",
            ),
            models.Index(fields=["tenant_id", "dispatch_id"], name="fulfilment_putback_dispatch"),
        ]
