"""Customers: who they are, their numbers, mails and addresses, what they agreed to, and how they sign in at the shop.

Numbers are E.164 and mails case-folded, so one form is compared; `tail` is the number backwards, for the last digits
somebody remembers. Codes and tokens are stored as hashes only.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from callcart.core import ids
from callcart.core.clock import now
from callcart.core.language import Named, in_language
from callcart.core.search import SearchMixin
from callcart.core.tenancy import TenantModel


class Tier(models.TextChoices):
    STANDARD = "standard", _("Standard")
    SILVER = "silver", _("Silver")
    GOLD = "gold", _("Gold")
    VIP = "vip", _("VIP")


class FieldKind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", pgettext_lazy("kind of field", "Number")
    DATE = "date", _("Date")
    BOOLEAN = "boolean", _("Yes or no")
    CHOICE = "choice", _("One of a list")


class Category(Named, TenantModel):
    """What kind of customer, as this shop divides them (retail, wholesale, partner …)."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "code"], name="customers_category_code")]

    def __str__(self) -> str:
        return self.code


class FieldDefinition(TenantModel):
    """A field of its own that a shop keeps with its customers."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    key = models.TextField()
    label = models.TextField()
    label_zh = models.TextField(blank=True, default="")
    kind = models.TextField(choices=FieldKind.choices)
    choices = models.JSONField(default=list)
    is_required = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    position = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "key"], name="customers_field_key")]
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.key

    def label_in(self, language: str) -> str:
        return in_language(language, self.label, self.label_zh)


class Customer(SearchMixin):
    """A person (or household, or firm) who buys here."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    number = models.TextField()
    name = models.TextField(blank=True, default="")
    tier = models.TextField(choices=Tier.choices, default=Tier.STANDARD)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.SET_NULL, related_name="customers"
    )
    language = models.TextField(default="en")
    consent = models.JSONField(default=dict)  # {"sms": {"given": bool, "at": iso, "channel": str}}
    custom = models.JSONField(default=dict)  # {field key: plain value}
    note = models.TextField(blank=True, default="")
    blocked = models.BooleanField(default=False)
    blocked_because = models.TextField(blank=True, default="")
    source = models.TextField(
        blank=True, default=""
    )  # channel of the first contact: voice, shop, office, import
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta(SearchMixin.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="customers_number")]
        indexes = [
            *SearchMixin.Meta.indexes,
            models.Index(fields=["tenant_id", "-created_at", "-id"], name="customers_newest"),
        ]

    def __str__(self) -> str:
        return self.number


class Phone(TenantModel):
    """A telephone number of a customer; one number may be several customers' (a family, an office). `opens_from`: from when
    a code sent to it signs in as this customer."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="phones")
    e164 = models.TextField()
    tail = models.TextField(db_collation="C", editable=False)
    label = models.TextField(blank=True, default="")
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    opens_from = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "e164"], name="customers_phone_once"),
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(is_primary=True), name="customers_phone_primary"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "e164"], name="customers_phone_e164"),
            models.Index(fields=["tenant_id", "tail"], name="customers_phone_tail"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def waits(self) -> bool:
        """Whether it does not open the account yet."""
        return self.opens_from > now()


class Email(TenantModel):
    """An e-mail address of a customer."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="emails")
    address = models.TextField(db_collation="C")  # case-folded
    label = models.TextField(blank=True, default="")
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "address"], name="customers_email_once"),
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(is_primary=True), name="customers_email_primary"
            ),
        ]
        indexes = [models.Index(fields=["tenant_id", "address"], name="customers_email_address")]

    def __str__(self) -> str:
        return str(self.id)


class Address(TenantModel):
    """Where parcels go. `name` and `phone` are the receiver's."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    label = models.TextField(blank=True, default="")
    name = models.TextField()
    phone = models.TextField(blank=True, default="")  # E.164
    country = models.TextField()
    province = models.TextField(blank=True, default="")
    city = models.TextField(blank=True, default="")
    district = models.TextField(blank=True, default="")
    street = models.TextField()
    postcode = models.TextField(blank=True, default="")
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(is_default=True), name="customers_address_default"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "created_at"], name="customers_address_customer"),
            models.Index(
                fields=["tenant_id", "phone"], condition=~models.Q(phone=""), name="customers_address_phone"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class CustomerCode(TenantModel):
    """A one-time code sent to a number: its hash, its tries, its end."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    e164 = models.TextField()
    address_hash = models.TextField(blank=True, default="")  # of the asking network address
    code_hash = models.TextField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "e164", "made_at"], name="customers_code_number"),
            models.Index(fields=["tenant_id", "address_hash", "made_at"], name="customers_code_address"),
            models.Index(fields=["made_at"], name="customers_code_age"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class CustomerSession(TenantModel):
    """A browser a customer is signed in with at the shop."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="sessions")
    e164 = models.TextField(blank=True, default="")  # the number proved at the start; ends with it
    token_hash = models.TextField(unique=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ip = models.TextField(blank=True, default="")
    user_agent = models.TextField(blank=True, default="")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-last_seen_at"], name="customers_session_seen"),
            models.Index(fields=["last_seen_at"], name="customers_session_age"),
        ]

    def __str__(self) -> str:
        return str(self.id)
