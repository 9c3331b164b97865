"""Finding customers: by any form of a number, by mail, by customer number, by name in either language or by pinyin.
Each answer says why it was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from callcart.core import ids, search
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import NotFound
from callcart.core.fields import is_storable
from callcart.people.customers.guesses import count_address_tried, count_number_tried
from callcart.people.customers.models import Address, Customer, Email, Phone
from callcart.people.customers.numbers import MOST_TYPED, digits_of, read_phone
from callcart.people.tenants.public import get_tenant

LEAST_DIGITS = 6  # of a caller's number; fewer would name a stranger
LEAST_TYPED = 4  # by somebody who looks at what is found
SHOWN_DIGITS = 4  # what a masked number shows of itself
_MOST_QUERY = 200


class Reason(StrEnum):
    """Why a customer was found, best first."""

    PHONE = "phone"
    CUSTOMER_NUMBER = "customer_number"
    EMAIL = "email"
    RECEIVER = "receiver"
    PHONE_TAIL = "phone_tail"
    NAME = "name"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class Match:
    """A customer found, and why. `is_main`: the number or mail is their main one."""

    customer: Customer
    reason: Reason
    is_main: bool = False

    @property
    def because(self) -> str:
        """The reason in words of the active language."""
        return {
            Reason.PHONE: _("This is their number"),
            Reason.CUSTOMER_NUMBER: _("This is their customer number"),
            Reason.EMAIL: _("This is their e-mail address"),
            Reason.RECEIVER: _("Receives parcels at this number"),
            Reason.PHONE_TAIL: _("Their number ends so"),
            Reason.NAME: _("The name fits"),
            Reason.SIMILAR: _("The name is similar"),
        }[self.reason]


def get_customer(customer_id: UUID) -> Customer:
    """One customer of this tenant; NotFound."""
    found = Customer.objects.select_related("category").filter(id=customer_id).first()
    if found is None:
        raise NotFound
    return found


def is_blocked(customer_id: UUID) -> bool | None:
    """Whether a customer may not order; None where there is none. Asked of every order: by hand, a third of what the ORM takes."""
    found: bool | None = raw.value("SELECT blocked FROM customers_customer WHERE id = %s", (customer_id,))
    return found


def customer_by_number(number: str) -> Customer | None:
    """By customer number, spaces and hyphens allowed."""
    plain = number.replace(" ", "").replace("-", "").lstrip("#")
    return Customer.objects.filter(number=plain).first() if ids.is_valid_number(plain) else None


def sole_customer(*, e164: str = "", email: str = "") -> Customer | None:
    """Who has a number or a mail address, where that is one customer alone and not blocked: an address that two have says nothing
    of who writes."""
    if not (e164 or email):
        return None
    owned = Q(phones__e164=e164) if e164 else Q(emails__address=email.casefold())
    found = list(Customer.objects.filter(owned, blocked=False).distinct()[:2])
    return found[0] if len(found) == 1 else None


def customer_names(customer_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Names by id; ids of nobody are left out."""
    wanted = {customer_id for customer_id in customer_ids if customer_id is not None}
    return dict(Customer.objects.filter(id__in=wanted).values_list("id", "name")) if wanted else {}


def find_by_phone(
    text: str,
    *,
    country: str = "",
    limit: int = 10,
    least_digits: int = LEAST_DIGITS,
    most_digits: int = 0,
) -> list[Match]:
    """Whose number this is, in any form: E.164, national, `00`, with blanks, or (where nobody has all of it) its last
    digits, `least_digits` or more, of which the last `most_digits` count (0: all). Owners come before receivers of parcels, main numbers first, then who came first."""
    if len(text) > MOST_TYPED:
        return []
    number = read_phone(text, country or get_tenant().country)
    found = _by_e164(number.e164, limit) if number else []
    if not found and not text.strip().startswith("+"):
        digits = digits_of(text)
        for tail in dict.fromkeys(
            (digits, digits.lstrip("0"))
        ):  # as remembered, or with a trunk prefix before it
            if not found and len(tail) >= least_digits:
                found = _by_tail(tail[-most_digits:], limit)
    return _distinct(found)[:limit]


