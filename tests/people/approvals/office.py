"""People with limits, and an action that is asked for: what it did is in `done`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from callcart.core.actor import Actor
from callcart.core.errors import Conflict
from callcart.core.ids import new_id
from callcart.core.money import Money
from callcart.people.approvals import public as approvals
from callcart.people.approvals.models import Approval
from callcart.people.staff.public import actor_of, create_role, create_staff, get_staff
from callcart.people.tenants.public import Tenant

ACTION, PERMISSION = "test.give", "payments.refund"


@dataclass
class Office:
    """`small` may give 10.00, `large` 100.00, `all` any amount, `none` nothing."""

    tenant_id: int
    people: dict[str, Actor] = field(default_factory=dict)
    done: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    refusal: Exception | None = None

    def __getitem__(self, name: str) -> Actor:
        return self.people[name]

    def ask(
        self, minor: int = 5000, *, by: str = "small", about: UUID | None = None, **changes: Any
    ) -> Approval:
        wanted: dict[str, Any] = {
            "action": ACTION,
            "permission": PERMISSION,
            "subject": ("order", about or new_id()),
            "label": "Order 1042 7",
            "amount": Money(minor, "USD"),
            "payload": {"amount_minor": minor},
            "reason": "Came broken",
        }
        return approvals.ask(self[by], **{**wanted, **changes})

    def hire(self, name: str, *, limit: int | None, permission: str = PERMISSION, **grant: Any) -> Actor:
        boss = Actor.system(self.tenant_id, "test")
        wanted = {permission: grant | ({} if limit is None else {"limit": limit})}
        role = create_role(boss, name=f"Role of {name}", wanted=wanted)
        person = create_staff(
            boss,
            email=f"{name}@shop.example",
            name=name.title(),
            password="long-enough-word-1",
            role_ids=[role.id],
        )
        self.people[name] = actor_of(get_staff(person.id))
        return self.people[name]


def open_office(tenant: Tenant) -> Office:
    """Inside a transaction of the tenant."""
    office = Office(tenant.id)
    office.hire("small", limit=1_000)
    office.hire("large", limit=10_000)
    office.hire("all", limit=None)
    office.hire("none", limit=None, permission="orders.view")

    @approvals.action(ACTION, label="Give", link="office:order")
    def give(actor: Actor, payload: Mapping[str, Any]) -> None:
        office.done.append((actor.name, payload))
        if office.refusal is not None:
            raise office.refusal

    return office


class Spent(Conflict):
    """There is nothing left to give."""

    code = "test.spent"
