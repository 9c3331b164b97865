"""Addresses of callbacks."""

from django.urls import path

from callcart.web.office.callbacks import pages

urlpatterns = [
    path("callbacks", pages.callbacks, name="callbacks"),
    path("callbacks/rules/<uuid:queue_id>", pages.rules, name="callback_rules"),
]
