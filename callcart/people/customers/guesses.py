"""Whole numbers and mail addresses tried by staff who see them masked. A search that says "this is their number" would, asked
often enough, give away the digits that the mask hides, and likewise the name before the `@`: so look-ups by a whole one are
counted for each person.

Looking up whoever reads out a number or an address stays free of limits anybody meets at work.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from callcart.core import throttle
from callcart.core.actor import Actor
from callcart.people.customers.numbers import MOST_TYPED, digits_of, read_phone
from callcart.people.tenants.public import get_tenant

PER_HOUR = 100  # of either; both are looked up while they are typed: one may cost three or four
PER_DAY = 400
LEAST_DIGITS = 7  # what is shorter the mask shows almost whole

log = structlog.get_logger(__name__)


class TriedTooManyNumbers(throttle.TriedTooOften):
    """You have looked up very many telephone numbers. Look for a name, a customer or an order number instead, or go on in %(wait)s."""

    code = "customers.tried_too_many_numbers"


class TriedTooManyAddresses(throttle.TriedTooOften):
    """You have looked up very many e-mail addresses. Look for a name, a customer or an order number instead, or go on in %(wait)s."""

    code = "customers.tried_too_many_addresses"


def count_number_tried(actor: Actor, text: str) -> None:
    """Count a search by a whole number, for staff and keys to whom numbers are masked; TriedTooManyNumbers. To be
    called before the look-up."""
    if actor.is_of_shop and not actor.can("customers.see_phone") and _is_whole_number(text):
        _count(actor, "number", TriedTooManyNumbers)


def count_address_tried(actor: Actor, text: str) -> None:
    """The same for mail addresses, for those to whom they are masked; TriedTooManyAddresses. What the mask hides ends at the
    `@`, so an address without its end is a whole one here."""
    if actor.is_of_shop and not actor.can("customers.see_email") and "@" in text:
        _count(actor, "email", TriedTooManyAddresses)


def _count(actor: Actor, what: str, refusal: type[throttle.TriedTooOften]) -> None:
    limits = [
        throttle.Limit(f"customers.{what}.hour", str(actor.id), PER_HOUR, timedelta(hours=1)),
        throttle.Limit(f"customers.{what}.day", str(actor.id), PER_DAY, timedelta(days=1)),
    ]
    try:
        throttle.count(actor.tenant_id, limits, refusal=refusal)
    except refusal:
        log.warning(f"customers.{what}s_tried", tenant=actor.tenant_id, staff=str(actor.id))
        raise


def _is_whole_number(text: str) -> bool:
    if len(text) > MOST_TYPED or len(digits_of(text)) < LEAST_DIGITS:
        return False
    return read_phone(text, get_tenant().country) is not None
