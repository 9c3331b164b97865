"""Goods between two warehouses: off one shelf, in transit, on the other; what differs is explained, nothing is lost unsaid."""

from __future__ import annotations

from typing import Any

import pytest

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import (
    Document,
    LineDraft,
    MoreThanExpected,
    NotNow,
    Outcome,
    TransferDraft,
)
from callcart.commerce.inventory.public import BelowAllocated, Condition, Movement, recount
from callcart.core.actor import Grant
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.people.approvals.public import NeedsApproval
from tests.commerce.inventory.documents.yard import again, row, take_in, transfer
from tests.commerce.shop import Shop


def _counts(shop: Shop, sku: str = "A") -> tuple[int, int, int]:
    """(on hand in west, in transit to east, on hand in east)."""
    east = row(shop, sku, "east")
    return row(shop, sku).on_hand, east.in_transit, east.on_hand


def _explain(shop: Shop, document: Document, outcome: Outcome, units: int, **more: Any) -> Document:
    line = document.lines.get()
    actor = more.pop("actor", shop.boss)
    return documents.explain(
        actor, document.id, line.id, outcome=outcome, units=units, reason=more.pop("reason", "looked")
    )


def test_goods_pass_through_transit(shop: Shop) -> None:
    shop.goods("A", west=5, east=1)
    inventory.set_shelf(
        shop.boss, variant_id=shop.variants["A"].id, warehouse_id=shop.warehouses["west"].id, bin_name="A-1"
    )
    document = transfer(shop, ("A", 3))
    assert (document.state, _counts(shop)) == ("sent", (2, 3, 1))
    assert recount() == []
    take_in(shop, document, ("A", 1))
    assert (again(document).state, _counts(shop)) == ("part_received", (2, 2, 2))
    take_in(shop, document, ("A", 2))
    assert (again(document).state, _counts(shop)) == ("closed", (2, 0, 4))
    moved = [
        (each.kind, each.warehouse.code, each.on_hand_change, each.in_transit_change)
        for each in reversed(documents.movements_of(document))
    ]
    assert moved == [
        ("send", "west", -3, 0), ("transit", "east", 0, 3), ("arrive", "east", 1, -1), ("arrive", "east", 2, -2)
    ]  # fmt: skip
    assert recount() == []


def test_promised_units_are_not_sent(shop: Shop) -> None:
    shop.goods("A", west=5)
    shop.place(("A", 3))
    document = transfer(shop, ("A", 3), sent=False)
    with pytest.raises(Invalid) as refused:
        documents.send(shop.boss, document.id)
    text = "A: only 2 can leave, the rest is promised or not there."
    assert refused.value.fields == {str(document.lines.get().id): text}
    assert (again(document).state, row(shop, "A").on_hand) == ("draft", 5)


def test_damaged_on_the_way_lies_apart(shop: Shop) -> None:
    shop.goods("A", west=5)
    document = transfer(shop, ("A", 3))
    take_in(shop, document, ("A", 1), condition=Condition.DAMAGED)
    take_in(shop, document, ("A", 2))
    assert again(document).state == "closed"
    assert (row(shop, "A", "east").damaged, _counts(shop)) == (1, (2, 0, 2))
    assert recount() == []


@pytest.mark.parametrize(("outcome", "counts"), [(Outcome.LOST, (2, 0, 1)), (Outcome.LEFT_BEHIND, (4, 0, 1))])
def test_short_is_in_transit_until_it_is_explained(
    shop: Shop, outcome: Outcome, counts: tuple[int, int, int]
) -> None:
    shop.goods("A", west=5)
    document = transfer(shop, ("A", 3))
    take_in(shop, document, ("A", 1))
    assert documents.finish_receiving(shop.boss, document.id).state == "received"
    assert _counts(shop) == (2, 2, 1)
    with pytest.raises(Invalid):
        _explain(shop, document, Outcome.FOUND, 1)
    with pytest.raises(Invalid):
        _explain(shop, document, outcome, 3)
    with pytest.raises(Invalid) as refused:
        _explain(shop, document, outcome, 1, reason=" ")
    assert set(refused.value.fields) == {"reason"}
    assert _explain(shop, document, outcome, 1).state == "received"
    assert documents.unexplained(document.lines.get()) == 1
    assert recount() == []
    assert _explain(shop, document, outcome, 1).state == "closed"
    assert _counts(shop) == counts
    assert recount() == []


