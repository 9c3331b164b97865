"""Changing an order in the office: preview, confirm, mistakes at their field, and somebody else's change in between."""

from __future__ import annotations

from typing import Any

from callcart.commerce.orders.models import Order
from callcart.commerce.orders.public import SetQuantity, confirm_change
from callcart.commerce.shipping.public import DispatchState, move_dispatch, open_dispatches
from tests.web.office.office import Office, field_error, words


def _two_lines(office: Office) -> Order:
    office.shop.goods("TEA", price=2000, west=50)
    office.shop.goods("CUP", price=700, west=10)
    return office.shop.place(("TEA", 1), ("CUP", 2))


def _form(order: Order, **changes: Any) -> dict[str, Any]:
    """The form as the page shows it, with changes by SKU or field."""
    lines = {line.sku: line for line in order.lines.all()}
    values = {"version": order.version, "act": "preview", "reason": "asked by phone"}
    for line in lines.values():
        values[f"quantity-{line.id}"] = values[f"was-quantity-{line.id}"] = line.quantity
    for name, value in changes.items():
        values[f"quantity-{lines[name].id}" if name in lines else name] = value
    return values


def test_a_change_is_shown_before_it_is_made(office: Office) -> None:
    order = _two_lines(office)
    client, address = office.client("agent"), f"/office/orders/{order.id}/edit"
    shown = client.post(address, _form(order, CUP=4))
    assert shown.status_code == 200
    said = words(shown)
    assert "CUP Thing CUP: 2 → 4" in said and "$39.00" in said and "$53.00" in said and "$14.00" in said
    assert Order.objects.get(id=order.id).version == order.version
    done = client.post(address, _form(order, CUP=4, act="confirm"))
    assert done.status_code == 303
    assert Order.objects.get(id=order.id).total_minor == 5300
    assert "asked by phone" in words(client.get(f"/office/orders/{order.id}"))


def test_what_a_colleague_changed_meanwhile_stays_and_is_said(office: Office) -> None:
    order = _two_lines(office)
    tea = order.lines.get(sku="TEA")
    typed = _form(order, CUP=4, act="confirm")
    confirm_change(office.boss, order.id, [SetQuantity(tea.id, 3)], version=order.version, reason="called")
    client, address = office.client("agent"), f"/office/orders/{order.id}/edit"
    refused = client.post(address, typed)
    assert refused.status_code == 409
    said = words(refused)
    assert "changed in the meantime" in said and "What you typed is kept below" in said
    page, newer = refused.content.decode(), Order.objects.get(id=order.id)
    cup = order.lines.get(sku="CUP")
    assert f'name="quantity-{cup.id}" value="4"' in page, "what I typed"
    assert f'name="quantity-{tea.id}" value="3"' in page, "what the colleague made of it"
    assert f'name="version" value="{newer.version}"' in page
    assert client.post(address, _form(newer, CUP=4, act="confirm")).status_code == 303
    kept = {line.sku: line.quantity for line in order.lines.all()}
    assert kept == {"TEA": 3, "CUP": 4}


def test_a_shortage_stands_at_its_line(office: Office) -> None:
    order = _two_lines(office)
    refused = office.client().post(f"/office/orders/{order.id}/edit", _form(order, CUP=11))
    cup = order.lines.get(sku="CUP")
    assert refused.status_code == 422
    assert f'id="quantity-{cup.id}-error">Not enough in stock.' in refused.content.decode()


def test_quantities_that_are_none_are_marked(office: Office) -> None:
    order = _two_lines(office)
    cup = order.lines.get(sku="CUP")
    for text in ("", "-1", "two", "1.5", "9999999"):
        refused = office.client().post(f"/office/orders/{order.id}/edit", _form(order, CUP=text))
        assert refused.status_code == 422, text
        assert f'id="quantity-{cup.id}-error"' in refused.content.decode(), text


def test_taking_out_the_last_line_is_refused_in_words(office: Office) -> None:
    order = office.order()
    refused = office.client().post(f"/office/orders/{order.id}/edit", _form(order, TEA=0))
    assert refused.status_code == 422 and "To end it, cancel it." in words(refused)


def test_nothing_changed_is_said(office: Office) -> None:
    order = _two_lines(office)
    refused = office.client().post(f"/office/orders/{order.id}/edit", _form(order))
    assert refused.status_code == 422 and "Nothing is changed yet." in words(refused)


def test_a_product_is_added_by_its_code_and_an_unclear_one_is_not_guessed(office: Office) -> None:
    order = _two_lines(office)
    office.shop.goods("POT-A", price=900, west=5)
    office.shop.goods("POT-B", price=900, west=5)
    client, address = office.client(), f"/office/orders/{order.id}/edit"
    unclear = client.post(address, _form(order, add_sku="POT"))
    assert unclear.status_code == 422 and "POT-A" in field_error(unclear, "add_sku")
    unknown = client.post(address, _form(order, add_sku="NOTHING-LIKE-IT"))
    assert field_error(unknown, "add_sku") == "No product has this code."
    assert (
        client.post(address, _form(order, add_sku="pot-a", add_quantity="2", act="confirm")).status_code
        == 303
    )
    assert {line.sku: line.quantity for line in order.lines.all()} == {"TEA": 1, "CUP": 2, "POT-A": 2}


def test_the_address_changes_and_a_number_one_may_not_see_stays(office: Office) -> None:
    order = office.order()
    client, address = office.client("agent"), f"/office/orders/{order.id}/edit"
    page = client.get(address).content.decode()
    assert "2125550142" not in page and "555-0142" not in page
    done = client.post(address, _form(order, street="9 Birch Road", phone="", act="confirm"))
    assert done.status_code == 303
    now = Order.objects.get(id=order.id)
    assert (now.ship_street, now.ship_phone) == ("9 Birch Road", order.ship_phone)


def test_a_wrong_address_is_marked_at_its_field(office: Office) -> None:
    order = office.order()
    refused = office.client().post(f"/office/orders/{order.id}/edit", _form(order, postcode="9"))
    assert refused.status_code == 422 and field_error(refused, "postcode") != ""
    assert Order.objects.get(id=order.id).ship_postcode == order.ship_postcode


def test_a_confirmed_order_is_edited_until_it_is_packed_and_then_says_what_to_do(office: Office) -> None:
    order = _two_lines(office)
    client = office.client()
    client.post(f"/office/orders/{order.id}/confirm", {"version": order.version})
    now = Order.objects.get(id=order.id)
    shown = words(client.post(f"/office/orders/{order.id}/edit", _form(now, CUP=1, act="preview")))
    assert "The carrier collects" in shown
    (only,) = open_dispatches(order.id)
    move_dispatch(office.boss, only.id, DispatchState.PACKED)
    refused = client.post(f"/office/orders/{order.id}/edit", _form(now, CUP=1, act="confirm"))
    assert refused.status_code == 409
    assert "Ask it to put the goods back" in words(refused)
    assert order.lines.get(sku="CUP").quantity == 2
