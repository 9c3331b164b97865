"""Coupon codes: how they are compared and made. A generated one has 59 bits of chance behind its prefix, in an alphabet
without letters that look or sound alike on the telephone: no loop finds one.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from datetime import timedelta

from callcart.core import throttle

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 O 1 I L
GROUPS = 3
GROUP = 4
MOST_CODE = 40
MOST_TRIED = 20
TRIED_WITHIN = timedelta(minutes=15)


def code_key(code: str) -> str:
    """The code as it is compared: full-width letters as plain ones, no blanks and hyphens, capitals."""
    plain = unicodedata.normalize("NFKC", code[: 4 * MOST_CODE]).upper()
    return "".join(c for c in plain if c.isalnum())[:MOST_CODE]


def new_code(prefix: str = "") -> str:
    """A code such as `SPRING-7K2M-QX4D-9RTB`."""
    parts = ["".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS)]
    return "-".join(([prefix] if prefix else []) + parts)


def same_code(one: str, other: str) -> bool:
    return code_key(one) == code_key(other)


class TriedTooManyCodes(throttle.TriedTooOften):
    """Too many codes were tried. Try again in %(wait)s."""

    code = "pricing.tried_too_many_codes"


def count_code_tried(tenant_id: int, sources: Iterable[str]) -> None:
    """Count one attempt at a code for each source (a cart, a network address, a staff member). Raises TriedTooManyCodes."""
    limits = [throttle.Limit("coupon", source, MOST_TRIED, TRIED_WITHIN) for source in sources]
    throttle.count(tenant_id, limits, refusal=TriedTooManyCodes)
