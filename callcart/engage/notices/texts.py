"""The texts that ship, by kind and language: (SMS, subject of the mail, mail). Short ones, so that an SMS is one part where it can be."""

from __future__ import annotations

from collections.abc import Mapping

Text = tuple[str, str, str]

_EN_END = "\n\nYou can follow it here: {link}\n\n{shop}"
_ZH_END = "\n\n查看订单进度:{link}\n\n{shop}"

TEXTS: Mapping[str, Mapping[str, Text]] = {
    "order_placed": {
        "en": (
            "{shop}: thank you, we have your order {number} over {total}. {link}",
            "Your order {number}",
            "Hello {name},\n\nthank you. We have your order {number}:\n\n{items}\n\nTotal: {total}" + _EN_END,
        ),
        "zh-hans": (
            "【{shop}】您的订单{number}已提交,合计{total}。查看:{link}",
            "订单{number}已提交",
            "{name},您好:\n\n感谢您的订购。订单{number}:\n\n{items}\n\n合计:{total}" + _ZH_END,
        ),
    },
    "payment_link": {
        "en": (
            "{shop}: please pay {due} for order {number} here: {pay}",
            "Please pay for order {number}",
            "Hello {name},\n\n{due} are still to be paid for your order {number}. You can pay here:\n{pay}\n\n{shop}",
        ),
        "zh-hans": (
            "【{shop}】订单{number}待付{due},请点击付款:{pay}",
            "请为订单{number}付款",
            "{name},您好:\n\n您的订单{number}还需付款{due},请点击以下链接付款:\n{pay}\n\n{shop}",
        ),
    },
    "dispatched": {
        "en": (
            "{shop}: order {number} is on its way with {carrier} {tracking}. {link}",
            "Your order {number} is on its way",
            "Hello {name},\n\nyour order {number} is on its way with {carrier}, tracking number {tracking}."
            + _EN_END,
        ),
        "zh-hans": (
            "【{shop}】订单{number}已发货,{carrier} {tracking}。查看:{link}",
            "订单{number}已发货",
            "{name},您好:\n\n您的订单{number}已发货,{carrier},运单号{tracking}。" + _ZH_END,
        ),
    },
    "out_for_delivery": {
        "en": (
            "{shop}: order {number} is out for delivery today. {cash} {link}",
            "Your order {number} comes today",
            "Hello {name},\n\nyour order {number} is out for delivery today. {cash}" + _EN_END,
        ),
        "zh-hans": (
            "【{shop}】订单{number}今日派送,请保持电话畅通。{cash}查看:{link}",
            "订单{number}今日派送",
            "{name},您好:\n\n您的订单{number}正在派送,请保持电话畅通。{cash}" + _ZH_END,
        ),
    },
    "at_pickup": {
        "en": (
            "{shop}: order {number} is ready for collection. {place} {link}",
            "Your order {number} is ready for collection",
            "Hello {name},\n\nyour order {number} is ready for collection. {place}" + _EN_END,
        ),
        "zh-hans": (
            "【{shop}】订单{number}已到自提点,请及时领取。{place} {link}",
            "订单{number}已到自提点",
            "{name},您好:\n\n您的订单{number}已到自提点,请及时领取。{place}" + _ZH_END,
        ),
    },
    "delivered": {
        "en": (
            "{shop}: order {number} was delivered. Something wrong? {link}",
            "Your order {number} was delivered",
            "Hello {name},\n\nyour order {number} was delivered. If something is not right, tell us."
            + _EN_END,
        ),
        "zh-hans": (
            "【{shop}】订单{number}已签收。如有问题请联系我们:{link}",
            "订单{number}已签收",
            "{name},您好:\n\n您的订单{number}已签收。如有问题,请随时联系我们。" + _ZH_END,
        ),
    },
    "delivery_exception": {
        "en": (
            "{shop}: order {number}: {trouble}. We look into it. {link}",
            "About the delivery of your order {number}",
            "Hello {name},\n\nabout your order {number}: {trouble}. We are looking into it." + _EN_END,
        ),
        "zh-hans": (
            "【{shop}】订单{number}派送异常:{trouble}。我们正在处理。{link}",
            "订单{number}派送异常",
            "{name},您好:\n\n您的订单{number}派送异常:{trouble}。我们正在处理。" + _ZH_END,
        ),
    },
    "invoice": {
        "en": (
            "{shop}: {document} for your order {number}: {pdf}",
            "{document} for your order {number}",
            "Hello {name},\n\nhere is {document} over {amount} for your order {number}, as a PDF:\n{pdf}\n\n{shop}",
        ),
        "zh-hans": (
            "【{shop}】订单{number}的账单{document}:{pdf}",
            "订单{number}的账单{document}",
            "{name},您好:\n\n您的订单{number}的账单{document},金额{amount},请下载PDF:\n{pdf}\n\n本账单不是税务发票。\n\n{shop}",
        ),
    },
    "refund_done": {
        "en": (
            "{shop}: {amount} of order {number} were given back to you.",
            "Your refund for order {number}",
            "Hello {name},\n\n{amount} of your order {number} were given back to you. It can take some days until you see them."
            + _EN_END,
        ),
        "zh-hans": (
            "【{shop}】订单{number}已退款{amount},到账时间以支付渠道为准。",
            "订单{number}已退款",
            "{name},您好:\n\n您的订单{number}已退款{amount},到账时间以支付渠道为准。" + _ZH_END,
        ),
    },
    "instalment_due": {
        "en": (
            "{shop}: {amount} for order {number} are due on {day}. {pay}",
            "An instalment is due on {day}",
            "Hello {name},\n\nthe next instalment of {amount} for your order {number} is due on {day}.\n{pay}\n\n{shop}",
        ),
        "zh-hans": (
            "【{shop}】订单{number}的分期款{amount}将于{day}到期。{pay}",
            "分期款将于{day}到期",
            "{name},您好:\n\n您的订单{number}下一期分期款{amount}将于{day}到期。\n{pay}\n\n{shop}",
        ),
    },
    "instalment_failed": {
        "en": (
            "{shop}: we could not collect {amount} for order {number}. Please pay here: {pay}",
            "We could not collect your instalment",
            "Hello {name},\n\nwe could not collect the instalment of {amount} for your order {number}. Please pay here:\n{pay}"
            "\n\n{shop}",
        ),
        "zh-hans": (
            "【{shop}】订单{number}的分期款{amount}扣款失败,请点击付款:{pay}",
            "分期款扣款失败",
            "{name},您好:\n\n您的订单{number}的分期款{amount}扣款失败,请点击以下链接付款:\n{pay}\n\n{shop}",
        ),
    },
    "goods_arrived": {
        "en": (
            "{shop}: {product} is here again. {link}",
            "{product} is here again",
            "Hello {name},\n\nyou asked us to tell you: {product} is here again.\n{link}\n\n{shop}",
        ),
        "zh-hans": (
            "【{shop}】您关注的{product}已到货。{link}",
            "{product}已到货",
            "{name},您好:\n\n您登记的{product}已到货。\n{link}\n\n{shop}",
        ),
    },
    "return_received": {
        "en": (
            "{shop}: we have your return of order {number} and look at it now.",
            "We have your return of order {number}",
            "Hello {name},\n\nwe have your return of order {number} and look at it now." + _EN_END,
        ),
        "zh-hans": (
            "【{shop}】已收到订单{number}的退货,正在验收。",
            "已收到订单{number}的退货",
            "{name},您好:\n\n我们已收到您订单{number}的退货,正在验收。" + _ZH_END,
        ),
    },
    "return_decided": {
        "en": (
            "{shop}: your return of order {number}: {decision}. {link}",
            "Your return of order {number}",
            "Hello {name},\n\nabout your return of order {number}: {decision}." + _EN_END,
        ),
        "zh-hans": (
            "【{shop}】订单{number}的退换货申请:{decision}。{link}",
            "订单{number}的退换货申请",
            "{name},您好:\n\n您订单{number}的退换货申请:{decision}。" + _ZH_END,
        ),
    },
    "chat_transcript": {
        "en": (
            "{shop}: {talk}",
            "Your chat with {shop}",
            "Hello {name},\n\nthis is what was said in your chat {number} with us:\n\n{talk}\n\n{shop}",
        ),
        "zh-hans": (
            "【{shop}】{talk}",
            "您与{shop}的聊天记录",
            "{name},您好:\n\n以下是您与我们的聊天记录(编号{number}):\n\n{talk}\n\n{shop}",
        ),
    },
}
