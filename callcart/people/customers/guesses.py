"""Whole numbers tried by staff who see numbers masked. A search that says "this is their number" would, asked often enough,
give away the digits that the mask hides: so look-ups by a whole number are counted for each person.

Looking up whoever reads out a number stays free of limits anybody meets at work.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from callcart.core import throttle
from callcart.core.actor import Actor
from callcart.people.customers.numbers import MOST_TYPED, digits_of, read_phone
from callcart.people.tenants.public import get_tenant

PER_HOUR = 100  # numbers are looked up while they are typed: one may cost three or four
PER_DAY = 400
LEAST_DIGITS = 7  # what is shorter the mask shows almost whole

log = structlog.get_logger(__name__)


class TriedTooManyNumbers(throttle.TriedTooOften):
    """You have looked up very many telephone numbers. Look for a name, a customer or an order number instead, or go on in %(wait)s."""

    code = "customers.tried_too_many_numbers"


def count_number_tried(actor: Actor, text: str) -> None:
    """Count a search by a whole number, for a member of the staff to whom numbers are masked; TriedTooManyNumbers. To be
    called before the look-up."""
    if not actor.is_staff or actor.can("customers.see_phone") or not _is_whole_number(text):
        return
    limits = [
        throttle.Limit("customers.number.hour", str(actor.id), PER_HOUR, timedelta(hours=1)),
        throttle.Limit("customers.number.day", str(actor.id), PER_DAY, timedelta(days=1)),
    ]
    try:
        throttle.count(actor.tenant_id, limits, refusal=TriedTooManyNumbers)
    except TriedTooManyNumbers:
        log.warning("customers.numbers_tried", tenant=actor.tenant_id, staff=str(actor.id))
        raise


def _is_whole_number(text: str) -> bool:
    if len(text) > MOST_TYPED or len(digits_of(text)) < LEAST_DIGITS:
        return False
    return read_phone(text, get_tenant().country) is not None
