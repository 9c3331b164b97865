"""Addresses of the limits of calls outside."""

from django.urls import path

from callcart.web.office.dialling import limits

urlpatterns = [
    path("calls-outside", limits.calls_outside, name="calls_outside"),
]
