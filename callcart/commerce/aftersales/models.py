"""Cases with their lines, what was found of the goods, what it cost, pictures and history; and the shop's rules.

`gone` of a line is how many units are for good no longer the customer's by this case. What a case takes (all of it while it is
alive, what is gone once it ended) never adds up to more than was sent; `units` counts it under the order's lock.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callcart.commerce.aftersales.states import (
    OPEN,
    Carriage,
    CaseState,
    CostKind,
    Goods,
    Kind,
    Reason,
    Wish,
)
from callcart.commerce.catalog.models import Category, Product, Variant
from callcart.commerce.inventory.models import Warehouse
from callcart.commerce.orders.models import Line, Order
from callcart.core import ids
from callcart.core.language import Named
from callcart.core.money import Money
from callcart.core.search import SearchMixin
from callcart.core.tenancy import TenantModel


class Case(SearchMixin):
    """What one customer wants of one order after the sale. `parcel_id`: it opened by itself as that parcel came back.
    `currency` is the order's; `exchange_order_id` is what is sent instead. `due_at`: when somebody should have moved it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.TextField()
    kind = models.TextField(choices=[(k, k) for k in Kind])
    state = models.TextField(default=CaseState.ASKED, choices=[(s, s) for s in CaseState])
    version = models.IntegerField(default=1)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    customer_id = models.UUIDField(null=True)
    parcel_id = models.UUIDField(null=True)
    conversation_id = models.UUIDField(null=True)
    channel = models.TextField(default="web")
    reason = models.TextField(choices=[(r, r) for r in Reason])
    wish = models.TextField(choices=[(w, w) for w in Wish])
    text = models.TextField(blank=True, default="")
    against_rules = models.BooleanField(default=False)
    warehouse = models.ForeignKey(Warehouse, on_delete=models.PROTECT, null=True, related_name="+")
    currency = models.TextField()
    goods_minor = models.BigIntegerField(default=0)
    delivery_minor = models.BigIntegerField(default=0)
    fee_minor = models.BigIntegerField(default=0)
    refund_minor = models.BigIntegerField(default=0)
    refund_to = models.TextField(blank=True, default="")
    exchange_order_id = models.UUIDField(null=True)
    sent_by = models.TextField(blank=True, default="")
    sent_tracking = models.TextField(blank=True, default="")
    back_by = models.TextField(blank=True, default="")
    back_tracking = models.TextField(blank=True, default="")
    answer = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField()
    state_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    sent_back_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta(SearchMixin.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="aftersales_case_number"),
            models.UniqueConstraint(
                fields=["parcel_id"], condition=Q(parcel_id__isnull=False), name="aftersales_case_parcel"
            ),
            models.CheckConstraint(condition=Q(state__in=[*CaseState]), name="aftersales_case_state"),
            models.CheckConstraint(condition=Q(kind__in=[*Kind]), name="aftersales_case_kind"),
            models.CheckConstraint(
                condition=Q(goods_minor__gte=0, delivery_minor__gte=0, fee_minor__gte=0, refund_minor__gte=0)
                & Q(refund_minor__lte=F("goods_minor") + F("delivery_minor") - F("fee_minor")),
                name="aftersales_case_money",
            ),
        ]
        indexes = [
            *SearchMixin.Meta.indexes,
            models.Index(fields=["tenant_id", "-id"], name="aftersales_case_newest"),
            models.Index(fields=["tenant_id", "state", "-id"], name="aftersales_case_by_state"),
            models.Index(fields=["tenant_id", "order"], name="aftersales_case_order"),
            models.Index(fields=["tenant_id", "customer_id", "-id"], name="aftersales_case_customer"),
            models.Index(
                fields=["tenant_id", "due_at"],
                condition=Q(state__in=OPEN) & Q(due_at__isnull=False),
                name="aftersales_case_due",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def refund(self) -> Money:
        return Money(self.refund_minor, self.currency)


class CaseLine(Named, TenantModel):
    """Units of one order line that a case is about. `refunded` of the units that are gone were given money for, `value_minor`
    is what was paid for those; `exchange_variant`: another SKU is wanted instead."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+")
    sku = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    quantity = models.IntegerField()
    received = models.IntegerField(default=0)
    gone = models.IntegerField(default=0)
    refunded = models.IntegerField(default=0)
    value_minor = models.BigIntegerField(default=0)
    exchange_variant = models.ForeignKey(Variant, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "line"], name="aftersales_caseline_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, received__gte=0, gone__gte=0, refunded__gte=0, value_minor__gte=0)
                & Q(received__lte=F("quantity"))
                & Q(gone__lte=F("quantity"))
                & Q(refunded__lte=F("gone")),
                name="aftersales_caseline_units",
            ),
        ]
        indexes = [models.Index(fields=["tenant_id", "line"], name="aftersales_caseline_line")]


class Finding(TenantModel):
    """What was found of some units of a line, and what follows: what becomes of the goods, and what the customer gets (empty:
    nothing, it goes back as it came)."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    case_line = models.ForeignKey(CaseLine, on_delete=models.CASCADE, related_name="findings")
    quantity = models.IntegerField()
    goods = models.TextField(choices=[(g, g) for g in Goods])
    remedy = models.TextField(blank=True, default="", choices=[(w, w) for w in Wish])
    note = models.TextField(blank=True, default="")
    found_by_name = models.TextField(blank=True, default="")
    found_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["case_line", "goods", "remedy"], name="aftersales_finding_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="aftersales_finding_units"),
        ]


class Cost(TenantModel):
    """What a case cost us: goods that are lost, carriage, work."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="costs")
    kind = models.TextField(choices=[(k, k) for k in CostKind])
    amount_minor = models.BigIntegerField()
    note = models.TextField(blank=True, default="")
    by_name = models.TextField(blank=True, default="")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="aftersales_cost_amount"),
        ]


class Picture(TenantModel):
    """What a customer showed of it: made anew from what was sent, kept among the tenant's files."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="pictures")
    key = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="aftersales_picture_once")]


