"""What can be said against paying by a gift card or store credit."""

from __future__ import annotations

from callcart.core.errors import Conflict, Invalid
from callcart.core.throttle import TriedTooOften


class CardUnknown(Invalid):
    """There is no gift card with this code. Check it character by character."""

    code = "stored.card_unknown"


class CardTriedTooOften(TriedTooOften):
    """Too many gift card codes were tried. Try again in %(wait)s."""

    code = "stored.tried_too_often"


class CardBlocked(Conflict):
    """This gift card is blocked. Please call us."""

    code = "stored.blocked"


class CardExpired(Conflict):
    """This gift card has expired."""

    code = "stored.expired"


class OtherCurrency(Conflict):
    """This is in another currency than the order."""

    code = "stored.currency"


class NothingToSpend(Conflict):
    """There is nothing to pay with, or nothing to pay."""

    code = "stored.nothing"


class NothingLeft(NothingToSpend):
    """There is nothing left on it."""

    code = "stored.empty"


class NotOwed(NothingToSpend):
    """There is nothing to pay for this order now."""

    code = "stored.not_owed"


class LessThanShown(Conflict):
    """It holds less than a moment ago. Look at the amounts again."""

    code = "stored.less"


class NobodyToCredit(Conflict):
    """This order has no customer whose store credit could take the money. Choose another way."""

    code = "stored.nobody"
