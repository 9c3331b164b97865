"""How often a carrier is asked about a parcel, and when that ends. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from callcart.commerce.shipping.models import ParcelState

OVER = frozenset({ParcelState.DELIVERED, ParcelState.RETURNED})
ASKED_FOR = timedelta(days=60)
GETS_SLOW_AFTER = timedelta(days=14)
_SLOW = timedelta(hours=12)
_LONGEST_PAUSE = timedelta(hours=12)


def next_poll(state: str, *, made_at: datetime, at: datetime, minutes: int) -> datetime | None:
    """When to ask next; None where the parcel has ended or is older than anybody asks about. On the day of delivery twice as
    often, after two weeks twice a day."""
    age = at - made_at
    if ParcelState(state) in OVER or age > ASKED_FOR:
        return None
    if age > GETS_SLOW_AFTER:
        return at + _SLOW
    pause = timedelta(minutes=minutes)
    return at + (pause / 2 if ParcelState(state) is ParcelState.OUT_FOR_DELIVERY else pause)


def after_failure(failures: int, *, at: datetime, minutes: int) -> datetime:
    """When to ask a carrier again that did not answer for the n-th time: the pause doubles, up to half a day."""
    return at + min(timedelta(minutes=minutes * (1 << min(failures, 10))), _LONGEST_PAUSE)
