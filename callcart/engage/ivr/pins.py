"""Telephone PINs of customers: set for them by staff who know who they are, kept as a digest, read by nobody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.utils.translation import gettext as _

from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.engage.ivr.models import CallerPin
from callcart.engage.ivr.pin_rules import PIN_DIGITS, is_easy, is_pin
from callcart.people.customers.public import get_customer


def set_pin(actor: Actor, customer_id: UUID, pin: str) -> None:
    """Raises NotFound, Invalid."""
    actor.require("ivr.pins")
    customer = get_customer(customer_id)
    form, typed = Fields(), pin.strip()
    if not is_pin(typed):
        least, most = PIN_DIGITS
        form.refuse("pin", _("%(least)s to %(most)s digits.") % {"least": least, "most": most})
    elif is_easy(typed):
        form.refuse("pin", _("This one is too easy to guess."))
    form.done()
    values = {"digest": make_password(typed), "set_at": now(), "set_by": actor.name}
    CallerPin.objects.update_or_create(customer_id=customer.id, defaults=values)
    audit.record(actor, "ivr.pins", subject=("customer", customer.id), after={"pin": "set"})


def remove_pin(actor: Actor, customer_id: UUID) -> None:
    """Raises NotFound where there is none."""
    actor.require("ivr.pins")
    gone, _by_table = CallerPin.objects.filter(customer_id=customer_id).delete()
    if not gone:
        raise NotFound
    audit.record(actor, "ivr.pins", subject=("customer", customer_id), before={"pin": "set"})


def pin_set(actor: Actor, customer_id: UUID) -> tuple[datetime, str] | None:
    """Since when a customer has a PIN, and who set it."""
    actor.require("ivr.pins")
    row = CallerPin.objects.filter(customer_id=customer_id).first()
    return None if row is None else (row.set_at, row.set_by)


def is_right(customer_id: UUID, pin: str) -> bool:
    """Whether this is the customer's PIN. Count the try first (`guesses`). As slow for a customer without one."""
    row = CallerPin.objects.filter(customer_id=customer_id).first()
    return check_password(pin, row.digest if row is not None else make_password(None)) and row is not None
