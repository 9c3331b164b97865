from __future__ import annotations

import pytest

from callcart.contact.routing.public import add_queue
from callcart.core.actor import Actor
from callcart.engage.ivr.models import Flow
from callcart.engage.ivr.public import ensure_main
from callcart.people.tenants.public import Tenant


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id, "test")


@pytest.fixture
def main_flow(boss: Actor) -> Flow:
    """The shop's main flow as it is made: version 1, published."""
    return ensure_main(boss)


@pytest.fixture
def queue_id(boss: Actor) -> str:
    return str(add_queue(boss, "vip", name="VIP").id)
