"""The shop: catalog, inventory, orders, payments, shipping."""
