"""What staff may do with money."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import LimitKind, Permission, declare

declare(
    "payments",
    view=Permission(label=_("See payments")),
    send_link=Permission(label=_("Send payment links")),
    record_cash=Permission(label=_("Record cash on delivery")),
    refund=Permission(label=_("Refund money"), limit=LimitKind.MONEY),
)
