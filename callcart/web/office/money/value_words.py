"""Gift cards and store credit in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from callcart.web.office.words import Word

_TONES = {"usable": "green", "blocked": "red", "expired": "amber"}


def card_states() -> dict[str, str]:
    return {
        "usable": _("Can be used"), "spent": _("Used up"), "blocked": _("Blocked"), "expired": _("Expired"),
    }  # fmt: skip


def card_state(state: str) -> Word:
    return Word(card_states().get(state, state), _TONES.get(state, "grey"))


def entry_name(kind: str) -> str:
    """A movement on a card or on store credit."""
    names = {
        "issued": _("Issued"), "granted": _("Given"), "spent": _("Paid an order"), "returned": _("Refund"),
        "expired": _("Expired"), "taken_back": _("Taken back"),
    }  # fmt: skip
    return names.get(kind, kind)
