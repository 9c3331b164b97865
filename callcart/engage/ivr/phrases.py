"""The words of the menu in both languages. Each is a prompt of its own, so that a shop may say it in its own way."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from callcart.contact.voice.speech.phrases import Phrase, declare_phrases

GREETING = "greeting"
LANGUAGE = "language"
MENU = "menu"
MENU_CLOSED = "menu_closed"
AFTER_ORDER = "after_order"
AFTER_ORDER_CLOSED = "after_order_closed"
WRONG_KEY = "wrong_key"
NO_ORDER = "no_order"
NOT_RIGHT = "not_right"
TYPE_CODE = "type_code"
TYPE_CUSTOMER = "type_customer"
TYPE_PIN = "type_pin"
RECORDED = "recorded"
CONNECTING = "connecting"
CLOSED = "closed"
GOODBYE = "goodbye"
AGENT_LOST = "agent_lost"
REFUSED = "refused"
FULL = "queue_full"
LATE = "waited_long"
LEAVE_MESSAGE = "leave_message"
MESSAGE_KEPT = "message_kept"
NOTHING_HEARD = "nothing_heard"
NO_MESSAGE = "no_message"
RATE = "rate"
SURVEY_THANKS = "survey_thanks"

NO_CALLBACK = "no_callback"
CALLBACK_OFFER = "callback_offer"
CALLBACK_NUMBER = "callback_number"
CALLBACK_CONFIRM = "callback_confirm"
CALLBACK_TYPE = "callback_type"
CALLBACK_PROMISED = "callback_promised"
CALLBACK_FORBIDDEN = "callback_forbidden"
CALLBACK_OFTEN = "callback_often"

PHRASES = (
    Phrase(GREETING, _("Greeting"), _("First, on every call"), {
        "en": "Thank you for calling {shop}.",
        "zh-hans": "您好，欢迎致电{shop}。",
    }),
    Phrase(LANGUAGE, _("Choice of language"), _("After the greeting, where the shop speaks two languages"), {
        "en": "For English, press one.",
        "zh-hans": "中文服务请按二。",
    }),
    Phrase(MENU, _("Menu"), _("To a caller whose number we know and who has an order"), {
        "en": "To hear where your last order is, press one. To speak to a person, press zero, or just stay on the line.",
        "zh-hans": "查询最近一笔订单请按一。人工服务请按零，或者不按键等待接通。",
    }),
    Phrase(MENU_CLOSED, _("Menu out of hours"), _("As the menu, while the shop is closed"), {
        "en": "To hear where your last order is, press one. Otherwise, please hang up.",
        "zh-hans": "查询最近一笔订单请按一。如无其他需要，请挂机。",
    }),
    Phrase(AFTER_ORDER, _("After the order was read out"), _("After the state of the last order"), {
        "en": "To hear this again, press one. To speak to a person, press zero, or stay on the line. "
              "If that is all, press nine or hang up.",
        "zh-hans": "重听请按一。人工服务请按零，或者不按键等待接通。结束通话请按九或直接挂机。",
    }),
    Phrase(AFTER_ORDER_CLOSED, _("After the order was read out, out of hours"), _("The same, while the shop is closed"), {
        "en": "To hear this again, press one. If that is all, press nine or hang up.",
        "zh-hans": "重听请按一。结束通话请按九或直接挂机。",
    }),
    Phrase(WRONG_KEY, _("Wrong key"), _("After a key that leads nowhere"), {
        "en": "Sorry, that key does not lead anywhere.",
        "zh-hans": "抱歉，您的按键有误。",
    }),
    Phrase(NO_ORDER, _("Order not found"), _("When the last order cannot be read just now"), {
        "en": "Sorry, we cannot find your order just now.",
        "zh-hans": "抱歉，暂时查不到您的订单。",
    }),
    Phrase(NOT_RIGHT, _("Digits not right"), _("After digits that are too few or not right"), {
        "en": "Sorry, that is not right. Please try again.",
        "zh-hans": "抱歉，您的输入有误，请重新输入。",
    }),
    Phrase(TYPE_CODE, _("Last four digits"), _("To prove an order, after its number"), {
        "en": "Now type the last four digits of the telephone number of the order.",
        "zh-hans": "请输入订单手机号的后四位。",
    }),
    Phrase(TYPE_CUSTOMER, _("Customer number"), _("Before a PIN, where we do not know the caller's number"), {
        "en": "Please type your customer number, then press the hash key.",
        "zh-hans": "请输入您的客户编号，以井号键结束。",
    }),
    Phrase(TYPE_PIN, _("Telephone PIN"), _("To a caller who is to identify themselves by PIN"), {
        "en": "Please type your PIN, then press the hash key.",
        "zh-hans": "请输入您的电话密码，以井号键结束。",
    }),
    Phrase(RECORDED, _("Notice of recording"), _("Before a person answers, where calls are recorded"), {
        "en": "This call may be recorded.",
        "zh-hans": "为了保证服务质量，您的通话可能会被录音。",
    }),
    Phrase(CONNECTING, _("Connecting"), _("Before waiting for a person"), {
        "en": "One moment please, we are putting you through.",
        "zh-hans": "正在为您转接人工客服，请稍候。",
    }),
    Phrase(CLOSED, _("Closed"), _("Out of opening hours; when the shop opens next is said after it"), {
        "en": "We are closed at the moment, and nobody is here to take your call.",
        "zh-hans": "您好，现在是非营业时间，暂时没有客服接听。",
    }),
    Phrase(GOODBYE, _("Goodbye"), _("Before we end the call"), {
        "en": "Thank you for calling. Goodbye.",
        "zh-hans": "感谢您的来电，再见。",
    }),
    Phrase(AGENT_LOST, _("Agent's line lost"), _("When the connection to the agent breaks while talking"), {
        "en": "The line to our colleague was lost. Please stay with us, we are connecting you again.",
        "zh-hans": "与客服的连接中断了，请不要挂机，正在为您重新接通。",
    }),
    Phrase(REFUSED, _("Nobody can take the call"), _("When there is no queue the call could wait in"), {
        "en": "We are sorry, nobody can take your call just now. Please call again later.",
        "zh-hans": "非常抱歉，现在没有客服可以接听，请您稍后再拨。",
    }),
    Phrase(FULL, _("Too many waiting"), _("When as many callers wait as may"), {
        "en": "We are sorry, very many callers are waiting at the moment. Please call again later.",
        "zh-hans": "非常抱歉，当前来电较多，排队已满，请您稍后再拨。",
    }),
    Phrase(LATE, _("Waited too long"), _("To a caller who has waited as long as one may"), {
        "en": "We are sorry that you have waited so long, and that nobody could take your call. Please call again later.",
        "zh-hans": "非常抱歉让您久等，目前仍没有空闲的客服，请您稍后再拨。",
    }),
    Phrase(LEAVE_MESSAGE, _("Voicemail"), _("Before a message is left, where the queue has no greeting of its own"), {
        "en": "Please leave a message after the tone, with your name and number. Press the hash key when you are done.",
        "zh-hans": "请在提示音后留言，并说明您的姓名和联系电话，留言结束请按井号键。",
    }),
    Phrase(MESSAGE_KEPT, _("Message taken"), _("After a message was left"), {
        "en": "Thank you, we have your message and will get back to you.",
        "zh-hans": "谢谢，您的留言已收到，我们会尽快与您联系。",
    }),
    Phrase(NOTHING_HEARD, _("No message heard"), _("Where nothing, or next to nothing, was said after the tone"), {
        "en": "Sorry, we did not hear a message.",
        "zh-hans": "抱歉，没有听到您的留言。",
    }),
    Phrase(NO_MESSAGE, _("No message can be taken"), _("Where voicemail is switched off, or the disk is full"), {
        "en": "We are sorry, we cannot take a message just now.",
        "zh-hans": "非常抱歉，现在暂时无法留言。",
    }),
    Phrase(RATE, _("How to answer a question"), _("After each question of a survey"), {
        "en": "Press a key from one, not at all, to five, very much.",
        "zh-hans": "请按一至五评分，一为非常不满意，五为非常满意。",
    }),
    Phrase(SURVEY_THANKS, _("Thanks for answering"), _("After the last question of a survey"), {
        "en": "Thank you for your answer.",
        "zh-hans": "感谢您的评价。",
    }),
    Phrase(CALLBACK_OFFER, _("Offer to call back"), _("To who waits, after the place in the queue"), {
        "en": "To hang up and keep your place, press one. We will call you back.",
        "zh-hans": "如需挂机并保留排队位置，请按一，我们将按顺序给您回电。",
    }),
    Phrase(CALLBACK_NUMBER, _("Callback: the number"), _("Before the number that is called back"), {
        "en": "We will call you back at",
        "zh-hans": "我们将回拨的号码是",
    }),
    Phrase(CALLBACK_CONFIRM, _("Callback: is that right"), _("After the number that is called back"), {
        "en": "If that is right, press one. To give another number, press two.",
        "zh-hans": "确认请按一，更换号码请按二。",
    }),
    Phrase(CALLBACK_TYPE, _("Callback: another number"), _("Where another number is to be called back"), {
        "en": "Please type the number with its area code, then press the hash key.",
        "zh-hans": "请输入回电号码，固定电话请加区号，以井号键结束。",
    }),
    Phrase(CALLBACK_PROMISED, _("Callback: promised"), _("When the callback is sure"), {
        "en": "Thank you. We will call you back as soon as it is your turn.",
        "zh-hans": "好的，轮到您时我们会尽快给您回电。",
    }),
    Phrase(CALLBACK_FORBIDDEN, _("Callback: not this number"), _("When a number cannot be called back"), {
        "en": "Sorry, we cannot call this number.",
        "zh-hans": "抱歉，该号码暂不支持回电。",
    }),
    Phrase(CALLBACK_OFTEN, _("Callback: too often"), _("When somebody has asked too often in a day"), {
        "en": "Sorry, you have asked for a call back too often today.",
        "zh-hans": "抱歉，您今天申请回电的次数过多。",
    }),
    Phrase(NO_CALLBACK, _("Callback: not now"), _("Where nobody is called back"), {
        "en": "Sorry, we cannot call you back at the moment.",
        "zh-hans": "抱歉，目前无法为您安排回电。",
    }),
)  # fmt: skip


def declare() -> None:
    declare_phrases(*PHRASES)
