"""What staff may do with parcels and delivery methods. The scope of packing is a warehouse code."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "shipping",
    view=Permission(label=_("See parcels")),
    pack=Permission(label=_("Pick and pack orders"), scopes=("warehouse",)),
    update=Permission(label=_("Update parcels")),
    manage=Permission(label=_("Edit carriers and delivery methods")),
)
