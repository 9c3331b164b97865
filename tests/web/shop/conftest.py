"""`harbor` and `qinghe`: both demo shops as visitors see them, in a database that the tests of this folder share. Each test
brings goods of its own, so none of them sees what another has bought. Payments go to the provider in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from callcart.commerce.inventory.public import receive
from callcart.commerce.payments.fake import FakeGateway
from callcart.commerce.payments.gateway import gateway
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.tenancy import tenant_transaction
from callcart.demo import seed_goods
from callcart.demo.seed import NUMBERS
from callcart.people.tenants.models import Tenant
from callcart.people.tenants.public import add_service_number
from tests.conftest import _database
from tests.web.shop.visitor import Shop


@pytest.fixture(scope="package")
def shops(template: str, shared_database: str) -> Iterator[None]:
    with _database(template):
        for tenant in Tenant.objects.order_by("id"):
            _fill(tenant)
        with override_settings(CALLCART_GATEWAYS={"fake": "callcart.commerce.payments.fake.FakeGateway"}):
            yield


def _fill(tenant: Tenant) -> None:
    """The demo's shelves, warehouses and ways of delivery, its stock and its telephone number; no customers, no trade."""
    actor = Actor.system(tenant.id, "test")
    with tenant_transaction(tenant.id):
        raw.one(
            "SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout'"
        )  # one long transaction, on a busy machine
        seed_goods.seed_goods(actor, tenant)
        add_service_number(actor, NUMBERS[tenant.slug], name="Customer service")
        places = seed_goods.warehouses()
        for shelf in seed_goods.shelves(tenant):
            for code, units in shelf.free.items():
                if units:
                    receive(
                        actor, variant_id=shelf.variant.id, warehouse_id=places[code].id, quantity=units,
                        reason="opening stock",
                    )  # fmt: skip


def _shop(slug: str) -> Shop:
    return Shop(Tenant.objects.get(slug=slug).id, slug)


@pytest.fixture
def harbor(shops: None) -> Shop:
    return _shop("harbor")


@pytest.fixture
def qinghe(shops: None) -> Shop:
    return _shop("qinghe")


@pytest.fixture
def provider(shops: None) -> Iterator[FakeGateway]:
    """The payment provider, awake again after the test."""
    found = gateway("fake")
    assert isinstance(found, FakeGateway)
    yield found
    found.down = found.declines = False
