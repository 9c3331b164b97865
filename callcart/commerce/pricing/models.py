"""Price lists, promotions with their coupons and uses, and tax.

Amounts are minor units of the row's currency, percentages are basis points (500 is 5 %), tax rates parts per million
(88,750 is 8.875 %). Groups of customers are keys such as `tier:gold` or `category:wholesale`. Orders are known by id only.
"""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callcart.commerce.catalog.models import Variant
from callcart.commerce.pricing.states import PromotionState, UseState
from callcart.core import ids
from callcart.core.language import Named
from callcart.core.tenancy import TenantModel


def _texts() -> ArrayField:  # type: ignore[type-arg]
    return ArrayField(models.TextField(), default=list, blank=True)


def _ids() -> ArrayField:  # type: ignore[type-arg]
    return ArrayField(models.UUIDField(), default=list, blank=True)


class PriceList(Named, TenantModel):
    """Prices for some buyers: of a group, a country or province, a campaign; empty conditions hold for everybody. A SKU
    without a line of its own takes `percent_bp` off its retail price, where that is not zero."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    currency = models.TextField()
    priority = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    groups = _texts()
    countries = _texts()
    regions = _texts()
    campaigns = _texts()
    percent_bp = models.IntegerField(default=0)
    version = models.IntegerField(default=1)

    class Meta:
        ordering = ["-priority", "code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="pricing_list_code"),
            models.CheckConstraint(
                condition=Q(percent_bp__gte=0, percent_bp__lte=10_000), name="pricing_list_percent"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ListPrice(TenantModel):
    """One SKU's price on a list from a number of units on."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    price_list = models.ForeignKey(PriceList, on_delete=models.CASCADE, related_name="prices")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    min_quantity = models.IntegerField(default=1)
    unit_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "price_list", "min_quantity"], name="pricing_listprice_once"
            ),
            models.CheckConstraint(condition=Q(unit_minor__gte=0), name="pricing_listprice_price"),
            models.CheckConstraint(condition=Q(min_quantity__gte=1), name="pricing_listprice_quantity"),
        ]
        indexes = [models.Index(fields=["price_list", "id"], name="pricing_listprice_list")]


class PromotionKind(StrEnum):
    PERCENT = "percent"
    AMOUNT = "amount"
    BUY_GET = "buy_get"
    BUNDLE = "bundle"
    FREE_DELIVERY = "free_delivery"


class Promotion(Named, TenantModel):
    """An offer and the terms it is given on. `amount_minor`: what is taken off (amount), or what the set costs (bundle).
    `bundle`: [{variant_id, quantity}]. Empty conditions hold for everything. `used_count` is kept only where `limit_total`
    is set: no row that every order would have to wait for."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    kind = models.TextField(choices=[(k, k) for k in PromotionKind])
    state = models.TextField(default=PromotionState.DRAFT, choices=[(s, s) for s in PromotionState])
    currency = models.TextField()
    percent_bp = models.IntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)
    buy_quantity = models.IntegerField(default=0)
    get_quantity = models.IntegerField(default=0)
    bundle = models.JSONField(default=list)
    category_ids = _ids()
    product_ids = _ids()
    min_goods_minor = models.BigIntegerField(default=0)
    groups = _texts()
    campaigns = _texts()
    channels = _texts()
    first_order = models.BooleanField(default=False)
    needs_coupon = models.BooleanField(default=False)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    priority = models.IntegerField(default=0)
    exclusive = models.BooleanField(default=False)
    limit_total = models.IntegerField(null=True, blank=True)
    limit_per_customer = models.IntegerField(null=True, blank=True)
    used_count = models.IntegerField(default=0)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[*PromotionState]), name="pricing_promotion_state"),
            models.CheckConstraint(condition=Q(kind__in=[*PromotionKind]), name="pricing_promotion_kind"),
            models.CheckConstraint(
                condition=Q(percent_bp__gte=0, percent_bp__lte=10_000, amount_minor__gte=0),
                name="pricing_promotion_worth",
            ),
            models.CheckConstraint(
                condition=Q(used_count__gte=0) & (Q(limit_total=None) | Q(used_count__lte=F("limit_total"))),
                name="pricing_promotion_limit",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "state", "-id"], name="pricing_promotion_by_state"),
            models.Index(fields=["tenant_id", "-id"], name="pricing_promotion_newest"),
        ]

    def __str__(self) -> str:
        return self.name or self.name_zh


class CouponBatch(TenantModel):
    """Codes made together, each usable `uses_each` times."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="batches")
    prefix = models.TextField(blank=True, default="")
    size = models.IntegerField()
    uses_each = models.IntegerField(default=1)
    made_by = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["promotion", "-id"], name="pricing_batch_promotion")]


