"""The call centre of the demo shops as a newcomer finds it: a queue with hours of its own, what it says, what customers are asked and what they
said. Nobody in it exists."""

from __future__ import annotations

from collections.abc import Mapping

WHOLESALE = ("wholesale", "Wholesale", "企业采购")
WHOLESALE_NUMBERS = {"harbor": "+12025550101", "qinghe": "+8657188880101"}
OFFICE_HOURS = (*((("09:00", "18:00"),),) * 5, (), ())  # Monday first
PREFIXES = {"harbor": ["+1"], "qinghe": ["+86"]}

AFTER_HOURS = {
    "en": "You have reached our wholesale desk. We are here Monday to Friday from nine to six. Please leave your message and your number after the tone, and we call you back.",
    "zh-hans": "您好，这里是企业采购专线，服务时间为周一至周五上午九点至下午六点。请在提示音后留下您的需求和联系电话，我们会尽快回电。",
}
MESSAGE = {
    "harbor": "Hello, this is Lena Marsh from the Corner Bakery. We are opening a second shop next month and would like forty of your enamel mugs, with our name on them if you can do that. Please call me back, in the morning if possible. Thank you.",
    "qinghe": "您好，我是西湖书店的林女士。我们下个月开新店，想订四十套茶具，不知道能不能印上店名。麻烦您明天上午给我回个电话，谢谢。",
}
WISH = {"harbor": "Thirty gift sets for a staff party: which can be there by Friday?", "qinghe": "公司年会要三十份礼盒，想确认周五前能不能送到。"}  # fmt: skip
WORD = {
    "harbor": "Wants to hear when the lamp is back in stock.",
    "qinghe": "想知道台灯什么时候补货，答应到货前回电。",
}

SURVEY = ("After a talk", "服务评价")
QUESTIONS: tuple[Mapping[str, str], ...] = (
    {"en": "How satisfied are you with the help you got?", "zh-hans": "您对本次服务的满意程度如何？"},
    {"en": "How likely are you to order with us again?", "zh-hans": "您下次还会在我们这里购买吗？"},
)
SCORES = ((5, 5), (5, 4), (4, 5), (5, 5), (2, 4), (5, 5), (4, 4), (5, 5), (3, 4), (5, 5), (5, 4), (1, 2))
SAID = {
    "harbor": {0: "Wonderful help, thank you!", 4: "I had to explain it twice.", 11: "Still waiting for my parcel."},
    "qinghe": {0: "客服很耐心，问题一次就解决了。", 4: "等的时间有点长。", 11: "包裹到现在还没收到。"},
}  # fmt: skip
