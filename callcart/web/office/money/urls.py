"""Addresses of the books: receipts, unpaid orders, statements, carriers' cash, refunds, settlement."""

from django.urls import path

from callcart.web.office.money import carrier_cash, payouts, receipts, refunds, settlement, statements, unpaid

urlpatterns = [
    path("money/receipts", receipts.receipts, name="receipts"),
    path("money/receipts/new", receipts.new, name="receipt_new"),
    path("money/receipts/<uuid:receipt_id>/void", receipts.void, name="receipt_void"),
    path("money/unpaid", unpaid.unpaid, name="unpaid"),
    path("money/unpaid/act", unpaid.act, name="unpaid_act"),
    path("money/unpaid/<uuid:order_id>/promise", unpaid.promise, name="unpaid_promise"),
    path("money/statements", statements.statements, name="statements"),
    path("money/statements/new", statements.new, name="statement_new"),
    path("money/statements/certain", statements.book_certain, name="statement_certain"),
    path("money/statements/lines/<uuid:line_id>", statements.line, name="statement_line"),
    path("money/carriers", carrier_cash.carrier_cash, name="carrier_cash"),
    path("money/carriers/new", carrier_cash.new, name="remittance_new"),
    path("money/carriers/<uuid:remittance_id>", carrier_cash.remittance, name="remittance"),
    path("money/carriers/<uuid:remittance_id>/book", carrier_cash.book, name="remittance_book"),
    path("money/carriers/<uuid:remittance_id>/<uuid:line_id>", carrier_cash.line, name="remittance_line"),
    path("money/refunds", refunds.refunds, name="refunds"),
    path("money/refunds/<uuid:refund_id>/send", refunds.send, name="refund_send"),
    path("money/refunds/<uuid:refund_id>/done", refunds.done, name="refund_done"),
    path("money/settlement", settlement.settlement, name="settlement"),
    path("money/settlement/payout", payouts.new, name="payout_new"),
    path("money/settlement/act", settlement.act, name="settlement_act"),
]
