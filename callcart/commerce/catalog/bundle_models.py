"""What a bundle is made of. A variant with components is a bundle: sold at its own price, never counted itself."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from callcart.core import ids
from callcart.core.tenancy import TenantModel

MOST_UNITS = 999


class Component(TenantModel):
    """Units of one SKU in one set of a bundle."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    bundle = models.ForeignKey("catalog.Variant", on_delete=models.CASCADE, related_name="components")
    variant = models.ForeignKey("catalog.Variant", on_delete=models.PROTECT, related_name="+")
    units = models.IntegerField(default=1)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["bundle", "variant"], name="catalog_component_once"),
            models.CheckConstraint(
                condition=Q(units__gte=1, units__lte=MOST_UNITS), name="catalog_component_units"
            ),
            models.CheckConstraint(condition=~Q(bundle=F("variant")), name="catalog_component_not_itself"),
        ]
        indexes = [models.Index(fields=["tenant_id", "variant"], name="catalog_component_of")]

    def __str__(self) -> str:
        return str(self.id)
