"""Every page of the office opens for the owner, in both languages, with the demo shop's data; and only for staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from callcart.core.tenancy import tenant_transaction
from tests.conftest import _database

PAGES = (
    "orders", "orders?state=confirmed&q=1", "orders?col=city&col=products&col=units&col=phone&col=method&col=delivery",
    "orders?q=nothing-like-it", "orders/today", "customers", "customers?q=a", "customers?q=nobody-like-it", "customers/new",
    "products", "products?q=a", "products?q=nothing-like-it", "products/new", "stock", "stock?level=low", "stock?level=out",
    "stock/movements", "stock/movements?kind=ship", "stock/documents", "stock/documents?type=count&progress=open", "stock/apart",
    "stock/documents?q=nothing-like-it", "stock/documents/new/stock_in", "stock/documents/new/stock_out",
    "stock/documents/new/transfer", "stock/documents/new/count", "warehouses", "warehouses/new", "calls", "calls?state=closed", "calls?q=a", "queues", "queues/new", "numbers",
    "settings", "staff", "staff?shown=off", "staff/new", "roles", "roles/new", "prompts",
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
    """Addresses of single things, orders of every kind there is among them."""
    from callcart.commerce.catalog.models import Product, Variant
    from callcart.commerce.inventory.models import Document, Stock, Warehouse
    from callcart.commerce.orders.models import Order
    from callcart.contact.conversations.models import Conversation
    from callcart.contact.routing.models import Queue
    from callcart.people.customers.models import Customer
    from callcart.people.staff.models import Role, Staff

    with tenant_transaction(tenant_id):
        kinds = {
            (each.state, each.payment_method, each.payment_state, each.fulfilment_state): each.id
            for each in Order.objects.all()
        }
        variant, place = Variant.objects.first(), Warehouse.objects.first()
        assert variant is not None and place is not None
        customers = list(Customer.objects.all()[:3])
        papers = list(Document.objects.all())
        return [
            *(f"orders/{order_id}" for order_id in kinds.values()),
            *(f"orders/{each.id}/edit" for each in Order.objects.filter(state="placed")[:1]),
            *(f"customers/{each.id}" for each in customers),
            f"customers/{customers[0].id}/edit",
            f"customers/{customers[0].id}/addresses/new",
            *(f"products/{each.id}" for each in Product.objects.all()[:2]),
            f"products/{variant.product_id}/edit",
            f"products/{variant.product_id}/variants/new",
            f"products/{variant.product_id}/variants/{variant.id}",
            f"stock/{variant.id}/{place.id}",
            f"stock/{variant.id}/{place.id}/shelf",
            f"stock/apart/{Stock.objects.filter(damaged__gt=0)[0].id}/damaged",
            *(f"stock/documents/{each.id}" for each in papers),
            *(
                f"stock/documents/{each.id}/{page}"
                for each in papers
                if each.state in ("open", "part_received", "sent", "counting")
                for page in ("scan", "list")
            ),
            f"warehouses/{place.id}",
            *(f"calls/{each.id}" for each in Conversation.objects.all()[:2]),
            *(f"queues/{each.id}" for each in Queue.objects.all()[:1]),
            *(f"staff/{each.id}" for each in Staff.objects.all()[:2]),
            *(f"roles/{each.id}" for each in Role.objects.all()[:2]),
        ]


@pytest.fixture(scope="module")
def shop(demo_template: str) -> Iterator[None]:
    """Both demo shops, in a database of this file."""
    with _database(demo_template):
        yield


def test_every_page_opens_in_both_languages(shop: None, client_for: Callable[..., Client]) -> None:
    tenant_id, owner = _owner()
    details = _details(tenant_id)
    assert {path.partition("/")[0] for path in details} == {
        *("orders", "customers", "products", "stock", "warehouses", "calls", "queues", "staff", "roles")
    }
    assert len([path for path in details if path.startswith("orders/")]) >= 6, "orders of many kinds"
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


def test_a_file_is_only_for_those_who_may(shop: None, client_for: Callable[..., Client]) -> None:
    tenant_id, agent = _owner(login="amy")
    client = _signed_in(client_for, tenant_id, agent)
    for address in (
        "settings",
        "roles",
        "staff/new",
        "queues",
        "numbers",
        "products/new",
        "orders?export=csv",
    ):
        assert client.get(f"/office/{address}").status_code == 403, address
