"""Permissions of conversations and recordings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "conversations",
    view=Permission(label=_("See conversations"), scopes=("own", "team", "all")),
    handle=Permission(label=_("Handle conversations: notes, wrap-up, links")),
    dispositions=Permission(label=_("Edit dispositions")),
    tags=Permission(label=_("Edit the tags of conversations")),
    record_past=Permission(label=_("Take over conversations from another system")),
)
declare(
    "recordings",
    listen=Permission(label=_("Listen to recordings"), scopes=("own", "team", "all")),
)
