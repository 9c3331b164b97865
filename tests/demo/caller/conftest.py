"""`service_number`: a shop that can be called, for child processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

_ADD = """
import django; django.setup()
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import add_service_number
tenant_id = Tenant.objects.get(slug="harbor").id
with tenant_transaction(tenant_id):
    add_service_number(Actor.system(tenant_id, "test"), "+12025550100", name="Service", queue_id=None)
"""
_REMOVE = """
import django; django.setup()
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import ServiceNumber, Tenant
tenant_id = Tenant.objects.get(slug="harbor").id
with tenant_transaction(tenant_id):
    ServiceNumber.objects.filter(number="+12025550100").delete()
"""


@pytest.fixture
def service_number(template: str) -> Iterator[Callable[[], None]]:
    """Gives harbor its number in the database that a child process finds. It is that of the settings, one for all files: the
    number is taken away again afterwards."""
    given = False

    def make() -> None:
        nonlocal given
        given = True
        _run(_ADD)

    yield make
    if given:
        _run(_REMOVE)


def _run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], env=os.environ, check=True, timeout=60)
