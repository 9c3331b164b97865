"""`shop`: the small shop inside the test's transaction. `live_shop`: the same in a database of its own, with commits."""

from __future__ import annotations

import pytest

from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop, open_shop


@pytest.fixture
def shop(tenant: Tenant) -> Shop:
    return open_shop(tenant)


@pytest.fixture
def live_shop(fresh_db: str) -> Shop:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        return open_shop(tenant)
