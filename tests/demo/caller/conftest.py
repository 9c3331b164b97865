"""`service_number`: a shop that can be called, for child processes."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def service_number(template: str) -> Callable[[], None]:
    """Gives harbor its number in the database that a child process finds."""

    def make() -> None:
        from callcart.core.actor import Actor
        from callcart.core.tenancy import tenant_transaction
        from callcart.people.tenants.models import ServiceNumber, Tenant
        from callcart.people.tenants.public import add_service_number

        tenant_id = Tenant.objects.get(slug="harbor").id
        if not ServiceNumber.objects.filter(number="+12025550100").exists():
            with tenant_transaction(tenant_id):
                add_service_number(
                    Actor.system(tenant_id, "test"), "+12025550100", name="Service", queue_id=None
                )

    return make
