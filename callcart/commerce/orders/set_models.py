"""Sets as they were sold. What a set is made of are lines of the order like any others; this holds them together."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from callcart.core import ids
from callcart.core.language import Named
from callcart.core.tenancy import TenantModel


class SoldSet(Named, TenantModel):
    """A bundle at the price it was sold for, `quantity` times. Its lines hold `set_units` for each; their totals sum to its own,
    and their unit prices are rounded up, so only here is a discount just what was taken off."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="sold_sets")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.PROTECT, related_name="+")
    sku = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    quantity = models.IntegerField()
    list_minor = models.BigIntegerField()
    unit_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0)
    total_minor = models.BigIntegerField()
    explanation = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_soldset_quantity"),
            models.CheckConstraint(
                condition=Q(total_minor=F("unit_minor") * F("quantity") - F("discount_minor")),
                name="orders_soldset_total",
            ),
            models.CheckConstraint(
                condition=Q(discount_minor__gte=0, total_minor__gte=0), name="orders_soldset_parts"
            ),
        ]
        indexes = [models.Index(fields=["tenant_id", "variant"], name="orders_soldset_variant")]

    def __str__(self) -> str:
        return self.sku
