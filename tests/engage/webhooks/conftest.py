from __future__ import annotations

from collections.abc import Iterator

import pytest

from callcart.core.actor import Actor
from callcart.engage.webhooks import guard
from callcart.people.tenants.public import Tenant
from tests.engage.webhooks.listener import Listener, listening


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as found:
        yield found


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on an installation that may send into its own network."""
    monkeypatch.setattr(guard, "private_allowed", lambda: True)


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id, "test")
