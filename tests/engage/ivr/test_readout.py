"""What a caller hears of an order, word for word, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from callcart.commerce.orders.public import OrderState, PaymentAxis
from callcart.commerce.shipping.public import ParcelState
from callcart.core.money import Money
from callcart.engage.ivr import aloud
from callcart.engage.ivr.readout import OrderFacts, ParcelFacts, read_out, read_parcels

TODAY = date(2026, 11, 25)
AT = datetime(2026, 11, 25, 9, 40)
ORDER = OrderFacts(
    number="10482",
    units=2,
    total=Money(5990, "USD"),
    placed=datetime(2026, 11, 23, 18, 5),
    state=OrderState.CONFIRMED,
    payment=PaymentAxis.PAID,
)


def said(order: OrderFacts, language: str, *, named: bool = False, proven: bool = False) -> str:
    return " ".join(read_out(order, TODAY, language, named=named, proven=proven))


def test_an_order_out_for_delivery_in_english() -> None:
    order = replace(ORDER, parcels=(ParcelFacts(ParcelState.OUT_FOR_DELIVERY, AT),))
    assert said(order, "en") == (
        "Your last order was placed on November 23rd. It has 2 items. "
        "Your parcel is out for delivery. It left the depot today at 9:40 AM."
    )
    assert said(order, "en", named=True, proven=True).startswith(
        "Your order, number 1 0 4, 8 2, was placed on November 23rd. It has 2 items and comes to 59 dollars and 90 cents. "
    )


def test_an_order_out_for_delivery_in_chinese() -> None:
    order = replace(
        ORDER,
        total=Money(5990, "CNY"),
        payment=PaymentAxis.DUE_ON_DELIVERY,
        parcels=(ParcelFacts(ParcelState.OUT_FOR_DELIVERY, AT),),
    )
    assert said(order, "zh-hans") == (
        "您最近的一笔订单，十一月二十三日下单，共两件商品。 "
        "包裹正在派送中，今天上午九点四十分从网点发出。 签收时请付款。"
    )
    assert said(order, "zh-hans", named=True, proven=True).startswith(
        "您的订单，订单号幺零四，八二，十一月二十三日下单，共两件商品，合计五十九元九角。 "
    )


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("say", [read_out, read_parcels])
def test_to_a_number_alone_neither_price_nor_order_number_is_said(language: str, say: Any) -> None:
    """A number can be pretended, and with an order's number its last digits would prove who somebody is."""
    spoken = " ".join(say(ORDER, TODAY, language))
    for secret in (aloud.digits(ORDER.number, language), aloud.money(ORDER.total, language)):
        assert secret not in spoken
    named = " ".join(say(ORDER, TODAY, language, named=True))
    assert aloud.digits(ORDER.number, language) in named and aloud.money(ORDER.total, language) not in named


def test_one_item_is_singular() -> None:
    assert "It has 1 item." in said(replace(ORDER, units=1), "en")
    assert "共一件商品" in said(replace(ORDER, units=1), "zh-hans")


@pytest.mark.parametrize(
    ("state", "payment", "english", "chinese"),
    [
        (OrderState.PLACED, PaymentAxis.DUE, "It is waiting for your payment.", "该订单还没有付款。"),
        (
            OrderState.PLACED,
            PaymentAxis.PAID,
            "We have it, and will confirm it soon.",
            "订单已收到，正在等待确认。",
        ),
        (
            OrderState.CONFIRMED,
            PaymentAxis.PAID,
            "It is confirmed and is being packed.",
            "该订单已确认，正在备货。",
        ),
        (OrderState.ON_HOLD, PaymentAxis.DUE, "We are checking it at the moment.", "该订单正在核实。"),
        (OrderState.CLOSED, PaymentAxis.PAID, "It is completed.", "该订单已完成。"),
        (OrderState.CANCELLED, PaymentAxis.NOTHING_DUE, "It was cancelled.", "该订单已取消。"),
        (
            OrderState.CANCELLED,
            PaymentAxis.REFUND_DUE,
            "It was cancelled, and your money is on its way back.",
            "该订单已取消，退款正在处理中。",
        ),
        (
            OrderState.CANCELLED,
            PaymentAxis.REFUNDED,
            "It was cancelled, and your money has been refunded.",
            "该订单已取消，款项已退回。",
        ),
    ],
)
def test_where_an_order_without_a_parcel_stands(
    state: OrderState, payment: PaymentAxis, english: str, chinese: str
) -> None:
    order = replace(ORDER, state=state, payment=payment)
    assert read_out(order, TODAY, "en")[-1] == english
    assert read_out(order, TODAY, "zh-hans")[-1] == chinese


@pytest.mark.parametrize("state", list(ParcelState))
def test_every_state_of_a_parcel_can_be_said(state: ParcelState) -> None:
    order = replace(ORDER, parcels=(ParcelFacts(state, AT),))
    for language in ("en", "zh-hans"):
        sentence = read_out(order, TODAY, language)[-1]
        assert sentence.endswith((".", "。"))
        assert "{" not in sentence
        assert sentence[0].isupper() or language == "zh-hans"


def test_several_parcels_are_counted_and_the_latest_are_said() -> None:
    parcels = tuple(ParcelFacts(state, AT) for state in (ParcelState.DELIVERED, ParcelState.IN_TRANSIT))
    order = replace(ORDER, parcels=parcels)
    assert read_out(order, TODAY, "en")[1:] == [
        "It comes in 2 parcels.",
        "One of them: your parcel was delivered today at 9:40 AM.",
        "One of them: your parcel is on its way. It was last seen today at 9:40 AM.",
    ]
    assert read_out(order, TODAY, "zh-hans")[1] == "该订单分两个包裹发出。"
    many = replace(ORDER, parcels=parcels * 5)
    assert len(read_out(many, TODAY, "en")) == 2 + 3


def test_a_cancelled_order_says_nothing_of_its_parcels() -> None:
    order = replace(ORDER, state=OrderState.CANCELLED, parcels=(ParcelFacts(ParcelState.RETURNED, AT),))
    assert len(read_out(order, TODAY, "en")) == 2
