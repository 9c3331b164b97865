"""A price or a discount given by hand: who may, and how much. What is above somebody's limit is asked for in `asked`."""

from __future__ import annotations

from collections.abc import Iterable

from callcart.commerce.orders.drafts import DraftLine, PricedLine
from callcart.commerce.orders.edit_actions import ChangePreview
from callcart.core.actor import Actor
from callcart.core.money import Money
from callcart.people.approvals import public as approvals

DISCOUNT, PRICE = "orders.discount", "orders.change_price"


def require_for_draft(actor: Actor, lines: Iterable[tuple[DraftLine, PricedLine | None]]) -> None:
    """Raise PermissionDenied, or NeedsApproval above the actor's limit."""
    for wanted, priced in lines:
        if priced is not None:
            _require(actor, wanted.set_minor, wanted.discount_bp, priced.listed)


def require_for_change(actor: Actor, preview: ChangePreview) -> None:
    """The same for the lines that a change gives a price or a discount."""
    for line in preview.lines:
        if line.by_hand:
            _require(actor, line.set_minor, line.discount_bp, line.listed)


def _require(actor: Actor, set_minor: int | None, discount_bp: int, listed: Money) -> None:
    if set_minor is not None:
        approvals.require(actor, PRICE, percent=percent_below(set_minor, listed.minor))
    elif discount_bp:
        approvals.require(actor, DISCOUNT, percent=-(-discount_bp // 100))


def percent_below(set_minor: int, listed_minor: int) -> int:
    """How far a price lies below the retail price, in whole percent, rounded up."""
    if listed_minor <= 0 or set_minor >= listed_minor:
        return 0
    return -(-(listed_minor - set_minor) * 100 // listed_minor)
