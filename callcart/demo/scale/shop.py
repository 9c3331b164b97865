"""The shop itself, by the public verbs: its warehouses, ways of delivery and people."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from callcart.commerce.inventory.public import WarehouseDraft, create_warehouse, list_warehouses
from callcart.commerce.shipping.public import MethodDraft, create_method
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.demo.data.staff import PASSWORD
from callcart.people.staff.public import create_staff, ensure_default_roles, list_staff
from callcart.people.tenants.public import create_tenant, tenant_by_slug

AGENTS = 12


@dataclass(frozen=True, slots=True)
class Shop:
    """Ids of what the rows refer to; `staff` are ids and names."""

    tenant_id: int
    warehouses: tuple[UUID, ...]
    staff: tuple[tuple[UUID, str], ...]


def shop(slug: str) -> Shop:
    """The shop, made where it is not there yet. Its people sign in as in the demo shops."""
    tenant = tenant_by_slug(slug) or create_tenant(
        slug=slug, name="Volume Trading", name_zh="巨量商贸", currency="USD", timezone="America/New_York", language="en", country="US"
    )  # fmt: skip
    boss = Actor.system(tenant.id, "demo")
    with tenant_transaction(tenant.id):
        if not list_warehouses():
            _set_up(boss)
        roles, there = ensure_default_roles(), {each.email for each in list_staff()}
    for login, name, role in _people():
        if (email := f"{login}@{slug}.example") not in there:
            # one by one: the hash of a password takes its time, and a transaction may not
            with tenant_transaction(tenant.id):
                create_staff(boss, email=email, name=name, password=PASSWORD, role_ids=[roles[role].id])
    with tenant_transaction(tenant.id):
        places = sorted(list_warehouses(), key=lambda each: each.code)
        staff = sorted((each.id, each.name) for each in list_staff())
    return Shop(tenant.id, tuple(each.id for each in places), tuple(staff))


def _set_up(boss: Actor) -> None:
    for code, name in (("east", "East"), ("west", "West")):
        create_warehouse(boss, WarehouseDraft(code=code, name=name))
    create_method(boss, MethodDraft(code="ground", name="Ground", price_minor=500))
    create_method(boss, MethodDraft(code="express", name="Express", price_minor=500))


def _people() -> list[tuple[str, str, str]]:
    """Log-in, name, role."""
    agents = [(f"agent{number}", f"Agent {number}", "agent") for number in range(1, AGENTS + 1)]
    return [("owner", "Olive Owner", "owner"), ("super", "Sam Supervisor", "supervisor"), *agents]
