"""`till`: the tenant harbor in a database of the test's own, paid by the provider in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from callcart.commerce.payments.gateway import gateway
from callcart.people.tenants.models import Tenant
from tests.commerce.payments import till as tills
from tests.commerce.payments.books import Books
from tests.commerce.payments.till import Till


@pytest.fixture
def fake_gateway() -> Iterator[None]:
    with override_settings(CALLCART_GATEWAYS={"fake": "tests.commerce.payments.till.installed"}):
        yield
    gateway.cache_clear()


@pytest.fixture
def till(fresh_db: str, fake_gateway: None) -> Till:
    return Till(Tenant.objects.get(slug="harbor").id, tills.start_anew())


@pytest.fixture
def books(tenant: Tenant, tmp_path: Path) -> Books:
    return Books(tenant.id, tmp_path)
