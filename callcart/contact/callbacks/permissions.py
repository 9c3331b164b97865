"""Permissions of callbacks: doing and promising them, and saying by which rules they are made."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "callbacks",
    work=Permission(label=_("Call customers back, and promise it")),
    setup=Permission(label=_("Set the rules of callbacks")),
)
