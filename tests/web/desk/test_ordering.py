"""Taking an order: search, price, mistakes at their fields, placing once, the customer's number unseen, repeating."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from callcart.commerce.catalog import public as catalog
from callcart.commerce.inventory.models import Reservation
from callcart.commerce.orders.models import Order
from callcart.contact.conversations.public import linked_to
from callcart.core.ids import spoken
from callcart.core.models import AuditEntry
from callcart.people.customers.models import Address, Customer
from callcart.people.staff.models import Role
from tests.web.desk.stage import GRACE, Stage

PLACE = {
    "name": "Grace Whitfield", "phone": "", "country": "US", "province": "ME", "city": "Portland", "district": "",
    "street": "12 Ferry Landing", "postcode": "04101",
}  # fmt: skip


def test_the_link_of_an_order_out_of_reach_is_not_given(desk: Stage) -> None:
    order = desk.order()
    path = f"order/{order.id}/pay"
    assert desk.send(path).status_code == 200
    with desk.transaction():
        role = Role.objects.get(key="agent")
        Role.objects.filter(id=role.id).update(grants={**role.grants, "orders.view": {"scope": "own"}})
    try:
        assert desk.send(path).status_code == 404
    finally:
        with desk.transaction():
            Role.objects.filter(id=role.id).update(grants=role.grants)


def test_a_number_filled_in_is_a_look_at_it(desk: Stage) -> None:
    def looks() -> int:
        with desk.transaction():
            return AuditEntry.objects.filter(action="customers.see_phone", subject_id=desk.customer()).count()

    before = looks()
    form = f"/desk/order?customer={desk.customer()}"
    assert "555-0123" not in desk.client("amy").get(form).content.decode()
    assert looks() == before
    assert "555-0123" in desk.client("super").get(form).content.decode()
    assert looks() == before + 1


def _draft(desk: Stage, *lines: tuple[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "key": str(uuid4()),
        "customer_id": str(desk.customer()),
        "conversation_id": None,
        "lines": [{"variant_id": str(desk.variant(sku)), "quantity": count} for sku, count in lines],
        "address_id": None,
        "address": dict(PLACE),
        "delivery_method": _method(desk),
        "payment_method": "cod",
        "instalments": 3,
        "note": "",
        **changes,
    }


def _method(desk: Stage) -> str:
    from callcart.commerce.shipping.models import DeliveryMethod

    with desk.transaction():
        return DeliveryMethod.objects.filter(takes_cod=True, is_active=True)[0].code


def _place(desk: Stage, draft: dict[str, Any], login: str = "amy") -> Any:
    return desk.send("order/place", draft, login=login)


def _count(desk: Stage) -> int:
    with desk.transaction():
        return Order.objects.count()


@pytest.mark.parametrize(
    "text", ["cast-iron", "CAST iron skillet 8", "SK08", "sk08", "铸铁煎锅", "zhutie", "ztjg", "铸铁"]
)
def test_a_product_is_found_by_name_code_and_pinyin(desk: Stage, text: str) -> None:
    page = desk.client().get("/desk/order/search", {"q": text}).content.decode()
    assert "SK08" in page
    assert "$34.00" in page
    assert "in Portland" in page


def test_a_barcode_finds_exactly_its_product(desk: Stage) -> None:
    from callcart.commerce.catalog.models import Variant

    with desk.transaction():
        barcode = Variant.objects.get(sku="CK08").barcode
    page = desk.client().get("/desk/order/search", {"q": barcode}).content.decode()
    assert page.count('role="option"') == 1
    assert "CK08" in page


def test_what_is_sold_out_says_so(desk: Stage) -> None:
    page = desk.client().get("/desk/order/search", {"q": "SB04"}).content.decode()
    assert "option-out" in page
    assert "none left" in page


def test_placing_holds_stock_gives_a_number_and_ties_it_to_the_call(desk: Stage) -> None:
    talk, before = desk.talking(), desk.left("LA01")
    answer = _place(desk, _draft(desk, ("LA01", "2"), conversation_id=str(talk)))
    assert answer.status_code == 200, answer.content.decode()[:500]
    body = answer.json()
    with desk.transaction():
        order = Order.objects.get(id=body["order"])
        held = Reservation.objects.filter(order_id=order.id, state="held")
        assert sum(row.quantity for row in held) == 2
        assert [each.id for each in linked_to("order", order.id)] == [talk]
    assert (order.number, order.channel, order.conversation_id) == (body["number"], "phone", talk)
    assert order.agent_name == "Amy Lindqvist"
    assert order.ship_phone == GRACE, "the number that the agent may not see"
    assert body["spoken"] == spoken(order.number)
    assert body["spoken"] in body["html"]
    assert desk.left("LA01") == before - 2
    assert spoken(order.number) in desk.client().get(f"/desk/c/{talk}").content.decode(), (
        "in the list at once"
    )


def test_a_double_click_places_once(desk: Stage) -> None:
    draft, before, left = _draft(desk, ("LA01", "1")), _count(desk), desk.left("LA01")
    first, second = _place(desk, draft), _place(desk, draft)
    assert first.json()["order"] == second.json()["order"]
    assert _count(desk) == before + 1
    assert desk.left("LA01") == left - 1


def test_the_same_key_with_other_goods_is_refused(desk: Stage) -> None:
    draft, before = _draft(desk, ("LA01", "1")), _count(desk)
    assert _place(desk, draft).status_code == 200
    answer = _place(desk, {**_draft(desk, ("LA01", "2")), "key": draft["key"]})
    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency.key_reused"
    assert _count(desk) == before + 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "lines"),
        ({"payment_method": ""}, "payment_method"),
        ({"payment_method": "gold"}, "payment_method"),
        ({"payment_method": "instalments", "instalments": 99}, "instalments"),
        ({"delivery_method": "pigeon"}, "delivery_method"),
        ({"address": {**PLACE, "street": ""}}, "address.street"),
        ({"address": {**PLACE, "name": "\u202e" + "x" * 10_000}}, "address.name"),
        ({"address": {**PLACE, "phone": "not a number"}}, "address.phone"),
        ({"address": None}, "address"),
        ({"address_id": str(uuid4())}, "address"),
        ({"note": "x" * 10_000}, "note"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_placed(
    desk: Stage, change: dict[str, Any], field: str
) -> None:
    before, left = _count(desk), desk.left("LA01")
    answer = _place(desk, _draft(desk, ("LA01", "1"), **change))
    assert answer.status_code == 422, answer.content.decode()[:300]
    assert field in answer.json()["fields"], answer.json()["fields"]
    assert (_count(desk), desk.left("LA01")) == (before, left)


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "abc", "", "1e9", "99999999999", None, "１２３４５"])
def test_a_quantity_that_is_none_is_told_at_its_line(desk: Stage, quantity: Any) -> None:
    before = _count(desk)
    answer = _place(desk, _draft(desk, ("LA01", "1"), ("CK08", quantity)))
    assert answer.status_code in (409, 422)
    assert "lines.1.quantity" in answer.json()["fields"]
    assert _count(desk) == before


def test_full_width_digits_are_digits(desk: Stage) -> None:
    answer = _place(desk, _draft(desk, ("LA01", "１")))
    assert answer.status_code == 200


def test_more_than_is_left_is_told_at_the_line(desk: Stage) -> None:
    left, before = desk.left("SK10"), _count(desk)
    answer = _place(desk, _draft(desk, ("SK10", str(left + 1))))
    assert answer.status_code == 409
    assert list(answer.json()["fields"]) == ["lines.0.quantity"]
    assert (desk.left("SK10"), _count(desk)) == (left, before)


def test_a_price_that_changed_is_told_before_it_is_taken(desk: Stage) -> None:
    draft, before = _draft(desk, ("LA01", "1")), _count(desk)
    draft["lines"][0]["seen_minor"] = 1
    answer = _place(desk, draft)
    assert answer.status_code == 409
    assert answer.json()["fields"] == {"lines.0.price": "The price was $0.01 and is $36.10 now."}
    assert _count(desk) == before


def test_the_summary_prices_what_can_be_priced(desk: Stage) -> None:
    draft = _draft(desk, ("LA01", "2"), ("SB04", "1"), ("CK08", "x"))
    page = desk.client().post("/desk/order/summary", draft, content_type="application/json").content.decode()
    assert "$72.20" in page
    assert "Sold out." in page
    assert "Give a quantity from 1" in page


def test_somebody_elses_address_is_nobodys(desk: Stage) -> None:
    with desk.transaction():
        stranger = Customer.objects.exclude(id=desk.customer())[0]
        theirs = Address.objects.create(
            customer_id=stranger.id, name="X", phone="+12025550199", country="US", province="ME",
            city="Portland", street="1 Elm Court", postcode="04101",
        )  # fmt: skip
    answer = _place(desk, _draft(desk, ("LA01", "1"), address_id=str(theirs.id)))
    assert answer.status_code == 422
    assert "address" in answer.json()["fields"]


def test_a_new_address_is_kept_where_that_is_wanted(desk: Stage) -> None:
    place = {**PLACE, "street": f"{uuid4().int % 900 + 1} Granite Street", "save": True}
    assert _place(desk, _draft(desk, ("LA01", "1"), address=place)).status_code == 200
    with desk.transaction():
        assert Address.objects.filter(customer_id=desk.customer(), street=place["street"]).count() == 1


def test_a_prepaid_order_comes_with_its_link(desk: Stage) -> None:
    answer = _place(desk, _draft(desk, ("LA01", "1"), payment_method="prepaid"))
    assert "/pay/" in answer.json()["html"]
    again = desk.client().post(f"/desk/order/{answer.json()['order']}/pay")
    assert "/pay/" in again.json()["html"]
    elsewhere = desk.client().post(
        f"/desk/order/{answer.json()['order']}/pay", headers={"host": "elsewhere.example"}
    )
    assert "http://harbor.localhost/pay/" in elsewhere.json()["html"]


def test_whoever_may_not_place_places_nothing(desk: Stage) -> None:
    before = _count(desk)
    for login in ("ware", "fin"):
        assert _place(desk, _draft(desk, ("LA01", "1")), login).status_code == 403
    assert _count(desk) == before


def test_the_last_order_again_is_ready_to_be_placed(desk: Stage) -> None:
    earlier = desk.order(sku="CK08", quantity=2)
    found = desk.client().get(f"/desk/order/repeat/{earlier.id}").json()
    assert found["lines"] == [{"variant_id": str(desk.variant("CK08")), "quantity": "2"}]
    found.pop("warning")
    answer = _place(desk, {**_draft(desk), **found})
    assert answer.status_code == 200, answer.content.decode()[:300]
    with desk.transaction():
        order = Order.objects.get(id=answer.json()["order"])
    assert (order.ship_street, order.ship_phone, order.payment_method) == ("12 Ferry Landing", GRACE, "cod")


def test_an_order_for_nobody_is_not_found(desk: Stage) -> None:
    before = _count(desk)
    for customer in (str(uuid4()), "x", "'"):
        answer = _place(desk, _draft(desk, ("LA01", "1"), customer_id=customer))
        assert answer.status_code in (404, 422), customer
    assert _place(desk, _draft(desk, ("LA01", "1"), conversation_id=str(uuid4()))).status_code == 404
    assert _count(desk) == before


def _hamper(desk: Stage) -> str:
    """A set of an apron and four soaps, made for one test; its SKU."""
    with desk.transaction():
        product = catalog.create_product(
            desk.boss, catalog.ProductDraft(name="Picnic hamper", name_zh="野餐篮")
        )
        made = catalog.add_variant(
            desk.boss, product.id, catalog.VariantDraft(sku="HAMPER", price_minor=9900)
        )
        parts = [
            catalog.ComponentDraft(desk.variant("LA01")),
            catalog.ComponentDraft(desk.variant("PS03"), 4),
        ]
        catalog.compose(desk.boss, made.id, parts)
    return "HAMPER"


def test_a_set_is_found_with_what_is_left_priced_as_one_and_placed_whole(desk: Stage) -> None:
    sku, soaps = _hamper(desk), desk.left("PS03")
    page = desk.client().get("/desk/order/search", {"q": "hamper"}).content.decode()
    assert "HAMPER" in page and "in Portland" in page and "none left" not in page
    answer = _place(desk, _draft(desk, (sku, "2")))
    assert answer.status_code == 200, answer.content.decode()[:500]
    with desk.transaction():
        order = Order.objects.get(id=answer.json()["order"])
        assert list(order.lines.values_list("sku", "quantity")) == [("LA01", 2), ("PS03", 8)]
        assert order.goods_minor == 18_810  # a gold customer pays 5 % less for a set too
    assert desk.left("PS03") == soaps - 8
    card = desk.client().get(f"/desk/customer/{order.customer_id}").content.decode()
    assert "2 × Picnic hamper" in card and "Pine tar soap" not in card
    short = _place(desk, _draft(desk, (sku, "999")))
    assert short.status_code in (409, 422)
    assert short.json()["fields"]["lines.0.quantity"].startswith("Linen apron: Only ")
