"""Permissions of routing: being an agent, steering agents, setting up queues."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "routing",
    work=Permission(label=_("Take conversations as an agent")),
    force=Permission(label=_("Change another agent's state"), scopes=("team", "all")),
    setup=Permission(label=_("Set up queues, profiles and skills")),
)
