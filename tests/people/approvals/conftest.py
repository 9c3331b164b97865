from __future__ import annotations

import pytest

from callcart.people.tenants.public import Tenant
from tests.people.approvals.office import Office, open_office


@pytest.fixture
def office(tenant: Tenant) -> Office:
    return open_office(tenant)
