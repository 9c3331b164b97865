"""Carriers: what they offer, where to, at what price and until what time of day. All of it is data that the office edits.

A service's zones are the rows of its rate sheet. An address belongs to the zone that names it most closely: postcode
before province before country before everywhere. Warehouses and orders are known by id only.
"""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from callcart.core import ids
from callcart.core.language import Named
from callcart.core.tenancy import TenantModel


class Carrier(Named, TenantModel):
    """A company that carries parcels. `adapter` names how we talk to it (empty: not at all, its numbers are typed or come in
    a file); `account` is what the adapter needs, sealed. `layout` are the columns of the file it gets, `encoding` its. No scan for `stuck_days` is a parcel that is stuck."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="")
    adapter = models.TextField(blank=True, default="")
    account = models.TextField(blank=True, default="")
    tracking_page = models.TextField(blank=True, default="")
    layout = models.TextField(blank=True, default="", db_default="")
    encoding = models.TextField(blank=True, default="utf-8", db_default="utf-8")
    stuck_days = models.IntegerField(default=3)
    poll_minutes = models.IntegerField(default=60)
    is_active = models.BooleanField(default=True)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "code"], name="shipping_carrier_code"),
            models.CheckConstraint(
                condition=Q(stuck_days__gte=1) & Q(poll_minutes__gte=1), name="shipping_carrier_pace"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CarrierService(Named, TenantModel):
    """One way a carrier carries. Prices are minor units; `fuel_bp` and `cod_bp` hundredths of a per cent; `divisor` is cm³ to a
    kilogram of volumetric weight (0: only the scales count); `delivers_on` weekdays, Monday is 0."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="services")
    code = models.TextField()
    name = models.TextField()
    name_zh = models.TextField(blank=True, default="")
    currency = models.TextField()
    days_min = models.IntegerField(default=1)
    days_max = models.IntegerField(default=3)
    delivers_on = ArrayField(models.IntegerField(), default=list, blank=True)
    divisor = models.IntegerField(default=0)
    max_weight_g = models.IntegerField(null=True, blank=True)
    fuel_bp = models.IntegerField(default=0)
    takes_cod = models.BooleanField(default=False)
    cod_fee_minor = models.BigIntegerField(default=0)
    cod_bp = models.IntegerField(default=0)
    cod_most_minor = models.BigIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "code"]
        constraints = [
            models.UniqueConstraint(fields=["carrier", "code"], name="shipping_service_code"),
            models.CheckConstraint(
                condition=Q(days_min__gte=0) & Q(days_max__gte=F("days_min")), name="shipping_service_days"
            ),
            models.CheckConstraint(
                condition=Q(divisor__gte=0) & Q(fuel_bp__gte=0) & Q(cod_bp__gte=0) & Q(cod_fee_minor__gte=0),
                name="shipping_service_amounts",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ServiceMethod(TenantModel):
    """This service may carry what a customer ordered by that delivery method."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    service = models.ForeignKey(CarrierService, on_delete=models.CASCADE, related_name="for_methods")
    method_code = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "method_code"], name="shipping_servicemethod_once")
        ]
        indexes = [models.Index(fields=["tenant_id", "method_code"], name="shipping_servicemethod_code")]


class CarrierZone(TenantModel):
    """A row of a service's rate sheet: where, and what is special there. Empty lists are everywhere. `province_keys` are the
    provinces as they are compared. Above the last step each `further_g` begun costs `further_minor` more."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    service = models.ForeignKey(CarrierService, on_delete=models.CASCADE, related_name="zones")
    name = models.TextField()
    countries = ArrayField(models.TextField(), default=list, blank=True)
    provinces = ArrayField(models.TextField(), default=list, blank=True)
    province_keys = ArrayField(models.TextField(), default=list, blank=True)
    postcodes = ArrayField(models.TextField(), default=list, blank=True)
    days_min = models.IntegerField(null=True, blank=True)
    days_max = models.IntegerField(null=True, blank=True)
    surcharge_minor = models.BigIntegerField(default=0)
    further_g = models.IntegerField(default=0)
    further_minor = models.BigIntegerField(default=0)
    position = models.IntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(surcharge_minor__gte=0) & Q(further_g__gte=0) & Q(further_minor__gte=0),
                name="shipping_zone_amounts",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RateStep(TenantModel):
    """Up to this weight it costs that much."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    zone = models.ForeignKey(CarrierZone, on_delete=models.CASCADE, related_name="steps")
    up_to_g = models.IntegerField()
    price_minor = models.BigIntegerField()

    class Meta:
        ordering = ["up_to_g"]
        constraints = [
            models.UniqueConstraint(fields=["zone", "up_to_g"], name="shipping_ratestep_once"),
            models.CheckConstraint(
                condition=Q(up_to_g__gt=0) & Q(price_minor__gte=0), name="shipping_ratestep_amounts"
            ),
        ]


class CutOff(TenantModel):
    """On this weekday (Monday is 0) the carrier takes what is ready by `at`, on the warehouse's clock. Without `warehouse_id`
    it holds for all those that have no times of their own."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    service = models.ForeignKey(CarrierService, on_delete=models.CASCADE, related_name="cut_offs")
    warehouse_id = models.UUIDField(null=True, blank=True)
    weekday = models.IntegerField()
    at = models.TimeField()

    class Meta:
        ordering = ["weekday"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "warehouse_id", "weekday"],
                nulls_distinct=False,
                name="shipping_cutoff_once",
            ),
            models.CheckConstraint(condition=Q(weekday__range=(0, 6)), name="shipping_cutoff_weekday"),
        ]


class Holiday(TenantModel):
    """A day on which nothing is taken and nothing delivered, by one carrier or by all."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    carrier = models.ForeignKey(
        Carrier, on_delete=models.CASCADE, null=True, blank=True, related_name="holidays"
    )
    day = models.DateField()
    name = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "carrier", "day"], nulls_distinct=False, name="shipping_holiday_once"
            )
        ]


class BookingState(StrEnum):
    WANTED = "wanted"
    BOOKED = "booked"
    REFUSED = "refused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class Booking(TenantModel):
    """What was asked of a carrier for a parcel. Its id is our reference there, so that asking twice makes one shipment."""

    id = models.UUIDField(primary_key=True, default=ids.new_id)
    parcel = models.ForeignKey("shipping.Parcel", on_delete=models.PROTECT, related_name="bookings")
    service = models.ForeignKey(CarrierService, on_delete=models.PROTECT, related_name="+")
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="+")
    state = models.TextField(default=BookingState.WANTED, choices=[(s, s) for s in BookingState])
    receiver = models.JSONField(default=dict)
    weight_g = models.IntegerField(default=0)
    cod_minor = models.BigIntegerField(default=0)
    currency = models.TextField()
    tracking = models.TextField(blank=True, default="")
    label = models.TextField(blank=True, default="")
    cost_minor = models.BigIntegerField(null=True, blank=True)
    failure = models.TextField(blank=True, default="")
    tries = models.IntegerField(default=0)
    made_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["parcel"],
                condition=Q(state__in=[BookingState.WANTED, BookingState.BOOKED, BookingState.CANCELLING]),
                name="shipping_booking_one",
            ),
            models.UniqueConstraint(
                fields=["carrier", "tracking"], condition=~Q(tracking=""), name="shipping_booking_tracking"
            ),
            models.CheckConstraint(condition=Q(state__in=[*BookingState]), name="shipping_booking_state"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "state"],
                condition=Q(state__in=[BookingState.WANTED, BookingState.CANCELLING]),
                name="shipping_booking_open",
            )
        ]
