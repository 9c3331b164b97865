"""The address that carriers send their scans to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from callcart.commerce.shipping.fake import FakeCarrier, webhook
from callcart.commerce.shipping.models import Parcel, ParcelEvent
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import tenant_by_slug
from callcart.web.hooks.carriers import MOST_BYTES
from tests.commerce.conftest import live_shop
from tests.commerce.shipping.conftest import Depot, open_depot, packed, swift
from tests.commerce.shipping.test_tracking import scan
from tests.commerce.shop import Shop

__all__ = ["live_shop", "swift"]


@pytest.fixture
def parcel(live_shop: Shop, swift: FakeCarrier) -> Iterator[tuple[Depot, Parcel]]:
    with tenant_transaction(live_shop.tenant_id):
        depot = open_depot(live_shop, adapter="fake")
        made = packed(depot)
    yield depot, made


def send(address: str, headers: dict[str, str], body: bytes) -> Any:
    client = Client(enforce_csrf_checks=True, HTTP_HOST="qinghe.localhost", raise_request_exception=False)
    return client.post(address, data=body, content_type="application/json", headers=headers)


def test_scans_come_in_by_any_host_once_and_only_signed(parcel: tuple[Depot, Parcel]) -> None:
    depot, made = parcel
    tenant_id = depot.shop.tenant_id
    address = f"/hooks/carriers/{tenant_id}/{depot.carrier.id}"
    headers, body = webhook([scan(made, "handed_over", -1), scan(made, "lost", -1, tracking="T404")])
    assert send(address, {}, body).status_code == 400
    assert send(address, headers, body + b" ").status_code == 400
    assert send(address, headers, body).json() == {"new": 1, "known": 0, "unknown": 1}
    assert send(address, headers, body).json() == {"new": 0, "known": 1, "unknown": 1}
    with tenant_transaction(tenant_id):
        assert ParcelEvent.objects.filter(parcel=made, state="handed_over").count() == 1
    other = tenant_by_slug("qinghe")
    assert other is not None
    for wrong in (
        f"/hooks/carriers/{tenant_id}/{new_id()}",
        f"/hooks/carriers/{other.id}/{depot.carrier.id}",
    ):
        assert send(wrong, headers, body).status_code == 404
    assert send(f"/hooks/carriers/99999/{depot.carrier.id}", headers, body).status_code == 404
    assert send(address, headers, b" " * (MOST_BYTES + 1)).status_code == 413
    assert Client(HTTP_HOST="harbor.localhost").get(address).status_code == 405
