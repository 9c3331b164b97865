from __future__ import annotations

import pytest

from callcart.people.tenants.models import Tenant
from tests.contact.routing.floor import Floor, build


@pytest.fixture
def floor(fresh_db: str) -> Floor:
    """The floor of the tenant `harbor`."""
    return build(Tenant.objects.get(slug="harbor").id)


@pytest.fixture
def other_floor(floor: Floor) -> Floor:
    """The floor of the tenant `qinghe`, in the same database."""
    return build(Tenant.objects.get(slug="qinghe").id)
