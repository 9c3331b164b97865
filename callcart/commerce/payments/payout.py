"""Ways of giving money back that are done the moment they are decided, because the money never leaves the house: store credit and
gift cards. Whoever keeps such accounts registers how one is credited; without it, a person does it and says so."""

from __future__ import annotations

from collections.abc import Callable

from callcart.commerce.payments.models import Payment, Refund, RefundWay
from callcart.core.actor import Actor

Credit = Callable[[Actor, Payment, Refund], str]

_credits: dict[RefundWay, Credit] = {}


def credited_by(way: RefundWay) -> Callable[[Credit], Credit]:
    """Register what credits a refund of this way, in the transaction in hand; it gives the reference of what it wrote. The
    refund's `receipt` names the card or account it was paid from."""

    def register(function: Credit) -> Credit:
        _credits[way] = function
        return function

    return register


def credit_of(way: str) -> Credit | None:
    """What credits this way; None where a person has to."""
    return _credits.get(RefundWay(way))
