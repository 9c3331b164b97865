"""Permissions of recordings besides listening, which conversations declare."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "recordings",
    download=Permission(label=_("Download recordings as files")),
    comment=Permission(label=_("Comment on recordings at a second")),
    retention=Permission(label=_("Say how long recordings are kept")),
    hold=Permission(label=_("Put recordings on legal hold and lift it")),
)
