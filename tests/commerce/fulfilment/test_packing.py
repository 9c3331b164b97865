"""Packing by scan: only what belongs into it goes in, one clerk has it, boxes have waybills of their own."""

from __future__ import annotations

import pytest

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.models import Box, BoxLine, Packing, PutBack
from callcart.commerce.orders.public import cancel_order, hand_over
from callcart.core import events
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.idempotency import KeyReused
from callcart.core.ids import new_id
from tests.commerce.fulfilment.conftest import Dock, again


def scan(clerk: Actor, packing: Packing, *codes: str, key: str = "") -> list[tuple[str, int, int]]:
    found = fulfilment.scan_items(clerk, packing.id, codes, idempotency_key=key or str(new_id()))
    return [(str(each.outcome), each.inside, each.wanted) for each in found]


def inside() -> list[tuple[int, int]]:
    """(box, units), of every line packed."""
    rows = BoxLine.objects.select_related("box").order_by("box__position", "id")
    return [(each.box.position, each.quantity) for each in rows]


def test_scanning_until_complete(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 2), ("B", 1))
    packing = fulfilment.begin_packing(clerk, found.id)
    assert again(found).state == "picking"
    assert scan(clerk, packing, "A") == [("packed", 1, 2)]
    with pytest.raises(fulfilment.NotComplete) as caught:
        fulfilment.finish_packing(clerk, packing.id)
    assert caught.value.details == {"missing": 2}
    assert scan(clerk, packing, "C", "nonsense", "B", "2*A", "A") == [
        ("wrong", 0, 0), ("unknown", 0, 0), ("packed", 1, 1), ("too_many", 2, 2), ("packed", 2, 2),
    ]  # fmt: skip
    assert inside() == [(1, 2), (1, 1)]
    done = fulfilment.finish_packing(clerk, packing.id, weights={1: 420}, trackings={1: "SF 123"})
    box = Box.objects.get()
    assert (done.state, again(found).state, box.weight_g, box.tracking) == ("packed", "packed", 420, "SF123")
    assert fulfilment.find_dispatch("SF123") == found


def test_units_are_taken_out_again_but_never_more_than_lie_in_the_box(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 3))
    packing = fulfilment.begin_packing(clerk, found.id)
    assert scan(clerk, packing, "3*A", "-2*A", "-2*A") == [
        ("packed", 1, 3),
        ("packed", 1, 3),
        ("not_there", 1, 3),
    ]
    assert inside() == [(1, 1)]


def test_a_batch_sent_twice_is_packed_once(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 3))
    packing = fulfilment.begin_packing(clerk, found.id)
    first = scan(clerk, packing, "A", "C", key="same")
    assert scan(clerk, packing, "A", "C", key="same") == first == [("packed", 1, 3), ("wrong", 0, 0)]
    with pytest.raises(KeyReused):
        scan(clerk, packing, "B", key="same")
    assert inside() == [(1, 1)]


def test_several_boxes_each_with_a_waybill_of_its_own(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 2), ("B", 1))
    packing = fulfilment.begin_packing(clerk, found.id)
    with pytest.raises(fulfilment.EmptyBox):
        fulfilment.new_box(clerk, packing.id)
    scan(clerk, packing, "A")
    fulfilment.new_box(clerk, packing.id)
    scan(clerk, packing, "A", "B")
    fulfilment.new_box(clerk, packing.id)
    with pytest.raises(fulfilment.EmptyBox):
        fulfilment.finish_packing(clerk, packing.id)
    assert inside() == [(1, 1), (2, 1), (2, 1)]
    assert len({each.number for each in Box.objects.all()}) == 3


def test_one_clerk_has_it_until_somebody_takes_it_over(dock: Dock) -> None:
    wei, li = dock.clerk("Wei"), dock.clerk("Li")
    found = dock.dispatch(("A", 1))
    packing = fulfilment.begin_packing(wei, found.id)
    with pytest.raises(fulfilment.PackedByAnother) as caught:
        fulfilment.begin_packing(li, found.id)
    assert caught.value.message == "Wei is packing this."
    with pytest.raises(fulfilment.NotYours):
        scan(li, packing, "A")
    assert inside() == []
    fulfilment.begin_packing(li, found.id, take_over=True)
    with pytest.raises(fulfilment.NotYours):
        scan(wei, packing, "A")
    assert scan(li, packing, "A") == [("packed", 1, 1)]
    fulfilment.leave_table(li, packing.id)
    fulfilment.begin_packing(wei, found.id)
    fulfilment.finish_packing(wei, packing.id)
    with pytest.raises(fulfilment.AlreadyPacked):
        fulfilment.begin_packing(li, found.id, take_over=True)


