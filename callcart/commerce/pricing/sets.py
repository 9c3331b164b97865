"""A set is priced as one thing, at its own price; what it comes to is then divided over what it is made of. Pure.

By the list prices of the parts, largest remainder: the parts always sum to the whole. Each part is taxed by its own class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from callcart.commerce.pricing.facts import BasketLine, PricedItem, RateTerm, SetPart, Step, StepKind
from callcart.commerce.pricing.rounding import share

Tax = Callable[[int, RateTerm], tuple[int, Step]]


def divide(whole: int, off: int, parts: Sequence[SetPart]) -> list[tuple[int, int]]:
    """What of a set's price, and of what is taken off it, falls to each part; where no part has a price, by units."""
    weights = [part.list_minor * part.units for part in parts]
    shares = share(whole, weights if any(weights) else [part.units for part in parts])
    return list(zip(shares, share(off, shares), strict=True))


def in_parts(
    line: BasketLine, whole: int, off: int, rate_of: Callable[[SetPart], RateTerm | None], tax_of: Tax
) -> tuple[PricedItem, ...]:
    """The parts of a line that costs `whole` less `off`. A unit's price is rounded up; what that is too much is discount of
    the part, but of nothing else."""
    return tuple(
        _part(line, part, price, taken, rate_of(part), tax_of)
        for part, (price, taken) in zip(line.parts, divide(whole, off, line.parts), strict=True)
    )


def _part(
    line: BasketLine, part: SetPart, price: int, taken: int, rate: RateTerm | None, tax_of: Tax
) -> PricedItem:
    units = part.units * line.quantity
    unit, amount = -(-price // units), price - taken
    steps = [
        Step(StepKind.LIST, part.list_minor),
        Step(StepKind.PART, amount, line.set_name, line.set_name_zh, str(line.variant_id)),
    ]
    tax = 0
    if rate is not None:
        tax, step = tax_of(amount, rate)
        if rate.rate_ppm:
            steps.append(step)
    return PricedItem(
        variant_id=part.variant_id,
        quantity=units,
        list_minor=part.list_minor,
        unit_minor=unit,
        discount_minor=unit * units - amount,
        total_minor=amount,
        tax_minor=tax,
        tax_rate_ppm=rate.rate_ppm if rate else 0,
        steps=tuple(steps),
    )


def taxes_of(parts: Sequence[PricedItem]) -> tuple[int, int, tuple[Step, ...]]:
    """The tax of a whole set: the sum, the rate where it is one for all, and a step for each rate."""
    found: dict[int, tuple[int, Step]] = {}
    for part in parts:
        for step in part.steps:
            if step.kind is StepKind.TAX:
                before = found[step.rate_ppm][0] if step.rate_ppm in found else 0
                found[step.rate_ppm] = (before + step.minor, step)
    rates = {part.tax_rate_ppm for part in parts}
    steps = tuple(
        Step(StepKind.TAX, tax, step.name, step.name_zh, rate_ppm=rate, included=step.included)
        for rate, (tax, step) in found.items()
    )
    return sum(part.tax_minor for part in parts), rates.pop() if len(rates) == 1 else 0, steps
