"""Delivery methods in the office: the list, a form that keeps what was typed, two clerks at once, on and off."""

from __future__ import annotations

import pytest
from django.test import Client

from callcart.commerce.shipping.models import DeliveryMethod
from callcart.commerce.shipping.public import (
    CarrierDraft,
    CarrierService,
    MethodDraft,
    ServiceDraft,
    save_carrier,
    save_service,
    services_of,
    update_method,
)
from tests.web.office.office import Office, field_error, words

FORM = {
    "code": "night", "name": "Night courier", "name_zh": "夜间快送", "price": "12.50", "free_above": "99", "days_min": "0",
    "days_max": "1", "countries": "us, CA", "zones": "Oregon\uff0cNew York", "position": "7", "is_active": "1",
}  # fmt: skip


@pytest.fixture
def road(office: Office) -> CarrierService:
    carrier = save_carrier(office.boss, CarrierDraft(code="swift", name="Swift"))
    return save_service(office.boss, carrier.id, ServiceDraft(code="road", name="Road"))


def send(client: Client, method: DeliveryMethod | None, **changes: str) -> object:
    address = f"/office/delivery-methods/{method.id}" if method else "/office/delivery-methods/new"
    typed = {**FORM, **changes}
    return client.post(
        address, {**typed, "version": changes.get("version", str(method.version))} if method else typed
    )


def test_one_is_made_changed_and_switched(office: Office, road: CarrierService) -> None:
    client = office.client()
    assert send(client, None, service=str(road.id)).status_code == 303  # type: ignore[attr-defined]
    made = DeliveryMethod.objects.get(code="night")
    assert (made.name, made.name_zh, made.price_minor, made.free_above_minor, made.takes_cod) == (
        "Night courier",
        "夜间快送",
        1250,
        9900,
        False,
    )
    assert (made.countries, made.zones, made.position) == (["US", "CA"], ["Oregon", "New York"], 7)
    assert services_of("night") == {road.id}
    listed = words(client.get("/office/delivery-methods"))
    assert "Night courier night $12.50 $99.00 0–1 US, CA Oregon, New York – Swift Road In use" in listed
    page = client.get(f"/office/delivery-methods/{made.id}").content.decode()
    assert 'value="12.50"' in page and 'value="Oregon, New York"' in page
    send(client, made, price="", free_above="", zones="", takes_cod="1")
    made.refresh_from_db()
    assert (made.price_minor, made.free_above_minor, made.zones, made.takes_cod) == (0, None, [], True)
    assert services_of("night") == set()
    switch = f"/office/delivery-methods/{made.id}/switch"
    client.post(switch, {"on": "0", "version": str(made.version)})
    made.refresh_from_db()
    assert not made.is_active


def test_all_that_is_wrong_is_said_at_once_and_stays_typed(office: Office) -> None:
    answer = send(
        office.client(), None, code="", price="cheap", free_above="-1", days_min="x", days_max="2", countries="USA",
        name="n" * 101, position="first",
    )  # fmt: skip
    text = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 422  # type: ignore[attr-defined]
    for name in ("code", "price", "free_above", "days_min", "countries", "name", "position"):
        assert field_error(answer, name), name
    assert 'value="cheap"' in text and 'value="USA"' in text
    assert not DeliveryMethod.objects.filter(name_zh="夜间快送").exists()
    again = send(office.client(), None, code="air")
    assert "already has this code" in field_error(again, "code")


def test_the_second_clerk_is_told_and_keeps_what_was_typed(office: Office) -> None:
    client, method = office.client(), DeliveryMethod.objects.get(code="air")
    update_method(office.boss, method.id, MethodDraft(code="air", name="First", price_minor=1), version=1)
    late = send(client, method, name="Second", version="1")
    assert late.status_code == 409  # type: ignore[attr-defined]
    assert "What you typed is kept below" in words(late)
    assert 'value="Second"' in late.content.decode()  # type: ignore[attr-defined]
    method.refresh_from_db()
    assert (method.name, method.price_minor) == ("First", 1)
    refused = client.post(f"/office/delivery-methods/{method.id}/switch", {"on": "0", "version": "1"})
    assert refused.status_code == 409
    method.refresh_from_db()
    assert method.is_active


def test_the_warehouse_sees_them_and_changes_nothing(office: Office) -> None:
    client, method = office.client("warehouse"), DeliveryMethod.objects.get(code="air")
    seen = client.get("/office/delivery-methods")
    assert seen.status_code == 200 and "/office/delivery-methods/new" not in seen.content.decode()
    assert send(client, method, name="Mine").status_code == 403  # type: ignore[attr-defined]
    assert (
        client.post(f"/office/delivery-methods/{method.id}/switch", {"on": "0", "version": "1"}).status_code
        == 403
    )
    method.refresh_from_db()
    assert (method.name, method.is_active, method.version) == ("Air", True, 1)


def test_with_none_in_use_the_page_says_that_nobody_can_order(office: Office) -> None:
    DeliveryMethod.objects.update(is_active=False)
    assert "nobody can place an order" in words(office.client().get("/office/delivery-methods"))
