"""The names of states, channels and methods as people read them, in the active language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from callcart.commerce.orders.models import Channel
from callcart.commerce.orders.states import Fulfilment, OrderState, PaymentAxis
from callcart.commerce.payments.public import PaymentMethod

STATES: Mapping[str, Promise] = {
    OrderState.DRAFT: _("Draft"),
    OrderState.PLACED: _("Placed"),
    OrderState.ON_HOLD: pgettext_lazy("order", "On hold"),
    OrderState.CONFIRMED: _("Confirmed"),
    OrderState.CLOSED: _("Completed"),
    OrderState.CANCELLED: _("Cancelled"),
}
PAYMENT_STATES: Mapping[str, Promise] = {
    PaymentAxis.DUE: _("Not paid yet"),
    PaymentAxis.PART_PAID: _("Partly paid"),
    PaymentAxis.PAID: _("Paid"),
    PaymentAxis.DUE_ON_DELIVERY: _("Pays on delivery"),
    PaymentAxis.COLLECTED: _("Collected by the carrier"),
    PaymentAxis.REMITTED: _("Cash received"),
    PaymentAxis.REFUND_DUE: _("Refund due"),
    PaymentAxis.PART_REFUNDED: _("Partly refunded"),
    PaymentAxis.REFUNDED: _("Refunded"),
    PaymentAxis.NOTHING_DUE: _("Nothing to pay"),
}
FULFILMENT_STATES: Mapping[str, Promise] = {
    Fulfilment.UNRESERVED: _("Waiting for stock"),
    Fulfilment.RESERVED: _("Reserved"),
    Fulfilment.PART_SHIPPED: _("Partly sent"),
    Fulfilment.SHIPPED: _("Sent"),
    Fulfilment.PART_DELIVERED: _("Partly delivered"),
    Fulfilment.DELIVERED: _("Delivered"),
    Fulfilment.PART_RETURNED: _("Partly returned"),
    Fulfilment.RETURNING: _("Coming back"),
    Fulfilment.RETURNED: _("Returned"),
    Fulfilment.LOST: _("Lost"),
    Fulfilment.RELEASED: _("Given back to stock"),
}
CHANNELS: Mapping[str, Promise] = {
    Channel.PHONE: _("Phone"),
    Channel.WEB: _("Web shop"),
    Channel.POST: pgettext_lazy("channel", "Post"),
    Channel.CHAT: _("Chat"),
    Channel.EMAIL: _("E-mail"),
    Channel.SMS: _("Text message"),
    Channel.PORTAL: _("Business portal"),
    Channel.IMPORT: _("Import"),
    Channel.API: _("Interface"),
}
PAYMENT_METHODS: Mapping[str, Promise] = {
    PaymentMethod.PREPAID: _("Pay online"),
    PaymentMethod.COD: _("Cash on delivery"),
    PaymentMethod.INSTALMENTS: _("Instalments"),
}


def state_label(state: str) -> str:
    return str(STATES.get(state, state))


def payment_label(state: str) -> str:
    return str(PAYMENT_STATES.get(state, state))


def fulfilment_label(state: str) -> str:
    return str(FULFILMENT_STATES.get(state, state))


def channel_label(channel: str) -> str:
    return str(CHANNELS.get(channel, channel))


def payment_method_label(method: str) -> str:
    return str(PAYMENT_METHODS.get(method, method))
