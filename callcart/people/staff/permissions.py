"""Permissions over staff, roles and the audit."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "staff",
    view=Permission(label=_("See staff")),
    manage=Permission(label=_("Create, change and deactivate staff")),
    manage_roles=Permission(label=_("Change roles and what they may do")),
    see_audit=Permission(label=_("Read the audit")),
)
