"""What staff may do with money."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import LimitKind, Permission, declare

declare(
    "payments",
    view=Permission(label=_("See payments")),
    send_link=Permission(label=_("Send payment links")),
    record_cash=Permission(label=_("Record cash on delivery")),
    refund=Permission(label=_("Refund money"), limit=LimitKind.MONEY),
    receive=Permission(label=_("Write receipts for money received"), limit=LimitKind.MONEY),
    void=Permission(label=_("Void receipts"), limit=LimitKind.MONEY),
    pay_out=Permission(label=_("Pay refunds out by hand"), limit=LimitKind.MONEY),
    reconcile=Permission(label=_("Import bank statements and carrier remittances")),
    explain=Permission(label=_("Explain differences of money"), limit=LimitKind.MONEY),
    settle=Permission(label=_("Count tills and close their days")),
)
