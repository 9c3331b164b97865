"""The one pricing function: a basket and the rules in, every line with its price and the reasons for it out. Pure.

In this order: the retail price; the best price list; a price set by hand; promotions by priority; a discount by hand; tax.
A set is one line at its own price, divided over its parts at the end.
`docs/pricing.md` has the rules in words. Rounding happens here and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from callcart.commerce.pricing.choice import Choice, choose_promotions
from callcart.commerce.pricing.facts import (
    WHOLE_BP,
    WHOLE_PPM,
    Applied,
    Basket,
    BasketLine,
    PricedBasket,
    PricedDelivery,
    PricedItem,
    PromotionTerms,
    RateTerm,
    Rules,
    Step,
    StepKind,
)
from callcart.commerce.pricing.models import PromotionKind
from callcart.commerce.pricing.rounding import half_up
from callcart.commerce.pricing.sets import in_parts, taxes_of
from callcart.core.regions import region_key

DELIVERY_CLASS = "delivery"


def price_basket(basket: Basket, rules: Rules) -> PricedBasket:
    """Price the goods of a basket."""
    units = Counter[str]()
    for line in basket.lines:
        units[str(line.variant_id)] += line.quantity
    found = [unit_price(line, units[str(line.variant_id)], basket, rules) for line in basket.lines]
    chosen = choose_promotions(
        basket, rules, [price * line.quantity for (price, _), line in zip(found, basket.lines, strict=True)]
    )
    lines = tuple(
        _item(index, line, price, steps, chosen, basket, rules)
        for index, (line, (price, steps)) in enumerate(zip(basket.lines, found, strict=True))
    )
    return PricedBasket(
        lines=lines,
        goods_minor=sum(line.total_minor for line in lines),
        discount_minor=sum(line.discount_minor for line in lines),
        tax_minor=sum(line.tax_minor for line in lines),
        tax_is_added=not rules.prices_include_tax,
        applied=tuple(Applied(terms, sum(off)) for terms, off in chosen.given),
        notes=chosen.notes,
        delivery_rate=_rate(DELIVERY_CLASS, basket, rules),
    )


def unit_price(line: BasketLine, units: int, basket: Basket, rules: Rules) -> tuple[int, tuple[Step, ...]]:
    """A unit's price before promotions, and why. `units`: of this SKU in the whole basket."""
    if line.set_minor is not None:
        steps = (
            Step(StepKind.LIST, line.list_minor),
            Step(StepKind.SET, line.set_minor, reason=line.reason),
        )
        return line.set_minor, steps
    if line.kept_minor is not None:
        return line.kept_minor, line.kept or (Step(StepKind.LIST, line.kept_minor),)
    listed = Step(StepKind.LIST, line.list_minor)
    best = _from_lists(line, units, basket, rules)
    return (best.minor, (listed, best)) if best else (line.list_minor, (listed,))


def _from_lists(line: BasketLine, units: int, basket: Basket, rules: Rules) -> Step | None:
    """The list that decides: the highest priority first, then the lowest price, then the list's code."""
    if not rules.lists:
        return None
    region, offers = region_key(basket.buyer.region), []
    prices = rules.prices.get(str(line.variant_id), ())
    for each in rules.lists:
        if not each.serves(rules.groups, basket.buyer, region):
            continue
        breaks = [(start, price) for list_id, start, price in prices if list_id == each.id and start <= units]
        if breaks:
            start, price = max(breaks)
            step = Step(StepKind.PRICE_LIST, price, each.name, each.name_zh, each.id, units=start)
        elif each.percent_bp:
            price = line.list_minor - half_up(line.list_minor, each.percent_bp, WHOLE_BP)
            step = Step(StepKind.PRICE_LIST, price, each.name, each.name_zh, each.id, each.percent_bp)
        else:
            continue
        offers.append(((-each.priority, step.minor, each.code), step))
    return min(offers, key=lambda offer: offer[0])[1] if offers else None


def _item(
    index: int,
    line: BasketLine,
    price: int,
    steps: tuple[Step, ...],
    chosen: Choice,
    basket: Basket,
    rules: Rules,
) -> PricedItem:
    whole = price * line.quantity
    found = list(steps)
    off = 0 if line.fixed_minor is None else whole - line.fixed_minor
    for terms, taken in chosen.given:
        if taken[index]:
            off += taken[index]
            found.append(promotion_step(terms, taken[index]))
    if line.discount_bp and not line.is_final:
        by_hand = half_up(whole - off, line.discount_bp, WHOLE_BP)
        off += by_hand
        found.append(Step(StepKind.MANUAL, by_hand, percent_bp=line.discount_bp, reason=line.reason))
    total = whole - off
    parts = _parts(line, whole, off, basket, rules)
    tax, rate_ppm, taxes = taxes_of(parts) if parts else _tax_of_line(line, total, basket, rules)
    return PricedItem(
        variant_id=line.variant_id,
        quantity=line.quantity,
        list_minor=line.list_minor,
        unit_minor=price,
        discount_minor=off,
        total_minor=total,
        tax_minor=tax,
        tax_rate_ppm=rate_ppm,
        steps=(*found, *taxes),
        parts=parts,
    )


