from __future__ import annotations

from collections.abc import Iterator

import pytest

from callcart.people.tenants import directory
from callcart.people.tenants.models import Tenant
from tests.contact.callbacks.desk import Desk
from tests.contact.routing.floor import build


@pytest.fixture
def desk(fresh_db: str) -> Iterator[Desk]:
    """The shop `harbor` with telephones that work, a number that leads to sales, and a queue that calls back."""
    yield Desk(build(Tenant.objects.get(slug="harbor").id))
    directory.forget()
