"""How many there are, where, in which condition, and for whom they are held.

Stock counts per warehouse and SKU; the database itself refuses to promise more than there is. Every change of a
count has a movement beside it, so that the movements always add up to the counts. Orders are known by id only.
"""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callcart.commerce.catalog.models import Variant
from callcart.commerce.inventory.allocation_tables import Allocation, AllocationRules
from callcart.commerce.inventory.documents.tables import Document, DocumentLine
from callcart.core import ids
from callcart.core.language import Named
from callcart.core.tenancy import TenantModel

__all__ = [
    "Allocation", "AllocationRules", "Condition", "Document", "DocumentLine", "Movement", "MovementKind", "Reservation", "ReservationState", "Stock",
    "Warehouse",
]  # fmt: skip


class Condition(StrEnum):
    """What may be done with a unit: sold, looked at by quality control, or neither."""

    SELLABLE = "sellable"
    DAMAGED = "damaged"
    INSPECTING = "inspecting"


class ReservationState(StrEnum):
    HELD = "held"
    RELEASED = "released"
    SHIPPED = "shipped"


class MovementKind(StrEnum):
    RECEIVE = "receive"
    ADJUST = "adjust"
    RESERVE = "reserve"
    RELEASE = "release"
    SHIP = "ship"
    PUT = "put"  # goods laid on a shelf in some condition: by a stock-in document, a return, …
    CONDITION = "condition"  # the same units in another condition
    COUNT = "count"
    WRITE_OFF = "write_off"
    TAKE_OUT = "take_out"  # a sample, the shop's own use
    SEND = "send"  # out of the warehouse that a transfer leaves
    TRANSIT = "transit"  # on the way to the warehouse a transfer goes to
    ARRIVE = "arrive"
    MISSING = "missing"  # sent and not come


class Warehouse(Named, TenantModel):
    """A place that holds stock. `regions`: provinces or states it serves first; empty serves all alike. Lower
    `priority` is asked earlier."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    regions = ArrayField(models.TextField(), default=list, blank=True)
    priority = models.IntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["priority", "code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="inventory_warehouse_code"),
        ]

    def __str__(self) -> str:
        return self.code


class Stock(TenantModel):
    """One SKU in one warehouse. `on_hand` is what can be sold; what is damaged, with quality control or on its way here is
    counted beside it. Available = on_hand - allocated. A backorderable one may promise more than it has. `bin` and `route`
    say where a picker finds it, and when on the way round; `cost_minor` is what a unit cost when last bought."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="stock")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="stock")
    on_hand = models.IntegerField(default=0)
    allocated = models.IntegerField(default=0)
    backorderable = models.BooleanField(default=False)
    damaged = models.IntegerField(default=0, db_default=0)
    inspecting = models.IntegerField(default=0, db_default=0)
    in_transit = models.IntegerField(default=0, db_default=0)
    safety = models.IntegerField(default=0, db_default=0)
    bin = models.TextField(blank=True, default="", db_default="")
    route = models.IntegerField(default=0, db_default=0)
    cost_minor = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "variant", "warehouse"], name="inventory_stock_once"
            ),
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="inventory_stock_on_hand"),
            models.CheckConstraint(
                condition=Q(allocated__gte=0) & (Q(backorderable=True) | Q(allocated__lte=F("on_hand"))),
                name="inventory_stock_allocated",
            ),
            models.CheckConstraint(
                condition=Q(damaged__gte=0) & Q(inspecting__gte=0) & Q(in_transit__gte=0),
                name="inventory_stock_conditions",
            ),
            models.CheckConstraint(
                condition=Q(safety__gte=0) & (Q(cost_minor=None) | Q(cost_minor__gte=0)),
                name="inventory_stock_figures",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "warehouse"], name="inventory_stock_place"),
            models.Index(fields=["tenant_id", "warehouse", "bin", "id"], name="inventory_stock_bin"),
            models.Index(
                fields=["tenant_id", "id"],
                condition=Q(damaged__gt=0) | Q(inspecting__gt=0),
                name="inventory_stock_apart",
            ),
            models.Index(
                fields=["tenant_id", "id"], condition=Q(in_transit__gt=0), name="inventory_stock_transit"
            ),
            # more promised than there is: few of all, and what orders that wait for stock wait for
            models.Index(
                fields=["tenant_id", "id"],
                condition=Q(allocated__gt=F("on_hand")),
                name="inventory_stock_short",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand} / {self.allocated}"

    @property
    def available(self) -> int:
        return self.on_hand - self.allocated

    def units(self, condition: Condition) -> int:
        """How many there are in a condition, promised ones too."""
        return {
            Condition.SELLABLE: self.on_hand,
            Condition.DAMAGED: self.damaged,
            Condition.INSPECTING: self.inspecting,
        }[condition]


class Reservation(TenantModel):
    """Units held in one warehouse: for one line of an order, or for something else that `holder_kind` names (then
    `order_id` and `line_id` are its ids)."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    holder_kind = models.TextField(default="order", db_default="order")
    order_id = models.UUIDField()
    line_id = models.UUIDField()
    stock = models.ForeignKey(Stock, on_delete=models.PROTECT, related_name="reservations")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    state = models.TextField(default=ReservationState.HELD, choices=[(s, s) for s in ReservationState])
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="inventory_reservation_quantity"),
            models.CheckConstraint(
                condition=Q(state__in=[*ReservationState]), name="inventory_reservation_state"
            ),
            models.UniqueConstraint(
                fields=["line_id", "stock"], condition=Q(state="held"), name="inventory_reservation_once"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "order_id"], name="inventory_reservation_order"),
            # what is held now, few of the millions: which orders wait for their goods
            models.Index(
                fields=["tenant_id", "order_id"],
                condition=Q(state="held"),
                name="inventory_reservation_held",
            ),
        ]


class Movement(TenantModel):
    """One change of one count: how much, what it was after, which document, who, why. Never changed."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    at = models.DateTimeField(db_default=Now())
    kind = models.TextField(choices=[(k, k) for k in MovementKind])
    stock = models.ForeignKey(Stock, on_delete=models.PROTECT, related_name="movements")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    on_hand_change = models.IntegerField(default=0)
    allocated_change = models.IntegerField(default=0)
    damaged_change = models.IntegerField(default=0, db_default=0)
    inspecting_change = models.IntegerField(default=0, db_default=0)
    in_transit_change = models.IntegerField(default=0, db_default=0)
    on_hand_after = models.IntegerField()
    allocated_after = models.IntegerField()
    document_kind = models.TextField(blank=True, default="")
    document_id = models.UUIDField(null=True)
    actor_kind = models.TextField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField(blank=True, default="")
    channel = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[*MovementKind]), name="inventory_movement_kind"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "variant", "-id"], name="inventory_movement_variant"),
            models.Index(fields=["tenant_id", "-id"], name="inventory_movement_time"),
            models.Index(fields=["tenant_id", "document_id"], name="inventory_movement_document"),
        ]
