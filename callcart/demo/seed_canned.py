"""The demo shops' canned replies and tags of conversations, in both languages."""

from __future__ import annotations

from callcart.contact.conversations.tags import TagDraft, save_tag
from callcart.core.actor import Actor
from callcart.engage.canned.public import ReplyDraft, Then, save_reply

# name, name in Chinese, colour
TAGS = (
    ("Complaint", "投诉", "red"),
    ("Damaged goods", "商品破损", "amber"),
    ("Praise", "表扬", "green"),
)
# code, name, name in Chinese, text, text in Chinese, what follows, tag
REPLIES: tuple[tuple[str, str, str, str, str, Then, str], ...] = (
    (
        "parcel",
        "Where the parcel is",
        "包裹进度",
        "Dear {{customer.name}},\n\nyour order {{order.number}} is on its way with {{parcel.carrier}}, tracking number {{parcel.tracking}}.\n\n{{agent.name}}, {{shop.name}}",
        "{{customer.name}}您好，您的订单{{order.number}}已由{{parcel.carrier}}承运，运单号{{parcel.tracking}}，请留意查收。",
        Then.NOTHING,
        "",
    ),
    (
        "pay",
        "What is still to be paid",
        "待付金额",
        "Dear {{customer.name}},\n\n{{order.due}} of {{order.total}} are still to be paid for your order {{order.number}}.\n\n{{agent.name}}, {{shop.name}}",
        "{{customer.name}}您好，您的订单{{order.number}}合计{{order.total}}，还需支付{{order.due}}。",
        Then.NOTHING,
        "",
    ),
    (
        "damaged",
        "Damaged: ask for a picture, and wait",
        "商品破损：请客户发照片",
        "We are sorry that your order {{order.number}} did not arrive whole. Please send us a picture of the goods and of the parcel, and we will see to it at once.",
        "非常抱歉，您的订单{{order.number}}送达时有破损。请您发来商品和外包装的照片，我们马上为您处理。",
        Then.SET_ASIDE,
        "Damaged goods",
    ),
    (
        "thanks",
        "Thank you, and end",
        "感谢并结束",
        "Thank you, {{customer.name}}. Write to us whenever there is something.",
        "感谢您的支持，祝您生活愉快！",
        Then.FINISH,
        "",
    ),
)


def seed_canned(actor: Actor) -> None:
    """For a fresh shop."""
    tags = {name: save_tag(actor, TagDraft(name, name_zh, tone)).id for name, name_zh, tone in TAGS}
    for code, name, name_zh, text, text_zh, then, tag in REPLIES:
        save_reply(actor, ReplyDraft(code, name, name_zh, text, text_zh, tag_id=tags.get(tag), then=then))
