"""One order's page: what it waits for, the steps of its life, parcels, history, and money that is moved once."""

from __future__ import annotations

import pytest

from callcart.commerce.orders.models import Order
from callcart.commerce.orders.public import cancel_order, confirm_order, hold_order
from callcart.commerce.payments.models import Refund
from callcart.commerce.shipping.models import Parcel
from tests.web.office.office import Office, field_error, hidden, words


def _now(order: Order) -> Order:
    return Order.objects.get(id=order.id)


def test_staff_read_what_an_order_waits_for(office: Office) -> None:
    client, boss = office.client(), office.boss
    cash, prepaid = office.order(), office.order(payment_method="prepaid")
    assert "Waits to be confirmed." in words(client.get(f"/office/orders/{cash.id}"))
    assert "Waits for the customer's payment." in words(client.get(f"/office/orders/{prepaid.id}"))
    hold_order(boss, prepaid.id, reason="address looks wrong", version=prepaid.version)
    held = words(client.get(f"/office/orders/{prepaid.id}"))
    assert "Waits until it is released from hold." in held and "address looks wrong" in held
    confirm_order(boss, cash.id, version=cash.version)
    assert "Waits to be sent out." in words(client.get(f"/office/orders/{cash.id}"))
    cancel_order(boss, cash.id, reason="changed their mind", version=_now(cash).version)
    gone = words(client.get(f"/office/orders/{cash.id}"))
    assert "Nothing is left to do." in gone and "changed their mind" in gone
    assert "Your order" not in gone, "the customer's sentence is not for staff"


def test_confirming_sends_on_and_says_so(office: Office) -> None:
    order = office.order()
    done = office.client().post(f"/office/orders/{order.id}/confirm", {"version": order.version})
    assert done.status_code == 303 and done["Location"] == f"/office/orders/{order.id}"
    assert _now(order).state == "confirmed"


@pytest.mark.parametrize("step", ["cancel", "hold"])
def test_a_step_without_a_reason_opens_its_dialog_again_and_changes_nothing(
    office: Office, step: str
) -> None:
    order = office.order()
    refused = office.client().post(
        f"/office/orders/{order.id}/{step}", {"version": order.version, "reason": " "}
    )
    assert refused.status_code == 422
    page = refused.content.decode()
    assert f'<dialog id="{step}"' in page and page.count("data-now") == 1
    assert field_error(refused, "reason") != ""
    assert (_now(order).state, _now(order).version) == ("placed", order.version)


def test_an_outdated_page_changes_nothing_and_says_why(office: Office) -> None:
    order = office.order()
    hold_order(office.boss, order.id, reason="look first", version=order.version)
    refused = office.client().post(
        f"/office/orders/{order.id}/cancel", {"version": order.version, "reason": "no longer wanted"}
    )
    assert refused.status_code == 409
    assert "changed in the meantime" in words(refused)
    assert _now(order).state == "on_hold"


def test_history_tells_who_when_where_and_why(office: Office) -> None:
    order = office.order()
    office.client("agent").post(
        f"/office/orders/{order.id}/hold", {"version": order.version, "reason": "wants another colour"}
    )
    said = words(office.client().get(f"/office/orders/{order.id}"))
    assert "Agent Example" in said and "wants another colour" in said
    assert "Order placed, $25.00" in said and "the customer sees this" in said
    assert "Office wants another colour" in said, "where staff did it, not the shop the order came from"
    assert "· test" not in said, "a machine's name is no person's"


def test_a_parcel_is_sent_once_with_its_number(office: Office) -> None:
    order = office.order(3)
    confirm_order(office.boss, order.id, version=order.version)
    client, version = office.client("warehouse"), _now(order).version
    values = {"version": version, "carrier": "Swift", "tracking": "SW-1"}
    assert client.post(f"/office/orders/{order.id}/ship", values).status_code == 303
    assert client.post(f"/office/orders/{order.id}/ship", values).status_code == 409
    assert Parcel.objects.get().tracking == "SW-1"
    said = words(client.get(f"/office/orders/{order.id}"))
    assert "Swift SW-1" in said and "Thing TEA × 3" in said and "Parcel: Packed" in said
    assert "Send out" not in said, "nothing is held any more"


def test_held_stock_stands_by_warehouse(office: Office) -> None:
    office.shop.goods("MIX", price=500, west=2, east=5)
    order = office.order(4, sku="MIX")
    said = words(office.client().get(f"/office/orders/{order.id}"))
    assert "West × 2" in said or "East × 4" in said
    assert said.count("×") >= 1


def test_instalments_and_what_is_due_are_listed(office: Office) -> None:
    order = office.order(3, payment_method="instalments", instalments=3)
    said = words(office.client().get(f"/office/orders/{order.id}"))
    assert "Instalments" in said and said.count("Scheduled $") == 3
    assert "Link to pay by" in said


