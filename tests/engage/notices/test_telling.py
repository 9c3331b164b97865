"""What customers are told: by which facts, once each, in their language, by a medium that reaches them, or not at all."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from callcart.commerce.orders.models import History, Order
from callcart.commerce.orders.public import confirm_order, ship_order
from callcart.commerce.payments.models import Instalment, Payment, Refund
from callcart.commerce.shipping.public import CarrierDraft, save_carrier
from callcart.core import events
from callcart.core import models as core
from callcart.core.actor import Actor
from callcart.core.ids import new_id
from callcart.engage.notices import handlers
from callcart.engage.notices import public as notices
from callcart.engage.notices.models import Notice
from callcart.people.customers.models import Email, Phone
from callcart.people.customers.public import Customer, create_customer
from tests.commerce.shop import Shop


def happens(handler: Any, kind: str, order: Order | None = None, **data: Any) -> None:
    """Emit an event and have the one handler see it, twice."""
    subject = ("order", order.id) if order else None
    more = {"order_id": order.id} if order else {}
    event_id = events.emit(kind, subject=subject, data=more | data)
    row = core.Event.objects.get(id=event_id)
    event = events.Event(
        row.id, row.tenant_id, row.at, row.kind, row.subject_kind, row.subject_id, None, "staff", row.data
    )
    handler(event)
    handler(event)


def told(**wanted: Any) -> list[Notice]:
    return list(Notice.objects.filter(**wanted).order_by("id"))


def customer(shop: Shop, *, phone: str = "(503) 555-0142", email: str = "", **more: Any) -> Customer:
    found = create_customer(shop.boss, name="Ada Example", phone=phone, **more)
    if email:
        Email.objects.create(customer=found, address=email, is_primary=True)
    return found


def test_an_order_is_told_by_mail_first(shop: Shop) -> None:
    who = customer(shop, email="ada@example.com")
    order = shop.place(("TEA", 2), customer_id=who.id)
    happens(handlers.on_order_placed, "order.placed", order)
    (row,) = told()
    assert (row.kind, row.medium, row.address, row.order_id) == (
        "order_placed",
        "mail",
        "ada@example.com",
        order.id,
    )
    assert row.subject == f"Your order {order.number}"
    assert "2 × Thing TEA" in row.text and f"number={order.number}" in row.text and "$45.00" in row.text


def test_every_handler_is_reached_by_its_event(shop: Shop) -> None:
    for kind in (
        "order.placed", "payments.link_wanted", "shipping.parcel_moved", "payments.refund_done", "payments.instalment_due",
        "payments.instalment_failed", "supply.arrived", "aftersales.changed",
    ):  # fmt: skip
        assert any(name.startswith(handlers.__name__) for name in events._handlers[kind]), kind


def test_a_repeated_or_late_scan_tells_nothing_anew(shop: Shop) -> None:
    order, parcel = shop.place(("TEA", 1), customer_id=customer(shop).id), new_id()
    for state in (
        "handed_over",
        "in_transit",
        "out_for_delivery",
        "in_transit",
        "out_for_delivery",
        "delivered",
        "delivered",
    ):
        happens(handlers.on_parcel_moved, "shipping.parcel_moved", order, state=state, parcel_id=parcel)
    assert [row.kind for row in told()] == ["dispatched", "out_for_delivery", "delivered"]
    happens(handlers.on_parcel_moved, "shipping.parcel_moved", order, state="handed_over", parcel_id=new_id())
    assert [row.kind for row in told()][3:] == ["dispatched"], "a second parcel has its own"


def test_out_for_delivery_says_what_cash_to_have_ready(shop: Shop) -> None:
    order = shop.place(("TEA", 1), customer_id=customer(shop).id)
    happens(handlers.on_parcel_moved, "shipping.parcel_moved", order, state="out_for_delivery")
    (row,) = told()
    assert "Please have $25.00 ready." in row.text
    paid = shop.place(("TEA", 1), customer_id=order.customer_id, payment_method="prepaid")
    happens(handlers.on_parcel_moved, "shipping.parcel_moved", paid, state="out_for_delivery")
    assert "ready" not in told(order_id=paid.id)[0].text


def test_each_trouble_is_told_in_words(shop: Shop) -> None:
    order = shop.place(("TEA", 1), customer_id=customer(shop, language="zh-hans").id, language="en")
    for state in ("attempt_failed", "attempt_failed", "lost"):
        happens(handlers.on_parcel_moved, "shipping.parcel_moved", order, state=state)
    first, second = told()
    assert (first.kind, first.language) == ("delivery_exception", "zh-hans")
    assert first.text != second.text and order.number in first.text
    happens(handlers.on_parcel_moved, "shipping.parcel_moved", order, state="packed")
    assert len(told()) == 2


def test_a_prepaid_order_by_phone_brings_the_link_to_pay(shop: Shop) -> None:
    order = shop.place(("TEA", 1), customer_id=customer(shop).id, payment_method="prepaid")
    happens(handlers.on_order_placed, "order.placed", order)
    assert {row.kind for row in told()} == {"order_placed", "payment_link"}
    link = told(kind="payment_link")[0].text
    assert "/pay/" in link and "$25.00" in link
    for _each in range(2):
        happens(handlers.on_link_wanted, "payments.link_wanted", order)
    assert len(told(kind="payment_link")) == 3, "asked for again, it is sent again"


def test_who_paid_is_not_asked_to_pay(shop: Shop) -> None:
    order = shop.place(("TEA", 1), customer_id=customer(shop).id, payment_method="prepaid")
    Payment.objects.filter(order_id=order.id).update(captured_minor=2500)
    happens(handlers.on_link_wanted, "payments.link_wanted", order)
    assert told() == []


def test_money_given_back_is_told_once_each(shop: Shop) -> None:
    order = shop.place(("TEA", 1), customer_id=customer(shop).id, payment_method="prepaid")
    payment = Payment.objects.get(order_id=order.id)
    refund = Refund.objects.create(payment=payment, amount_minor=700, currency="USD", state="done")
    for _each in range(2):
        happens(handlers.on_refund_done, "payments.refund_done", order, refund_id=refund.id)
    (row,) = told()
    assert "$7.00" in row.text
    happens(handlers.on_refund_done, "payments.refund_done", order, refund_id=new_id())
    assert len(told()) == 1


def test_instalments_due_and_failed(shop: Shop) -> None:
    order = shop.place(("TEA", 1), customer_id=customer(shop).id, payment_method="prepaid")
    payment = Payment.objects.get(order_id=order.id)
    part = Instalment.objects.create(payment=payment, number=9, due_on=date(2027, 1, 31), amount_minor=500)
    for days in (3, 3, 0):
        happens(
            handlers.on_instalment_due, "payments.instalment_due", order, instalment_id=part.id, days=days
        )
    happens(handlers.on_instalment_failed, "payments.instalment_failed", order, instalment_id=part.id)
    assert [row.kind for row in told()] == ["instalment_due", "instalment_due", "instalment_failed"]
    assert "$5.00" in told()[0].text and "Jan 31" in told()[0].text and "/pay/" in told()[2].text
    Instalment.objects.filter(id=part.id).update(state="paid")
    happens(handlers.on_instalment_due, "payments.instalment_due", order, instalment_id=part.id, days=1)
    assert len(told()) == 3, "paid meanwhile"


def test_goods_that_arrived(shop: Shop) -> None:
    who, wanted = customer(shop), new_id()
    happens(
        handlers.on_arrived,
        "supply.arrived",
        notice_id=wanted,
        customer_id=who.id,
        variant_id=shop.variants["TEA"].id,
    )
    (row,) = told()
    assert "Thing TEA is here again" in row.text and "/p/" in row.text and row.customer_id == who.id
    happens(handlers.on_arrived, "supply.arrived", notice_id=new_id())
    assert len(told()) == 1


def test_returns(shop: Shop) -> None:
    order = shop.place(("TEA", 1), customer_id=customer(shop).id)
    for state in ("asked", "received", "approved", "approved", "refunded"):
        happens(handlers.on_return_changed, "aftersales.changed", order, state=state, return_id=UUID(int=7))
    assert [row.kind for row in told()] == ["return_received", "return_decided", "return_decided"]
    assert "accepted" in told()[1].text and "given back" in told()[2].text


def test_who_cannot_be_reached_is_not_told_and_the_history_does_not_say_so(shop: Shop) -> None:
    who = customer(shop)
    Phone.objects.filter(customer=who).delete()
    order = shop.place(("TEA", 1), customer_id=who.id, payment_method="prepaid")
    before = History.objects.filter(order=order).count()
    happens(handlers.on_link_wanted, "payments.link_wanted", order)  # about money: not to the receiver
    assert told() == []
    assert History.objects.filter(order=order).count() == before


def test_where_the_customer_has_no_number_the_receiver_hears_of_the_parcel(shop: Shop) -> None:
    who = customer(shop)
    Phone.objects.filter(customer=who).delete()
    order = shop.place(("TEA", 1), customer_id=who.id)
    happens(handlers.on_parcel_moved, "shipping.parcel_moved", order, state="out_for_delivery")
    (row,) = told()
    assert (row.medium, row.address) == ("sms", order.ship_phone)


def test_a_guest_is_told_at_the_parcels_number_in_the_orders_language(shop: Shop) -> None:
    order = shop.place(("TEA", 1), language="zh-hans")
    happens(handlers.on_parcel_moved, "shipping.parcel_moved", order, state="handed_over")
    (row,) = told()
    assert (row.address, row.language, row.customer_id) == (order.ship_phone, "zh-hans", None)
    assert "已发货" in row.text


def test_who_said_no_to_sms_gets_mail_or_nothing(shop: Shop) -> None:
    who = customer(shop, email="ada@example.com")
    Customer.objects.filter(id=who.id).update(
        consent={"sms": {"given": False, "at": "2026-01-01T00:00:00+00:00"}}
    )
    order = shop.place(("TEA", 1), customer_id=who.id)
    happens(handlers.on_parcel_moved, "shipping.parcel_moved", order, state="handed_over")
    assert [row.medium for row in told()] == ["mail"]


def test_a_landline_gets_no_sms(shop: Shop) -> None:
    who = customer(shop, phone="+44 20 7946 0018")
    order = shop.place(("TEA", 1), customer_id=who.id)
    happens(handlers.on_link_wanted, "payments.link_wanted", order)
    assert told(address="+442079460018") == []


def test_the_shop_chooses_the_way(shop: Shop) -> None:
    boss, who = shop.boss, customer(shop, email="ada@example.com")
    order = shop.place(("TEA", 1), customer_id=who.id)
    notices.set_way(boss, "dispatched", "off")
    happens(handlers.on_parcel_moved, "shipping.parcel_moved", order, state="handed_over")
    assert told() == []
    notices.set_way(boss, "dispatched", "both")
    happens(handlers.on_parcel_moved, "shipping.parcel_moved", order, state="in_transit")
    assert {row.medium for row in told()} == {"sms", "mail"}


def test_what_is_written_down_of_the_past_or_imported_is_told_to_nobody(shop: Shop) -> None:
    order = shop.place(("TEA", 1), customer_id=customer(shop).id)
    with events.handled_at_once():
        happens(handlers.on_order_placed, "order.placed", order)
    assert told() == []
    Order.objects.filter(id=order.id).update(channel="import")
    happens(handlers.on_order_placed, "order.placed", order)
    assert told() == []


@pytest.mark.parametrize("missing", ["sms", "mail"])
def test_what_the_installation_cannot_send_is_not_written(
    shop: Shop, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callcart.engage.notices import write

    left = {"sms": notices.Medium.MAIL, "mail": notices.Medium.SMS}[missing]
    monkeypatch.setattr(write, "ways_out", lambda: frozenset({left}))
    order = shop.place(("TEA", 1), customer_id=customer(shop, email="ada@example.com").id)
    happens(handlers.on_order_placed, "order.placed", order)
    assert [row.medium for row in told()] == [left]


def test_the_shops_own_words_are_sent(shop: Shop) -> None:
    notices.change_wording(shop.boss, "dispatched", notices.Medium.SMS, "en", body="Off it goes: {number}")
    order = shop.place(("TEA", 1), customer_id=customer(shop).id)
    happens(handlers.on_parcel_moved, "shipping.parcel_moved", order, state="handed_over")
    assert told()[0].text == f"Off it goes: {order.number}"
    notices.reset_wording(Actor.system(shop.tenant_id), "dispatched", notices.Medium.SMS, "en")
    assert notices.wording("dispatched", notices.Medium.SMS, "en").own is False


@pytest.mark.parametrize(("language", "said"), [("en", "Swift Post"), ("zh-hans", "迅达快递")])
def test_the_carrier_is_named_in_the_customers_language(shop: Shop, language: str, said: str) -> None:
    save_carrier(shop.boss, CarrierDraft(code="swift", name="Swift Post", name_zh="迅达快递"))
    shop.goods("MUG", west=3)
    order = shop.place(("MUG", 1), customer_id=customer(shop, language=language).id)
    confirmed = confirm_order(shop.boss, order.id, version=1)
    parcel = ship_order(shop.boss, order.id, version=confirmed.version, carrier="Swift Post", tracking="TQ77")
    happens(
        handlers.on_parcel_moved, "shipping.parcel_moved", order, state="handed_over", parcel_id=parcel.id
    )
    assert f"{said} TQ77" in told(kind="dispatched")[0].text
