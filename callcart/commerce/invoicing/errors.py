"""What can be wrong about an invoice, one fact each."""

from __future__ import annotations

from callcart.core.errors import Conflict, Invalid


class AlreadyInvoiced(Conflict):
    """This order has an invoice already: %(number)s. To change it, correct that one."""

    code = "invoicing.already_invoiced"


class NotInvoiceable(Conflict):
    """An order is invoiced once it is confirmed or paid, and not after it was cancelled."""

    code = "invoicing.not_invoiceable"


class NoSeller(Conflict):
    """Who sells is not filled in yet. Give the shop's name, address and tax number first."""

    code = "invoicing.no_seller"


class TooMuchCredit(Invalid):
    """No more than %(most)s of this invoice can still be credited."""

    code = "invoicing.too_much_credit"


class NothingLeft(Conflict):
    """All of this invoice has been credited already."""

    code = "invoicing.nothing_left"


class IsIssued(Conflict):
    """The invoice is issued. To change whom it is for, correct it."""

    code = "invoicing.is_issued"


class BatchRuns(Conflict):
    """Invoices are being issued for these days already. Wait until that is done."""

    code = "invoicing.batch_runs"
