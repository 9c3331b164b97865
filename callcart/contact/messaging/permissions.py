"""Permissions of lines and of what goes over them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "messaging",
    write=Permission(label=_("Write to customers by mail, SMS and chat")),
    lines=Permission(label=_("Set up mailboxes, SMS numbers and chats")),
    dead=Permission(label=_("See what could not be sent or read, and try it again")),
)
