"""Addresses under /hooks/."""

from __future__ import annotations

from django.urls import path

from callcart.web.hooks import carriers, payments

app_name = "hooks"

urlpatterns = [
    path("payments/<slug:provider>", payments.payments, name="payments"),
    path("carriers/<int:tenant_id>/<uuid:carrier_id>", carriers.carriers, name="carriers"),
]
