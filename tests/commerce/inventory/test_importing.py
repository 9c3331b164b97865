"""Stock from a list: differences are movements; what is promised cannot go; scope; taking back."""

from __future__ import annotations

import pytest

from callcart.commerce.inventory.models import Movement, Stock
from callcart.commerce.inventory.public import receive, recount
from callcart.core.actor import Grant
from callcart.core.exchange import public as exchange
from callcart.core.models import AuditEntry
from tests.commerce.shop import Shop
from tests.core.exchange.importing import begin, check, counts, problems, run, work

LIST = "SKU;Warehouse;Quantity;Reason\nTEA;west;12;Opening balance\nTEA;east;5;\nCUP;west;0;\n"


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    shop.goods("TEA", west=10, east=5)
    shop.goods("CUP")
    return shop


def test_differences_become_movements_and_the_rest_is_left_alone(stocked: Shop) -> None:
    before = Movement.objects.count()
    found = run(stocked.boss, "stock", stock__csv=LIST, mode="all")
    assert (found.state, counts(found)) == ("done", (0, 1, 2, 0))
    assert stocked.stock("TEA") == {"west": (12, 0), "east": (5, 0)}
    moved = Movement.objects.latest("id")
    assert (Movement.objects.count() - before, moved.on_hand_change, moved.reason) == (
        1,
        2,
        "Opening balance",
    )
    assert AuditEntry.objects.filter(action="inventory.adjust", channel="import").count() == 1
    assert recount() == []


def test_what_is_promised_cannot_be_counted_away_and_wrong_rows_are_named(stocked: Shop) -> None:
    stocked.place(("TEA", 8))
    found = check(
        stocked.boss,
        begin(
            stocked.boss,
            "stock",
            a__csv="sku,warehouse,qty\nTEA,west,7\nNO,west,1\nTEA,north,1\nCUP,,3\nCUP,east,-1\nCUP,west,1.5\n",
        ),
    )
    assert {row: each[0][0] for row, each in problems(found).items()} == {
        2: "on_hand", 3: "sku", 4: "warehouse", 5: "warehouse", 6: "on_hand", 7: "on_hand",
    }  # fmt: skip
    assert stocked.stock("TEA")["west"] == (10, 8)


def test_a_clerk_of_one_warehouse_counts_no_other(stocked: Shop) -> None:
    clerk = stocked.staff("exchange.run", inventory__adjust=Grant(scope="east"))
    found = check(clerk, begin(clerk, "stock", a__csv="sku,warehouse,qty\nTEA,west,1\nTEA,east,1\n"))
    assert problems(found) == {2: [["warehouse", "You may not correct the stock of this warehouse."]]}


def test_it_is_taken_back_unless_stock_has_moved(stocked: Shop) -> None:
    found = run(stocked.boss, "stock", stock__csv=LIST)
    exchange.take_back(stocked.boss, found.id)
    assert work(found).state == "undone" and stocked.stock("TEA")["west"] == (10, 0)
    again = run(stocked.boss, "stock", stock__csv=LIST)
    receive(
        stocked.boss,
        variant_id=stocked.variants["TEA"].id,
        warehouse_id=stocked.warehouses["west"].id,
        quantity=1,
    )
    exchange.take_back(stocked.boss, again.id)
    assert work(again).state == "done" and "The stock of TEA has moved since." in again.problem
    assert stocked.stock("TEA")["west"] == (13, 0) and recount() == []


def test_the_pieces_of_an_export_hold_each_row_once_and_end(stocked: Shop) -> None:
    wanted, got, cursor = list(Stock.objects.order_by("id")), list[Stock](), ""
    for _turn in range(len(wanted) // 2 + 1):
        found, cursor = exchange.piece(Stock.objects.order_by("-id"), cursor, 2)
        got += found
        if not cursor:
            break
    assert (got, cursor) == (wanted, "")
