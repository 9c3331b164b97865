"""Counting while sales go on: differences are of the moment of counting, and promised units are not counted away unsaid."""

from __future__ import annotations

import pytest

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import (
    CountDraft,
    Counted,
    Document,
    NotAllCounted,
    NotNow,
    PromisedUnits,
    StaleDocument,
)
from callcart.commerce.inventory.public import Movement, recount
from callcart.commerce.orders.public import confirm_order, ship_order
from callcart.core.actor import Grant
from callcart.core.errors import Invalid, PermissionDenied
from callcart.people.approvals.public import NeedsApproval
from tests.commerce.inventory.documents.yard import again, begin_count, key, row
from tests.commerce.shop import Shop


def _count(shop: Shop, document: Document, *found: tuple[str, int], add: bool = False) -> tuple[int, ...]:
    entries = [Counted(shop.variants[sku].id, units, add) for sku, units in found]
    return documents.count(shop.boss, document.id, entries, idempotency_key=key())


def test_differences_are_posted_with_their_reasons(shop: Shop) -> None:
    for sku, units in (("A", 5), ("B", 5), ("C", 5)):
        shop.goods(sku, price=1000, west=units)
    document = begin_count(shop, "A", "B", "C")
    _count(shop, document, ("A", 4), ("B", 5), ("C", 8))
    found = documents.summary(document)
    assert (found.counted, found.differing, found.loss_minor, found.gain_minor) == (3, 2, 1000, 3000)
    documents.set_reasons(shop.boss, document.id, {document.lines.get(variant__sku="A").id: "stolen"})
    documents.post_count(shop.boss, document.id, reason="year's end")
    assert [row(shop, sku).on_hand for sku in "ABC"] == [4, 5, 8]
    moved = Movement.objects.filter(kind="count").order_by("on_hand_change")
    assert [(each.on_hand_change, each.reason) for each in moved] == [(-1, "stolen"), (3, "year's end")]
    assert again(document).state == "posted"
    assert recount() == []


def test_sales_between_counting_and_posting_are_not_counted_twice(shop: Shop) -> None:
    shop.goods("A", west=10)
    document = begin_count(shop, "A")
    gone = confirm_order(shop.boss, (first := shop.place(("A", 2))).id, version=first.version)
    ship_order(shop.boss, gone.id, version=gone.version)  # before it is counted: 8 by the books
    _count(shop, document, ("A", 7))
    order = confirm_order(shop.boss, (second := shop.place(("A", 3))).id, version=second.version)
    ship_order(shop.boss, order.id, version=order.version)  # after it was counted
    documents.post_count(shop.boss, document.id, reason="count")
    assert row(shop, "A").on_hand == 4
    assert Movement.objects.get(kind="count").on_hand_change == -1
    assert recount() == []


def test_scans_add_up_and_can_be_taken_back(shop: Shop) -> None:
    shop.goods("A", west=3)
    document = begin_count(shop, "A")
    assert _count(shop, document, ("A", 2), ("A", 1), add=True) == ()
    assert _count(shop, document, ("A", -4), add=True) == (0,)
    assert _count(shop, document, ("A", -1), add=True) == ()
    assert document.lines.get().counted == 2


def test_a_product_that_was_not_on_the_list_is_added(shop: Shop) -> None:
    shop.goods("A", west=3)
    shop.goods("B", west=2)
    document = begin_count(shop, "A")
    _count(shop, document, ("A", 3), ("B", 1))
    assert document.lines.get(variant__sku="B").difference == -1


def test_one_batch_is_counted_once(shop: Shop) -> None:
    shop.goods("A", west=3)
    document = begin_count(shop, "A")
    for _each in range(2):
        entries = [Counted(shop.variants["A"].id, 1)]
        documents.count(shop.boss, document.id, entries, idempotency_key="same")
    assert document.lines.get().counted == 1


def test_lines_nobody_counted_must_be_spoken_for(shop: Shop) -> None:
    shop.goods("A", west=3)
    shop.goods("B", west=2)
    document = begin_count(shop, "A", "B")
    _count(shop, document, ("A", 1))
    with pytest.raises(NotAllCounted) as refused:
        documents.post_count(shop.boss, document.id, reason="x")
    assert refused.value.details == {"count": 1}
    assert row(shop, "A").on_hand == 3
    documents.post_count(shop.boss, document.id, reason="x", uncounted="leave")
    assert (row(shop, "A").on_hand, row(shop, "B").on_hand) == (1, 2)
    other = begin_count(shop, "A", "B")
    documents.post_count(shop.boss, other.id, reason="x", uncounted="zero")
    assert (row(shop, "A").on_hand, row(shop, "B").on_hand) == (0, 0)
    assert recount() == []


