"""The office of a small shop in tests: its staff by role, clients signed in as them, and what a page says."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client

from callcart.commerce.orders.public import Order
from callcart.core.actor import Actor
from callcart.core.ids import spoken
from callcart.core.models import AuditEntry
from callcart.people.customers.public import Customer, create_customer
from callcart.people.staff.models import Role, Staff
from callcart.people.staff.public import create_staff, ensure_default_roles
from tests.commerce.shop import Shop

PASSWORD = "a long enough one"


def hire(tenant_id: int) -> dict[str, Staff]:
    """One person for each of the roles that a shop begins with."""
    boss = Actor.system(tenant_id, "test")
    return {
        key: create_staff(
            boss, email=f"{key}@harbor.example", name=f"{key.title()} Example", password=PASSWORD, role_ids=[role.id]
        )
        for key, role in ensure_default_roles().items()
    }  # fmt: skip


@dataclass
class Office:
    """`shop` holds the goods, `staff` the people by role (owner, supervisor, agent, warehouse, finance, marketing)."""

    shop: Shop
    staff: dict[str, Staff]
    client_for: Callable[..., Client]

    @property
    def boss(self) -> Actor:
        return self.shop.boss

    def client(self, role: str = "owner", *, language: str = "en") -> Client:
        """A client signed in with that role, reading that language."""
        Staff.objects.filter(id=self.staff[role].id).update(language=language)
        return self.client_for(self.staff[role])

    def narrowed(self, role: str, **grants: dict[str, Any]) -> Client:
        """A client whose role holds these grants more (`orders__view={"scope": "own"}`)."""
        found = Role.objects.get(key=role)
        found.grants |= {name.replace("__", "."): value for name, value in grants.items()}
        found.save()
        return self.client(role)

    def customer(self, name: str = "Ada Example", phone: str = "(212) 555-0142", **values: Any) -> Customer:
        return create_customer(self.boss, name=name, phone=phone, **values)

    def order(self, units: int = 1, *, sku: str = "TEA", **changes: Any) -> Order:
        """An order for goods that are there."""
        if sku not in self.shop.variants:
            self.shop.goods(sku, price=2000, west=50)
        return self.shop.place((sku, units), **changes)

    def audited(self, action: str) -> int:
        return AuditEntry.objects.filter(action=action).count()


def grouped(number: str) -> str:
    """An order's number as a page says it, in `words`."""
    return spoken(number).replace("\N{NO-BREAK SPACE}", " ")


def words(answer: Any) -> str:
    """What an answer says, without its marks, on one line."""
    text = re.sub(r"<script.*?</script>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def field_error(answer: Any, name: str) -> str:
    """The error that stands at a field, empty where none does."""
    found = re.search(
        rf'data-error-for="{re.escape(name)}"(?! hidden)[^>]*>([^<]*)<', answer.content.decode()
    )
    return html.unescape(found[1].strip()) if found else ""


def hidden(answer: Any, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'type="hidden" name="{re.escape(name)}" value="([^"]*)"', answer.content.decode())
    assert found, name
    return html.unescape(found[1])
