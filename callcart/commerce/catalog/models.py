"""What the shop sells: categories, products, and their variants, each of which is one SKU.

Texts exist in both languages; the second may be empty. Prices are minor units of the tenant's currency. How
many there are is inventory's business, not ours.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.language import in_language
from callcart.core.search import SearchMixin
from callcart.core.tenancy import TenantModel


class Category(TenantModel):
    """A shelf of the shop; shelves may lie inside one another."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    slug = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "slug"], name="catalog_category_slug"),
        ]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        return in_language(language, self.name, self.name_zh)


class Product(SearchMixin):
    """What has a page in the shop; sold as one variant or several. `images`: file keys or static paths, first is main."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="products")
    slug = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    description = models.TextField(blank=True, default="")
    description_zh = models.TextField(blank=True, default="")
    images = ArrayField(models.TextField(), default=list, blank=True)
    on_sale = models.BooleanField(default=True)
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(SearchMixin.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "slug"], name="catalog_product_slug"),
        ]
        indexes = [
            *SearchMixin.Meta.indexes,
            models.Index(fields=["tenant_id", "position", "id"], name="catalog_product_order"),
        ]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        return in_language(language, self.name, self.name_zh)

    def description_in(self, language: str) -> str:
        """The description."""
        return in_language(language, self.description, self.description_zh)


class Variant(SearchMixin):
    """One SKU: what is priced, counted, picked and sold. `name` is whole, as on an invoice ("Linen shirt, blue, M");
    `option` is what tells it from its sisters ("Blue / M"), empty where there are none."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants")
    sku = models.TextField()
    barcode = models.TextField(blank=True, default="")
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    option = models.TextField(blank=True, default="")
    option_zh = models.TextField(blank=True, default="")
    price_minor = models.BigIntegerField()
    currency = models.TextField()
    weight_g = models.IntegerField(default=0)
    tax_class = models.TextField(
        blank=True, default="", db_default="", help_text="code of a tax class; empty: the default"
    )
    image = models.TextField(blank=True, default="")
    on_sale = models.BooleanField(default=True)
    position = models.IntegerField(default=0)

    class Meta(SearchMixin.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "sku"], name="catalog_variant_sku"),
            models.UniqueConstraint(
                fields=["tenant_id", "barcode"], condition=~Q(barcode=""), name="catalog_variant_barcode"
            ),
            models.CheckConstraint(condition=Q(price_minor__gte=0), name="catalog_variant_price"),
            models.CheckConstraint(condition=Q(weight_g__gte=0), name="catalog_variant_weight"),
            models.CheckConstraint(condition=~Q(sku=""), name="catalog_variant_has_sku"),
        ]
        indexes = [
            *SearchMixin.Meta.indexes,
            models.Index(F("tenant_id"), F("product"), F("position"), name="catalog_variant_product"),
        ]

    def __str__(self) -> str:
        return self.sku

    def name_in(self, language: str) -> str:
        return in_language(language, self.name, self.name_zh)

    def option_in(self, language: str) -> str:
        """What tells it from the product's other variants."""
        return in_language(language, self.option, self.option_zh)