def test_promised_units_are_named_with_their_orders(shop: Shop) -> None:
    shop.goods("A", west=5)
    shop.goods("B", west=5)
    order = shop.place(("A", 3))
    document = begin_count(shop, "A", "B")
    _count(shop, document, ("A", 2), ("B", 4))
    with pytest.raises(PromisedUnits) as refused:
        documents.post_count(shop.boss, document.id, reason="x")
    (told,) = refused.value.lines
    assert (told.sku, told.would_be, told.allocated, told.orders) == ("A", 2, 3, (order.id,))
    assert [row(shop, sku).on_hand for sku in "AB"] == [5, 5]
    documents.post_count(shop.boss, document.id, reason="x", leave_out=[told.line_id])
    assert [row(shop, sku).on_hand for sku in "AB"] == [5, 4]


def test_a_line_is_counted_again(shop: Shop) -> None:
    shop.goods("A", west=5)
    document = begin_count(shop, "A", blind=True)
    _count(shop, document, ("A", 2))
    documents.recount(shop.boss, document.id, [document.lines.get().id])
    line = document.lines.get()
    assert (line.earlier, line.counted, line.difference) == (2, None, None)
    _count(shop, document, ("A", 5))
    documents.post_count(shop.boss, document.id, reason="x")
    assert row(shop, "A").on_hand == 5
    assert Movement.objects.filter(kind="count").count() == 0


def test_shelf_by_shelf(shop: Shop) -> None:
    west = shop.warehouses["west"].id
    for sku, bin_name in (("A", "A-01"), ("B", "A-02"), ("C", "B-01")):
        shop.goods(sku, west=1)
        inventory.set_shelf(shop.boss, variant_id=shop.variants[sku].id, warehouse_id=west, bin_name=bin_name)
    document = documents.make_count(shop.boss, CountDraft(west, shelf="A-"))
    assert list(document.lines.order_by("position").values_list("variant__sku", flat=True)) == ["A", "B"]
    whole = documents.make_count(shop.boss, CountDraft(west))
    assert whole.lines.count() == 3
    with pytest.raises(Invalid) as refused:
        documents.make_count(shop.boss, CountDraft(west, shelf="Z"))
    assert set(refused.value.fields) == {"shelf"}


def test_losses_above_the_limit_need_approval(shop: Shop) -> None:
    shop.goods("A", price=1000, west=5)
    document = begin_count(shop, "A")
    _count(shop, document, ("A", 2))
    clerk = shop.staff(inventory__count=Grant(limit=2500))
    with pytest.raises(NeedsApproval) as refused:
        documents.post_count(clerk, document.id, reason="x")
    assert refused.value.details["amount"].minor == 3000
    assert (again(document).state, row(shop, "A").on_hand) == ("counting", 5)


def test_posted_once_and_by_version(shop: Shop) -> None:
    shop.goods("A", west=5)
    document = begin_count(shop, "A")
    _count(shop, document, ("A", 4))
    with pytest.raises(StaleDocument):
        documents.post_count(shop.boss, document.id, reason="x", version=document.version)
    documents.post_count(shop.boss, document.id, reason="x", version=again(document).version)
    for verb in (
        lambda: documents.post_count(shop.boss, document.id, reason="x"),
        lambda: _count(shop, document, ("A", 9)),
        lambda: documents.cancel(shop.boss, document.id, reason="x"),
    ):
        with pytest.raises(NotNow):
            verb()
    assert row(shop, "A").on_hand == 4


def test_only_with_the_permission_and_in_ones_own_warehouse(shop: Shop) -> None:
    shop.goods("A", west=5)
    document = begin_count(shop, "A")
    for actor in (shop.staff("inventory.adjust"), shop.staff(inventory__count=Grant(scope="east"))):
        with pytest.raises(PermissionDenied):
            documents.make_count(actor, CountDraft(shop.warehouses["west"].id))
        with pytest.raises(PermissionDenied):
            documents.count(actor, document.id, [Counted(shop.variants["A"].id, 1)], idempotency_key=key())
        with pytest.raises(PermissionDenied):
            documents.post_count(actor, document.id, reason="x", uncounted="zero")
    assert (again(document).state, document.lines.get().counted) == ("counting", None)
