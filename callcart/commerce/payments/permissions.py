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
    set_up=Permission(label=_("Set up ways to pay and their keys")),
    change_plan=Permission(label=_("Change plans of instalments")),
    view_value=Permission(label=_("See gift cards and store credit")),
    issue_cards=Permission(label=_("Issue and block gift cards"), limit=LimitKind.MONEY),
    grant_credit=Permission(label=_("Give and take back store credit"), limit=LimitKind.MONEY),
    use_value=Permission(label=_("Pay orders by gift card or store credit")),
)
