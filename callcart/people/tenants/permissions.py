"""Permissions of a shop's own settings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "tenants",
    manage=Permission(label=_("Change the shop's settings, host names and service numbers")),
)
