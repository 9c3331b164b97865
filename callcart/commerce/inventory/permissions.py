"""What staff may do with stock. The scope is a warehouse code."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import LimitKind, Permission, declare

declare(
    "inventory",
    view=Permission(label=_("See stock and its movements")),
    receive=Permission(label=_("Book goods in"), scopes=("warehouse",)),
    adjust=Permission(label=_("Correct stock and its condition"), scopes=("warehouse",)),
    count=Permission(
        label=_("Count stock and post the differences"), limit=LimitKind.MONEY, scopes=("warehouse",)
    ),
    transfer=Permission(label=_("Send goods to another warehouse"), scopes=("warehouse",)),
    write_off=Permission(
        label=_("Write goods off or take them out"), limit=LimitKind.MONEY, scopes=("warehouse",)
    ),
    manage=Permission(label=_("Edit warehouses")),
)
