"""What leaves other than by an order: written off, a sample, own use; within the limit, and only what is free."""

from __future__ import annotations

import pytest

from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import Document, DocumentKind, NotNow, StockOutDraft
from callcart.commerce.inventory.public import Condition, Movement, put, recount
from callcart.core.actor import Grant
from callcart.core.errors import Invalid, PermissionDenied
from callcart.people.approvals.public import NeedsApproval
from tests.commerce.inventory.documents.yard import again, lines, row, stock_out
from tests.commerce.shop import Shop


@pytest.mark.parametrize(
    ("kind", "movement"), [("write_off", "write_off"), ("sample", "take_out"), ("own_use", "take_out")]
)
def test_goods_leave_for_a_reason(shop: Shop, kind: str, movement: str) -> None:
    shop.goods("A", west=5)
    document = stock_out(shop, ("A", 2), kind=kind)
    assert row(shop, "A").on_hand == 5
    documents.post_stock_out(shop.boss, document.id)
    assert (again(document).state, row(shop, "A").on_hand) == ("posted", 3)
    moved = Movement.objects.get(document_id=document.id)
    assert (moved.kind, moved.on_hand_change, moved.reason) == (movement, -2, "wet")
    with pytest.raises(NotNow):
        documents.post_stock_out(shop.boss, document.id)
    assert recount() == []


def test_damaged_and_sellable_units_of_one_product(shop: Shop) -> None:
    variant = shop.goods("A", west=5)
    put(shop.boss, warehouse_id=shop.warehouses["west"].id, variant_id=variant.id, quantity=2,
        condition=Condition.DAMAGED, reason="x")  # fmt: skip
    draft = StockOutDraft(
        DocumentKind.WRITE_OFF,
        shop.warehouses["west"].id,
        (*lines(shop, ("A", 1)), *lines(shop, ("A", 2), condition=Condition.DAMAGED)),
        note="wet",
    )
    documents.post_stock_out(shop.boss, documents.make_stock_out(shop.boss, draft).id)
    assert (row(shop, "A").on_hand, row(shop, "A").damaged) == (4, 0)
    assert recount() == []


def test_promised_units_stay(shop: Shop) -> None:
    shop.goods("A", west=5)
    shop.goods("B", west=5)
    shop.place(("A", 4))
    document = stock_out(shop, ("A", 2), ("B", 2))
    with pytest.raises(Invalid) as refused:
        documents.post_stock_out(shop.boss, document.id)
    text = "A: only 1 can leave, the rest is promised or not there."
    assert refused.value.fields == {str(document.lines.get(variant__sku="A").id): text}
    assert [row(shop, sku).on_hand for sku in "AB"] == [5, 5]


def test_above_the_limit_it_needs_approval_and_is_done_by_it(shop: Shop) -> None:
    from callcart.people.approvals.public import known

    shop.goods("A", price=1000, west=5)
    document = stock_out(shop, ("A", 3))
    assert documents.worth_of_document(document) == 3000
    clerk = shop.staff(inventory__write_off=Grant(limit=2999))
    with pytest.raises(NeedsApproval):
        documents.post_stock_out(clerk, document.id)
    assert (again(document).state, row(shop, "A").on_hand) == ("draft", 5)
    action = known("inventory.post_stock_out")
    assert action
    action.work(shop.boss, {"document_id": str(document.id), "version": document.version})
    assert again(document).state == "posted"


def test_it_needs_a_reason_and_the_permission(shop: Shop) -> None:
    shop.goods("A", west=5)
    west = shop.warehouses["west"].id
    with pytest.raises(Invalid) as refused:
        draft = StockOutDraft(DocumentKind.PURCHASE, west, (), note=" ")
        documents.make_stock_out(shop.boss, draft)
    assert set(refused.value.fields) == {"kind", "note", "lines"}
    document = stock_out(shop, ("A", 2))
    for actor in (shop.staff("inventory.adjust"), shop.staff(inventory__write_off=Grant(scope="east"))):
        with pytest.raises(PermissionDenied):
            documents.make_stock_out(actor, StockOutDraft(DocumentKind.SAMPLE, west, lines(shop, ("A", 1)), note="x"))  # fmt: skip
        with pytest.raises(PermissionDenied):
            documents.post_stock_out(actor, document.id)
    assert Document.objects.count() == 1
    assert row(shop, "A").on_hand == 5
