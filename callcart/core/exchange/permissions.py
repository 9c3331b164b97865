"""What staff may do with files. What a file holds needs the permission of its domain besides."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "exchange",
    run=Permission(label=_("Import files")),
    export=Permission(label=_("Export data as files")),
)
