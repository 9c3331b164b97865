"""Dispatch documents: what one warehouse is to send for one order. Made when the order is approved, made again when it is
changed, ended when the goods leave.

An order has at most one open document in a warehouse. Orders, warehouses and SKUs are known by id only.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.money import Money
from callcart.core.tenancy import TenantModel


class DispatchState(StrEnum):
    WAITING = "waiting"
    PICKING = "picking"
    PACKED = "packed"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


STEPS: Mapping[DispatchState, frozenset[DispatchState]] = {
    DispatchState.WAITING: frozenset(
        {DispatchState.PICKING, DispatchState.PACKED, DispatchState.HANDED_OVER, DispatchState.CANCELLED}
    ),
    DispatchState.PICKING: frozenset(
        {DispatchState.WAITING, DispatchState.PACKED, DispatchState.HANDED_OVER, DispatchState.CANCELLED}
    ),
    DispatchState.PACKED: frozenset(
        {DispatchState.WAITING, DispatchState.HANDED_OVER, DispatchState.CANCELLED}
    ),
    DispatchState.HANDED_OVER: frozenset(),
    DispatchState.CANCELLED: frozenset(),
}
OPEN = (DispatchState.WAITING, DispatchState.PICKING, DispatchState.PACKED)
BEGUN = (DispatchState.PICKING, DispatchState.PACKED)


class Dispatch(TenantModel):
    """What a warehouse is to send for an order. `carrier` and `service` are proposed when it is made; `cod_minor` is the cash
    its carrier is to collect. `version` counts changes of its state."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.TextField()
    order_id = models.UUIDField()
    order_number = models.TextField()
    warehouse_id = models.UUIDField()
    state = models.TextField(default=DispatchState.WAITING, choices=[(s, s) for s in DispatchState])
    carrier = models.TextField(blank=True, default="")
    service = models.TextField(blank=True, default="", help_text="the code of the carrier's service")
    weight_g = models.IntegerField(default=0)
    currency = models.TextField()
    cod_minor = models.BigIntegerField(default=0)
    promised_on = models.DateField(null=True, blank=True)
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.TextField(blank=True, default="")
    state_at = models.DateTimeField(db_default=Now())
    state_by = models.TextField(blank=True, default="")
    cancel_reason = models.TextField(blank=True, default="")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="shipping_dispatch_number"),
            models.UniqueConstraint(
                fields=["tenant_id", "order_id", "warehouse_id"],
                condition=Q(state__in=["waiting", "picking", "packed"]),
                name="shipping_dispatch_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "picking", "packed", "handed_over", "cancelled"]),
                name="shipping_dispatch_state",
            ),
            models.CheckConstraint(condition=Q(cod_minor__gte=0), name="shipping_dispatch_cod"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "order_id"], name="shipping_dispatch_order"),
            # the warehouse's work: those that have left are millions, these are few
            models.Index(
                fields=["tenant_id", "warehouse_id", "made_at", "id"],
                condition=Q(state__in=["waiting", "picking", "packed"]),
                name="shipping_dispatch_work",
            ),
            models.Index(fields=["tenant_id", "state", "-id"], name="shipping_dispatch_states"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def cod(self) -> Money:
        return Money(self.cod_minor, self.currency)


class DispatchLine(TenantModel):
    """Units of one order line that the document takes out of its warehouse."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="lines")
    line_id = models.UUIDField()
    variant_id = models.UUIDField()
    quantity = models.IntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["dispatch", "line_id"], name="shipping_dispatchline_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipping_dispatchline_quantity"),
        ]


class DispatchParcel(TenantModel):
    """A parcel packed for a document; one document may take several."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="boxes")
    parcel = models.OneToOneField("shipping.Parcel", on_delete=models.PROTECT, related_name="packed_for")
