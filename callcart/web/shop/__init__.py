"""The storefront: browse, cart, checkout, follow an order."""
