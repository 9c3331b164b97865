"""Invoices and credit notes of orders: numbered without gaps, never changed, drawn again from what was written down."""
