"""Waves: the way round, slots, what is short, and what is cancelled while it is picked."""

from __future__ import annotations

import pytest

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.models import PutBack, Wave, WaveDispatch
from callcart.commerce.orders.public import cancel_order
from callcart.commerce.shipping.public import Dispatch
from callcart.core import events
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from tests.commerce.fulfilment.conftest import Dock, again


def walk(wave: Wave) -> list[tuple[str, str, int, int]]:
    """(SKU, bin, wanted, picked) in the order of the walk."""
    return [(each.variant.sku, each.bin, each.quantity, each.picked) for each in wave.lines.all()]


def returns() -> list[tuple[str, int, str]]:
    return [(each.variant.sku, each.quantity, each.reason) for each in PutBack.objects.order_by("id")]


def test_a_wave_sums_articles_along_the_way_round_and_sorts_them_by_slot(dock: Dock) -> None:
    clerk = dock.clerk()
    first, second = dock.dispatch(("A", 2), ("B", 1)), dock.dispatch(("A", 1), ("C", 3))
    wave = fulfilment.make_wave(clerk, [second.id, first.id])
    assert walk(wave) == [("B", "A-01", 1, 0), ("C", "A-09", 3, 0), ("A", "B-02", 3, 0)]
    assert [each.dispatch_id for each in wave.slots.all()] == [first.id, second.id]
    assert {again(each).state for each in (first, second)} == {"picking"}
    plan = fulfilment.wave_plan(clerk, wave.id)
    assert [(line.variant.sku, line.slots) for line in plan.lines] == [
        ("B", ((1, 1),)), ("C", ((2, 3),)), ("A", ((1, 2), (2, 1))),
    ]  # fmt: skip
    done = fulfilment.finish_wave(clerk, wave.id, all_picked=True)
    assert (done.state, {again(each).state for each in (first, second)}) == ("done", {"picking"})
    assert returns() == []
    assert AuditEntry.objects.filter(action="fulfilment.make_wave", subject_id=wave.id).count() == 1


def test_what_is_short_comes_off_and_its_goods_go_back(dock: Dock) -> None:
    clerk, variants = dock.clerk(), dock.shop.variants
    first, second = dock.dispatch(("A", 2), ("B", 2)), dock.dispatch(("A", 1))
    wave = fulfilment.make_wave(clerk, [first.id, second.id])
    fulfilment.pick(clerk, wave.id, variants["B"].id, picked=1, is_short=True)
    fulfilment.pick(clerk, wave.id, variants["A"].id, picked=3)
    fulfilment.pick(clerk, wave.id, variants["A"].id, picked=3)
    fulfilment.finish_wave(clerk, wave.id)
    assert (again(first).state, again(second).state) == ("waiting", "picking")
    assert sorted(returns()) == [("A", 2, "short"), ("B", 1, "short")]
    assert [(each.dispatch_id, each.is_on, each.off_reason) for each in wave.slots.all()] == [
        (first.id, False, "short"), (second.id, True, ""),
    ]  # fmt: skip
    with pytest.raises(fulfilment.WaveEnded):
        fulfilment.pick(clerk, wave.id, variants["A"].id, picked=1)
    assert fulfilment.make_wave(clerk, [first.id]).slots.count() == 1


def test_giving_a_wave_up_puts_all_back(dock: Dock) -> None:
    clerk = dock.clerk()
    found = dock.dispatch(("A", 2))
    wave = fulfilment.make_wave(clerk, [found.id])
    fulfilment.pick(clerk, wave.id, dock.shop.variants["A"].id, picked=1)
    fulfilment.cancel_wave(clerk, wave.id)
    assert (again(found).state, returns()) == ("waiting", [("A", 1, "by_hand")])


def test_an_order_cancelled_in_mid_round_takes_its_units_off_the_list(dock: Dock) -> None:
    clerk = dock.clerk()
    keep, gone = dock.dispatch(("A", 1)), dock.dispatch(("A", 2), ("C", 1))
    wave = fulfilment.make_wave(clerk, [keep.id, gone.id])
    fulfilment.pick(clerk, wave.id, dock.shop.variants["A"].id, picked=2)
    with events.handled_at_once():
        cancel_order(dock.shop.boss, gone.order_id, reason="no more", version=2)
    assert walk(wave) == [("C", "A-09", 0, 0), ("A", "B-02", 1, 1)]
    assert returns() == [("A", 1, "cancelled")]
    fulfilment.finish_wave(clerk, wave.id)
    assert again(keep).state == "picking"


def test_one_cancelled_after_the_round_goes_back_whole_and_once(dock: Dock) -> None:
    clerk = dock.clerk()
    gone = dock.dispatch(("A", 2))
    wave = fulfilment.make_wave(clerk, [gone.id])
    fulfilment.finish_wave(clerk, wave.id, all_picked=True)
    packing = fulfilment.begin_packing(clerk, gone.id)
    fulfilment.scan_items(clerk, packing.id, ["A"], idempotency_key="k")
    with events.handled_at_once():
        cancel_order(dock.shop.boss, gone.order_id, reason="no more", version=2)
    from callcart.commerce.fulfilment.handlers import on_dispatch_changed
    from callcart.core.models import Event

    on_dispatch_changed(Event.objects.filter(kind="dispatch.changed").latest("id"))
    assert returns() == [("A", 2, "cancelled")]
    (row,) = fulfilment.list_put_back(clerk)
    assert row.bin == "B-02"
    for _twice in range(2):
        fulfilment.done_putting_back(clerk, row.row.id)
    assert fulfilment.list_put_back(clerk) == []
    assert AuditEntry.objects.filter(action="fulfilment.put_back").count() == 1


def test_two_pickers_cannot_have_the_same_document(dock: Dock) -> None:
    found, other = dock.dispatch(("A", 1)), dock.dispatch(("A", 1))
    fulfilment.make_wave(dock.clerk(), [found.id])
    second = fulfilment.make_wave(dock.clerk("Li"), [found.id, other.id])
    assert [each.dispatch_id for each in second.slots.all()] == [other.id]
    with pytest.raises(fulfilment.NothingToPick):
        fulfilment.make_wave(dock.clerk("Li"), [found.id])


def test_nobody_picks_outside_of_their_warehouses_and_bad_input_changes_nothing(dock: Dock) -> None:
    dock.shop.goods("E", east=5)
    found, other = dock.dispatch(("A", 1)), dock.dispatch(("E", 1))
    with pytest.raises(PermissionDenied):
        fulfilment.make_wave(dock.clerk(scope="east"), [found.id])
    with pytest.raises(PermissionDenied):
        fulfilment.make_wave(dock.shop.staff("shipping.view"), [found.id])
    with pytest.raises(fulfilment.SeveralWarehouses):
        fulfilment.make_wave(dock.clerk(), [found.id, other.id])
    with pytest.raises(NotFound):
        fulfilment.make_wave(dock.clerk(), [new_id()])
    with pytest.raises(Invalid):
        fulfilment.make_wave(dock.clerk(), [])
    assert (Wave.objects.count(), WaveDispatch.objects.count()) == (0, 0)
    assert {each.state for each in Dispatch.objects.all()} == {"waiting"}
    wave = fulfilment.make_wave(dock.clerk(scope="west"), [found.id])
    variant = dock.shop.variants["A"].id
    for units in (-1, 2):
        with pytest.raises(Invalid):
            fulfilment.pick(dock.clerk(), wave.id, variant, picked=units)
    with pytest.raises(PermissionDenied):
        fulfilment.pick(dock.clerk(scope="east"), wave.id, variant, picked=1)
    assert walk(wave) == [("A", "B-02", 1, 0)]
