"""Addresses under /hooks/."""

from __future__ import annotations

from django.urls import path

from callcart.web.hooks import carriers, lines, payments

app_name = "hooks"

urlpatterns = [
    path("payments/<slug:provider>", payments.payments, name="payments"),
    path("carriers/<int:tenant_id>/<uuid:carrier_id>", carriers.carriers, name="carriers"),
    path("lines/<int:tenant_id>/<uuid:line_id>", lines.lines, name="lines"),
]