def _tax_of_line(
    line: BasketLine, total: int, basket: Basket, rules: Rules
) -> tuple[int, int, tuple[Step, ...]]:
    rate = _rate_of(line.variant_id, line.kept_rate_ppm, basket, rules)
    if rate is None:
        return 0, 0, ()
    tax, step = _taxed(total, rate, rules)
    return tax, rate.rate_ppm, (step,) if rate.rate_ppm else ()


def _parts(line: BasketLine, whole: int, off: int, basket: Basket, rules: Rules) -> tuple[PricedItem, ...]:
    return in_parts(
        line,
        whole,
        off,
        lambda part: _rate_of(part.variant_id, part.kept_rate_ppm, basket, rules),
        lambda amount, rate: _taxed(amount, rate, rules),
    )


def _taxed(amount: int, rate: RateTerm, rules: Rules) -> tuple[int, Step]:
    tax = tax_of(amount, rate.rate_ppm, added=not rules.prices_include_tax)
    return tax, tax_step(rate, tax, included=rules.prices_include_tax)


def promotion_step(terms: PromotionTerms, off: int) -> Step:
    return Step(
        StepKind.PROMOTION,
        off,
        terms.name,
        terms.name_zh,
        terms.id,
        percent_bp=terms.percent_bp if terms.kind is PromotionKind.PERCENT else 0,
        code=terms.code,
    )


def tax_of(amount: int, rate_ppm: int, *, added: bool) -> int:
    """The tax on top of an amount, or in it, half up."""
    return half_up(amount, rate_ppm, WHOLE_PPM if added else WHOLE_PPM + rate_ppm)


def tax_step(rate: RateTerm, tax: int, *, included: bool) -> Step:
    return Step(StepKind.TAX, tax, rate.name, rate.name_zh, rate_ppm=rate.rate_ppm, included=included)


def _rate_of(variant_id: UUID, kept_ppm: int | None, basket: Basket, rules: Rules) -> RateTerm | None:
    tax_class = rules.tax_classes.get(str(variant_id)) or rules.default_tax_class
    found = _rate(tax_class, basket, rules)
    return found if kept_ppm is None else _kept(found, tax_class, kept_ppm)


def _kept(found: RateTerm | None, tax_class: str, rate_ppm: int) -> RateTerm:
    """The rate an order was placed at, with the name it has now."""
    return replace(found, rate_ppm=rate_ppm) if found else RateTerm(tax_class, "", rate_ppm, "", "")


def _rate(tax_class: str, basket: Basket, rules: Rules) -> RateTerm | None:
    """The rate of a class: that of the province, else that of the country."""
    region = region_key(basket.buyer.region)
    mine = [each for each in rules.rates if each.tax_class == tax_class and each.region in {"", region}]
    found = max(mine, key=lambda each: each.region != "", default=None)
    if tax_class == DELIVERY_CLASS and basket.kept_delivery_rate_ppm is not None:
        return _kept(found, tax_class, basket.kept_delivery_rate_ppm)
    return found


def price_delivery(priced: PricedBasket, list_minor: int) -> PricedDelivery:
    """What delivery at that price comes to with the basket's promotions, and its tax."""
    left, steps = list_minor, []
    for terms in (each.terms for each in priced.applied if each.terms.kind is PromotionKind.FREE_DELIVERY):
        off = min(terms.amount_minor, left) if terms.amount_minor else left
        if off:
            left -= off
            steps.append(promotion_step(terms, off))
    rate = priced.delivery_rate
    tax = tax_of(left, rate.rate_ppm, added=priced.tax_is_added) if rate else 0
    if rate and rate.rate_ppm and left:
        steps.append(tax_step(rate, tax, included=not priced.tax_is_added))
    return PricedDelivery(
        list_minor=list_minor,
        discount_minor=list_minor - left,
        total_minor=left,
        tax_minor=tax,
        tax_rate_ppm=rate.rate_ppm if rate else 0,
        steps=(Step(StepKind.LIST, list_minor), *steps),
    )


def codes_of(applied: Sequence[Applied]) -> tuple[str, ...]:
    """The codes of coupons that were given."""
    return tuple(each.terms.code for each in applied if each.terms.code)
