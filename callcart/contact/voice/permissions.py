"""Permissions over telephone calls."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "voice",
    phone=Permission(label=_("Use the telephone in the desk")),
    dial_out=Permission(label=_("Call and pass on to numbers outside")),
    supervise=Permission(
        label=_("Listen to calls under way, whisper, join and take over"), scopes=("team", "all")
    ),
    manage=Permission(label=_("Change prompts and greetings")),
    limits=Permission(label=_("Set what may be called outside, and see what was refused")),
)
