"""What staff may do with parcels and delivery methods."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "shipping",
    view=Permission(label=_("See parcels")),
    pack=Permission(label=_("Pick and pack orders")),
    update=Permission(label=_("Update parcels")),
    manage=Permission(label=_("Edit carriers and delivery methods")),
)
