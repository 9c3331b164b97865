"""What staff may do with stock. The scope is a warehouse code."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import Permission, declare

declare(
    "inventory",
    view=Permission(label=_("See stock and its movements")),
    receive=Permission(label=_("Book goods in"), scopes=("warehouse",)),
    adjust=Permission(label=_("Correct stock"), scopes=("warehouse",)),
    manage=Permission(label=_("Edit warehouses")),
)