class CaseHistory(TenantModel):
    """What happened to a case. `public` rows are shown to the customer, without names and reasons of staff."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="history")
    at = models.DateTimeField(db_default=Now())
    kind = models.TextField()
    data = models.JSONField(default=dict)
    public = models.BooleanField(default=False)
    actor_kind = models.TextField()
    actor_name = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["case", "id"], name="aftersales_history_case")]


class ShopRules(TenantModel):
    """How a shop takes goods back; one row. Approved by itself: up to `auto_below_minor`, or for customers of `auto_tiers`;
    for those of `at_once_tiers` a replacement leaves before theirs is here. `wait_days`: how long goods may take."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    auto_below_minor = models.BigIntegerField(default=0)
    auto_tiers = ArrayField(models.TextField(), default=list, blank=True)
    at_once_tiers = ArrayField(models.TextField(), default=list, blank=True)
    fee_bp = models.IntegerField(default=0)
    carriage = models.TextField(default=Carriage.ALL_BACK, choices=[(c, c) for c in Carriage])
    wait_days = models.IntegerField(default=14)
    address = models.TextField(blank=True, default="")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id"], name="aftersales_rules_once"),
            models.CheckConstraint(
                condition=Q(auto_below_minor__gte=0, fee_bp__gte=0, fee_bp__lte=10_000, wait_days__gte=1),
                name="aftersales_rules_figures",
            ),
        ]


class TimeRule(TenantModel):
    """Until how many days after delivery a kind of case may be asked for, in a category or (none) all others. No days: never."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    kind = models.TextField(choices=[(k, k) for k in Kind])
    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True, related_name="+")
    days = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "kind", "category"],
                name="aftersales_timerule_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(days=None) | Q(days__gte=0), name="aftersales_timerule_days"),
        ]


class Warranty(TenantModel):
    """For how many months after delivery a product is repaired."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="+")
    months = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(months__gte=1, months__lte=600), name="aftersales_warranty"),
        ]
