"""Clerks with connections of their own at the same document, the same round and the same box: one wins, nothing leaves twice."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.models import Box, BoxLine, Manifest, WaveDispatch
from callcart.commerce.inventory.public import recount
from callcart.commerce.orders.public import cancel_order
from callcart.commerce.shipping.public import Parcel
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.fulfilment.conftest import Dock, again, open_dock
from tests.commerce.shop import at_once, open_shop


@pytest.fixture
def dock(fresh_db: str) -> Dock:
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        return open_dock(open_shop(tenant))


def _names(found: list[Any]) -> Counter[str]:
    return Counter(type(each).__name__ for each in found)


def test_the_same_document_by_six_clerks(dock: Dock) -> None:
    tenant = dock.shop.tenant_id
    with tenant_transaction(tenant):
        found = dock.dispatch(("A", 4))
    clerks = [dock.clerk(f"C{number}") for number in range(6)]
    begun = at_once(tenant, [partial(fulfilment.begin_packing, clerk, found.id) for clerk in clerks])
    assert _names(begun) == {"Packing": 1, "PackedByAnother": 5}
    winner = next(
        clerk for clerk, each in zip(clerks, begun, strict=True) if isinstance(each, fulfilment.Packing)
    )
    packing = next(each for each in begun if isinstance(each, fulfilment.Packing))
    scans = [
        partial(fulfilment.scan_items, winner, packing.id, ["A"], idempotency_key=f"{number}")
        for number in range(6)
        for _twice in range(2)
    ]
    outcomes = Counter(str(each[0].outcome) for each in at_once(tenant, scans, workers=6))
    assert outcomes == {
        "packed": 8,
        "too_many": 4,
    }  # four keys of six got a unit, each answered the same twice
    with tenant_transaction(tenant):
        assert [each.quantity for each in BoxLine.objects.all()] == [4]
        assert Box.objects.count() == 1


def test_the_same_box_at_the_door_and_a_cancelling_office(dock: Dock) -> None:
    tenant = dock.shop.tenant_id
    with tenant_transaction(tenant):
        found = [dock.dispatch(("A", 1)) for _ in range(4)]
        for each in found:
            dock.packed(dock.clerk(), each, "A")
        boxes = {each.packing.dispatch_id: each.number for each in Box.objects.select_related("packing")}
    place, clerk = dock.shop.warehouses["west"].id, dock.clerk()
    opened = at_once(tenant, [partial(fulfilment.open_manifest, clerk, place, carrier="Swift")] * 4)
    assert len({each.id for each in opened}) == 1
    work: list[Any] = []
    for each in found:
        out = partial(fulfilment.scan_out, clerk, opened[0].id, boxes[each.id])
        work += [out, partial(cancel_order, dock.shop.boss, each.order_id, reason="race", version=2), out]
    at_once(tenant, work)
    with tenant_transaction(tenant):
        left = [each for each in found if again(each).state == "handed_over"]
        assert {again(each).state for each in found} <= {"handed_over", "cancelled"}
        assert sorted(each.number for each in Parcel.objects.all()) == sorted(boxes[each.id] for each in left)
        assert dock.shop.stock("A") == {"west": (50 - len(left), 0)}
        assert Manifest.objects.count() == 1 and recount() == []


def test_rounds_that_want_the_same_documents(dock: Dock) -> None:
    tenant = dock.shop.tenant_id
    with tenant_transaction(tenant):
        found = [dock.dispatch(("A", 1)).id for _ in range(6)]
    wishes = [found, found[::-1], found[:3], found[3:]]
    made = at_once(tenant, [partial(fulfilment.make_wave, dock.clerk(), wish) for wish in wishes])
    assert set(_names(made)) <= {"Wave", "NothingToPick"}
    with tenant_transaction(tenant):
        assert sorted(WaveDispatch.objects.values_list("dispatch_id", flat=True)) == sorted(found)