@pytest.mark.parametrize(("outcome", "counts"), [(Outcome.SENT_MORE, (1, 0, 4)), (Outcome.FOUND, (2, 0, 4))])
def test_over_is_confirmed_and_explained(shop: Shop, outcome: Outcome, counts: tuple[int, int, int]) -> None:
    shop.goods("A", west=5)
    document = transfer(shop, ("A", 3))
    with pytest.raises(MoreThanExpected):
        take_in(shop, document, ("A", 4))
    take_in(shop, document, ("A", 4), allow_over=True)
    assert (again(document).state, _counts(shop)) == ("received", (2, 0, 4))
    assert recount() == []
    assert _explain(shop, document, outcome, 1).state == "closed"
    assert _counts(shop) == counts
    assert recount() == []


def test_more_was_sent_than_is_free_there_now(shop: Shop) -> None:
    shop.goods("A", west=4)
    document = transfer(shop, ("A", 3))
    shop.place(("A", 1))
    take_in(shop, document, ("A", 4), allow_over=True)
    with pytest.raises(BelowAllocated):
        _explain(shop, document, Outcome.SENT_MORE, 1)
    assert again(document).state == "received"


def test_what_is_lost_counts_against_the_limit_of_writing_off(shop: Shop) -> None:
    shop.goods("A", price=1000, west=3)
    document = transfer(shop, ("A", 3))
    documents.finish_receiving(shop.boss, document.id)
    clerk = shop.staff("inventory.transfer", inventory__write_off=Grant(limit=2000))
    with pytest.raises(NeedsApproval):
        _explain(shop, document, Outcome.LOST, 3, actor=clerk)
    assert _counts(shop) == (0, 3, 0)
    _explain(shop, document, Outcome.LOST, 2, actor=clerk)
    assert _counts(shop) == (0, 1, 0)


def test_a_transfer_is_sent_once_and_cancelled_only_before(shop: Shop) -> None:
    shop.goods("A", west=5)
    document = transfer(shop, ("A", 3))
    for again_ in (documents.send, lambda actor, id_: documents.cancel(actor, id_, reason="x")):
        with pytest.raises(NotNow):
            again_(shop.boss, document.id)
    assert _counts(shop) == (2, 3, 0)


def test_everything_wrong_with_a_draft_is_told_at_once(shop: Shop) -> None:
    west = shop.warehouses["west"].id
    shop.goods("A")
    for target, lines, fields in (
        (west, (), {"target", "lines"}),
        (new_id(), (LineDraft(shop.variants["A"].id, -1),), {"target", "line-0"}),
    ):
        with pytest.raises(Invalid) as refused:
            documents.make_transfer(shop.boss, TransferDraft(west, target, lines))
        assert set(refused.value.fields) == fields


def test_who_sends_and_who_receives(shop: Shop) -> None:
    shop.goods("A", west=5)
    document = transfer(shop, ("A", 3), sent=False)
    sender = shop.staff(inventory__transfer=Grant(scope="west"))
    receiver = shop.staff(inventory__receive=Grant(scope="east"))
    with pytest.raises(PermissionDenied):
        documents.send(receiver, document.id)
    documents.send(sender, document.id)
    with pytest.raises(PermissionDenied):
        take_in(shop, document, ("A", 3), actor=sender)
    with pytest.raises(PermissionDenied):
        documents.finish_receiving(shop.staff(inventory__receive=Grant(scope="west")), document.id)
    assert Movement.objects.filter(kind="arrive").count() == 0
    take_in(shop, document, ("A", 3), actor=receiver)
    assert _counts(shop) == (2, 0, 3)
    with pytest.raises(NotFound):
        documents.send(shop.boss, new_id())
