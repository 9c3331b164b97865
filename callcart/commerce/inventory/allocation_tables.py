"""Tables of allocation: the strategy a shop chose, and why an order's goods come from where they do."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.db.models import Q

from callcart.core import ids
from callcart.core.tenancy import TenantModel


class Strategy(StrEnum):
    """How warehouses are chosen for an order."""

    NEAREST = "nearest"  # each product from the nearest warehouse that has it
    WHOLE = "whole"  # all from the nearest warehouse that has all of it, if one has
    FEWEST = "fewest"  # as few parcels as can be
    CHEAPEST = "cheapest"  # the lowest total freight
    SAFETY = "safety"  # nearest, and safety stock last of all


class AllocationRules(TenantModel):
    """The shop's strategy, one row."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    version = models.IntegerField(default=1)
    strategy = models.TextField(default=Strategy.NEAREST, choices=[(s, s) for s in Strategy])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id"], name="inventory_allocationrules_once"),
            models.CheckConstraint(
                condition=Q(strategy__in=[*Strategy]), name="inventory_allocationrules_strategy"
            ),
        ]


class Allocation(TenantModel):
    """Why an order's goods come from where they do, the last row counts. `why` is a code of `allocate.Why`; `data` fills its
    sentence. Of an order without a row, each product comes from the nearest warehouse that has it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    order_id = models.UUIDField()
    strategy = models.TextField()
    why = models.TextField()
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "order_id", "-id"], name="inventory_allocation_order")]
