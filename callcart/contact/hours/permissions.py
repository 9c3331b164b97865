"""Permissions of opening hours: setting them up, and closing or opening at once."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "hours",
    change=Permission(label=_("Set opening hours and holidays")),
    override=Permission(label=_("Close or open at once")),
)
