"""A counter for returns: orders that arrived, and cases led to where a test begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.public import AskDraft, AskLine, Case, FindingDraft, Settlement
from callcart.commerce.orders.public import Order, approve_order, hand_over
from callcart.commerce.payments.public import receive as receive_money
from callcart.commerce.shipping.public import Parcel, ParcelState, open_dispatches, set_parcel_state
from callcart.core import events, integrity
from callcart.core.ids import new_id
from callcart.core.money import Money
from tests.commerce.shop import Shop


@dataclass
class Counter:
    shop: Shop

    def delivered(
        self, *lines: tuple[str, int], paid: bool = True, state: str = "delivered", **draft: Any
    ) -> Order:
        """An order, paid in advance by transfer, whose parcels are all at the door (or in another state)."""
        with events.handled_at_once():
            order = self.shop.place(*lines, payment_method="prepaid" if paid else "cod", **draft)
            if paid:
                receive_money(
                    self.shop.boss, order_id=order.id, method="bank_transfer", amount=order.total, reference="T1",
                    idempotency_key=f"t-{new_id()}",
                )  # fmt: skip
            order.refresh_from_db()
            if order.state == "placed":
                approve_order(self.shop.boss, order.id, version=order.version)
            for each in open_dispatches(order.id):
                hand_over(self.shop.boss, each.id)
        for parcel in self.parcels(order):
            self.scan(parcel, state)
        order.refresh_from_db()
        return order

    def parcels(self, order: Order) -> list[Parcel]:
        return list(Parcel.objects.filter(order_id=order.id).order_by("id"))

    def scan(self, parcel: Parcel, state: str) -> None:
        with events.handled_at_once():
            set_parcel_state(self.shop.boss, parcel.id, ParcelState(state), reference=f"{state} {new_id()}")

    def ask(self, order: Order, *units: int, actor: Any = None, **changes: Any) -> Case:
        """A case for so many units of each line, in their order (0: not of this line)."""
        lines = order.lines.order_by("position")
        draft = {"kind": "return", "reason": "changed_mind"} | changes
        wanted = tuple(AskLine(line.id, count) for line, count in zip(lines, units, strict=False) if count)
        return aftersales.ask(
            actor or self.shop.boss,
            order.id,
            AskDraft(lines=wanted, **draft),
            idempotency_key=f"k-{new_id()}",
        )

    def accepted(self, order: Order, *units: int, **changes: Any) -> Case:
        case = self.ask(order, *units, **changes)
        return aftersales.approve(self.shop.boss, case.id, version=case.version)

    def received(self, order: Order, *units: int, **changes: Any) -> Case:
        case = self.accepted(order, *units, **changes)
        return self.receive(case)

    def receive(self, case: Case, warehouse: str = "west") -> Case:
        units = {row.id: row.quantity for row in case.lines.all()}
        return aftersales.receive(
            self.shop.boss, case.id, units=units, warehouse_id=self.shop.warehouses[warehouse].id,
            version=case.version,
        )  # fmt: skip

    def inspect(self, case: Case, goods: str = "restock", remedy: str = "refund") -> Case:
        findings = [
            FindingDraft(row.id, row.received, goods, remedy) for row in case.lines.all() if row.received
        ]
        return aftersales.inspect(self.shop.boss, case.id, findings, version=case.version)

    def settle(self, case: Case, **changes: Any) -> Case:
        with events.handled_at_once():
            aftersales.settle(self.shop.boss, case.id, Settlement(**changes), version=case.version)
        case.refresh_from_db()
        return case

    def returned(self, order: Order, *units: int, **changes: Any) -> Case:
        """All the way: asked for, accepted, received, back on the shelf, money back."""
        return self.settle(self.inspect(self.received(order, *units, **changes)))

    def adds_up(self) -> None:
        for domain in ("aftersales", "orders", "payments", "inventory"):
            assert integrity.find_in(domain) == []


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def line_of(case: Case, sku: str) -> UUID:
    found: UUID = case.lines.get(sku=sku).id
    return found
