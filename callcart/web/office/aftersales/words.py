"""Words and colours for cases in the office, and what a case waits for."""

from __future__ import annotations

from django.utils.translation import gettext as _

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.aftersales.public import Carriage, CaseState, Goods, Kind, Reason, Wish
from callcart.web.office.words import Word

_TONES = {
    CaseState.ASKED: "amber", CaseState.WAITING: "blue", CaseState.APPROVED: "blue", CaseState.RECEIVED: "violet",
    CaseState.INSPECTED: "violet", CaseState.SETTLED: "green", CaseState.CLOSED: "grey", CaseState.REFUSED: "red",
    CaseState.CANCELLED: "grey",
}  # fmt: skip


def state(name: str) -> Word:
    return Word(aftersales.state_label(name), _TONES.get(CaseState(name), "grey"))


def kind(name: str) -> str:
    return aftersales.kind_label(name)


def reason(name: str) -> str:
    return aftersales.reason_label(name)


def wish(name: str) -> str:
    return aftersales.wish_label(name)


def goods(name: str) -> str:
    return aftersales.goods_label(name)


def cost(name: str) -> str:
    return aftersales.cost_label(name)


def waits() -> dict[str, str]:
    """On whom cases wait, for the filter."""
    return {
        "us": _("A decision"), "goods": _("The customer's parcel"), "warehouse": _("Inspection"),
        "money": _("Settling"), "end": _("Completion"),
    }  # fmt: skip


def standing(name: str) -> str:
    """What has to be done next, in one line."""
    return {
        CaseState.ASKED: _("Somebody has to decide."),
        CaseState.WAITING: _("Waits for the goods. Scan the slip when they are here."),
        CaseState.APPROVED: _("Nothing has to come back. It can be settled."),
        CaseState.RECEIVED: _("The goods are here and have to be looked at."),
        CaseState.INSPECTED: _("The goods were looked at. It can be settled."),
        CaseState.SETTLED: _("Settled. It completes itself when money and goods are where they belong."),
        CaseState.CLOSED: _("Nothing is left to do."),
        CaseState.REFUSED: _("It was not accepted."),
        CaseState.CANCELLED: _("It was withdrawn."),
    }[CaseState(name)]


def kinds() -> dict[str, str]:
    return {str(each): kind(each) for each in Kind}


def states() -> dict[str, str]:
    return {str(each): aftersales.state_label(each) for each in CaseState}


def reasons() -> dict[str, str]:
    return {str(each): reason(each) for each in Reason}


def outcomes() -> list[tuple[str, str]]:
    return [(str(each), goods(each)) for each in Goods]


def remedies() -> list[tuple[str, str]]:
    return [(str(each), wish(each)) for each in (Wish.REFUND, Wish.REPLACE)]


def carriages() -> list[tuple[str, str, str]]:
    """When the delivery is given back: value, label, what it means."""
    return [
        (Carriage.NEVER, _("Never"), ""),
        (Carriage.FAULT, _("Where we are at fault"), _("The share of the goods that come back.")),
        (
            Carriage.ALL_BACK,
            _("Also where all of an order comes back"),
            _("With the last of its goods, whatever the reason."),
        ),
    ]
