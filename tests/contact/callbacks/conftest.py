from __future__ import annotations

from collections.abc import Iterator

import pytest

from callcart.people.tenants import directory
from callcart.people.tenants.models import Tenant
from tests.conftest import _database
from tests.contact.callbacks.desk import Desk
from tests.contact.routing.floor import build


@pytest.fixture(scope="package")
def shop(template: str, shared_database: str) -> Iterator[Desk]:
    """The shop `harbor` in a database that the tests of this folder share, with real commits."""
    with _database(template):
        yield Desk(build(Tenant.objects.get(slug="harbor").id))


@pytest.fixture
def desk(shop: Desk) -> Iterator[Desk]:
    """The shop with telephones that work, a number that leads to sales, a queue that calls back, and nobody in it."""
    directory.forget()
    shop.open()
    yield shop
    shop.clear()
    directory.forget()
