"""Customers: phones, e-mails, addresses, consent, and finding them by anything."""
