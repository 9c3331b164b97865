"""Units by condition: laid down, looked at, damaged, written off; never more than there are, never what is promised."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.public import BelowAllocated, Condition, Movement, NotThatMany, Stock
from callcart.core import clock
from callcart.core.actor import Actor, Grant
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry, Event
from callcart.core.money import Money
from callcart.people.approvals.public import NeedsApproval
from tests.commerce.shop import Shop

SELLABLE, DAMAGED, INSPECTING = Condition.SELLABLE, Condition.DAMAGED, Condition.INSPECTING


def _place(shop: Shop, sku: str = "A", code: str = "west") -> dict[str, Any]:
    return {"variant_id": shop.variants[sku].id, "warehouse_id": shop.warehouses[code].id}


def _counts(shop: Shop) -> tuple[int, int, int]:
    row = Stock.objects.get(**_place(shop))
    return row.on_hand, row.damaged, row.inspecting


@pytest.mark.parametrize(
    ("condition", "counts"), [(SELLABLE, (2, 0, 0)), (DAMAGED, (0, 2, 0)), (INSPECTING, (0, 0, 2))]
)
def test_units_are_laid_down_in_a_condition(
    shop: Shop, condition: Condition, counts: tuple[int, int, int]
) -> None:
    shop.goods("A")
    document = ("return", new_id())
    inventory.put(shop.boss, quantity=2, condition=condition, document=document, **_place(shop))
    assert _counts(shop) == counts
    moved = Movement.objects.get()
    assert (moved.kind, moved.document_kind, moved.document_id) == ("put", *document)
    assert (moved.on_hand_change, moved.damaged_change, moved.inspecting_change) == counts
    assert inventory.recount() == []


def test_quality_control_gives_units_to_the_shelf_and_to_the_damaged(shop: Shop) -> None:
    shop.goods("A")
    inventory.put(shop.boss, quantity=5, condition=INSPECTING, reason="returned", **_place(shop))
    for after, units in ((SELLABLE, 3), (DAMAGED, 2)):
        inventory.change_condition(
            shop.boss, quantity=units, before=INSPECTING, after=after, reason="looked at", **_place(shop)
        )
    assert _counts(shop) == (3, 2, 0)
    audited = AuditEntry.objects.filter(action="inventory.change_condition").latest("id")
    assert audited.after == {"on_hand": 3, "damaged": 2, "inspecting": 0}
    assert Event.objects.filter(kind="stock.changed").latest("id").data["variant_ids"] == [
        str(shop.variants["A"].id)
    ]
    assert inventory.recount() == []


def test_promised_units_do_not_leave_the_shelf(shop: Shop) -> None:
    shop.goods("A", west=5)
    order = shop.place(("A", 3))
    for verb, more in (
        (inventory.change_condition, {"before": SELLABLE, "after": DAMAGED}),
        (inventory.write_off, {"condition": SELLABLE}),
    ):
        with pytest.raises(BelowAllocated) as refused:
            verb(shop.boss, quantity=3, reason="wet", **more, **_place(shop))  # type: ignore[operator]
        assert refused.value.orders == (order.id,)
    assert shop.stock("A") == {"west": (5, 3)}
    inventory.change_condition(
        shop.boss, quantity=2, before=SELLABLE, after=DAMAGED, reason="wet", **_place(shop)
    )
    assert _counts(shop) == (3, 2, 0)


def test_no_more_leave_a_condition_than_are_in_it(shop: Shop) -> None:
    shop.goods("A", west=5)
    inventory.put(shop.boss, quantity=1, condition=DAMAGED, reason="box crushed", **_place(shop))
    with pytest.raises(NotThatMany) as refused:
        inventory.write_off(shop.boss, quantity=2, condition=DAMAGED, reason="bin", **_place(shop))
    assert refused.value.message == "There are only 1 in this condition."
    inventory.write_off(shop.boss, quantity=1, condition=DAMAGED, reason="bin", **_place(shop))
    assert _counts(shop) == (5, 0, 0)


@pytest.mark.parametrize("quantity", [0, -1, 10**7 + 1])
def test_wrong_units_and_a_missing_reason_are_told_at_once(shop: Shop, quantity: int) -> None:
    shop.goods("A", west=5)
    with pytest.raises(Invalid) as refused:
        inventory.write_off(shop.boss, quantity=quantity, condition=SELLABLE, reason=" ", **_place(shop))
    assert set(refused.value.fields) == {"quantity", "reason"}
    with pytest.raises(Invalid) as same:
        inventory.change_condition(
            shop.boss, quantity=1, before=DAMAGED, after=DAMAGED, reason="x", **_place(shop)
        )
    assert set(same.value.fields) == {"after"}
    assert Movement.objects.exclude(kind="receive").count() == 0


def test_a_write_off_above_the_limit_needs_approval(shop: Shop) -> None:
    shop.goods("A", price=1000, west=5)
    clerk = shop.staff(inventory__write_off=Grant(limit=2000))
    with pytest.raises(NeedsApproval) as refused:
        inventory.write_off(clerk, quantity=3, condition=SELLABLE, reason="wet", **_place(shop))
    said = refused.value.details
    assert (said["permission"], said["limit"], said["amount"]) == (
        "inventory.write_off",
        2000,
        Money(3000, "USD"),
    )
    Stock.objects.update(cost_minor=500)  # by what it cost it is within
    inventory.write_off(clerk, quantity=3, condition=SELLABLE, reason="wet", **_place(shop))
    assert _counts(shop) == (2, 0, 0)


def test_goods_written_off_in_pieces_pass_no_limit(shop: Shop) -> None:
    shop.goods("A", price=1000, west=9)
    shop.goods("B", price=400, west=9)
    clerk = shop.staff(inventory__write_off=Grant(limit=2000))

    def take(sku: str) -> None:
        place = {"warehouse_id": shop.warehouses["west"].id, "variant_id": shop.variants[sku].id}
        inventory.write_off(clerk, quantity=1, condition=SELLABLE, reason="wet", **place)

    take("A")
    take("B")
    with pytest.raises(NeedsApproval) as refused:
        take("A")  # another unit, another day's worth
    assert refused.value.details["amount"] == Money(2400, "USD")
    assert (shop.stock("A")["west"], shop.stock("B")["west"]) == ((8, 0), (8, 0))
    with clock.frozen(clock.now() + timedelta(days=1, minutes=1)):
        take("A")
    assert shop.stock("A")["west"] == (7, 0)


@pytest.mark.parametrize(
    ("permission", "verb", "more"),
    [
        ("inventory__receive", inventory.put, {"reason": "x"}),
        ("inventory__adjust", inventory.change_condition, {"before": SELLABLE, "after": DAMAGED, "reason": "x"}),
        ("inventory__write_off", inventory.write_off, {"condition": SELLABLE, "reason": "x"}),
    ],
)  # fmt: skip
def test_only_with_the_permission_and_in_ones_own_warehouse(
    shop: Shop, permission: str, verb: Any, more: dict[str, Any]
) -> None:
    shop.goods("A", west=5, east=5)
    nobody, clerk = shop.staff("inventory.view"), shop.staff(**{permission: Grant(scope="west")})
    for actor, code in ((nobody, "west"), (clerk, "east")):
        with pytest.raises(PermissionDenied):
            verb(actor, quantity=1, **more, **_place(shop, code=code))
    assert Movement.objects.exclude(kind="receive").count() == 0
    verb(clerk, quantity=1, **more, **_place(shop))
    assert Movement.objects.exclude(kind="receive").count() == 1


def test_unknown_goods_are_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        inventory.put(
            shop.boss, quantity=1, reason="x", variant_id=new_id(), warehouse_id=shop.warehouses["west"].id
        )


def test_something_else_than_an_order_may_hold_units(shop: Shop) -> None:
    variant, notice = shop.goods("A", west=2), new_id()
    boss: Actor = shop.boss
    inventory.reserve(boss, notice, [inventory.Demand(notice, variant.id, 2)], region="", holder="notice")
    assert shop.stock("A") == {"west": (2, 2)}
    with pytest.raises(BelowAllocated) as refused:
        inventory.adjust(boss, change=-1, reason="count", **_place(shop))
    assert refused.value.orders == ()
    assert inventory.release(boss, notice) == 2
    kinds = Movement.objects.filter(document_id=notice).values_list("kind", "document_kind")
    assert list(kinds.order_by("id")) == [("reserve", "notice"), ("release", "notice")]
    assert inventory.recount() == []
