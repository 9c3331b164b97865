"""`office`: a small shop with its staff, inside the test's transaction; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from callcart.people.tenants.public import Tenant
from tests.commerce.shop import open_shop
from tests.web.office.office import Office, hire


@pytest.fixture
def office(tenant: Tenant, client_for: Callable[..., Client]) -> Office:
    return Office(open_shop(tenant), hire(tenant.id), client_for)
