from __future__ import annotations

import pytest

from callcart.people.tenants.models import Tenant
from tests.contact.routing.floor import Floor, build


@pytest.fixture
def floor(fresh_db: str) -> Floor:
    """The floor of the tenant `harbor`, with a third queue that nobody serves."""
    made = build(Tenant.objects.get(slug="harbor").id)
    made.queue("returns", priority=100)
    return made
