"""Permissions over customers and what is masked of them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "customers",
    view=Permission(label=_("See customers")),
    edit=Permission(label=_("Create and change customers")),
    block=Permission(label=_("Block and unblock customers")),
    see_phone=Permission(label=_("See phone numbers in full")),
    see_email=Permission(label=_("See e-mail addresses in full")),
    manage_fields=Permission(label=_("Change customer categories and custom fields")),
)
