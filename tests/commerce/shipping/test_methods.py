"""Delivery methods are made, changed, switched, by one person at a time, and say all that is wrong at once."""

from __future__ import annotations

from uuid import uuid4

import pytest

from callcart.commerce.shipping.models import DeliveryMethod, ServiceMethod
from callcart.commerce.shipping.public import (
    CarrierDraft,
    MethodDraft,
    ServiceDraft,
    create_method,
    save_carrier,
    save_service,
    services_of,
    switch_method,
    update_method,
)
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.models import AuditEntry, Event
from tests.commerce.shop import Shop


def made(shop: Shop, **changes: object) -> DeliveryMethod:
    values = {"code": "van", "name": "Van", "price_minor": 700} | changes
    return create_method(shop.boss, MethodDraft(**values))  # type: ignore[arg-type]


def test_a_change_needs_the_version_that_was_seen(shop: Shop) -> None:
    method = made(shop)
    draft = MethodDraft(code="van", name="Night van", price_minor=900, zones=("Oregon",))
    changed = update_method(shop.boss, method.id, draft, version=1)
    assert (changed.name, changed.price_minor, changed.version) == ("Night van", 900, 2)
    with pytest.raises(Conflict):
        update_method(shop.boss, method.id, MethodDraft(code="van", name="Slow", price_minor=1), version=1)
    with pytest.raises(Conflict):
        switch_method(shop.boss, method.id, on=False, version=1)
    method.refresh_from_db()
    assert (method.name, method.is_active, method.version) == ("Night van", True, 2)
    entry = AuditEntry.objects.get(action="shipping.update_method")
    assert (entry.before["price_minor"], entry.after["price_minor"]) == (700, 900)
    assert Event.objects.filter(kind="shipping.method_changed", subject_id=method.id).count() == 2


def test_switching_is_told_once_and_only_where_something_changes(shop: Shop) -> None:
    method = made(shop)
    assert not switch_method(shop.boss, method.id, on=False, version=1).is_active
    assert switch_method(shop.boss, method.id, on=False, version=2).version == 2
    assert AuditEntry.objects.filter(action="shipping.switch_method").count() == 1
    with pytest.raises(PermissionDenied):
        switch_method(shop.staff("shipping.view"), method.id, on=True, version=2)
    with pytest.raises(NotFound):
        switch_method(shop.boss, uuid4(), on=True, version=1)
    method.refresh_from_db()
    assert not method.is_active


def test_the_code_stays_and_every_wrong_field_is_named(shop: Shop) -> None:
    method = made(shop)
    wrong = MethodDraft(
        code="other", name="", price_minor=-1, free_above_minor=-1, countries=("USA",), zones=("x" * 101,),
        days_min=4, days_max=2, position=-1, carrier="a\nb", services=(uuid4(),),
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        update_method(shop.boss, method.id, wrong, version=1)
    assert set(refused.value.fields) == {
        "code", "name", "price_minor", "free_above_minor", "countries", "zones", "days_max", "position", "carrier",
        "services",
    }  # fmt: skip
    method.refresh_from_db()
    assert (method.code, method.version) == ("van", 1)


def test_countries_and_provinces_are_kept_once_each(shop: Shop) -> None:
    method = made(shop, countries=("us", "US ", "ca"), zones=("Oregon", "oregon", "浙江", "浙江省"))
    assert method.countries == ["US", "CA"]
    assert [each.casefold() for each in method.zones] == ["oregon", "浙江省"]


def test_services_are_chosen_from_the_methods_side_too(shop: Shop) -> None:
    carrier = save_carrier(shop.boss, CarrierDraft(code="swift", name="Swift"))
    road, air = (
        save_service(shop.boss, carrier.id, ServiceDraft(code=code, name=code)) for code in ("road", "air")
    )
    method = made(shop, services=(road.id, air.id))
    assert services_of("van") == {road.id, air.id}
    kept = MethodDraft(code="van", name="Van", price_minor=700)
    update_method(shop.boss, method.id, kept, version=1)
    assert services_of("van") == {road.id, air.id}
    only = MethodDraft(code="van", name="Van", price_minor=700, services=(air.id,))
    update_method(shop.boss, method.id, only, version=2)
    assert list(ServiceMethod.objects.filter(method_code="van").values_list("service", flat=True)) == [air.id]
