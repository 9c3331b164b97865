"""A product that is out: asking to be told, seeing what one waits for, ordering what is held, and nobody else's list."""

from __future__ import annotations

from callcart.commerce.catalog.models import Variant
from callcart.commerce.inventory.public import list_warehouses, receive
from callcart.commerce.supply.models import ArrivalNotice
from callcart.commerce.supply.public import serve
from callcart.people.customers.models import Phone
from tests.web.shop.visitor import Shop, Visitor


def signed_in(harbor: Shop) -> tuple[Visitor, str]:
    visitor, phone = harbor.visitor(), harbor.phone()
    visitor.sign_in(phone)
    return visitor, phone


def comes(shop: Shop, sku: str, units: int) -> None:
    with shop.acting():
        variant = Variant.objects.get(sku=sku)
        receive(shop.boss, variant_id=variant.id, warehouse_id=list_warehouses()[0].id, quantity=units)
        serve(variant.id)


def test_asked_told_held_and_ordered(harbor: Shop) -> None:
    sku = harbor.goods(stock=0)
    visitor, phone = signed_in(harbor)
    assert "Tell me when it is back" in visitor.get(f"/p/{sku.lower()}").words
    asked = visitor.post("/tell-me", sku=sku, channel="sms", quantity=2)
    assert asked.to == f"/p/{sku.lower()}?v={sku}"
    assert "You are on the list" in visitor.get(asked.to).words
    assert "What you wait for" in visitor.get("/account").words
    comes(harbor, sku, 2)
    assert "Held for you until" in visitor.get("/account").words
    assert "Sold out" in harbor.visitor().get(f"/p/{sku.lower()}").words, "to others it is gone"
    assert "Add to cart" in visitor.get(f"/p/{sku.lower()}").words
    order = visitor.order(sku)
    with harbor.acting():
        notice = ArrivalNotice.objects.get(customer_id=Phone.objects.get(e164=phone).customer_id)
        assert (notice.state, notice.order_id) == ("bought", order.id)
    assert "What you wait for" not in visitor.get("/account").words


def test_a_visitor_signs_in_first_and_comes_back(harbor: Shop) -> None:
    sku = harbor.goods(stock=0)
    page = harbor.visitor().post("/tell-me", sku=sku)
    assert page.to.startswith("/sign-in?next=%2Fp%2F")


def test_what_cannot_be_is_said_on_the_page(harbor: Shop) -> None:
    sku, there = harbor.goods(stock=0), harbor.goods(stock=3)
    visitor, _phone = signed_in(harbor)
    assert (
        "We cannot reach you that way."
        in visitor.get(visitor.post("/tell-me", sku=sku, channel="mail").to).words
    )
    assert "It is in stock" in visitor.get(visitor.post("/tell-me", sku=there, channel="sms").to).words
    assert visitor.post("/tell-me", sku="NOTHING", channel="sms").status == 404


def test_nobody_forgets_for_somebody_else(harbor: Shop) -> None:
    sku = harbor.goods(stock=0)
    visitor, phone = signed_in(harbor)
    visitor.post("/tell-me", sku=sku, channel="sms")
    with harbor.acting():
        notice = ArrivalNotice.objects.get(customer_id=Phone.objects.get(e164=phone).customer_id)
    other, _phone = signed_in(harbor)
    other.post(f"/account/waiting/{notice.id}/forget")
    assert harbor.visitor().post(f"/account/waiting/{notice.id}/forget").to.startswith("/sign-in")
    with harbor.acting():
        assert ArrivalNotice.objects.get(id=notice.id).state == "waiting"
    visitor.post(f"/account/waiting/{notice.id}/forget")
    with harbor.acting():
        assert ArrivalNotice.objects.get(id=notice.id).state == "cancelled"
