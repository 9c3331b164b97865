"""How a customer is reached: telephone numbers and mail addresses, one of each being the main one. Changes of one
customer are put in order by a lock on the customer."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields
from callcart.people.customers import numbers
from callcart.people.customers.editing import require_editable, save
from callcart.people.customers.models import Customer, Email, Phone
from callcart.people.customers.numbers import PhoneNumber

MOST = 20


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
    (made the main one if asked). NotFound, Invalid."""
    customer = require_editable(actor, customer_id)
    form = Fields()
    number = read_into(form, raw, field=field, required=True)
    label = form.line("label", label, most=40)
    form.done()
    e164 = number.e164 if number else ""
    had = list(Phone.objects.filter(customer=customer))
    same = next((phone for phone in had if phone.e164 == e164), None)
    if same is not None:
        return make_primary_phone(actor, same.id) if is_primary else same
    if len(had) >= MOST:
        raise Invalid(fields={field: _("No more than %(most)s are possible.") % {"most": MOST}})
    made = Phone(
        customer=customer, e164=e164, tail=_tail(e164), label=label, is_primary=is_primary or not had
    )
    if made.is_primary:
        Phone.objects.filter(customer=customer, is_primary=True).update(is_primary=False)
    made.save()
    save(customer)
    audit.record(actor, "customers.add_phone", subject=("customer", customer.id), after={"phone": made.id})
    return made


def remove_phone(actor: Actor, phone_id: UUID) -> None:
    """Take a number away; the oldest of the others becomes the main one. NotFound."""
    phone = _phone(phone_id)
    customer = require_editable(actor, phone.customer_id)
    phone.delete()
    rest = Phone.objects.filter(customer=customer).order_by("created_at", "id")
    if not rest.filter(is_primary=True).exists() and (first := rest.first()) is not None:
        first.is_primary = True
        first.save(update_fields=["is_primary"])
    save(customer)
    audit.record(
        actor, "customers.remove_phone", subject=("customer", customer.id), before={"phone": phone_id}
    )


def make_primary_phone(actor: Actor, phone_id: UUID) -> Phone:
    """The main number from now on. NotFound."""
    phone = _phone(phone_id)
    customer = require_editable(actor, phone.customer_id)
    Phone.objects.filter(customer=customer, is_primary=True).exclude(id=phone.id).update(is_primary=False)
    phone.is_primary = True
    phone.save(update_fields=["is_primary"])
    save(customer)
    audit.record(
        actor, "customers.primary_phone", subject=("customer", customer.id), after={"phone": phone.id}
    )
    return phone


def add_email(
    actor: Actor, customer_id: UUID, address: str, *, label: str = "", is_primary: bool = False
) -> Email:
    """Add a mail address; the first one is the main one. NotFound, Invalid."""
    customer = require_editable(actor, customer_id)
    form = Fields()
    folded = form.email("email", address, required=True)
    label = form.line("label", label, most=40)
    form.done()
    had = list(Email.objects.filter(customer=customer))
    same = next((email for email in had if email.address == folded), None)
    if same is not None:
        return make_primary_email(actor, same.id) if is_primary else same
    if len(had) >= MOST:
        raise Invalid(fields={"email": _("No more than %(most)s are possible.") % {"most": MOST}})
    made = Email(customer=customer, address=folded, label=label, is_primary=is_primary or not had)
    if made.is_primary:
        Email.objects.filter(customer=customer, is_primary=True).update(is_primary=False)
    made.save()
    save(customer)
    audit.record(actor, "customers.add_email", subject=("customer", customer.id), after={"email": made.id})
    return made


def remove_email(actor: Actor, email_id: UUID) -> None:
    """Take a mail address away; the oldest of the others becomes the main one. NotFound."""
    email = _email(email_id)
    customer = require_editable(actor, email.customer_id)
    email.delete()
    rest = Email.objects.filter(customer=customer).order_by("created_at", "id")
    if not rest.filter(is_primary=True).exists() and (first := rest.first()) is not None:
        first.is_primary = True
        first.save(update_fields=["is_primary"])
    save(customer)
    audit.record(
        actor, "customers.remove_email", subject=("customer", customer.id), before={"email": email_id}
    )


def make_primary_email(actor: Actor, email_id: UUID) -> Email:
    """The main mail address from now on. NotFound."""
    email = _email(email_id)
    customer = require_editable(actor, email.customer_id)
    Email.objects.filter(customer=customer, is_primary=True).exclude(id=email.id).update(is_primary=False)
    email.is_primary = True
    email.save(update_fields=["is_primary"])
    save(customer)
    audit.record(
        actor, "customers.primary_email", subject=("customer", customer.id), after={"email": email.id}
    )
    return email


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
    """The main number of a customer just made."""
    return Phone.objects.create(customer=customer, e164=e164, tail=_tail(e164), is_primary=True)


def first_email(customer: Customer, folded: str) -> Email:
    """The main mail address of a customer just made."""
    return Email.objects.create(customer=customer, address=folded, is_primary=True)


def _tail(e164: str) -> str:
    return e164.lstrip("+")[::-1]


def _phone(phone_id: UUID) -> Phone:
    found = Phone.objects.filter(id=phone_id).first()
    if found is None:
        raise NotFound
    return found


def _email(email_id: UUID) -> Email:
    found = Email.objects.filter(id=email_id).first()
    if found is None:
        raise NotFound
    return found
