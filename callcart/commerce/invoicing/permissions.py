"""What staff may do with invoices. Which orders' invoices somebody sees follows from `orders.view`."""

from django.utils.translation import gettext_lazy as _

from callcart.core.permissions import LimitKind, Permission, declare

declare(
    "invoicing",
    view=Permission(label=_("See invoices")),
    issue=Permission(label=_("Issue invoices")),
    buyer=Permission(label=_("Say whom an invoice is for")),
    credit=Permission(label=_("Issue credit notes and correct invoices"), limit=LimitKind.MONEY),
    send=Permission(label=_("Send invoices to customers")),
    export=Permission(label=_("Export invoices")),
    set_up=Permission(label=_("Set how invoices are made")),
)
