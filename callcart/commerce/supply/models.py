"""Tables of supply: who waits for what, what the desk asked the buyer for, and the list of what is low.

Customers, staff, orders and documents are known by id only. An arrival notice that was told holds units by a reservation whose
holder it is (`HOLDER`); a low-stock row is counted from others and may be thrown away at any time.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from callcart.commerce.catalog.models import Variant
from callcart.commerce.inventory.models import Stock, Warehouse
from callcart.core import ids
from callcart.core.tenancy import TenantModel

HOLDER = "arrival_notice"
"""How reservations and movements name a notice that holds units."""


class NoticeState(StrEnum):
    WAITING = "waiting"
    TOLD = "told"
    BOUGHT = "bought"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class NoticeChannel(StrEnum):
    """How the customer wants to hear: `call` is a task for an agent."""

    SMS = "sms"
    MAIL = "mail"
    CALL = "call"


class RequestState(StrEnum):
    ASKED = "asked"
    ORDERED = "ordered"
    ARRIVED = "arrived"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ArrivalNotice(TenantModel):
    """A customer wants to hear when a SKU is back. `held` units are kept for them from `told_at` until `held_until`; it is less
    than `quantity` where fewer came. The queue is in the order of ids."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    customer_id = models.UUIDField()
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField(default=1)
    channel = models.TextField(choices=[(c, c) for c in NoticeChannel])
    language = models.TextField(default="en")
    state = models.TextField(default=NoticeState.WAITING, choices=[(s, s) for s in NoticeState])
    held = models.IntegerField(default=0)
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField(null=True)
    asked_by_name = models.TextField(blank=True, default="")
    told_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    order_id = models.UUIDField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "customer_id", "variant"],
                condition=Q(state__in=["waiting", "told"]),
                name="supply_notice_once",
            ),
            models.CheckConstraint(condition=Q(state__in=[*NoticeState]), name="supply_notice_state"),
            models.CheckConstraint(condition=Q(channel__in=[*NoticeChannel]), name="supply_notice_channel"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0) & Q(held__lte=F("quantity"))
                & ((Q(state="told") & Q(held__gt=0)) | (~Q(state="told") & Q(held=0))),
                name="supply_notice_held",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["tenant_id", "variant", "id"],
                condition=Q(state="waiting"),
                name="supply_notice_queue",
            ),
            models.Index(
                fields=["tenant_id", "held_until"], condition=Q(state="told"), name="supply_notice_held_until"
            ),
            models.Index(fields=["tenant_id", "customer_id", "-id"], name="supply_notice_customer"),
            models.Index(fields=["tenant_id", "state", "-id"], name="supply_notice_states"),
            models.Index(fields=["tenant_id", "-id"], name="supply_notice_time"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.quantity}"


class ReplenishmentRequest(TenantModel):
    """Somebody at the desk asks the buyer for a SKU. `document_id`: the purchase it was ordered with."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    customer_id = models.UUIDField(null=True)
    quantity = models.IntegerField()
    note = models.TextField(blank=True, default="")
    state = models.TextField(default=RequestState.ASKED, choices=[(s, s) for s in RequestState])
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField(null=True)
    asked_by_name = models.TextField(blank=True, default="")
    document_id = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[*RequestState]), name="supply_request_state"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="supply_request_quantity"),
            models.CheckConstraint(
                condition=~Q(state="ordered") | Q(document_id__isnull=False), name="supply_request_document"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "variant", "id"], condition=Q(state="asked"), name="supply_request_asked"
            ),
            models.Index(
                fields=["tenant_id", "document_id", "id"],
                condition=Q(state="ordered"),
                name="supply_request_ordered",
            ),
            models.Index(fields=["tenant_id", "state", "-id"], name="supply_request_states"),
            models.Index(fields=["tenant_id", "asked_by", "-id"], name="supply_request_mine"),
            models.Index(fields=["tenant_id", "-id"], name="supply_request_time"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.quantity}"


class LowStock(TenantModel):
    """A stock row at or below its reorder point, as it was last counted. `position` is available + in transit + on order − asked
    for; `cover_days` how long what is available lasts at the pace of the last weeks (sorts the list)."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    stock = models.OneToOneField(Stock, on_delete=models.CASCADE, related_name="+")
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    sold = models.IntegerField()
    available = models.IntegerField()
    coming = models.IntegerField()
    asked = models.IntegerField()
    safety = models.IntegerField()
    position = models.IntegerField()
    reorder_point = models.IntegerField()
    suggested = models.IntegerField()
    cover_days = models.IntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(suggested__gt=0), name="supply_lowstock_suggested"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "cover_days", "id"], name="supply_lowstock_list"),
            models.Index(fields=["tenant_id", "warehouse", "cover_days", "id"], name="supply_lowstock_place"),
            models.Index(fields=["tenant_id", "variant"], name="supply_lowstock_variant"),
        ]


class SupplyRules(TenantModel):
    """The shop's rules, one row. Days: the window sales are counted in, how long goods take to come, how long a purchase should
    last beyond that. `hold_hours`: how long goods are kept for whoever was told. `counted_to`: the last movement counted."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    version = models.IntegerField(default=1)
    window_days = models.IntegerField(default=28)
    lead_days = models.IntegerField(default=7)
    cover_days = models.IntegerField(default=14)
    hold_hours = models.IntegerField(default=48)
    counted_to = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id"], name="supply_rules_once"),
            models.CheckConstraint(
                condition=Q(window_days__range=(1, 365)) & Q(lead_days__range=(0, 365))
                & Q(cover_days__range=(1, 365)) & Q(hold_hours__range=(1, 720)),
                name="supply_rules_figures",
            ),
        ]  # fmt: skip
