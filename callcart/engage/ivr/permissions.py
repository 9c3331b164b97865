"""Permissions over what callers hear and may choose."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "ivr",
    view=Permission(label=_("See call flows")),
    edit=Permission(label=_("Change call flows, without callers hearing it yet")),
    pins=Permission(label=_("Set and remove telephone PINs of customers")),
    publish=Permission(label=_("Publish call flows and choose them for numbers")),
)
