"""What the database itself refuses, and the counts after goods come in, are corrected, and go out."""

from __future__ import annotations

import psycopg
import pytest

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.public import (
    BelowAllocated,
    CodeTaken,
    InsufficientStock,
    Movement,
    Stock,
    WarehouseDraft,
    create_warehouse,
    update_warehouse,
)
from callcart.commerce.orders.public import confirm_order, ship_order
from callcart.core.actor import Grant
from callcart.core.database import parameters
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.ids import new_id
from callcart.core.models import AuditEntry
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant
from tests.commerce.shop import Shop


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("on_hand = -1, allocated = 0, backorderable = true", "inventory_stock_on_hand"),
        ("allocated = -1", "inventory_stock_allocated"),
        ("allocated = on_hand + 1", "inventory_stock_allocated"),
        ("on_hand = 0", "inventory_stock_allocated"),
    ],
)
def test_direct_sql_cannot_break_the_counts(live_shop: Shop, change: str, constraint: str) -> None:
    with tenant_transaction(live_shop.tenant_id):
        live_shop.goods("A", west=3)
        live_shop.place(("A", 1))
    with psycopg.connect(**parameters("system")) as system:
        with pytest.raises(psycopg.errors.CheckViolation) as refused:
            system.execute(f"UPDATE inventory_stock SET {change}")  # type: ignore[arg-type]
    assert refused.value.diag.constraint_name == constraint


def test_direct_sql_cannot_hold_a_line_twice_or_nothing(live_shop: Shop) -> None:
    with tenant_transaction(live_shop.tenant_id):
        live_shop.goods("A", west=3)
        live_shop.place(("A", 1))
    copy = (
        "INSERT INTO inventory_reservation (id, tenant_id, order_id, line_id, stock_id, warehouse_id, variant_id,"
        " quantity, state) SELECT gen_random_uuid(), tenant_id, order_id, line_id, stock_id, warehouse_id,"
        " variant_id, {}, 'held' FROM inventory_reservation"
    )
    with psycopg.connect(**parameters("system"), autocommit=True) as system:
        with pytest.raises(psycopg.errors.UniqueViolation):
            system.execute(copy.format("quantity"))  # type: ignore[arg-type]
        with pytest.raises(psycopg.errors.CheckViolation):
            system.execute(copy.format("0"))  # type: ignore[arg-type]


def test_goods_come_in_with_a_movement_and_an_audit_row(shop: Shop) -> None:
    variant = shop.goods("A")
    row = inventory.receive(
        shop.boss, variant_id=variant.id, warehouse_id=shop.warehouses["west"].id, quantity=7, reason="PO 17"
    )
    assert (row.on_hand, row.allocated) == (7, 0)
    moved = Movement.objects.get(stock=row)
    assert (moved.kind, moved.on_hand_change, moved.on_hand_after, moved.reason) == ("receive", 7, 7, "PO 17")
    assert AuditEntry.objects.get(action="inventory.receive").after == {"on_hand": 7}


@pytest.mark.parametrize("quantity", [0, -1, 10**7 + 1, 10**30])
def test_a_wrong_quantity_is_refused(shop: Shop, quantity: int) -> None:
    variant = shop.goods("A")
    with pytest.raises(Invalid) as refused:
        inventory.receive(
            shop.boss, variant_id=variant.id, warehouse_id=shop.warehouses["west"].id, quantity=quantity
        )
    assert set(refused.value.fields) == {"quantity"}
    assert not Stock.objects.exists()


def test_a_count_cannot_go_below_what_is_promised(shop: Shop) -> None:
    variant = shop.goods("A", west=5)
    shop.place(("A", 3))
    place = {"variant_id": variant.id, "warehouse_id": shop.warehouses["west"].id}
    with pytest.raises(BelowAllocated) as refused:
        inventory.adjust(shop.boss, change=-3, reason="broken", **place)
    assert refused.value.details == {"allocated": 3}
    with pytest.raises(Invalid):
        inventory.adjust(shop.boss, change=-6, reason="broken", **place)
    assert shop.stock("A") == {"west": (5, 3)}
    inventory.adjust(shop.boss, change=-2, reason="broken", **place)
    assert shop.stock("A") == {"west": (3, 3)}