def _paid_in_cash(office: Office) -> Order:
    order = office.order(2)
    confirm_order(office.boss, order.id, version=order.version)
    client = office.client("warehouse")
    client.post(f"/office/orders/{order.id}/ship", {"version": _now(order).version})
    finance = office.client("finance")
    assert finance.post(f"/office/orders/{order.id}/cash", {"step": "collected"}).status_code == 303
    assert finance.post(f"/office/orders/{order.id}/cash", {"step": "remitted"}).status_code == 303
    assert "Cash received" in words(finance.get(f"/office/orders/{order.id}"))
    return order


def test_a_refund_pressed_twice_is_one(office: Office) -> None:
    order = _paid_in_cash(office)
    client = office.client("finance")
    values = {
        "amount": "12.50", "reason": "one cup was broken", "key": hidden(client.get(f"/office/orders/{order.id}"), "key")
    }  # fmt: skip
    assert client.post(f"/office/orders/{order.id}/refunds", values).status_code == 303
    assert client.post(f"/office/orders/{order.id}/refunds", values).status_code == 303
    assert [(row.amount_minor, row.state) for row in Refund.objects.all()] == [(1250, "in_flight")]
    assert "one cup was broken" in words(client.get(f"/office/orders/{order.id}"))


@pytest.mark.parametrize("amount", ["", "twelve", "-3", "0", "1.234"])
def test_an_amount_that_is_none_is_marked_at_its_field(office: Office, amount: str) -> None:
    order = _paid_in_cash(office)
    refused = office.client("finance").post(
        f"/office/orders/{order.id}/refunds", {"amount": amount, "reason": "broken", "key": "k1"}
    )
    assert refused.status_code == 422 and field_error(refused, "amount") != ""
    assert 'value="broken"' in refused.content.decode(), "what was typed is kept"
    assert not Refund.objects.exists()


def test_nobody_gives_back_more_than_came_in_or_than_they_may(office: Office) -> None:
    order = _paid_in_cash(office)
    much = {"amount": "45.01", "reason": "all of it", "key": "k2"}
    refused = office.client("finance").post(f"/office/orders/{order.id}/refunds", much)
    assert refused.status_code == 409 and "At most $45.00" in words(refused)
    small = office.narrowed("supervisor", payments__refund={"limit": 1000})
    assert "Your limit is $10.00." in words(small.get(f"/office/orders/{order.id}"))
    over = small.post(f"/office/orders/{order.id}/refunds", {**much, "amount": "10.01"})
    assert over.status_code == 403
    agent = office.client("agent").post(f"/office/orders/{order.id}/refunds", much)
    assert agent.status_code == 403 and not Refund.objects.exists()


def test_orders_outside_ones_scope_are_not_found_by_any_address(office: Office) -> None:
    order = office.order()
    client = office.narrowed(
        "supervisor", orders__view={"scope": "own"}, orders__edit={"scope": "own"}, orders__cancel={"scope": "own"}
    )  # fmt: skip
    assert client.get(f"/office/orders/{order.id}").status_code == 404
    assert client.get(f"/office/orders/{order.id}/edit").status_code == 404
    for step, values in (
        ("cancel", {"version": order.version, "reason": "x"}),
        ("refunds", {"amount": "1", "reason": "x", "key": "k"}),
        ("pay-link", {}),
        ("cash", {"step": "collected"}),
    ):
        assert client.post(f"/office/orders/{order.id}/{step}", values).status_code in (403, 404), step
    assert _now(order).state == "placed"


def test_the_receivers_number_is_hidden_or_the_look_is_recorded(office: Office) -> None:
    order = office.order(customer_id=office.customer().id)
    page = office.client("agent").get(f"/office/orders/{order.id}").content.decode()
    assert "555-0142" not in page and "****0142" in page
    assert office.audited("customers.see_phone") == 0
    assert "(212) 555-0142" in office.client("supervisor").get(f"/office/orders/{order.id}").content.decode()
    assert office.audited("customers.see_phone") == 1


def test_the_link_to_pay_by_is_given_to_those_who_may_send_it(office: Office) -> None:
    order = office.order(payment_method="prepaid")
    link = office.client("agent").post(f"/office/orders/{order.id}/pay-link")
    assert link.status_code == 200 and "/pay/" in words(link)
    assert office.client("warehouse").post(f"/office/orders/{order.id}/pay-link").status_code == 403


def test_the_link_leads_to_the_shop_whatever_host_the_desk_was_reached_by(office: Office) -> None:
    order = office.order(payment_method="prepaid")
    asked = office.client("agent").post(
        f"/office/orders/{order.id}/pay-link", headers={"host": "elsewhere.example:9000"}
    )
    assert asked.status_code == 200
    assert "http://harbor.localhost/pay/" in asked.content.decode()
    assert "elsewhere.example" not in asked.content.decode()
