"""Orders, their lines, their history, carts, and views of the list that staff saved.

An order copies what it was made from (names, prices, address), so that later changes elsewhere never rewrite it. Payment
and fulfilment are derived (see `states`); `payment_state` and `fulfilment_state` keep the last derivation for lists.
"""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from callcart.commerce.catalog.models import Variant
from callcart.commerce.orders.approval_models import ApprovalRules, DoubtfulReceiver, ReceiverKind
from callcart.commerce.orders.set_models import SoldSet
from callcart.commerce.orders.states import Fulfilment, OrderState, PaymentAxis
from callcart.core import ids
from callcart.core.language import Named, in_language
from callcart.core.money import Money
from callcart.core.search import SearchMixin
from callcart.core.tenancy import TenantModel

__all__ = [
    "ApprovalRules", "Cart", "CartLine", "Change", "Channel", "DoubtfulReceiver", "History", "Line", "Order", "ReceiverKind",
    "SavedView", "SoldSet",
]  # fmt: skip


class Channel(StrEnum):
    """Where an order was made."""

    PHONE = "phone"
    WEB = "web"
    POST = "post"
    CHAT = "chat"
    EMAIL = "email"
    SMS = "sms"
    PORTAL = "portal"
    IMPORT = "import"
    API = "api"
    B2B = "portal"  # the name it had in the first migration


