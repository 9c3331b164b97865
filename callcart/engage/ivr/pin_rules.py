"""What a telephone PIN may be. Pure."""

from __future__ import annotations

from itertools import pairwise

PIN_DIGITS = (4, 8)


def is_pin(text: str) -> bool:
    least, most = PIN_DIGITS
    return least <= len(text) <= most and text.isascii() and text.isdecimal()


def is_easy(pin: str) -> bool:
    """One digit again and again, or digits one after another: what everybody tries first."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}
