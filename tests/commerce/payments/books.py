"""The books of a shop in tests: debts and files, inside the test's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from callcart.commerce.payments import finance
from callcart.commerce.payments.intent import create_intent
from callcart.commerce.payments.models import Payment, PaymentMethod, Receipt, Refund
from callcart.commerce.payments.sheets import Look
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.ids import new_id, next_number
from callcart.core.integrity import find_in
from callcart.core.money import Money


def usd(minor: int) -> Money:
    return Money(minor, "USD")


@dataclass
class Books:
    """A clerk of finance with every right, and whoever else a test names."""

    tenant_id: int
    folder: Path

    @property
    def boss(self) -> Actor:
        return Actor.system(self.tenant_id, "test")

    def clerk(self, **grants: int | None) -> Actor:
        """Holds these (`payments.` before each) with these limits."""
        held = {f"payments.{name}": Grant(limit=limit) for name, limit in grants.items()}
        return Actor(self.tenant_id, ActorKind.STAFF, id=new_id(), name="Fin Example", grants=held)

    def owe(
        self, minor: int = 5000, *, method: str = "prepaid", payer: str = "Ada Example", instalments: int = 0
    ) -> Payment:
        """An order that owes this."""
        return create_intent(
            self.boss,
            order_id=new_id(),
            order_number=next_number("order"),
            method=PaymentMethod(method),
            amount=usd(minor),
            instalments=instalments,
            payer=payer,
        )

    def receive(
        self, payment: Payment, minor: int, *, method: str = "cash", actor: Actor | None = None, key: str = ""
    ) -> Receipt:
        return finance.receive(
            actor or self.boss, order_id=payment.order_id, method=method, amount=usd(minor),
            reference="ref 1", idempotency_key=key or str(new_id()),
        )  # fmt: skip

    def file(self, text: str, *, name: str = "file.csv", encoding: str = "utf-8") -> Path:
        path = self.folder / f"{new_id()}-{name}"
        path.write_bytes(text.encode(encoding))
        return path

    def statement(
        self, text: str, *, account: str = "Harbor Bank 01", encoding: str = "utf-8"
    ) -> finance.TakenIn:
        """A file taken in as the page would: looked at, then read by that layout."""
        path = self.file(text, encoding=encoding)
        seen = finance.look_at_statement(self.boss, path, "file.csv", account=account)
        return finance.take_in_statement(self.boss, path, "file.csv", account=account, layout=seen.layout)

    def remittance(
        self, text: str, parcels: dict[str, finance.Parcelled] | None = None, *, carrier: str = "fast"
    ) -> finance.CashIn:
        path = self.file(text)
        seen: Look = finance.look_at_remittance(self.boss, path, "cash.csv", carrier=carrier)
        known = parcels or {}
        return finance.take_in_remittance(
            self.boss, path, "cash.csv", carrier=carrier, layout=seen.layout, reference="R1",
            resolve=lambda numbers: {each: known[each] for each in numbers if each in known},
        )  # fmt: skip

    def again(self, payment: Payment) -> Payment:
        return Payment.objects.get(id=payment.id)

    def refunds(self, order_id: UUID) -> list[tuple[int, str, str]]:
        rows = Refund.objects.filter(payment__order_id=order_id).order_by("id")
        return [(row.amount_minor, str(row.way), str(row.state)) for row in rows]

    def adds_up(self) -> None:
        assert [str(each) for each in find_in("payments")] == []


def lines(text: str) -> str:
    """A file's text without the indentation of the test."""
    return "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"
