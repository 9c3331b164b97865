"""The two ways amounts are rounded here, both on whole minor units: half up, and sharing out by largest remainder."""

from __future__ import annotations

from collections.abc import Sequence


def half_up(amount: int, numerator: int, denominator: int) -> int:
    """`amount × numerator / denominator` of a non-negative amount, halves up."""
    return (2 * amount * numerator + denominator) // (2 * denominator)


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount shared out by weights: the parts sum to it, the earlier of two equal remainders first. No part exceeds
    its weight where the amount does not exceed their sum."""
    total = sum(weights)
    if total <= 0:
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    rest = sorted(range(len(weights)), key=lambda index: (-(amount * weights[index] % total), index))
    for index in rest[: amount - sum(parts)]:
        parts[index] += 1
    return parts