def search_customers(actor: Actor, text: str, *, limit: int = 20) -> list[Match]:
    """One box for everything: a phone number or its last digits, a customer number, a mail address or its beginning, a
    name in any language, pinyin or its initials; where nothing is found, names a letter away. Best reasons first; nothing for an empty text. Whoever sees numbers masked
    learns no further digit by trying: of an end typed, only what the mask shows is looked for, and whole numbers are
    counted (TriedTooManyNumbers), as are mail addresses (TriedTooManyAddresses)."""
    actor.require("customers.view")
    text = text.strip()
    if not text or len(text) > _MOST_QUERY or not is_storable(text):
        return []
    count_number_tried(actor, text)
    count_address_tried(actor, text)
    found: list[Match] = []
    if len(digits_of(text)) >= LEAST_TYPED and not any(c.isalpha() for c in text):
        most = 0 if actor.can("customers.see_phone") else SHOWN_DIGITS
        found += find_by_phone(text, limit=limit, least_digits=LEAST_TYPED, most_digits=most)
        numbered = customer_by_number(text)
        found += [Match(numbered, Reason.CUSTOMER_NUMBER)] if numbered else []
    if "@" in text:
        found += _by_email(text.casefold(), limit)
    elif len(found) < limit:
        named = Customer.objects.filter(search.condition(text)).order_by()[:limit]
        found += sorted((Match(customer, Reason.NAME) for customer in named), key=_by_fit(text))
        found = found or _nearly_named(text, limit)
    return _distinct(found)[:limit]


def _nearly_named(text: str, limit: int) -> list[Match]:
    """Customers whose name is a letter away from what was typed."""
    near = Customer.objects.filter(search.resembling(text)).order_by()
    meant = (customer for customer in near if search.is_meant(text, customer.search_text))
    return sorted((Match(customer, Reason.SIMILAR) for customer in meant), key=_by_fit(text))[:limit]


def _by_e164(e164: str, limit: int) -> list[Match]:
    phones = (
        Phone.objects.filter(e164=e164)
        .select_related("customer__category")
        .order_by("-is_primary", "created_at", "id")[:limit]
    )
    found = [Match(phone.customer, Reason.PHONE, phone.is_primary) for phone in phones]
    if len(found) < limit:
        addresses = (
            Address.objects.filter(phone=e164)
            .exclude(phone="")
            .select_related("customer__category")
            .order_by("created_at", "id")[:limit]
        )
        found += [Match(address.customer, Reason.RECEIVER) for address in addresses]
    return found


def _by_tail(digits: str, limit: int) -> list[Match]:
    """A range, not LIKE: row-level security keeps LIKE away from the index. `:` follows `9`."""
    backwards = digits[::-1]
    phones = (
        Phone.objects.filter(tail__gte=backwards, tail__lt=backwards + ":")
        .select_related("customer__category")
        .order_by("tail", "id")[:limit]
    )
    found = [Match(phone.customer, Reason.PHONE_TAIL, phone.is_primary) for phone in phones]
    return sorted(found, key=lambda match: not match.is_main)


def _by_email(folded: str, limit: int) -> list[Match]:
    emails = (
        Email.objects.filter(address__gte=folded, address__lt=folded + "\U0010ffff")
        .select_related("customer__category")
        .order_by("address", "id")[:limit]
    )
    return [Match(email.customer, Reason.EMAIL, email.is_primary) for email in emails]


def _by_fit(text: str) -> Callable[[Match], tuple[int, int, str]]:
    wanted = search.fold(text)

    def rank(match: Match) -> tuple[int, int, str]:
        name = search.fold(match.customer.name)
        return (
            0 if name == wanted else 1 if name.startswith(wanted) else 2,
            len(name),
            match.customer.number,
        )

    return rank


def _distinct(found: list[Match]) -> list[Match]:
    first: dict[UUID, Match] = {}
    for match in found:
        first.setdefault(match.customer.id, match)
    return list(first.values())
