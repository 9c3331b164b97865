"""What staff may do with orders. Scope `own`: the orders one took oneself."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import LimitKind, Permission, declare

_WHOSE = ("own", "region")

declare(
    "orders",
    view=Permission(label=_("See orders"), scopes=_WHOSE),
    place=Permission(label=_("Place orders")),
    edit=Permission(label=_("Edit orders"), scopes=_WHOSE),
    confirm=Permission(label=_("Confirm orders")),
    confirm_unpaid=Permission(label=_("Confirm prepaid orders before the money is in")),
    approve=Permission(label=_("Approve doubtful orders"), limit=LimitKind.MONEY, scopes=_WHOSE),
    approve_rules=Permission(label=_("Set the rules of approval")),
    hold=Permission(label=_("Put orders on hold")),
    cancel=Permission(label=_("Cancel orders"), scopes=_WHOSE),
    ship=Permission(label=_("Send orders out")),
    tag=Permission(label=_("Tag orders"), scopes=_WHOSE),
    export=Permission(label=_("Export order lists")),
    discount=Permission(label=_("Give a discount by hand"), limit=LimitKind.PERCENT),
    change_price=Permission(
        label=_("Change a price on an order, so far below the list"), limit=LimitKind.PERCENT
    ),
    **{"import": Permission(label=_("Import orders"))},
)
