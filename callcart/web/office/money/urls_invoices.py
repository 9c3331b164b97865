"""Addresses of invoices."""

from django.urls import path

from callcart.web.office.money import invoice, invoice_setup, invoices

urlpatterns = [
    path("money/invoices", invoices.invoices, name="invoices"),
    path("money/invoices/tax.csv", invoices.tax_file, name="invoices_tax"),
    path("money/invoices/batches", invoices.batches, name="invoice_batches"),
    path("money/invoices/batches/new", invoices.batch_new, name="invoice_batch_new"),
    path("money/invoices/batches/<uuid:batch_id>", invoices.batch, name="invoice_batch"),
    path("money/invoices/batches/<uuid:batch_id>/stop", invoices.batch_stop, name="invoice_batch_stop"),
    path("money/invoices/settings", invoice_setup.setup, name="invoice_setup"),
    path("money/invoices/settings/sample", invoice_setup.sample, name="invoice_sample"),
    path("money/invoices/<uuid:document_id>", invoice.invoice, name="invoice"),
    path("money/invoices/<uuid:document_id>/pdf", invoice.pdf, name="invoice_pdf"),
    path("money/invoices/<uuid:document_id>/credit", invoice.credit, name="invoice_credit"),
    path("money/invoices/<uuid:document_id>/correct", invoice.correct, name="invoice_correct"),
    path("money/invoices/<uuid:document_id>/send", invoice.send, name="invoice_send"),
    path("orders/<uuid:order_id>/invoice", invoice.issue, name="order_invoice"),
    path("orders/<uuid:order_id>/invoice-buyer", invoice.buyer, name="order_invoice_buyer"),
]
