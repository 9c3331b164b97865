"""How a customer is reached: telephone numbers and mail addresses, one of each being the main one. Changes of one
customer are put in order by a lock on the customer."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields
from callcart.people.customers import numbers
from callcart.people.customers.editing import require_editable, save
from callcart.people.customers.models import Customer, Email, Phone
from callcart.people.customers.numbers import PhoneNumber
from callcart.people.customers.opening import (
    NumberChange,
    end_sessions_by_number,
    opening_numbers,
    opens_from,
    tell_of,
)

MOST = 20
Way = TypeVar(
    "Way", Phone, Email
)  # what both promise stands once: one main one, no more than MOST, an entry in the audit


def add_phone(
    actor: Actor,
    customer_id: UUID,
    raw: str,
    *,
    label: str = "",
    is_primary: bool = False,
    field: str = "phone",
) -> Phone:
    """Add a number in any form; the first one is the main one. One the customer has already is returned as it is
    (made the main one if asked). It opens the account at the shop after `opening.WAIT`, which the customer is told.
    NotFound, Invalid."""
    customer = require_editable(actor, customer_id)
    form = Fields()
    number = read_into(form, raw, field=field, required=True)
    label = form.line("label", label, most=40)
    form.done()
    e164 = number.e164 if number else ""
    same = Phone.objects.filter(customer=customer, e164=e164).first()
    told, opens = opening_numbers(customer), opens_from(actor)
    made = Phone(customer=customer, e164=e164, tail=_tail(e164), label=label, opens_from=opens)
    kept = _add(actor, made, same, is_primary=is_primary, field=field)
    if same is None:
        tell_of(actor, kept, NumberChange.ADDED, to=told)
    return kept


def remove_phone(actor: Actor, phone_id: UUID) -> None:
    """Take a number away; the oldest of the others becomes the main one. The customer is told, at that number too, and
    browsers that signed in by it are signed out. NotFound."""
    phone = _found(Phone, phone_id)
    customer, e164 = require_editable(actor, phone.customer_id), phone.e164
    tell_of(actor, phone, NumberChange.REMOVED, to=opening_numbers(phone.customer))
    _remove(actor, phone)
    end_sessions_by_number(customer, e164)  # after the number is gone: who signs in just now is seen


def make_primary_phone(actor: Actor, phone_id: UUID) -> Phone:
    """The main number from now on. NotFound."""
    return _make_primary(actor, _found(Phone, phone_id))


def add_email(
    actor: Actor, customer_id: UUID, address: str, *, label: str = "", is_primary: bool = False
) -> Email:
    """Add a mail address; the first one is the main one. One the customer has already is returned as it is (made the
    main one if asked). NotFound, Invalid."""
    customer = require_editable(actor, customer_id)
    form = Fields()
    folded = form.email("email", address, required=True)
    label = form.line("label", label, most=40)
    form.done()
    same = Email.objects.filter(customer=customer, address=folded).first()
    made = Email(customer=customer, address=folded, label=label)
    return _add(actor, made, same, is_primary=is_primary, field="email")


def remove_email(actor: Actor, email_id: UUID) -> None:
    """Take a mail address away; the oldest of the others becomes the main one. NotFound."""
    _remove(actor, _found(Email, email_id))


def make_primary_email(actor: Actor, email_id: UUID) -> Email:
    """The main mail address from now on. NotFound."""
    return _make_primary(actor, _found(Email, email_id))


def read_into(
    form: Fields, raw: str, *, field: str = "phone", country: str = "", required: bool = False
) -> PhoneNumber | None:
    """The number, or None for an empty field; a problem is marked on the form."""
    if not raw.strip() and not required:
        return None
    try:
        return numbers.normalise_phone(raw, country, field=field)
    except Invalid as error:
        form.merge("", error.fields)
        return None


def first_phone(customer: Customer, e164: str) -> Phone:
    """The main number of a customer just made; it opens the account at once, in which there is nothing yet."""
    return Phone.objects.create(
        customer=customer, e164=e164, tail=_tail(e164), is_primary=True, opens_from=now()
    )


def first_email(customer: Customer, folded: str) -> Email:
    """The main mail address of a customer just made."""
    return Email.objects.create(customer=customer, address=folded, is_primary=True)


def _tail(e164: str) -> str:
    return e164.lstrip("+")[::-1]


def _add(actor: Actor, made: Way, same: Way | None, *, is_primary: bool, field: str) -> Way:
    """Keep `made` with its customer, who is locked; `same` is the one they have already."""
    if same is not None:
        return _make_primary(actor, same) if is_primary else same
    customer = made.customer
    had = type(made).objects.filter(customer=customer)
    count = had.count()
    if count >= MOST:
        raise Invalid(fields={field: _("No more than %(most)s are possible.") % {"most": MOST}})
    made.is_primary = is_primary or not count
    if made.is_primary:
        had.filter(is_primary=True).update(is_primary=False)
    made.save()
    save(customer)
    kind = _kind(made)
    audit.record(actor, f"customers.add_{kind}", subject=("customer", customer.id), after={kind: made.id})
    return made


def _remove(actor: Actor, way: Way) -> None:
    customer = require_editable(actor, way.customer_id)
    kind, way_id = _kind(way), way.id
    way.delete()
    rest = type(way).objects.filter(customer=customer).order_by("created_at", "id")
    if not rest.filter(is_primary=True).exists() and (first := rest.first()) is not None:
        first.is_primary = True
        first.save(update_fields=["is_primary"])
    save(customer)
    audit.record(actor, f"customers.remove_{kind}", subject=("customer", customer.id), before={kind: way_id})


def _make_primary(actor: Actor, way: Way) -> Way:
    customer = require_editable(actor, way.customer_id)
    had = type(way).objects.filter(customer=customer)
    had.filter(is_primary=True).exclude(id=way.id).update(is_primary=False)
    way.is_primary = True
    way.save(update_fields=["is_primary"])
    save(customer)
    kind = _kind(way)
    audit.record(actor, f"customers.primary_{kind}", subject=("customer", customer.id), after={kind: way.id})
    return way


def _found(kind: type[Way], way_id: UUID) -> Way:
    found = kind.objects.filter(id=way_id).first()
    if found is None:
        raise NotFound
    return found


def _kind(way: Phone | Email) -> str:
    """As the audit names it."""
    return "phone" if isinstance(way, Phone) else "email"
