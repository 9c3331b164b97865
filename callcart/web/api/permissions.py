"""What the API can be used for: the permissions that make sense in a key."""

from __future__ import annotations

SERVED = (
    "catalog.view", "catalog.manage", "pricing.view", "pricing.manage",
    "inventory.view", "inventory.receive", "inventory.adjust",
    "customers.view", "customers.edit", "customers.see_phone", "customers.see_email",
    "orders.view", "orders.place", "orders.edit", "orders.discount", "orders.change_price", "orders.confirm",
    "orders.confirm_unpaid", "orders.approve", "orders.hold", "orders.cancel",
    "payments.view", "payments.receive", "payments.refund",
    "shipping.view", "shipping.update",
)  # fmt: skip
