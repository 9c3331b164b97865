"""Payment providers: one file each, all with the methods of `commerce/payments/gateway.py`. Only settings and the demo name them."""
