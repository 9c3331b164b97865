"""Goods announced and taken in: in part, in full, more than announced, twice, and by whom."""

from __future__ import annotations

from typing import Any

import pytest

from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import (
    Arrival,
    Document,
    DocumentKind,
    LineDraft,
    MoreThanExpected,
    NotNow,
    Receipt,
    StaleDocument,
    StockInDraft,
)
from callcart.commerce.inventory.public import Condition, Movement, Stock, recount
from callcart.core.actor import Grant
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.idempotency import KeyReused
from callcart.core.ids import is_valid_number, new_id
from callcart.core.models import AuditEntry, Event
from tests.commerce.inventory.documents.yard import again, purchase, row, take_in
from tests.commerce.shop import Shop


def _incoming(shop: Shop, sku: str = "A", place: str = "west") -> int:
    variant = shop.variants[sku].id
    return documents.incoming([variant]).get((variant, shop.warehouses[place].id), 0)


def test_goods_come_in_part_then_in_full(shop: Shop) -> None:
    shop.goods("A")
    shop.goods("B")
    document = purchase(shop, ("A", 5), ("B", 2), opened=False)
    assert (document.state, _incoming(shop)) == ("draft", 0)
    assert is_valid_number(document.number)
    documents.open_stock_in(shop.boss, document.id)
    assert (again(document).state, _incoming(shop)) == ("open", 5)
    take_in(shop, document, ("A", 3))
    assert (again(document).state, _incoming(shop), row(shop, "A").on_hand) == ("part_received", 2, 3)
    take_in(shop, document, ("A", 2), ("B", 2))
    ended = again(document)
    assert (ended.state, _incoming(shop), row(shop, "A").on_hand) == ("received", 0, 5)
    assert ended.ended_at is not None
    moved = documents.movements_of(ended)
    assert [(each.kind, each.on_hand_change) for each in moved] == [("put", 2), ("put", 2), ("put", 3)]
    assert {each.document_id for each in moved} == {document.id}
    assert recount() == []


def test_each_condition_has_its_own_count(shop: Shop) -> None:
    shop.goods("A")
    document = purchase(shop, ("A", 6))
    for condition, units in ((Condition.SELLABLE, 3), (Condition.DAMAGED, 1), (Condition.INSPECTING, 2)):
        take_in(shop, document, ("A", units), condition=condition)
    found = row(shop, "A")
    assert (found.on_hand, found.damaged, found.inspecting) == (3, 1, 2)
    line = document.lines.get()
    assert (line.received, line.damaged, line.inspecting, again(document).state) == (3, 1, 2, "received")


def test_what_a_unit_cost_is_known_once_it_comes(shop: Shop) -> None:
    shop.goods("A")
    document = purchase(shop, ("A", 2), cost_minor=420)
    assert Stock.objects.count() == 0
    take_in(shop, document, ("A", 2))
    assert row(shop, "A").cost_minor == 420


def test_more_than_expected_needs_a_yes(shop: Shop) -> None:
    shop.goods("A")
    shop.goods("B")
    document = purchase(shop, ("A", 5))
    with pytest.raises(MoreThanExpected) as refused:
        take_in(shop, document, ("A", 6), ("B", 1))
    assert refused.value.fields == {
        str(shop.variants["A"].id): "Only 5 more are expected.",
        str(shop.variants["B"].id): "No more of these are expected.",
    }
    assert not Movement.objects.exists()
    receipt = take_in(shop, document, ("A", 4), ("A", 2), ("B", 1), partly=True)
    assert receipt == Receipt(booked=(0,), over=(1, 2))
    take_in(shop, document, ("A", 2), ("B", 1), allow_over=True)
    assert (row(shop, "A").on_hand, row(shop, "B").on_hand) == (6, 1)
    assert again(document).state == "received"
    assert recount() == []


def test_a_batch_sent_twice_is_booked_once(shop: Shop) -> None:
    shop.goods("A")
    document = purchase(shop, ("A", 5))
    first = take_in(shop, document, ("A", 2), idempotency_key="one")
    assert take_in(shop, document, ("A", 2), idempotency_key="one") == first
    assert row(shop, "A").on_hand == 2
    with pytest.raises(KeyReused):
        take_in(shop, document, ("A", 3), idempotency_key="one")
    assert row(shop, "A").on_hand == 2


def test_a_unit_read_by_mistake_is_taken_back(shop: Shop) -> None:
    shop.goods("A")
    document = purchase(shop, ("A", 5))
    take_in(shop, document, ("A", 2))
    take_in(shop, document, ("A", -2))
    assert (row(shop, "A").on_hand, again(document).state, _incoming(shop)) == (0, "open", 5)
    with pytest.raises(Invalid):
        take_in(shop, document, ("A", -1))
    take_in(shop, document, ("A", 2))
    shop.place(("A", 2))
    with pytest.raises(Invalid) as promised:  # they are promised by now
        take_in(shop, document, ("A", -1))
    assert promised.value.fields == {
        str(shop.variants["A"].id): "No more can be taken back than came and is still there."
    }
    assert recount() == []


def test_closed_short_for_a_reason(shop: Shop) -> None:
    shop.goods("A")
    document = purchase(shop, ("A", 5))
    take_in(shop, document, ("A", 4))
    with pytest.raises(Invalid) as refused:
        documents.close_stock_in(shop.boss, document.id)
    assert set(refused.value.fields) == {"reason"}
    documents.close_stock_in(shop.boss, document.id, reason="supplier has no more")
    ended = again(document)
    assert (ended.state, ended.end_reason, _incoming(shop)) == ("closed_short", "supplier has no more", 0)
    with pytest.raises(NotNow):
        take_in(shop, document, ("A", 1))
    assert row(shop, "A").on_hand == 4
    assert recount() == []


