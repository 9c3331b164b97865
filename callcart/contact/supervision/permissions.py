"""Permissions of supervision. States, talks and queues of others are steered by `routing.force` and `voice.supervise`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "supervision",
    limits=Permission(label=_("Set the limits that colour the live board")),
    broadcast=Permission(label=_("Send a message to agents"), scopes=("team", "all")),
    walls=Permission(label=_("Make and withdraw wall displays")),
)
