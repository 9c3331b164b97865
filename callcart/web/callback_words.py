"""Callbacks in words, as the desk and the office say them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from callcart.contact.callbacks.public import Source, State


def state_labels() -> dict[str, str]:
    return {
        State.SCHEDULED: pgettext("a callback", "Planned"),
        State.WAITING: _("In the queue"),
        State.CALLING: _("Being called"),
        State.HERE: _("Is on the line himself"),
        State.DONE: pgettext("a callback", "Called back"),
        State.NOT_REACHED: pgettext("a callback", "Not reached"),
        State.CAME: _("Called by himself"),
        State.WITHDRAWN: _("Not needed any more"),
    }


def state_tone(state: str) -> str:
    return {
        State.WAITING: "blue", State.CALLING: "blue", State.HERE: "blue", State.DONE: "green", State.CAME: "green",
        State.NOT_REACHED: "amber",
    }.get(State(state), "grey")  # fmt: skip


def source_labels() -> dict[str, str]:
    return {
        Source.QUEUE: _("Asked while waiting"),
        Source.MENU: _("Asked in the menu"),
        Source.CHAT: _("Asked in a chat"),
        Source.WEB: _("Asked on the web"),
        Source.ABANDONED: _("Gave up waiting"),
        Source.MISSED: _("Called out of hours"),
        Source.PERSONAL: _("Promised by an agent"),
    }
