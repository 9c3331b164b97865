"""Hand-over by scan: goods leave the books with the last box of a document, and never twice."""

from __future__ import annotations

import pytest

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.models import Box, Manifest
from callcart.commerce.fulfilment.public import OutOutcome
from callcart.commerce.inventory.public import recount
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.public import cancel_order
from callcart.commerce.shipping.models import ParcelLine
from callcart.commerce.shipping.public import Dispatch, Parcel
from callcart.core import integrity
from callcart.core.actor import Actor
from callcart.core.errors import PermissionDenied
from tests.commerce.fulfilment.conftest import Dock, again


def manifest(dock: Dock, clerk: Actor, carrier: str = "Swift", place: str = "west") -> Manifest:
    return fulfilment.open_manifest(clerk, dock.shop.warehouses[place].id, carrier=carrier)


def out(clerk: Actor, manifest: Manifest, code: str) -> OutOutcome:
    return fulfilment.scan_out(clerk, manifest.id, code).outcome


def test_with_the_last_box_the_goods_leave(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 2), ("B", 1))
    dock.packed(clerk, found, "A", "", "A", "B")
    first, second = Box.objects.order_by("position")
    list_ = manifest(dock, clerk)
    scan = fulfilment.scan_out(clerk, list_.id, first.number)
    assert (scan.outcome, scan.missing, Parcel.objects.count()) == (OutOutcome.MORE_BOXES, 1, 0)
    with pytest.raises(fulfilment.BoxesMissing):
        fulfilment.close_manifest(clerk, list_.id)
    assert dock.shop.stock("A") == {"west": (50, 2)}
    assert out(clerk, list_, second.number) is OutOutcome.OUT
    assert dock.shop.stock("A") == {"west": (48, 0)}
    parcels = list(Parcel.objects.order_by("id"))
    assert [(each.number, each.carrier, each.state) for each in parcels] == [
        (first.number, "Swift", "handed_over"), (second.number, "Swift", "handed_over"),
    ]  # fmt: skip
    assert sorted(ParcelLine.objects.values_list("parcel__number", "quantity")) == sorted(
        [(first.number, 1), (second.number, 1), (second.number, 1)]
    )
    order = Order.objects.get(id=found.order_id)
    assert (again(found).state, order.fulfilment_state) == ("handed_over", "shipped")
    assert recount() == [] and integrity.find_in("orders") == []
    closed = fulfilment.close_manifest(clerk, list_.id, driver="Old Zhang")
    assert (closed.driver, closed.closed_by) == ("Old Zhang", "Wei")
    with pytest.raises(fulfilment.ManifestClosed):
        fulfilment.scan_out(clerk, list_.id, first.number)


def test_what_may_not_go_is_said_and_stays(dock: Dock) -> None:
    clerk = dock.clerk()
    loose, cancelled, other, fine = (dock.dispatch(("A", 1)) for _ in range(4))
    box = fulfilment.begin_packing(clerk, loose.id).boxes.get()
    Dispatch.objects.filter(id=other.id).update(carrier="Slow")
    for each in (cancelled, other, fine):
        dock.packed(clerk, each, "A")
    numbers = {each.packing.dispatch_id: each.number for each in Box.objects.select_related("packing")}
    cancel_order(dock.shop.boss, cancelled.order_id, reason="no more", version=2)
    list_ = manifest(dock, clerk)
    assert out(clerk, list_, "nonsense") is OutOutcome.UNKNOWN
    assert out(clerk, list_, box.number) is OutOutcome.NOT_PACKED
    assert out(clerk, list_, numbers[cancelled.id]) is OutOutcome.CANCELLED
    assert out(clerk, list_, numbers[other.id]) is OutOutcome.OTHER_CARRIER
    assert out(clerk, manifest(dock, clerk, place="east"), numbers[fine.id]) is OutOutcome.OTHER_PLACE
    with pytest.raises(fulfilment.NothingOnIt):
        fulfilment.close_manifest(clerk, list_.id)
    assert (Parcel.objects.count(), dock.shop.stock("A")) == (0, {"west": (50, 3)})
    assert out(clerk, list_, numbers[fine.id]) is OutOutcome.OUT
    assert out(clerk, list_, numbers[fine.id]) is OutOutcome.ALREADY
    assert (Parcel.objects.count(), dock.shop.stock("A")) == (1, {"west": (49, 2)})


def test_a_box_is_taken_off_as_long_as_its_document_is_here(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 2))
    dock.packed(clerk, found, "A", "", "A")
    list_, box = manifest(dock, clerk), Box.objects.get(position=1)
    out(clerk, list_, box.number)
    with pytest.raises(fulfilment.AlreadyLeft):
        fulfilment.put_back(clerk, found.id)
    fulfilment.take_off(clerk, list_.id, box.id)
    assert list_.boxes.count() == 0
    fulfilment.put_back(clerk, found.id)
    assert again(found).state == "waiting"


def test_a_carrier_has_one_open_manifest_a_warehouse(dock: Dock) -> None:
    clerk = dock.clerk()
    one = manifest(dock, clerk)
    assert manifest(dock, clerk, "swift") == one
    assert manifest(dock, clerk, place="east") != one
    with pytest.raises(PermissionDenied):
        manifest(dock, dock.clerk(scope="east"))
    with pytest.raises(PermissionDenied):
        fulfilment.scan_out(dock.clerk(scope="east"), one.id, "x")
    assert Manifest.objects.count() == 2
