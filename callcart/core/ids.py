"""Ids: UUID version 7 inside (RFC 9562, in time order), short numbers with a check digit for people.

A human number is a counter per tenant and kind followed by a Damm check digit, so one wrong digit or two
swapped ones are always noticed when it is read over the phone. Counters are taken in blocks outside the
caller's transaction: gaps are allowed, waiting for one another is not.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterable
from itertools import pairwise
from uuid import UUID

from callcart.core.normal import normal_form

# A totally anti-symmetric quasigroup of order 10 (Damm, 2004).
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_GAP = "\N{NO-BREAK SPACE}"
_GAPS = re.compile(r"[\s\u2010-\u2015-]+")
_BLOCK = 20
_lock = threading.Lock()
_blocks: dict[tuple[int, str], tuple[int, int]] = {}
_last_tick = 0


def new_id() -> UUID:
    """A UUIDv7: 48 bits of milliseconds, 12 of sub-millisecond order, 62 random; rising within a process."""
    global _last_tick
    with _lock:
        tick = time.time_ns() * 4096 // 1_000_000
        tick = max(tick, _last_tick + 1)
        _last_tick = tick
    milliseconds, fraction = divmod(tick, 4096)
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random)


def read_id(text: str) -> UUID | None:
    """The id somebody sent as text; None where it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def read_ids(texts: Iterable[str]) -> list[UUID]:
    """The ids among texts, in their order; what is none is left out."""
    return [found for text in texts if (found := read_id(text)) is not None]


def check_digit(digits: str) -> int:
    """The Damm check digit of a string of decimal digits."""
    state = 0
    for digit in digits:
        state = _DAMM[state][int(digit)]
    return state


def is_valid_number(number: str) -> bool:
    """Whether a human number (spaces and hyphens allowed) carries the right check digit."""
    digits = number.replace(" ", "").replace("-", "")
    return digits.isdecimal() and digits.isascii() and len(digits) > 1 and check_digit(digits) == 0


def spoken(number: str) -> str:
    """A human number in groups that are easy to read aloud, no digit alone: 10427 → 104 27, 1048271 → 104 82 71. The gaps
    break no line."""
    if len(number) < 5 or not number.isdecimal():
        return number
    twos = 2 * (-len(number) % 3)  # as many digits stand in groups of two, at the end
    threes = len(number) - twos
    starts = [*range(0, threes, 3), *range(threes, len(number), 2)]
    return _GAP.join(number[start:end] for start, end in pairwise([*starts, len(number)]))


def unspoken(text: str) -> str:
    """The human number that a text is, however its digits are grouped; empty where it is anything else."""
    plain = _GAPS.sub("", normal_form("NFKC", text).strip().removeprefix("#"))
    return plain if plain.isascii() and plain.isdecimal() else ""


# Numbers that are scanned at one table lie apart, so that a waybill's is never also a document's or an order's.
_START = 1000
_STARTS = {"dispatch": 10_000_000, "parcel": 100_000_000}


def next_number(kind: str, *, start: int | None = None) -> str:
    """The next human number of a kind (`order`, `customer`, …) in the current tenant, check digit included."""
    from callcart.core.tenancy import current_tenant

    key = (current_tenant(), kind)
    with _lock:
        value, end = _blocks.get(key, (0, 0))
        if value < end:
            _blocks[key] = (value + 1, end)
    if value >= end:
        value = _take_block(*key, start=start or _STARTS.get(kind, _START))
    return f"{value}{check_digit(str(value))}"


def next_numbers(kind: str, count: int, *, start: int | None = None) -> list[str]:
    """Many numbers of a kind at once, in a block of their own."""
    from callcart.core.database import raw
    from callcart.core.tenancy import current_tenant

    if count < 1:
        return []
    row = raw.autocommit_one(
        "SELECT core_take_numbers(%s::int, %s::text, %s::int, %s::bigint)",
        (current_tenant(), kind, count, start or _STARTS.get(kind, _START)),
    )
    return [f"{value}{check_digit(str(value))}" for value in range(int(row[0]), int(row[0]) + count)]


_MOST_OWN = 9  # digits; a longer number of another system is never reached by ours


def keep_ahead(kind: str, numbers: Iterable[str]) -> None:
    """Numbers of another system were taken over: ours go on above them, so that none is ever given twice."""
    from callcart.core.database import raw
    from callcart.core.tenancy import current_tenant

    own = [
        number for number in numbers if number.isascii() and number.isdecimal() and len(number) <= _MOST_OWN
    ]
    if not own:
        return
    wanted = max(int(number) // 10 for number in own) + 1
    key = (current_tenant(), kind)
    take = "SELECT core_take_numbers(%s::int, %s::text, %s::int, %s::bigint)"
    behind = wanted - int(raw.autocommit_one(take, (*key, 0, 1000))[0])
    if behind > 0:  # outside of the caller's transaction, as every taking of numbers
        raw.autocommit_one(take, (*key, behind, 1000))
    with _lock:
        _blocks.pop(key, None)


def forget_blocks() -> None:
    """Drop blocks held in memory (tests that change databases)."""
    with _lock:
        _blocks.clear()


def _take_block(tenant_id: int, kind: str, *, start: int) -> int:
    from callcart.core.database import raw

    row = raw.autocommit_one(
        "SELECT core_take_numbers(%s::int, %s::text, %s::int, %s::bigint)", (tenant_id, kind, _BLOCK, start)
    )
    first = int(row[0])
    with _lock:
        _blocks[(tenant_id, kind)] = (first + 1, first + _BLOCK)
    return first
