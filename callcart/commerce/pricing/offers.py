"""What each kind of promotion takes off. Pure: amounts of lines in, what is taken off each out, never more than is left.

`left` is what a line costs before the promotion, `None` for one that takes none (its price was set by hand).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from callcart.commerce.pricing.facts import WHOLE_BP, BasketLine, PromotionTerms
from callcart.commerce.pricing.models import PromotionKind
from callcart.commerce.pricing.rounding import half_up, share

Left = Sequence[int | None]


def taken_off(terms: PromotionTerms, lines: Sequence[BasketLine], left: Left) -> list[int]:
    """What the promotion takes off each line."""
    open_ = [_is_for(terms, line) and amount is not None for line, amount in zip(lines, left, strict=True)]
    amounts = [(amount or 0) if its else 0 for amount, its in zip(left, open_, strict=True)]
    match terms.kind:
        case PromotionKind.PERCENT:
            return [half_up(amount, terms.percent_bp, WHOLE_BP) for amount in amounts]
        case PromotionKind.AMOUNT:
            return share(min(terms.amount_minor, sum(amounts)), amounts)
        case PromotionKind.BUY_GET:
            return _buy_get(terms, lines, amounts, open_)
        case PromotionKind.BUNDLE:
            return _bundle(terms, lines, left)
        case PromotionKind.FREE_DELIVERY:
            return [0] * len(lines)


def matching(terms: PromotionTerms, lines: Sequence[BasketLine]) -> list[int]:
    """The places of the lines a promotion is for."""
    if terms.kind is PromotionKind.BUNDLE:
        wanted = {variant for variant, _units in terms.bundle}
        return [index for index, line in enumerate(lines) if str(line.variant_id) in wanted]
    return [index for index, line in enumerate(lines) if _is_for(terms, line)]


def _is_for(terms: PromotionTerms, line: BasketLine) -> bool:
    return terms.matches is None or str(line.variant_id) in terms.matches


def _buy_get(
    terms: PromotionTerms, lines: Sequence[BasketLine], amounts: Sequence[int], open_: Sequence[bool]
) -> list[int]:
    """Of every N + M units that match, M are free (or `percent_bp` off): the cheapest ones, whatever line they are in."""
    group = terms.buy_quantity + terms.get_quantity
    units = sum(line.quantity for line, its in zip(lines, open_, strict=True) if its)
    free = units // group * terms.get_quantity if group > 0 else 0
    off = [0] * len(lines)
    cheapest = sorted(
        (index for index in range(len(lines)) if open_[index]),
        key=lambda index: (Fraction(amounts[index], lines[index].quantity), index),
    )
    for index in cheapest:
        mine = min(free, lines[index].quantity)
        off[index] = half_up(
            amounts[index], mine * (terms.percent_bp or WHOLE_BP), lines[index].quantity * WHOLE_BP
        )
        free -= mine
    return off


def _bundle(terms: PromotionTerms, lines: Sequence[BasketLine], left: Left) -> list[int]:
    """As many whole sets as there are cost the set's price; what the sets' units cost besides is taken off, shared by
    their worth. A set that would cost more than its parts changes nothing."""
    have: dict[str, int] = {}
    for line, amount in zip(lines, left, strict=True):
        if amount is not None:
            have[str(line.variant_id)] = have.get(str(line.variant_id), 0) + line.quantity
    sets = min((have.get(variant, 0) // units for variant, units in terms.bundle if units), default=0)
    need = {variant: units * sets for variant, units in terms.bundle}
    worth = [0] * len(lines)
    for index, line in enumerate(lines):
        amount = left[index]
        mine = min(need.get(str(line.variant_id), 0), line.quantity)
        if mine and amount is not None:
            need[str(line.variant_id)] -= mine
            worth[index] = half_up(amount, mine, line.quantity)
    return share(max(sum(worth) - sets * terms.amount_minor, 0), worth)
