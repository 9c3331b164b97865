"""Permission over the keys of other programs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare("keys", manage=Permission(label=_("Give and revoke API keys")))
