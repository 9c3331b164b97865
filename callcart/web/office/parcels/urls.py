"""Addresses of parcels and carriers."""

from django.urls import path

from callcart.web.office.parcels import carriers, files, parcel, parcels, rates, services, trying

urlpatterns = [
    path("parcels", parcels.parcels, name="parcels"),
    path("parcels/troubles", parcels.troubles, name="parcel_troubles"),
    path("parcels/<uuid:parcel_id>", parcel.parcel, name="parcel"),
    path("parcels/<uuid:parcel_id>/report", parcel.report, name="parcel_report"),
    path("parcels/<uuid:parcel_id>/claim", parcel.claim, name="parcel_claim"),
    path("parcels/<uuid:parcel_id>/ask", parcel.ask, name="parcel_ask"),
    path("parcels/<uuid:parcel_id>/number", parcel.number, name="parcel_number"),
    path("parcels/<uuid:parcel_id>/book", parcel.book, name="parcel_book"),
    path(
        "parcels/<uuid:parcel_id>/bookings/<uuid:booking_id>/cancel", parcel.call_off, name="booking_cancel"
    ),
    path("parcels/<uuid:parcel_id>/bookings/<uuid:booking_id>/label", parcel.label, name="booking_label"),
    path("carriers", carriers.carriers, name="carriers"),
    path("carriers/new", carriers.carrier, name="carrier_new"),
    path("carriers/try", trying.trying, name="carrier_try"),
    path("carriers/holidays", carriers.holidays, name="carrier_holidays"),
    path("carriers/<uuid:carrier_id>", carriers.carrier, name="carrier"),
    path("carriers/<uuid:carrier_id>/list", files.to_carrier, name="carrier_list"),
    path("carriers/<uuid:carrier_id>/file", files.from_carrier, name="carrier_file"),
    path("carriers/<uuid:carrier_id>/services/new", services.service, name="carrier_service_new"),
    path("carriers/<uuid:carrier_id>/services/<uuid:service_id>", services.service, name="carrier_service"),
    path("carriers/<uuid:carrier_id>/services/<uuid:service_id>/rates", rates.rates, name="carrier_rates"),
    path(
        "carriers/<uuid:carrier_id>/services/<uuid:service_id>/rates.csv",
        rates.as_file,
        name="carrier_rates_csv",
    ),
]