@pytest.mark.parametrize(
    ("change", "reason", "field"), [(0, "x", "change"), (1, " ", "reason"), (1, "r" * 501, "reason")]
)
def test_a_correction_needs_a_number_and_a_reason(shop: Shop, change: int, reason: str, field: str) -> None:
    variant = shop.goods("A", west=5)
    with pytest.raises(Invalid) as refused:
        inventory.adjust(
            shop.boss,
            variant_id=variant.id,
            warehouse_id=shop.warehouses["west"].id,
            change=change,
            reason=reason,
        )
    assert set(refused.value.fields) == {field}


def test_a_clerk_of_one_warehouse_counts_only_there(shop: Shop) -> None:
    variant = shop.goods("A")
    clerk = shop.staff(inventory__receive=Grant(scope="west"))
    inventory.receive(clerk, variant_id=variant.id, warehouse_id=shop.warehouses["west"].id, quantity=1)
    with pytest.raises(PermissionDenied):
        inventory.receive(clerk, variant_id=variant.id, warehouse_id=shop.warehouses["east"].id, quantity=1)
    with pytest.raises(PermissionDenied):
        inventory.adjust(
            clerk, variant_id=variant.id, warehouse_id=shop.warehouses["west"].id, change=1, reason="x"
        )
    assert shop.stock("A") == {"west": (1, 0)}
    both = shop.staff(inventory__receive=Grant(scope="east,west"))
    inventory.receive(both, variant_id=variant.id, warehouse_id=shop.warehouses["east"].id, quantity=1)
    assert shop.stock("A") == {"west": (1, 0), "east": (1, 0)}


def test_unknown_goods_and_other_tenants_places_are_not_found(shop: Shop, other_tenant: Tenant) -> None:
    from tests.commerce.shop import open_shop

    variant = shop.goods("A")
    with tenant_transaction(other_tenant.id):
        theirs = open_shop(other_tenant)
    for variant_id, warehouse_id in (
        (new_id(), shop.warehouses["west"].id),
        (variant.id, theirs.warehouses["west"].id),
    ):
        with pytest.raises(NotFound):
            inventory.receive(shop.boss, variant_id=variant_id, warehouse_id=warehouse_id, quantity=1)
    assert not Stock.objects.exists()


def test_backordered_goods_are_promised_but_leave_only_when_they_are_here(shop: Shop) -> None:
    variant = shop.goods("A", west=1, backorder=True)
    order = shop.place(("A", 3))
    assert sum(allocated for _, allocated in shop.stock("A").values()) == 3
    order = confirm_order(shop.boss, order.id, version=order.version)
    with pytest.raises(InsufficientStock) as refused:
        ship_order(shop.boss, order.id, version=order.version)
    assert refused.value.message == "Only 1 left in West."
    assert order.fulfilment_state == "reserved"
    inventory.receive(shop.boss, variant_id=variant.id, warehouse_id=shop.warehouses["west"].id, quantity=5)
    ship_order(shop.boss, order.id, version=order.version)
    assert shop.stock("A")["west"] == (3, 0)
    assert inventory.recount() == []


def test_backorder_ends_only_when_nothing_is_promised_beyond_the_shelf(shop: Shop) -> None:
    variant = shop.goods("A", west=1, backorder=True)
    shop.place(("A", 3))
    place = {"variant_id": variant.id, "warehouse_id": shop.warehouses["west"].id}
    with pytest.raises(BelowAllocated):
        inventory.set_backorderable(shop.boss, allowed=False, **place)


def test_a_warehouse_out_of_use_gives_nothing(shop: Shop) -> None:
    shop.goods("A", west=5, east=1)
    update_warehouse(
        shop.boss, shop.warehouses["west"].id, WarehouseDraft(code="west", name="West", is_active=False)
    )
    with pytest.raises(InsufficientStock) as refused:
        shop.place(("A", 2))
    assert refused.value.message == "Only 1 left in East."


def test_warehouse_drafts_are_checked(shop: Shop) -> None:
    with pytest.raises(CodeTaken):
        create_warehouse(shop.boss, WarehouseDraft(code="west", name="Again"))
    with pytest.raises(Invalid) as refused:
        create_warehouse(
            shop.boss, WarehouseDraft(code="", name="n" * 201, priority=10**12, regions=("r" * 200,))
        )
    assert set(refused.value.fields) == {"code", "name", "priority", "regions"}
    with pytest.raises(PermissionDenied):
        create_warehouse(shop.staff("inventory.view"), WarehouseDraft(code="n", name="N"))
