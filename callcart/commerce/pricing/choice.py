"""Which promotions a basket gets, in what order, and why a code gives nothing. Pure.

By priority, the highest first; at the same priority those with a coupon before those without, then what saves more, then the
older one. An exclusive one is given alone: it is passed over where something was given before it, and nothing follows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from callcart.commerce.pricing.codes import code_key
from callcart.commerce.pricing.facts import Basket, Note, NoteReason, PromotionTerms, Rules
from callcart.commerce.pricing.models import PromotionKind
from callcart.commerce.pricing.offers import matching, taken_off


@dataclass(frozen=True, slots=True)
class Choice:
    """`given`: a promotion and what it takes off each line."""

    given: tuple[tuple[PromotionTerms, tuple[int, ...]], ...]
    notes: tuple[Note, ...]


def choose_promotions(basket: Basket, rules: Rules, amounts: Sequence[int]) -> Choice:
    """The promotions given on lines that cost `amounts` before."""
    candidates, notes = _candidates(basket, rules)
    open_: list[PromotionTerms] = []
    for terms, promised in candidates:
        refusal = _refusal(terms, basket, rules, amounts, promised=promised)
        if refusal is None:
            open_.append(terms)
        elif terms.code or promised:
            notes.append(refusal)
    left: list[int | None] = [
        None if line.is_final else amount for line, amount in zip(basket.lines, amounts, strict=True)
    ]
    given: list[tuple[PromotionTerms, tuple[int, ...]]] = []
    for terms in sorted(open_, key=lambda each: _order(each, basket, left)):
        if given and (terms.exclusive or given[-1][0].exclusive):
            if terms.code:
                notes.append(_together(terms, given[0][0]))
            continue
        off = taken_off(terms, basket.lines, left)
        if any(off) or terms.kind is PromotionKind.FREE_DELIVERY:
            given.append((terms, tuple(off)))
            left = [
                None if amount is None else amount - taken for amount, taken in zip(left, off, strict=True)
            ]
        elif terms.code:
            notes.append(Note(NoteReason.NO_GOODS, terms.code, name=terms.name, name_zh=terms.name_zh))
    return Choice(tuple(given), tuple(notes))


def _order(terms: PromotionTerms, basket: Basket, left: Sequence[int | None]) -> tuple[int, bool, int, str]:
    return (-terms.priority, not terms.code, -sum(taken_off(terms, basket.lines, left)), terms.id)


def _candidates(basket: Basket, rules: Rules) -> tuple[list[tuple[PromotionTerms, bool]], list[Note]]:
    """Promotions that may be given (with whether they were promised), and notes on codes that open none."""
    notes: list[Note] = []
    opened: dict[str, str] = {}
    promised = basket.promised or ()
    for code in basket.codes:
        coupon = rules.coupons.get(code_key(code))
        if coupon is None:
            notes.append(Note(NoteReason.UNKNOWN, code))
        elif not coupon.usable:
            notes.append(Note(NoteReason.USED_UP, coupon.code))
        elif coupon.promotion_id in opened or any(each.id == coupon.promotion_id for each in promised):
            notes.append(Note(NoteReason.TWICE, coupon.code))
        else:
            opened[coupon.promotion_id] = coupon.code
    found: list[tuple[PromotionTerms, bool]] = [(each, True) for each in promised]
    for terms in rules.promotions:
        if terms.id in opened:
            found.append((replace(terms, code=opened[terms.id]), False))
        elif basket.promised is None and not terms.needs_coupon:
            found.append((terms, False))
    return found, notes


def _refusal(
    terms: PromotionTerms, basket: Basket, rules: Rules, amounts: Sequence[int], *, promised: bool
) -> Note | None:
    """Why the promotion is not given; None where it is. One that was promised is asked only what the goods decide."""
    reason = None if promised else _not_for(terms, basket, rules)
    if reason:
        return Note(reason, terms.code, name=terms.name, name_zh=terms.name_zh)
    lines = matching(terms, basket.lines)
    if not lines:
        return Note(NoteReason.NO_GOODS, terms.code, name=terms.name, name_zh=terms.name_zh)
    worth = sum(amounts[index] for index in lines)
    if worth < terms.min_goods_minor:
        return Note(NoteReason.MINIMUM, terms.code, terms.min_goods_minor - worth, terms.name, terms.name_zh)
    return None


def _not_for(terms: PromotionTerms, basket: Basket, rules: Rules) -> NoteReason | None:
    buyer = basket.buyer
    if not terms.open:
        return NoteReason.NOT_NOW
    if not terms.left:
        return NoteReason.USED_UP
    if not terms.left_for_person:
        return NoteReason.USED_BY_YOU
    if terms.first_order and not basket.first_order:
        return NoteReason.FIRST_ORDER
    if (
        (terms.groups and not terms.groups & rules.groups)
        or (terms.campaigns and buyer.campaign not in terms.campaigns)
        or (terms.channels and buyer.channel not in terms.channels)
    ):
        return NoteReason.NOT_FOR_YOU
    return None


def _together(terms: PromotionTerms, first: PromotionTerms) -> Note:
    return Note(NoteReason.NOT_TOGETHER, terms.code, name=first.name, name_zh=first.name_zh)
