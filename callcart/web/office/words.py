"""Colours for states of orders, money and parcels in the office; the words are the domain's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from callcart.commerce.orders import labels
from callcart.commerce.orders import public as orders
from callcart.commerce.shipping import public as shipping
from callcart.web.reader import reader


@dataclass(frozen=True, slots=True)
class Word:
    """A state as people read it, and its colour."""

    text: str
    tone: str


_TONES = {
    "placed": "blue", "on_hold": "amber", "confirmed": "violet", "closed": "green", "cancelled": "red",
    "due": "amber", "part_paid": "amber", "paid": "green", "collected_by_carrier": "blue", "remitted": "green",
    "refund_due": "red", "part_refunded": "violet", "refunded": "violet",
    "unreserved": "amber", "reserved": "blue", "part_shipped": "violet", "shipped": "violet", "part_delivered": "violet",
    "part_returned": "grey",
    "delivered": "green", "returning": "amber", "returned": "red", "lost": "red",
    "claimed": "blue", "overdue": "red", "open": "blue", "captured": "green", "declined": "red", "failed": "red",
    "in_flight": "blue", "done": "green",
}  # fmt: skip
_PARCEL_TONES = {
    "packed": "blue",
    "delivered": "green",
    "exception": "red",
    "attempt_failed": "amber",
    "at_pickup": "amber",
    "refused": "red",
    "returning": "amber",
    "returned": "red",
    "lost": "red",
}


def _words(texts: Mapping[str, Promise | str]) -> dict[str, Word]:
    return {str(key): Word(str(text), _TONES.get(str(key), "grey")) for key, text in texts.items()}


def _word(texts: Mapping[str, Promise | str], state: str) -> Word:
    return Word(str(texts.get(state, state)), _TONES.get(state, "grey"))


def order_states() -> dict[str, Word]:
    return _words(labels.STATES)


def payment_states() -> dict[str, Word]:
    return _words(labels.PAYMENT_STATES)


def fulfilment_states() -> dict[str, Word]:
    return _words(labels.FULFILMENT_STATES)


def doubt(code: str) -> str:
    """A doubt about an order in a word or two."""
    return orders.label_of(code)


def order_state(state: str) -> Word:
    return _word(labels.STATES, state)


def payment_state(state: str) -> Word:
    return _word(labels.PAYMENT_STATES, state)


def fulfilment_state(state: str) -> Word:
    return _word(labels.FULFILMENT_STATES, state)


def instalment_state(state: str) -> Word:
    texts = {
        "scheduled": _("Scheduled"), "claimed": _("Being collected"), "paid": _("Paid"), "overdue": _("Overdue"),
        "cancelled": _("Cancelled"),
    }  # fmt: skip
    return _word(texts, state)


def area(code: str) -> str:
    """The part of the business a permission belongs to."""
    names = {
        "board": _("Live board"), "catalog": _("Products"), "conversations": _("Conversations"),
        "customers": _("Customers"), "desk": _("Agent desk"), "inventory": _("Stock"), "orders": _("Orders"),
        "payments": _("Payments"), "recordings": _("Recordings"), "routing": _("Queues"), "shipping": _("Parcels"),
        "notices": _("Messages to customers"), "tasks": _("Tasks"), "keys": _("API keys"), "webhooks": _("Webhooks"),
        "staff": _("Staff"), "tenants": _("Settings"), "voice": _("Phone"), "ivr": _("Call flows"),
    }  # fmt: skip
    return names.get(code, code.capitalize())


def channels() -> dict[str, str]:
    return {str(key): str(text) for key, text in labels.CHANNELS.items()}


def channel(code: str) -> str:
    """Where something came from or was done; history also knows our own faces and machines."""
    own = {
        "office": _("Office"), "desk": _("Agent desk"), "shop": _("Web shop"), "voice": _("Phone"), "api": _("Interface"),
        "gateway": _("Payment company"), "carrier": _("Carrier"), "system": _("Automatic"), "demo": _("Demo data"),
    }  # fmt: skip
    return channels().get(code) or own.get(code, code)


def doer(kind: str, name: str) -> str:
    """Who did something, as history and movements keep it: a person's name, the customer, or nobody but the system."""
    if kind == "system":
        return _("System")
    return name or (_("Customer") if kind == "customer" else _("Staff"))


def attempt_state(state: str) -> Word:
    texts = {
        "intended": _("Begun"), "open": _("Payment page open"), "captured": _("Paid"), "declined": _("Declined"),
        "expired": _("Given up"), "failed": _("Failed"),
    }  # fmt: skip
    return _word(texts, state)


def refund_state(state: str) -> Word:
    texts = {
        "due": _("To be given back"), "in_flight": _("On its way back"), "done": pgettext("money", "Given back"), "failed": _("Failed"),
        "cancelled": _("Cancelled"),
    }  # fmt: skip
    return _word(texts, state)


def parcel_state(state: str) -> Word:
    return Word(shipping.state_name(state, reader().language), _PARCEL_TONES.get(state, "violet"))


def payment_methods() -> dict[str, str]:
    return {str(key): str(text) for key, text in labels.PAYMENT_METHODS.items()}