def test_without_lines_whatever_comes_is_taken(shop: Shop) -> None:
    shop.goods("A")
    document = purchase(shop)
    assert document.free
    take_in(shop, document, ("A", 3))
    take_in(shop, document, ("A", 1))
    assert again(document).state == "part_received"
    assert documents.close_stock_in(shop.boss, document.id).state == "received"
    assert row(shop, "A").on_hand == 4


def test_cancelled_only_while_nothing_has_come(shop: Shop) -> None:
    shop.goods("A")
    document, other = purchase(shop, ("A", 5)), purchase(shop, ("A", 5))
    take_in(shop, other, ("A", 1))
    assert documents.cancel(shop.boss, document.id, reason="ordered twice").state == "cancelled"
    assert _incoming(shop) == 4
    with pytest.raises(NotNow):
        documents.cancel(shop.boss, other.id, reason="x")
    assert again(other).state == "part_received"
    assert recount() == []


def test_a_draft_is_edited_by_version(shop: Shop) -> None:
    shop.goods("A")
    document = purchase(shop, ("A", 5), opened=False)
    changed = StockInDraft(
        DocumentKind.RETURN, shop.warehouses["east"].id, (LineDraft(shop.variants["A"].id, 2),), partner="Ada"
    )
    edited = documents.edit_stock_in(shop.boss, document.id, changed, version=document.version)
    assert (edited.kind, edited.partner, edited.lines.get().expected) == ("return", "Ada", 2)
    with pytest.raises(StaleDocument):
        documents.edit_stock_in(shop.boss, document.id, changed, version=document.version)
    opened = documents.open_stock_in(shop.boss, document.id)
    with pytest.raises(NotNow):
        documents.edit_stock_in(shop.boss, document.id, changed, version=opened.version)


def test_everything_wrong_with_a_draft_is_told_at_once(shop: Shop) -> None:
    shop.goods("A")
    variant = shop.variants["A"].id
    draft = StockInDraft(
        DocumentKind.SAMPLE,
        new_id(),
        (LineDraft(variant, 0), LineDraft(new_id(), 1), LineDraft(variant, 1, cost_minor=-1)),
        partner="p" * 201,
    )
    with pytest.raises(Invalid) as refused:
        documents.make_stock_in(shop.boss, draft)
    assert set(refused.value.fields) == {"kind", "warehouse", "partner", "line-0", "line-1", "line-2"}
    assert not Document.objects.exists()


def test_the_same_product_twice_is_one_line(shop: Shop) -> None:
    shop.goods("A")
    assert purchase(shop, ("A", 2), ("A", 3)).lines.get().expected == 5


@pytest.mark.parametrize("arrivals", [[], [0], [10**7 + 1]])
def test_wrong_units_are_refused(shop: Shop, arrivals: list[int]) -> None:
    shop.goods("A")
    document = purchase(shop, ("A", 5))
    with pytest.raises(Invalid):
        take_in(shop, document, *[("A", units) for units in arrivals], allow_over=True)
    assert not Movement.objects.exists()


def test_only_with_the_permission_and_in_ones_own_warehouse(shop: Shop) -> None:
    shop.goods("A")
    here, there = purchase(shop, ("A", 5)), purchase(shop, ("A", 5), place="east")
    clerk = shop.staff(inventory__receive=Grant(scope="west"))
    verbs: list[Any] = [
        lambda actor, document: take_in(shop, document, ("A", 1), actor=actor),
        lambda actor, document: documents.cancel(actor, document.id, reason="x"),
    ]
    for verb in verbs:
        for actor, document in ((shop.staff("inventory.view"), here), (clerk, there)):
            with pytest.raises(PermissionDenied):
                verb(actor, document)
    assert not Movement.objects.exists()
    assert {again(here).state, again(there).state} == {"open"}
    take_in(shop, here, ("A", 1), actor=clerk)
    assert row(shop, "A").on_hand == 1
    with pytest.raises(PermissionDenied):
        documents.make_stock_in(clerk, StockInDraft(DocumentKind.OTHER, shop.warehouses["east"].id))
    with pytest.raises(NotFound):
        documents.receive(clerk, new_id(), [Arrival(shop.variants["A"].id, 1)], idempotency_key="x")


def test_every_step_is_in_the_audit_and_on_open_pages(shop: Shop) -> None:
    shop.goods("A")
    document = purchase(shop, ("A", 1))
    take_in(shop, document, ("A", 1))
    audited = (
        AuditEntry.objects.filter(subject_id=document.id).order_by("id").values_list("action", flat=True)
    )
    assert list(audited) == ["stock_document.make", "stock_document.open", "stock_document.receive"]
    assert Event.objects.filter(kind="stock_document.changed", subject_id=document.id).count() == 3
    assert Event.objects.filter(kind="stock.changed").count() == 1


def test_a_pasted_list_is_read_by_sku_or_barcode(shop: Shop) -> None:
    variant = shop.goods("AB-1")
    read = documents.read_list("ab-1\t3\t12.50\n\nAB-1, 2\nAB-1  4\nAB-1")
    assert read == (
        LineDraft(variant.id, 3, 1250),
        LineDraft(variant.id, 2),
        LineDraft(variant.id, 4),
        LineDraft(variant.id, 1),
    )
    with pytest.raises(Invalid) as refused:
        documents.read_list("AB-1\t0\nNONE\t1\nAB-1\t1.5\nAB-1\t1\t-3\n=cmd\t1")
    assert refused.value.fields["list"] == (
        "Line 1: the units must be a whole number above zero. Line 2: no product has the code NONE."
        " Line 3: the units must be a whole number above zero. Line 4: the cost is not an amount."
        " Line 5: no product has the code =cmd."
    )
