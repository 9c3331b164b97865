"""What the company's pages say, in both languages: it is a company of its own and shares no catalogue with the shop."""

from __future__ import annotations

LANGUAGES = {"en": "English", "zh-hans": "中文"}

WORDS = {
    "en": {
        "title": "Pay with Meadow Pay",
        "company": "Meadow Pay",
        "demo": "Demonstration: these cards are not real and no money moves.",
        "amount": "To pay",
        "for": "For order",
        "later": "Later instalments will be taken from the same card.",
        "choose": "Choose a test card",
        "pay": "Pay with",
        "cancel": "Cancel and go back to the shop",
        "back": "Back to the shop",
        "thinking": "The bank is looking at this payment…",
        "thinking_more": "This page goes on by itself.",
        "paid": "Paid. Thank you.",
        "cancelled": "This payment was cancelled. Nothing was taken.",
        "expired": "This page has run out. Nothing was taken. Start again from the shop.",
        "missing": "There is no such payment here.",
        "missing_more": "Check the address, or start again from the shop.",
        "home": "A payment company for demonstrations. Shops send their customers to a page here to pay.",
        "card_declined": "The bank refused this card. Nothing was taken; choose another one.",
        "insufficient_funds": "There is not enough money on this card. Nothing was taken; choose another one.",
        "card_gone": "This card does not exist. Nothing was taken; choose another one.",
    },
    "zh-hans": {
        "title": "草地支付收银台",
        "company": "草地支付",
        "demo": "演示环境：卡号均为虚构，不会发生真实扣款。",
        "amount": "应付金额",
        "for": "订单号",
        "later": "后续各期将从同一张卡扣款。",
        "choose": "请选择一张测试卡",
        "pay": "支付",
        "cancel": "取消并返回商店",
        "back": "返回商店",
        "thinking": "银行正在处理这笔付款……",
        "thinking_more": "处理完成后页面会自动跳转。",
        "paid": "付款成功，谢谢。",
        "cancelled": "付款已取消，没有扣款。",
        "expired": "此页面已过期，没有扣款。请从商店重新发起付款。",
        "missing": "没有找到这笔付款。",
        "missing_more": "请检查网址，或从商店重新发起付款。",
        "home": "供演示使用的支付公司。商店会把顾客带到这里的页面付款。",
        "card_declined": "银行拒绝了这张卡，没有扣款，请换一张。",
        "insufficient_funds": "卡内余额不足，没有扣款，请换一张。",
        "card_gone": "这张卡不存在，没有扣款，请换一张。",
    },
}

CARD_WORDS = {
    "en": {
        "4242424242424242": "is accepted",
        "4000000000000002": "is refused by the bank",
        "4000000000009995": "has too little money on it",
        "4000000000003220": "is accepted, after the bank has thought for a while",
        "4000000000007726": "is accepted, and the shop is told twice",
        "4000000000000259": "is accepted, and the shop is never told: it has to ask",
        "4000000000000341": "is accepted, and the shop is told of less than was taken",
    },
    "zh-hans": {
        "4242424242424242": "付款成功",
        "4000000000000002": "银行拒绝",
        "4000000000009995": "余额不足",
        "4000000000003220": "银行处理较慢，随后成功",
        "4000000000007726": "付款成功，商店会收到两次通知",
        "4000000000000259": "付款成功，商店收不到通知，需自行查询",
        "4000000000000341": "付款成功，但通知商店的金额少于实收金额",
    },
}
