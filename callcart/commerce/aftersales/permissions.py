"""What staff may do after a sale. Limits are minor units of what the goods of a case were paid with."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import LimitKind, Permission, declare

declare(
    "aftersales",
    view=Permission(label=_("See returns and claims")),
    ask=Permission(label=_("Take in returns and claims for a customer")),
    approve=Permission(label=_("Decide on returns and claims"), limit=LimitKind.MONEY),
    exception=Permission(label=_("Accept a return against the rules")),
    receive=Permission(label=_("Receive and inspect what comes back")),
    settle=Permission(label=_("Settle returns: refund, replace, send back")),
    rules=Permission(label=_("Set the rules of returns and warranty")),
)
