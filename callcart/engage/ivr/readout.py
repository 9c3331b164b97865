"""What a caller hears of an order: its day, its size, and where it stands. Pure.

Says nothing that the caller's number does not prove, which can be pretended: no names, no addresses, no goods, no free text of a carrier;
no price but to a customer who has identified themselves, and no number of an order but one that the caller has said: with it and the
number pretended somebody else's identity would be proven.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from callcart.commerce.orders.public import OrderState, PaymentAxis
from callcart.commerce.shipping.public import ParcelState
from callcart.core.money import Money
from callcart.engage.ivr import aloud

MOST_PARCELS = 3


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """A parcel: its state, and since when by the shop's clock."""

    state: ParcelState
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as far as it is read out. `placed` is a moment by the shop's clock; parcels oldest first."""

    number: str
    units: int
    total: Money
    placed: datetime
    state: OrderState
    payment: PaymentAxis
    parcels: tuple[ParcelFacts, ...] = field(default=())


def read_out(
    order: OrderFacts, today: date, language: str, *, named: bool = False, proven: bool = False
) -> list[str]:
    """The sentences, in order. `named`: the caller said which order, so it is not called their last one. `proven`: they are who they
    say."""
    return [_which(order, today, language, named=named, priced=proven), *_standing(order, today, language)]


def read_parcels(
    order: OrderFacts, today: date, language: str, *, named: bool = False, proven: bool = False
) -> list[str]:
    """Only where it is."""
    number = aloud.digits(order.number, language)
    if aloud.is_chinese(language):
        which = f"您的订单{number}：" if named else "您最近的一笔订单："
    else:
        which = f"Your order {number}." if named else "Your last order."
    return [which, *_standing(order, today, language)]


def read_credit(credit: Money, language: str) -> list[str]:
    """What a customer has with the shop."""
    amount = aloud.money(credit, language)
    return [f"您的账户余额为{amount}。" if aloud.is_chinese(language) else f"Your store credit is {amount}."]


def _standing(order: OrderFacts, today: date, language: str) -> list[str]:
    said: list[str] = []
    if order.state is OrderState.CANCELLED:
        said.append(_cancelled(order, language))
    elif order.parcels:
        said += _parcels(order, today, language)
    else:
        said.append(_without_parcel(order, language))
    return said


def _which(order: OrderFacts, today: date, language: str, *, named: bool, priced: bool) -> str:
    number, price = aloud.digits(order.number, language), aloud.money(order.total, language)
    placed = aloud.day(order.placed.date(), today, language)
    if aloud.is_chinese(language):
        items = aloud.count_zh(order.units, "件")
        which = f"您的订单，订单号{number}，" if named else "您最近的一笔订单，"
        sum_ = f"，合计{price}" if priced else ""
        return f"{which}{placed}下单，共{items}商品{sum_}。"
    items = aloud.count_en(order.units, "item", "items")
    which = f"Your order, number {number}," if named else "Your last order"
    sum_ = f" and comes to {price}" if priced else ""
    return f"{which} was placed {placed}. It has {items}{sum_}."


def _cancelled(order: OrderFacts, language: str) -> str:
    chinese = aloud.is_chinese(language)
    if order.payment is PaymentAxis.REFUND_DUE:
        return (
            "该订单已取消，退款正在处理中。"
            if chinese
            else "It was cancelled, and your money is on its way back."
        )
    if order.payment is PaymentAxis.REFUNDED:
        return (
            "该订单已取消，款项已退回。" if chinese else "It was cancelled, and your money has been refunded."
        )
    return "该订单已取消。" if chinese else "It was cancelled."


def _without_parcel(order: OrderFacts, language: str) -> str:
    chinese = aloud.is_chinese(language)
    if order.state is OrderState.ON_HOLD:
        return "该订单正在核实。" if chinese else "We are checking it at the moment."
    if order.payment is PaymentAxis.DUE:
        return "该订单还没有付款。" if chinese else "It is waiting for your payment."
    if order.state is OrderState.CONFIRMED:
        return "该订单已确认，正在备货。" if chinese else "It is confirmed and is being packed."
    if order.state is OrderState.CLOSED:
        return "该订单已完成。" if chinese else "It is completed."
    return "订单已收到，正在等待确认。" if chinese else "We have it, and will confirm it soon."


def _parcels(order: OrderFacts, today: date, language: str) -> list[str]:
    parcels = order.parcels[-MOST_PARCELS:]
    if len(order.parcels) == 1:
        alone = _parcel(parcels[0], today, language)
        said = [alone[0].upper() + alone[1:]]
    elif aloud.is_chinese(language):
        said = [f"该订单分{aloud.count_zh(len(order.parcels), '个')}包裹发出。"]
        said += [f"其中一个包裹：{_parcel(each, today, language)}" for each in parcels]
    else:
        said = [f"It comes in {len(order.parcels)} parcels."]
        said += [f"One of them: {_parcel(each, today, language)}" for each in parcels]
    coming = any(parcel.state is ParcelState.OUT_FOR_DELIVERY for parcel in parcels)
    if coming and order.payment is PaymentAxis.DUE_ON_DELIVERY:
        said.append("签收时请付款。" if aloud.is_chinese(language) else "You pay when it is handed to you.")
    return said


def _parcel(parcel: ParcelFacts, today: date, language: str) -> str:
    chinese = aloud.is_chinese(language)
    return _SENTENCES[parcel.state][chinese].format(when=aloud.moment(parcel.at, today, language))


_SENTENCES = {
    ParcelState.PACKED: (
        "your parcel was packed {when} and is waiting for the carrier.",
        "包裹已于{when}打包，等待快递揽收。",
    ),
    ParcelState.HANDED_OVER: ("the carrier took your parcel {when}.", "包裹已于{when}由快递揽收。"),
    ParcelState.IN_TRANSIT: (
        "your parcel is on its way. It was last seen {when}.",
        "包裹正在运输途中，最近一次扫描是{when}。",
    ),
    ParcelState.OUT_FOR_DELIVERY: (
        "your parcel is out for delivery. It left the depot {when}.",
        "包裹正在派送中，{when}从网点发出。",
    ),
    ParcelState.ATTEMPT_FAILED: (
        "the carrier tried to deliver your parcel {when}, and will try again.",
        "快递员{when}派送未成功，将再次派送。",
    ),
    ParcelState.EXCEPTION: (
        "your parcel has been held up since {when}. We are looking into it.",
        "包裹自{when}起运输异常，我们正在跟进处理。",
    ),
    ParcelState.AT_PICKUP: (
        "your parcel has been ready for collection since {when}. Please bring the code that the carrier sent you.",
        "包裹已于{when}到达自提点，请凭快递公司发送的取件码领取。",
    ),
    ParcelState.REFUSED: (
        "your parcel was not accepted {when}, and is coming back to us.",
        "包裹{when}被拒收，正在退回我们仓库。",
    ),
    ParcelState.DELIVERED: ("your parcel was delivered {when}.", "包裹已于{when}签收。"),
    ParcelState.RETURNING: (
        "your parcel is on its way back to us. It was sent back {when}.",
        "包裹正在退回途中，{when}开始退回。",
    ),
    ParcelState.RETURNED: ("your parcel came back to us {when}.", "包裹已于{when}退回我们仓库。"),
    ParcelState.LOST: (
        "the carrier has told us that your parcel is lost. We are sorry.",
        "快递反馈包裹已丢失，非常抱歉。",
    ),
}
