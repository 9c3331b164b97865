"""Gift cards and store credit in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from callcart.web.office.words import Word

_TONES = {"usable": "green", "blocked": "red", "expired": "amber"}


def card_states() -> dict[str, str]:
    return {
        "usable": _("Can be used"), "spent": _("Used up"), "blocked": pgettext("gift card", "Blocked"), "expired": _("Expired"),
    }  # fmt: skip


def card_state(state: str) -> Word:
    return Word(card_states().get(state, state), _TONES.get(state, "grey"))


def entry_name(kind: str) -> str:
    """A movement on a card or on store credit."""
    names = {
        "issued": pgettext("gift card", "Issued"), "granted": _("Given"), "spent": _("Paid an order"), "returned": _("Refund"),
        "expired": _("Expired"), "taken_back": _("Taken back"),
    }  # fmt: skip
    return names.get(kind, kind)


def failure_name(code: str) -> str:
    """Why a charge came to nothing, as far as providers' words are known."""
    names = {
        "insufficient_funds": _("not enough money on the card"), "card_declined": _("refused by the bank"),
        "declined": _("refused by the bank"), "expired_card": _("the card has expired"), "card_gone": _("the card is gone"),
        "authentication_required": _("the bank wants the customer to confirm"), "expired": _("not answered in time"),
        "payment.gateway_refused": _("refused by the payment company"),
    }  # fmt: skip
    return names.get(code, code)
