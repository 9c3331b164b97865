"""Every page of the office opens for the owner, in both languages, with the demo shop's data; and only for staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from callcart.core.tenancy import tenant_transaction

PAGES = (
    "orders", "orders?state=confirmed&q=1", "orders/today", "customers", "customers?q=a", "products", "products?q=a", "stock",
    "stock?level=low", "stock/movements", "calls", "calls?state=closed", "queues", "queues/new", "numbers", "settings",
    "staff", "staff?shown=off", "staff/new", "roles", "roles/new",
)  # fmt: skip
LANGUAGES = ("en", "zh-hans")


def _owner(slug: str = "harbor", login: str = "owner") -> Any:
    from callcart.people.staff.models import Staff
    from callcart.people.tenants.models import Tenant

    tenant = Tenant.objects.get(slug=slug)
    with tenant_transaction(tenant.id):
        return tenant.id, Staff.objects.get(email=f"{login}@{slug}.example")


def _signed_in(client_for: Callable[..., Client], tenant_id: int, staff: Any, language: str = "en") -> Client:
    from callcart.people.staff.models import Staff

    with tenant_transaction(tenant_id):
        Staff.objects.filter(id=staff.id).update(language=language)
        return client_for(staff)


def _details(tenant_id: int) -> list[str]:
    from callcart.commerce.catalog.models import Product
    from callcart.commerce.inventory.models import Stock
    from callcart.commerce.orders.models import Order
    from callcart.contact.routing.models import Queue
    from callcart.people.customers.models import Customer
    from callcart.people.staff.models import Role, Staff

    with tenant_transaction(tenant_id):
        return [
            *(f"orders/{each.id}" for each in Order.objects.all()[:3]),
            *(f"orders/{each.id}/edit" for each in Order.objects.filter(state="placed")[:1]),
            *(f"customers/{each.id}" for each in Customer.objects.all()[:3]),
            *(f"products/{each.id}" for each in Product.objects.all()[:2]),
            *(f"stock/{each.id}" for each in Stock.objects.all()[:1]),
            *(f"queues/{each.id}" for each in Queue.objects.all()[:1]),
            *(f"staff/{each.id}" for each in Staff.objects.all()[:2]),
            *(f"roles/{each.id}" for each in Role.objects.all()[:2]),
        ]


@pytest.fixture
def shop(fresh_db: str) -> None:
    from callcart.demo.seed import seed

    seed(verbosity=0)


def test_every_page_opens_in_both_languages(shop: None, client_for: Callable[..., Client]) -> None:
    tenant_id, owner = _owner()
    details = _details(tenant_id)
    assert len(details) >= 12
    for language in LANGUAGES:
        client = _signed_in(client_for, tenant_id, owner, language)
        for page in [*PAGES, *details]:
            answer = client.get(f"/office/{page}")
            assert answer.status_code == 200, (page, answer.content.decode()[:2000])
            assert (
                f'lang="{"zh-Hans" if language == "zh-hans" else "en"}"' in answer.content.decode()
                or "today" in page
            )


def test_exports_come_as_files(shop: None, client_for: Callable[..., Client]) -> None:
    tenant_id, owner = _owner()
    client = _signed_in(client_for, tenant_id, owner)
    for page in ("orders", "stock"):
        table = client.get(f"/office/{page}?export=csv")
        assert b"".join(table).decode("utf-8-sig").count("\n") > 10
        book = client.get(f"/office/{page}?export=xlsx")
        assert b"".join(book).startswith(b"PK")


def test_nobody_is_let_in_without_signing_in(shop: None, client_for: Callable[..., Client]) -> None:
    answer = client_for(None).get("/office/orders")
    assert answer.status_code in (302, 303)
    assert answer["Location"].startswith("/login")


def test_by_id_addresses_of_the_other_tenant_are_not_found(
    shop: None, client_for: Callable[..., Client]
) -> None:
    tenant_id, owner = _owner()
    other_id, _other = _owner("qinghe")
    client = _signed_in(client_for, tenant_id, owner)
    for address in _details(other_id):
        assert client.get(f"/office/{address}").status_code == 404, address


def test_hold_and_release_from_the_page(shop: None, client_for: Callable[..., Client]) -> None:
    from callcart.commerce.orders.models import Order

    tenant_id, owner = _owner()
    client = _signed_in(client_for, tenant_id, owner)
    with tenant_transaction(tenant_id):
        order = Order.objects.filter(state="placed").first() or Order.objects.filter(
            state="confirmed"
        ).earliest("placed_at")
    refused = client.post(f"/office/orders/{order.id}/cancel", {"version": order.version, "reason": ""})
    assert refused.status_code == 422
    done = client.post(
        f"/office/orders/{order.id}/cancel", {"version": order.version, "reason": "asked by phone"}
    )
    assert done.status_code == 303
    with tenant_transaction(tenant_id):
        assert Order.objects.get(id=order.id).state == "cancelled"
