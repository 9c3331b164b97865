"""How an order gets there: methods a customer chooses from, parcels, and what the carrier reported of them.

A parcel's state is the latest thing that happened to it, by the carrier's own time; a late or repeated report is kept
and changes nothing. Orders are known by id only.
"""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.commerce.shipping.carrier_models import (
    Booking,
    BookingState,
    Carrier,
    CarrierService,
    CarrierZone,
    CutOff,
    Holiday,
    RateStep,
    ServiceMethod,
)
from callcart.commerce.shipping.dispatch import Dispatch, DispatchLine, DispatchParcel, DispatchState
from callcart.core import ids
from callcart.core.language import Named
from callcart.core.tenancy import TenantModel

__all__ = [
    "Booking", "BookingState", "Carrier", "CarrierService", "CarrierZone", "CutOff", "DeliveryMethod", "Dispatch", "DispatchLine", "DispatchParcel", "DispatchState",
    "Holiday", "Parcel",
    "ParcelEvent", "ParcelLine", "ParcelState", "RateStep", "ServiceMethod", "Trouble",
]  # fmt: skip


class ParcelState(StrEnum):
    PACKED = "packed"
    HANDED_OVER = "handed_over"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    EXCEPTION = "exception"
    ATTEMPT_FAILED = "attempt_failed"
    AT_PICKUP = "at_pickup"
    REFUSED = "refused"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"


class Trouble(StrEnum):
    """Why somebody has to look after a parcel; empty where nobody has to."""

    NONE = ""
    LATE = "late"
    STUCK = "stuck"
    REFUSED = "refused"
    LOST = "lost"
    EXCEPTION = "exception"


class DeliveryMethod(Named, TenantModel):
    """A way of delivery. `countries` and `zones` (provinces) limit where; empty is everywhere. Free from
    `free_above_minor` of goods on. `takes_cod`: its carrier collects cash."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    carrier = models.TextField(blank=True, default="")
    countries = ArrayField(models.TextField(), default=list, blank=True)
    zones = ArrayField(models.TextField(), default=list, blank=True)
    price_minor = models.BigIntegerField()
    free_above_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.TextField()
    days_min = models.IntegerField(default=1)
    days_max = models.IntegerField(default=3)
    takes_cod = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    position = models.IntegerField(default=0)
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="shipping_method_code"),
            models.CheckConstraint(condition=Q(price_minor__gte=0), name="shipping_method_price"),
        ]

    def __str__(self) -> str:
        return self.code


class Parcel(TenantModel):
    """A box on its way. `number` is ours, `tracking` the carrier's. `carrier` is the name as it was given, `carried_by` the
    carrier we know by it. `scanned_at` is the last report's time, `poll_at` when to ask the carrier next (none: not at all)."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.TextField()
    order_id = models.UUIDField()
    carrier = models.TextField(blank=True, default="")
    tracking = models.TextField(blank=True, default="")
    state = models.TextField(default=ParcelState.PACKED, choices=[(s, s) for s in ParcelState])
    state_at = models.DateTimeField()
    place = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    carried_by = models.ForeignKey(
        Carrier, on_delete=models.PROTECT, null=True, blank=True, related_name="parcels"
    )
    service = models.ForeignKey(
        CarrierService, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    warehouse_id = models.UUIDField(null=True, blank=True)
    promised_on = models.DateField(null=True, blank=True)
    scanned_at = models.DateTimeField(null=True, blank=True)
    poll_at = models.DateTimeField(null=True, blank=True)
    poll_failures = models.IntegerField(default=0, db_default=0)
    trouble = models.TextField(blank=True, default="", db_default="", choices=[(t, t) for t in Trouble])
    trouble_at = models.DateTimeField(null=True, blank=True)
    claim_note = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="shipping_parcel_number"),
            models.UniqueConstraint(
                fields=["tenant_id", "carrier", "tracking"],
                condition=~Q(tracking=""),
                name="shipping_parcel_tracking",
            ),
            models.CheckConstraint(condition=Q(state__in=[*ParcelState]), name="shipping_parcel_state"),
            models.CheckConstraint(condition=Q(trouble__in=[*Trouble]), name="shipping_parcel_trouble"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "order_id"], name="shipping_parcel_order"),
            models.Index(fields=["tenant_id", "state", "id"], name="shipping_parcel_states"),
            models.Index(fields=["tenant_id", "carried_by", "id"], name="shipping_parcel_carrier"),
            models.Index(fields=["tenant_id", "warehouse_id", "id"], name="shipping_parcel_warehouse"),
            models.Index(fields=["tenant_id", "id"], name="shipping_parcel_newest"),
            models.Index(fields=["tenant_id", "tracking"], name="shipping_parcel_by_tracking"),
            models.Index(
                fields=["tenant_id", "poll_at"],
                condition=Q(poll_at__isnull=False),
                name="shipping_parcel_due",
            ),
            models.Index(
                fields=["tenant_id", "trouble_at", "id"],
                condition=~Q(trouble=""),
                name="shipping_parcel_troubles",
            ),
            # the watch over parcels on their way: those that ended are millions, these are few
            models.Index(
                fields=["tenant_id", "id"],
                condition=~Q(state__in=[ParcelState.DELIVERED, ParcelState.RETURNED]),
                name="shipping_parcel_going",
            ),
        ]

    def carrier_in(self, language: str) -> str:
        """The carrier we know it by, in the reader's language; what somebody typed as it was typed."""
        return self.carried_by.name_in(language) if self.carried_by else self.carrier


class ParcelLine(TenantModel):
    """How many units of an order line lie in a parcel."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="lines")
    line_id = models.UUIDField()
    quantity = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parcel", "line_id"], name="shipping_parcelline_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipping_parcelline_quantity"),
        ]


class ParcelEvent(TenantModel):
    """One report on a parcel. `at` is when it happened by the carrier's clock, `reference` the carrier's id of it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    state = models.TextField(choices=[(s, s) for s in ParcelState])
    place = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    reference = models.TextField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["parcel", "reference"], name="shipping_parcelevent_once"),
        ]
