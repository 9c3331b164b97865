"""`service_number`: a shop that can be called, for child processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from callcart.core.actor import Actor
from callcart.core.dsn import connection_parameters
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import ServiceNumber, Tenant
from callcart.people.tenants.public import add_service_number
from tests.conftest import _using

NUMBER = "+12025550100"


@pytest.fixture
def service_number(template: str) -> Iterator[Callable[[], None]]:
    """Gives harbor its number in the database that a child process finds. It is that of the settings, one for all files: the
    number is taken away again afterwards."""
    given = False

    def make() -> None:
        nonlocal given
        given = True
        with _harbor() as boss:
            add_service_number(boss, NUMBER, name="Service", queue_id=None)

    yield make
    if given:
        with _harbor():
            ServiceNumber.objects.filter(number=NUMBER).delete()


@contextmanager
def _harbor() -> Iterator[Actor]:
    """Acting in the database of the settings."""
    with _using(str(connection_parameters("owner")["dbname"])):
        tenant_id = Tenant.objects.get(slug="harbor").id
        with tenant_transaction(tenant_id):
            yield Actor.system(tenant_id, "test")