class Order(SearchMixin):
    """What one customer asked for, once. Amounts are minor units of `currency`. `conversation_id` is the call or chat it
    came from, opaque here. `version` counts changes; a change names the version it was made on. `flags` are codes of doubts
    with what they are about in `flag_data`; `waits_since` is when its state last moved; `goods_on_trust`: somebody let it go
    before the money came."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.TextField()
    state = models.TextField(default=OrderState.DRAFT, choices=[(s, s) for s in OrderState])
    payment_state = models.TextField(default=PaymentAxis.DUE, choices=[(s, s) for s in PaymentAxis])
    fulfilment_state = models.TextField(default=Fulfilment.UNRESERVED, choices=[(s, s) for s in Fulfilment])
    version = models.IntegerField(default=1)
    customer_id = models.UUIDField(null=True)
    channel = models.TextField(choices=[(c, c) for c in Channel])
    language = models.TextField(default="en")
    currency = models.TextField()
    goods_minor = models.BigIntegerField(default=0)
    delivery_minor = models.BigIntegerField(default=0)
    discount_minor = models.BigIntegerField(default=0, db_default=0)
    delivery_discount_minor = models.BigIntegerField(default=0, db_default=0)
    tax_minor = models.BigIntegerField(default=0, db_default=0)
    added_tax_minor = models.BigIntegerField(default=0, db_default=0)
    coupon_codes = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    pricing = models.JSONField(default=dict, blank=True, db_default={})
    total_minor = models.BigIntegerField(default=0)
    ship_name = models.TextField()
    ship_phone = models.TextField(help_text="E.164")
    ship_country = models.TextField()
    ship_province = models.TextField(blank=True, default="")
    ship_city = models.TextField(blank=True, default="")
    ship_district = models.TextField(blank=True, default="")
    ship_street = models.TextField()
    ship_postcode = models.TextField(blank=True, default="")
    delivery_method = models.TextField()
    delivery_name = models.TextField(blank=True, default="")
    delivery_name_zh = models.TextField(blank=True, default="")
    payment_method = models.TextField()
    instalment_count = models.IntegerField(default=0)
    agent_id = models.UUIDField(null=True)
    agent_name = models.TextField(blank=True, default="")
    conversation_id = models.UUIDField(null=True)
    campaign = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    hold_reason = models.TextField(blank=True, default="")
    cancel_reason = models.TextField(blank=True, default="")
    tags = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    flags = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    flag_data = models.JSONField(default=dict, blank=True, db_default={})
    checked_at = models.DateTimeField(null=True, blank=True)
    goods_on_trust = models.BooleanField(default=False, db_default=False)
    waits_since = models.DateTimeField(null=True, blank=True)
    split_from = models.UUIDField(null=True, blank=True)
    merged_into = models.UUIDField(null=True, blank=True)
    placed_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now(), editable=False, help_text="set by a trigger")

    class Meta(SearchMixin.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="orders_order_number"),
            models.CheckConstraint(condition=Q(state__in=[*OrderState]), name="orders_order_state"),
            models.CheckConstraint(
                condition=Q(
                    total_minor=models.F("goods_minor")
                    + models.F("delivery_minor")
                    + models.F("added_tax_minor")
                ),
                name="orders_order_total",
            ),
            models.CheckConstraint(
                condition=Q(discount_minor__gte=0, delivery_discount_minor__gte=0, tax_minor__gte=0)
                & (Q(added_tax_minor=0) | Q(added_tax_minor=models.F("tax_minor"))),
                name="orders_order_parts",
            ),
        ]
        indexes = [
            *SearchMixin.Meta.indexes,
            models.Index(fields=["tenant_id", "-placed_at", "-id"], name="orders_order_time"),
            models.Index(fields=["tenant_id", "changed_at", "id"], name="orders_order_changed"),
            models.Index(fields=["tenant_id", "customer_id", "-placed_at"], name="orders_order_customer"),
            models.Index(fields=["tenant_id", "ship_phone", "-placed_at"], name="orders_order_phone"),
            models.Index(fields=["tenant_id", "state", "-placed_at"], name="orders_order_by_state"),
            # one for each filter of the list: a value that is rare, or long ago, is never found by walking
            models.Index(fields=["tenant_id", "payment_state", "-placed_at"], name="orders_order_by_money"),
            models.Index(
                fields=["tenant_id", "fulfilment_state", "-placed_at"], name="orders_order_by_goods"
            ),
            models.Index(fields=["tenant_id", "payment_method", "-placed_at"], name="orders_order_by_method"),
            models.Index(fields=["tenant_id", "delivery_method", "-placed_at"], name="orders_order_by_way"),
            models.Index(fields=["tenant_id", "channel", "-placed_at"], name="orders_order_by_channel"),
            models.Index(
                fields=["tenant_id", "agent_id", "-placed_at"],
                condition=Q(agent_id__isnull=False),
                name="orders_order_by_agent",
            ),
            models.Index(fields=["tenant_id", "ship_province", "-placed_at"], name="orders_order_by_region"),
            models.Index(fields=["tenant_id", "total_minor"], name="orders_order_by_total"),
            models.Index(
                fields=["tenant_id", "-placed_at", "-id"], condition=~Q(tags=[]), name="orders_order_tagged"
            ),
            models.Index(
                fields=["tenant_id", "-placed_at", "-id"], condition=~Q(flags=[]), name="orders_order_flagged"
            ),
            # what still waits for somebody, few of the millions: with all that says where, so that no row is read for it
            models.Index(
                models.F("tenant_id"),
                Coalesce("waits_since", "placed_at"),
                models.F("id"),
                condition=Q(state__in=["placed", "on_hold", "confirmed"]) | Q(payment_state="refund_due"),
                include=[
                    "state",
                    "payment_method",
                    "payment_state",
                    "fulfilment_state",
                    "goods_on_trust",
                    "waits_since",
                    "placed_at",
                ],
                name="orders_order_waiting",
            ),
            # what was split off an order: few of the millions
            models.Index(
                fields=["split_from"], condition=Q(split_from__isnull=False), name="orders_order_split_from"
            ),
            models.Index(
                fields=["tenant_id", "campaign", "-placed_at"],
                condition=~Q(campaign=""),
                name="orders_order_campaign",
            ),
            GinIndex(fields=["tags"], name="orders_order_tags"),
            GinIndex(fields=["flags"], name="orders_order_flags"),
            models.Index(
                fields=["tenant_id", "conversation_id"],
                condition=Q(conversation_id__isnull=False),
                name="orders_order_conversation",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def goods(self) -> Money:
        return Money(self.goods_minor, self.currency)

    @property
    def delivery(self) -> Money:
        return Money(self.delivery_minor, self.currency)

    def delivery_name_in(self, language: str) -> str:
        return in_language(language, self.delivery_name, self.delivery_name_zh)


class Line(Named, TenantModel):
    """One SKU of an order at the price it was sold for. `returning` and `returned` are units the customer gives back after they
    arrived (`given_back` keeps them). A component of a set holds `set_units` for each of its `sold_set`."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    # either is found by an index below that begins with it
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.IntegerField()
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="+", db_index=False)
    sku = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    quantity = models.IntegerField()
    list_minor = models.BigIntegerField(null=True, help_text="retail price of a unit; None: as `unit_minor`")
    unit_minor = models.BigIntegerField()
    discount_minor = models.BigIntegerField(default=0, db_default=0)
    tax_minor = models.BigIntegerField(default=0, db_default=0)
    tax_rate_ppm = models.IntegerField(default=0, db_default=0)
    explanation = models.JSONField(default=list, blank=True, db_default=[])
    total_minor = models.BigIntegerField()
    weight_g = models.IntegerField(default=0)
    returning = models.IntegerField(default=0, db_default=0)
    returned = models.IntegerField(default=0, db_default=0)
    sold_set = models.ForeignKey(
        SoldSet, null=True, blank=True, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    set_units = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "position"],
                name="orders_line_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_line_quantity"),
            models.CheckConstraint(
                condition=Q(
                    total_minor=models.F("unit_minor") * models.F("quantity") - models.F("discount_minor")
                ),
                name="orders_line_total",
            ),
            models.CheckConstraint(
                condition=Q(discount_minor__gte=0, tax_minor__gte=0, total_minor__gte=0),
                name="orders_line_parts",
            ),
            models.CheckConstraint(
                condition=Q(returning__gte=0, returned__gte=0)
                & Q(quantity__gte=models.F("returning") + models.F("returned")),
                name="orders_line_given_back",
            ),
            models.CheckConstraint(
                condition=Q(sold_set__isnull=True, set_units__isnull=True)
                | Q(sold_set__isnull=False, set_units__gt=0),
                name="orders_line_in_set",
            ),
        ]
        indexes = [
            # with all that the search for a product's orders reads, so that no line is read for it
            models.Index(fields=["variant", "order"], include=["tenant_id"], name="orders_line_by_variant"),
            models.Index(
                fields=["sold_set"], condition=Q(sold_set__isnull=False), name="orders_line_sold_set"
            ),
        ]


