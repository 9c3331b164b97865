"""What is seen in full or leaves as a file is in the audit: once a page, by the name of the list, for those who see it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from callcart.core.models import AuditEntry
from callcart.people.customers.public import add_address
from tests.web.office.office import Office

FULL = re.compile("555-?0142")


def _looks(action: str = "customers.see_phone") -> list[tuple[str, Any, dict[str, Any]]]:
    rows = AuditEntry.objects.filter(action=action).order_by("at", "id")
    return [(row.subject_kind, row.subject_id, row.after) for row in rows]


def test_a_list_of_numbers_is_one_look_at_the_list(office: Office) -> None:
    for _each in range(3):
        office.order()
    client, address = office.client(), "/office/orders?col=phone&channel=phone"
    assert FULL.search(client.get(address).content.decode())
    seen = {"list": "orders", "filters": {"channels": ["phone"]}, "rows": 3}
    assert _looks() == [("", None, seen)]


@pytest.mark.parametrize(
    ("role", "query"), [("owner", ""), ("owner", "?col=phone&to=2001-01-01"), ("agent", "?col=phone")]
)
def test_a_list_without_a_full_number_is_none(office: Office, role: str, query: str) -> None:
    office.order()
    assert not FULL.search(office.client(role).get(f"/office/orders{query}").content.decode())
    assert _looks() == []


def test_editing_an_order_is_a_look_at_its_number(office: Office) -> None:
    known, guests = office.order(customer_id=office.customer().id), office.order()
    for order, subject in ((known, ("customer", known.customer_id)), (guests, ("order", guests.id))):
        page = f"/office/orders/{order.id}/edit"
        before = len(_looks())
        assert office.client("agent").get(page).status_code == 200
        assert len(_looks()) == before
        assert FULL.search(office.client("supervisor").get(page).content.decode())
        assert _looks()[before:] == [(*subject, {})]


def test_an_order_is_about_its_customer_whoever_looks(office: Office) -> None:
    order = office.order(customer_id=office.customer().id)
    client = office.narrowed("finance", customers__see_phone={})
    client.get(f"/office/orders/{order.id}")
    assert _looks() == [("customer", order.customer_id, {})]


def test_an_address_to_change_is_a_look_at_its_number(office: Office) -> None:
    customer = office.customer()
    kept = add_address(
        office.boss, customer.id, name="Ada", street="1 Elm Court", city="Portland", province="ME",
        postcode="04101", country="US", phone="(212) 555-0142",
    )  # fmt: skip
    page = f"/office/customers/{customer.id}/addresses/{kept.id}"
    assert not FULL.search(office.client("agent").get(page).content.decode())
    assert _looks() == []
    assert FULL.search(office.client("supervisor").get(page).content.decode())
    assert _looks() == [("customer", customer.id, {})]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("page", "query", "filters"),
    [
        ("stock", "level=low&q=tea", {"level": "low", "q": "tea"}),
        ("stock/movements", "kind=receive&from=2001-01-01", {"kind": "receive", "from": "2001-01-01"}),
    ],
)
def test_stock_and_movements_leave_a_line_when_they_leave(
    office: Office, kind: str, page: str, query: str, filters: dict[str, str]
) -> None:
    office.order()
    client, name = office.client("warehouse"), page.rpartition("/")[2]
    assert client.get(f"/office/{page}?{query}").status_code == 200
    assert _looks("inventory.export") == []
    assert client.get(f"/office/{page}?{query}&export={kind}").status_code == 200
    assert _looks("inventory.export") == [("", None, {"list": name, "filters": filters})]
