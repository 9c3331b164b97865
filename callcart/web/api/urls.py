"""Addresses under /api/: the resources of version 1, and the page that describes them."""

from __future__ import annotations

from django.urls import path

from callcart.web.api.reference import reference
from callcart.web.api.service import api

urlpatterns = [
    path("api/docs", reference, name="api_reference"),
    path("api/v1/", api.urls),
]
