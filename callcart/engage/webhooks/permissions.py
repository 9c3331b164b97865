"""Permission over webhooks."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare("webhooks", manage=Permission(label=_("Set up webhooks and send them again")))
