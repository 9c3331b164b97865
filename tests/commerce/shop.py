"""A small shop for tests: two warehouses, three ways of delivery, and whatever goods a test puts on its shelves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import connections

from callcart.commerce.catalog.public import ProductDraft, Variant, VariantDraft, add_variant, create_product
from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.public import Stock, Warehouse, WarehouseDraft
from callcart.commerce.orders.public import DraftAddress, DraftLine, Order, OrderDraft, place_order
from callcart.commerce.shipping.public import MethodDraft, create_method
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.ids import new_id
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import Tenant

ADDRESS = DraftAddress(
    name="Ada Example",
    phone="(212) 555-0142",
    country="US",
    province="Oregon",
    city="Portland",
    street="1 Pine Street",
    postcode="97201",
)


@dataclass
class Shop:
    """`variants` by SKU, `warehouses` by code (`west` serves Oregon, `east` everybody)."""

    tenant_id: int
    variants: dict[str, Variant] = field(default_factory=dict)
    warehouses: dict[str, Warehouse] = field(default_factory=dict)

    @property
    def boss(self) -> Actor:
        return Actor.system(self.tenant_id, "test")

    def staff(self, *permissions: str, **grants: Grant) -> Actor:
        """A staff member who holds just these."""
        held = {name: Grant() for name in permissions} | {
            name.replace("__", "."): grant for name, grant in grants.items()
        }
        return Actor(self.tenant_id, ActorKind.STAFF, id=new_id(), name="Sam Staff", grants=held)

    def goods(
        self, sku: str, *, price: int = 1000, west: int = 0, east: int = 0, backorder: bool = False
    ) -> Variant:
        """A product of one variant with stock in both warehouses."""
        product = create_product(self.boss, ProductDraft(name=f"Thing {sku}", name_zh=f"东西 {sku}"))
        variant = add_variant(self.boss, product.id, VariantDraft(sku=sku, price_minor=price, weight_g=100))
        self.variants[sku] = variant
        for code, units in (("west", west), ("east", east)):
            place = {"variant_id": variant.id, "warehouse_id": self.warehouses[code].id}
            if units:
                inventory.receive(self.boss, quantity=units, **place)
            if backorder:
                inventory.set_backorderable(self.boss, allowed=True, **place)
        return variant

    def draft(self, *lines: tuple[str, int], **changes: Any) -> OrderDraft:
        """A draft of (SKU, units), cash on delivery, to Oregon."""
        found = tuple(DraftLine(self.variants[sku].id, units) for sku, units in lines)
        draft = OrderDraft(
            lines=found, channel="phone", address=ADDRESS, delivery_method="ground", payment_method="cod"
        )
        return replace(draft, **changes)

    def place(self, *lines: tuple[str, int], actor: Actor | None = None, **changes: Any) -> Order:
        return place_order(
            actor or self.boss, self.draft(*lines, **changes), idempotency_key=f"test-{new_id()}"
        )

    def stock(self, sku: str) -> dict[str, tuple[int, int]]:
        """(on hand, allocated) by warehouse code."""
        rows = Stock.objects.select_related("warehouse").filter(variant=self.variants[sku])
        return {row.warehouse.code: (row.on_hand, row.allocated) for row in rows}


def open_shop(tenant: Tenant) -> Shop:
    """Warehouses and delivery, without goods. Inside a transaction of the tenant."""
    shop = Shop(tenant.id)
    for code, regions, priority in (("west", ("Oregon", "Washington"), 20), ("east", (), 10)):
        draft = WarehouseDraft(code=code, name=code.title(), regions=regions, priority=priority)
        shop.warehouses[code] = inventory.create_warehouse(shop.boss, draft)
    for draft in (
        MethodDraft(code="ground", name="Ground", price_minor=500, free_above_minor=10_000),
        MethodDraft(code="air", name="Air", price_minor=1500, takes_cod=False),
        MethodDraft(code="bike", name="Bike", price_minor=300, zones=("Oregon",)),
    ):
        create_method(shop.boss, draft)
    return shop


def at_once(tenant_id: int, work: Iterable[Callable[[], Any]], *, workers: int = 0) -> list[Any]:
    """Run each in a thread with a connection and a transaction of its own, started together; what each returned, or the
    exception it raised, in their order. `workers` bounds how many connections are open."""
    tasks = list(work)
    found: list[Any] = [None] * len(tasks)
    start = threading.Barrier(workers or len(tasks))
    todo = iter(list(enumerate(tasks)))
    lock = threading.Lock()

    def run() -> None:
        start.wait(60)
        try:
            while True:
                with lock:
                    number, task = next(todo, (-1, None))
                if task is None:
                    return
                found[number] = _one(tenant_id, task)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(workers or len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(150)
    assert not any(thread.is_alive() for thread in threads)
    return found


def _one(tenant_id: int, task: Callable[[], Any]) -> Any:
    try:
        with tenant_transaction(tenant_id):
            return task()
    except Exception as error:  # noqa: BLE001  the test looks at it
        return error


def held_units(order_id: UUID) -> int:
    return sum(each.quantity for each in inventory.held_for(order_id))
