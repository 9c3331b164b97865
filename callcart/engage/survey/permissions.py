"""Permissions of surveys. Opening a result down to its conversation needs the right to see that conversation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "survey",
    setup=Permission(label=_("Set up surveys")),
    results=Permission(label=_("See the results of surveys")),
)