class History(TenantModel):
    """What happened to an order: by whom, by which channel, why. `public` rows are shown to the customer."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="history")
    at = models.DateTimeField(db_default=Now())
    kind = models.TextField()
    data = models.JSONField(default=dict)
    public = models.BooleanField(default=False)
    actor_kind = models.TextField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField(blank=True, default="")
    channel = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["order", "id"], name="orders_history_order")]


class Change(TenantModel):
    """An edit of a placed order: its actions, and the version it was made on and led to."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="changes")
    base_version = models.IntegerField()
    actions = models.JSONField()
    total_before_minor = models.BigIntegerField()
    total_after_minor = models.BigIntegerField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "base_version"], name="orders_change_once"),
        ]


class SavedView(TenantModel):
    """Filters of the order list that a staff member keeps under a name."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    staff_id = models.UUIDField()
    name = models.TextField()
    filters = models.JSONField(default=dict)
    columns = ArrayField(models.TextField(), default=list, blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "staff_id", "name"], name="orders_savedview_name"),
        ]


class Cart(TenantModel):
    """What a visitor means to buy. Known by the hash of a token in the visitor's cookie."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    token_hash = models.TextField()
    customer_id = models.UUIDField(null=True)
    coupons = ArrayField(models.TextField(), default=list, blank=True, db_default=[])
    order_id = models.UUIDField(null=True, help_text="the order it became")
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "token_hash"], name="orders_cart_token"),
        ]
        indexes = [models.Index(fields=["changed_at"], name="orders_cart_age")]


class CartLine(TenantModel):
    """One SKU in a cart, and the price the visitor last saw for it."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    quantity = models.IntegerField()
    seen_minor = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="orders_cartline_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="orders_cartline_quantity"),
        ]
