"""What the process keeps of tenants is only what was committed."""

from __future__ import annotations

import pytest

from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant, get_tenant, update_tenant


def test_a_change_that_is_rolled_back_is_seen_by_its_own_transaction_only(fresh_db: str) -> None:
    tenant_id = Tenant.objects.get(slug="harbor").id
    assert get_tenant(tenant_id).currency == "USD"
    with pytest.raises(ZeroDivisionError), tenant_transaction(tenant_id):
        update_tenant(Actor.system(tenant_id), currency="CNY")
        assert get_tenant(tenant_id).currency == "CNY"
        raise ZeroDivisionError
    assert get_tenant(tenant_id).currency == "USD"


def test_a_committed_change_is_seen_at_once(fresh_db: str) -> None:
    tenant_id = Tenant.objects.get(slug="harbor").id
    assert get_tenant(tenant_id).currency == "USD"
    with tenant_transaction(tenant_id):
        update_tenant(Actor.system(tenant_id), currency="EUR")
    assert get_tenant(tenant_id).currency == "EUR"
