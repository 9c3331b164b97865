"""Names of kinds, states, reasons and outcomes as people read them, in the active language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from callcart.commerce.aftersales.states import CaseState, CostKind, Goods, Kind, Reason, Wish

KINDS: Mapping[str, Promise] = {
    Kind.RETURN: pgettext_lazy("after-sales", "Return"),
    Kind.EXCHANGE: pgettext_lazy("after-sales", "Exchange"),
    Kind.CLAIM: pgettext_lazy("after-sales", "Claim"),
    Kind.REPAIR: pgettext_lazy("after-sales", "Repair"),
}
STATES: Mapping[str, Promise] = {
    CaseState.ASKED: pgettext_lazy("after-sales", "Asked for"),
    CaseState.WAITING: pgettext_lazy("after-sales", "Waiting for the goods"),
    CaseState.APPROVED: pgettext_lazy("after-sales", "Accepted"),
    CaseState.RECEIVED: pgettext_lazy("after-sales", "Goods received"),
    CaseState.INSPECTED: pgettext_lazy("after-sales", "Goods inspected"),
    CaseState.SETTLED: pgettext_lazy("after-sales", "Settled"),
    CaseState.CLOSED: pgettext_lazy("after-sales", "Completed"),
    CaseState.REFUSED: pgettext_lazy("after-sales", "Not accepted"),
    CaseState.CANCELLED: pgettext_lazy("after-sales", "Withdrawn"),
}
REASONS: Mapping[str, Promise] = {
    Reason.CHANGED_MIND: _("Changed my mind"),
    Reason.DOES_NOT_FIT: _("Does not fit"),
    Reason.NOT_AS_DESCRIBED: _("Not as described"),
    Reason.FAULTY: _("Does not work"),
    Reason.DAMAGED: _("Arrived damaged"),
    Reason.WRONG_ITEM: _("Wrong item sent"),
    Reason.MISSING: _("Missing from the parcel"),
    Reason.NOT_DELIVERED: _("Came back undelivered"),
    Reason.OTHER: _("Something else"),
}
WISHES: Mapping[str, Promise] = {
    Wish.REFUND: _("Money back"),
    Wish.REPLACE: _("A replacement"),
    Wish.REPAIR: _("A repair"),
}
GOODS: Mapping[str, Promise] = {
    Goods.RESTOCK: _("Back on the shelf"),
    Goods.DAMAGED: _("Keep as damaged"),
    Goods.WRITE_OFF: pgettext_lazy("after-sales", "Write off"),
    Goods.REPAIR: _("Repaired, send back"),
    Goods.SEND_BACK: _("Not accepted, send back"),
}
COSTS: Mapping[str, Promise] = {
    CostKind.GOODS: pgettext_lazy("cost", "Goods"),
    CostKind.FREIGHT: pgettext_lazy("cost", "Freight"),
    CostKind.LABOUR: pgettext_lazy("cost", "Labour"),
}


def kind_label(kind: str) -> str:
    return str(KINDS.get(kind, kind))


def state_label(state: str) -> str:
    return str(STATES.get(state, state))


def reason_label(reason: str) -> str:
    return str(REASONS.get(reason, reason))


def wish_label(wish: str) -> str:
    return str(WISHES.get(wish, wish))


def goods_label(goods: str) -> str:
    return str(GOODS.get(goods, goods))


def cost_label(kind: str) -> str:
    return str(COSTS.get(kind, kind))