class Coupon(TenantModel):
    """A code that opens a promotion. `key` is the code as it is compared: without blanks, hyphens and case. `uses_allowed`
    None: without end."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="coupons")
    batch = models.ForeignKey(CouponBatch, null=True, on_delete=models.PROTECT, related_name="coupons")
    code = models.TextField()
    key = models.TextField()
    uses_allowed = models.IntegerField(null=True, default=1)
    used_count = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "key"], name="pricing_coupon_key"),
            models.CheckConstraint(
                condition=Q(used_count__gte=0)
                & (Q(uses_allowed=None) | Q(used_count__lte=F("uses_allowed"))),
                name="pricing_coupon_uses",
            ),
        ]
        indexes = [
            models.Index(fields=["promotion", "-id"], name="pricing_coupon_promotion"),
            models.Index(fields=["batch", "id"], name="pricing_coupon_batch"),
        ]

    def __str__(self) -> str:
        return self.code


class PromotionUse(TenantModel):
    """A promotion given on an order: to whom (`customer:<id>` or `phone:<number>`), by which coupon, what it was worth."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="uses")
    coupon = models.ForeignKey(Coupon, null=True, on_delete=models.PROTECT, related_name="uses")
    order_id = models.UUIDField()
    order_number = models.TextField()
    person = models.TextField()
    amount_minor = models.BigIntegerField()
    state = models.TextField(default=UseState.USED, choices=[(s, s) for s in UseState])
    used_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order_id", "promotion"], name="pricing_use_once"),
            models.CheckConstraint(condition=Q(state__in=[*UseState]), name="pricing_use_state"),
        ]
        indexes = [models.Index(fields=["promotion", "-id"], name="pricing_use_promotion")]


class CustomerUse(TenantModel):
    """How often one person has used a promotion that counts persons."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="+")
    person = models.TextField()
    used_count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["promotion", "person"], name="pricing_customeruse_once"),
            models.CheckConstraint(condition=Q(used_count__gte=0), name="pricing_customeruse_count"),
        ]


class TaxClass(Named, TenantModel):
    """A kind of goods that is taxed alike. A SKU names one by its code; one that names none has the default class.
    `delivery` is the class that delivery has."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="pricing_taxclass_code"),
            models.UniqueConstraint(
                fields=["tenant_id"], condition=Q(is_default=True), name="pricing_taxclass_default"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class TaxRate(Named, TenantModel):
    """What a class is taxed in a country, or in one province of it (`region` as it is compared, empty for all of it), from
    a day on and up to another."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    tax_class = models.ForeignKey(TaxClass, on_delete=models.PROTECT, related_name="rates")
    country = models.TextField()
    region = models.TextField(blank=True, default="")
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    rate_ppm = models.IntegerField()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True, help_text="the last day")

    class Meta:
        ordering = ["country", "region", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["tax_class", "country", "region", "valid_from"],
                nulls_distinct=False,
                name="pricing_taxrate_once",
            ),
            models.CheckConstraint(
                condition=Q(rate_ppm__gte=0, rate_ppm__lte=1_000_000), name="pricing_taxrate_rate"
            ),
        ]
