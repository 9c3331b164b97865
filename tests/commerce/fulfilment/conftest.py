"""`dock`: a small shop whose confirmed orders wait in the west, with staff who may pick and pack."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.inventory.public import set_shelf
from callcart.commerce.orders.public import confirm_order
from callcart.commerce.shipping.public import CarrierDraft, Dispatch, open_dispatches, save_carrier
from callcart.core.actor import Actor, Grant
from callcart.core.ids import new_id
from tests.commerce.shop import Shop

PACKS = (
    "shipping.pack",
    "shipping.view",
    "shipping.update",
    "orders.ship",
    "orders.view",
    "customers.see_phone",
)


@dataclass
class Dock:
    shop: Shop

    def clerk(self, name: str = "Wei", *, scope: str = "") -> Actor:
        found = self.shop.staff(*PACKS, shipping__pack=Grant(scope=scope))
        return Actor(found.tenant_id, found.kind, id=new_id(), name=name, grants=found.grants)

    def dispatch(self, *lines: tuple[str, int], **changes: object) -> Dispatch:
        """A document that waits for these goods of the west."""
        order = self.shop.place(*lines, **changes)
        order = confirm_order(self.shop.boss, order.id, version=order.version)
        (found,) = open_dispatches(order.id)
        Dispatch.objects.filter(id=found.id).update(carrier="Swift")
        return Dispatch.objects.get(id=found.id)

    def packed(self, actor: Actor, dispatch: Dispatch, *codes: str) -> fulfilment.Packing:
        """Packed into one box, or into several where a code is empty."""
        packing = fulfilment.begin_packing(actor, dispatch.id)
        for code in codes:
            if code:
                fulfilment.scan_items(actor, packing.id, [code], idempotency_key=str(new_id()))
            else:
                fulfilment.new_box(actor, packing.id)
        return fulfilment.finish_packing(actor, packing.id)


def open_dock(shop: Shop) -> Dock:
    """`A` on shelf B-02, `B` on A-01, `C` on A-09: the way round is B, C, A."""
    west = shop.warehouses["west"].id
    for sku, place, route in (("A", "B-02", 30), ("B", "A-01", 10), ("C", "A-09", 20)):
        variant = shop.goods(sku, west=50)
        set_shelf(shop.boss, variant_id=variant.id, warehouse_id=west, bin_name=place, route=route)
    save_carrier(shop.boss, CarrierDraft(code="swift", name="Swift", name_zh="迅捷"))
    return Dock(shop)


@pytest.fixture
def dock(shop: Shop) -> Dock:
    return open_dock(shop)


def again(dispatch: Dispatch) -> Dispatch:
    return Dispatch.objects.get(id=dispatch.id)
