"""`shop`: a small shop inside the test's transaction; `program`: one with a key that may do nearly everything."""

from __future__ import annotations

import pytest

from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, open_shop
from tests.web.api.program import Program, program_with

ALL = (
    "catalog.view", "catalog.manage", "pricing.view", "pricing.manage", "inventory.view", "inventory.receive",
    "inventory.adjust", "customers.view", "customers.edit", "customers.see_phone", "customers.see_email", "orders.view",
    "orders.place", "orders.edit", "orders.confirm", "orders.approve", "orders.hold", "orders.cancel", "payments.view",
    "payments.receive", "payments.refund", "shipping.view", "shipping.update",
)  # fmt: skip


@pytest.fixture
def shop(tenant: Tenant) -> Shop:
    return open_shop(tenant)


@pytest.fixture
def program(shop: Shop) -> Program:
    return program_with(shop, *ALL)
