"""What the shop sells: categories, products, and their variants, each of which is one SKU.

Texts exist in both languages; the second may be empty. Prices are minor units of the tenant's currency. How
many there are is inventory's business, not ours.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callcart.commerce.catalog.bundle_models import Component
from callcart.core import ids
from callcart.core.language import Named, in_language
from callcart.core.search import SearchMixin
from callcart.core.tenancy import TenantModel

__all__ = ["Category", "Component", "Product", "SpecField", "SpecKind", "SpecValue", "Variant"]


class Category(Named, TenantModel):
    """A shelf of the shop; shelves may lie inside one another."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    slug = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    position = models.IntegerField(default=0)
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "slug"], name="catalog_category_slug"),
        ]

    def __str__(self) -> str:
        return self.name


class Product(Named, SearchMixin):
    """What has a page in the shop; sold as one variant or several. `images`: file keys or static paths, first is main."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    category = models.ForeignKey(Category, null=True, on_delete=models.PROTECT, related_name="products")
    slug = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    description = models.TextField(blank=True, default="")
    description_zh = models.TextField(blank=True, default="")
    images = ArrayField(models.TextField(), default=list, blank=True)
    alts = models.JSONField(
        default=dict, blank=True, db_default={}, help_text="what pictures show, by key: [English, Chinese]"
    )
    on_sale = models.BooleanField(default=True)
    sale_from = models.DateTimeField(null=True, blank=True)
    sale_until = models.DateTimeField(null=True, blank=True)
    spec_words = models.TextField(
        blank=True, default="", db_default="", editable=False, help_text="its specifications, for search"
    )
    position = models.IntegerField(default=0)
    version = models.IntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(SearchMixin.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "slug"], name="catalog_product_slug"),
            models.CheckConstraint(
                condition=Q(sale_from__isnull=True)
                | Q(sale_until__isnull=True)
                | Q(sale_until__gt=F("sale_from")),
                name="catalog_product_sale_span",
            ),
        ]
        indexes = [
            *SearchMixin.Meta.indexes,
            models.Index(fields=["tenant_id", "position", "id"], name="catalog_product_order"),
        ]

    def __str__(self) -> str:
        return self.name

    def description_in(self, language: str) -> str:
        """The description."""
        return in_language(language, self.description, self.description_zh)

    def alt_in(self, language: str, key: str) -> str:
        """What a picture of it shows, for those who cannot see it; its name where nobody wrote anything."""
        return in_language(language, *self.alts.get(key, ("", ""))) or self.name_in(language)

    def offered_at(self, moment: datetime) -> bool:
        """Whether it can be bought at a moment: on sale, and within its days."""
        begun = self.sale_from is None or self.sale_from <= moment
        return self.on_sale and begun and (self.sale_until is None or moment < self.sale_until)


class Variant(Named, SearchMixin):
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
    cost_minor = models.BigIntegerField(
        null=True, blank=True, help_text="what a unit costs the shop, in the price's currency"
    )
    weight_g = models.IntegerField(default=0)
    length_mm = models.IntegerField(default=0, db_default=0)
    width_mm = models.IntegerField(default=0, db_default=0)
    height_mm = models.IntegerField(default=0, db_default=0)
    tax_class = models.TextField(
        blank=True, default="", db_default="", help_text="code of a tax class; empty: the default"
    )
    image = models.TextField(blank=True, default="")
    on_sale = models.BooleanField(default=True)
    position = models.IntegerField(default=0)
    version = models.IntegerField(default=1, db_default=1)

    class Meta(SearchMixin.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "sku"], name="catalog_variant_sku"),
            models.UniqueConstraint(
                fields=["tenant_id", "barcode"], condition=~Q(barcode=""), name="catalog_variant_barcode"
            ),
            models.CheckConstraint(condition=Q(price_minor__gte=0), name="catalog_variant_price"),
            models.CheckConstraint(condition=Q(weight_g__gte=0), name="catalog_variant_weight"),
            models.CheckConstraint(condition=Q(cost_minor__gte=0), name="catalog_variant_cost"),
            models.CheckConstraint(
                condition=Q(length_mm__gte=0, width_mm__gte=0, height_mm__gte=0), name="catalog_variant_size"
            ),
            models.CheckConstraint(condition=~Q(sku=""), name="catalog_variant_has_sku"),
        ]
        indexes = [
            *SearchMixin.Meta.indexes,
            models.Index(F("tenant_id"), F("product"), F("position"), name="catalog_variant_product"),
        ]

    def __str__(self) -> str:
        return self.sku

    def option_in(self, language: str) -> str:
        """What tells it from the product's other variants."""
        return in_language(language, self.option, self.option_zh)


class SpecKind(StrEnum):
    """What a specification field holds."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    YES_NO = "yes_no"


class SpecField(Named, TenantModel):
    """A specification that goods of a category have, and of all categories inside it. `choices`: (code, English, Chinese); a
    value holds the code, so that words may be changed."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="spec_fields")
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    kind = models.TextField()
    unit = models.TextField(blank=True, default="")
    unit_zh = models.TextField(blank=True, default="")
    choices = models.JSONField(default=list, blank=True)
    is_filter = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
    version = models.IntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "category", "position"], name="catalog_spec_fields")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in SpecKind]), name="catalog_spec_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def unit_in(self, language: str) -> str:
        return in_language(language, self.unit, self.unit_zh)

    def choices_in(self, language: str) -> list[tuple[str, str]]:
        """(code, words) of each choice."""
        return [(code, in_language(language, name, name_zh)) for code, name, name_zh in self.choices]


class SpecValue(TenantModel):
    """What a product's specification is; of the value columns the one of the field's kind is filled."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="specs")
    field = models.ForeignKey(SpecField, on_delete=models.CASCADE, related_name="values")
    text = models.TextField(blank=True, default="")
    text_zh = models.TextField(blank=True, default="")
    number = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    choice = models.TextField(blank=True, default="")
    yes = models.BooleanField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "field"], name="catalog_spec_once")]
        indexes = [
            models.Index(fields=["field", "choice"], condition=~Q(choice=""), name="catalog_spec_choice"),
            models.Index(
                fields=["field", "number"], condition=Q(number__isnull=False), name="catalog_spec_number"
            ),
            models.Index(fields=["field", "yes"], condition=Q(yes__isnull=False), name="catalog_spec_yes"),
        ]

    def __str__(self) -> str:
        return str(self.id)
