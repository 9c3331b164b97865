"""What staff may do with the catalogue."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "catalog",
    view=Permission(label=_("See products")),
    manage=Permission(label=_("Edit products and prices")),
    see_cost=Permission(label=_("See and set what products cost the shop")),
)