def test_an_order_cancelled_under_the_clerks_hands(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 2))
    packing = fulfilment.begin_packing(clerk, found.id)
    scan(clerk, packing, "A")
    with events.handled_at_once():
        cancel_order(dock.shop.boss, found.order_id, reason="no more", version=2)
        for work in (
            lambda: scan(clerk, packing, "A"),
            lambda: fulfilment.finish_packing(clerk, packing.id),
            lambda: fulfilment.begin_packing(clerk, found.id),
        ):  # told before the list is written, too
            with pytest.raises(fulfilment.GoodsGoBack):
                work()
    packing.refresh_from_db()
    assert packing.state == "ended"
    assert [(each.variant.sku, each.quantity, each.reason) for each in PutBack.objects.all()] == [
        ("A", 1, "cancelled")
    ]
    assert dock.shop.stock("A") == {"west": (50, 0)}


def test_taking_it_apart_lets_the_order_be_changed_and_keeps_its_waybill(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 2), ("B", 1))
    dock.packed(clerk, found, "A", "", "A", "B")
    number = Box.objects.get(position=1).number
    assert Box.objects.count() == 2
    fulfilment.put_back(clerk, found.id)
    assert again(found).state == "waiting"
    assert [(each.number, each.position) for each in Box.objects.all()] == [(number, 1)]
    assert sorted((each.variant.sku, each.quantity) for each in PutBack.objects.all()) == [("A", 2), ("B", 1)]
    dock.packed(clerk, found, "2*A", "B")
    assert again(found).state == "packed"
    assert Box.objects.get().number == number


def test_what_is_being_packed_is_not_changed_and_what_left_is_not_packed(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 2))
    packing = fulfilment.begin_packing(clerk, found.id)
    with events.handled_at_once():
        hand_over(dock.shop.boss, found.id)
    with pytest.raises(fulfilment.AlreadyLeft):
        scan(clerk, packing, "A")
    with pytest.raises(fulfilment.AlreadyLeft):
        fulfilment.put_back(clerk, found.id)
    packing.refresh_from_db()
    assert (packing.state, PutBack.objects.count()) == ("ended", 0)


def test_codes_lead_to_their_document(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 1))
    box = fulfilment.begin_packing(clerk, found.id).boxes.get()
    for code in (box.number, found.number, found.order_number, f" {box.number[:3]} {box.number[3:]} "):
        assert fulfilment.find_dispatch(code) == found, code
    for code in ("", "   ", "nobody", "9" * 300):
        assert fulfilment.find_dispatch(code) is None


def test_without_the_permission_or_outside_of_its_scope_nothing_is_packed(dock: Dock) -> None:
    found = dock.dispatch(("A", 1))
    for actor in (dock.clerk(scope="east"), dock.shop.staff("shipping.view", "orders.ship")):
        with pytest.raises(PermissionDenied):
            fulfilment.begin_packing(actor, found.id)
        with pytest.raises(PermissionDenied):
            fulfilment.put_back(actor, found.id)
    assert (Packing.objects.count(), Box.objects.count(), again(found).state) == (0, 0, "waiting")


def test_bad_weights_and_numbers_are_named_and_nothing_is_packed(dock: Dock) -> None:
    clerk, found = dock.clerk(), dock.dispatch(("A", 1))
    packing = fulfilment.begin_packing(clerk, found.id)
    scan(clerk, packing, "A")
    with pytest.raises(Invalid) as caught:
        fulfilment.finish_packing(clerk, packing.id, weights={1: 0}, trackings={1: "x" * 101})
    assert set(caught.value.fields) == {"weight-1", "tracking-1"}
    assert (again(found).state, Box.objects.get().weight_g) == ("picking", None)
