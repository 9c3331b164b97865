"""Whom a notice reaches, in which language and by which medium. A medium the customer said no to is not used; where nothing is left,
nobody is told, and nothing says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import phonenumbers

from callcart.commerce.orders.public import Order
from callcart.contact.messaging.public import has_stopped
from callcart.core.language import in_language
from callcart.engage.notices.models import Medium, Way
from callcart.people.customers.public import Customer
from callcart.people.tenants.public import get_tenant, settings_of

# Numbers no SMS arrives at.
_DEAF = frozenset(
    {
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.UAN,
        phonenumbers.PhoneNumberType.PAGER,
    }
)


@dataclass(frozen=True, slots=True)
class Reach:
    """Addresses by medium; a medium that does not reach them is not there."""

    customer_id: UUID | None
    name: str
    language: str
    addresses: Mapping[Medium, str]

    def media(self, way: Way, out: frozenset[Medium]) -> tuple[Medium, ...]:
        """The media to use, of those that can leave this installation."""
        order = (Medium.MAIL, Medium.SMS) if way is Way.MAIL_FIRST else (Medium.SMS, Medium.MAIL)
        found = tuple(each for each in order if each in self.addresses and each in out)
        if way is Way.OFF:
            return ()
        return found if way is Way.BOTH else found[:1]


def of_order(order: Order, *, to_receiver: bool) -> Reach:
    """The customer of an order; of a guest, whom the parcel goes to. `to_receiver`: where the customer has no number, that one."""
    found = of_customer(order.customer_id) if order.customer_id else None
    if found is None:
        return Reach(None, order.ship_name, _offered(order.language), _phone(order.ship_phone))
    if to_receiver and not found.addresses:
        return Reach(found.customer_id, found.name, found.language, _phone(order.ship_phone))
    return found


def of_customer(customer_id: UUID) -> Reach | None:
    """A customer; None where there is no such."""
    customer = Customer.objects.prefetch_related("phones", "emails").filter(id=customer_id).first()
    if customer is None:
        return None
    addresses: dict[Medium, str] = {}
    if _agrees(customer, Medium.SMS):
        for phone in sorted(customer.phones.all(), key=lambda each: (not each.is_primary, each.created_at)):
            addresses = addresses or dict(_phone(phone.e164))
    if _agrees(customer, Medium.MAIL):
        mails = sorted(customer.emails.all(), key=lambda each: (not each.is_primary, each.created_at))
        addresses |= {Medium.MAIL: mails[0].address} if mails else {}
    return Reach(customer.id, customer.name, _offered(customer.language), addresses)


def shop_name(language: str) -> str:
    tenant = get_tenant()
    return in_language(language, tenant.name, tenant.name_zh)


def _agrees(customer: Customer, medium: Medium) -> bool:
    """What an order brings with it needs no consent, but somebody who said no is heard."""
    said = customer.consent.get("email" if medium is Medium.MAIL else "sms") or {}
    return said.get("given") is not False


def _phone(e164: str) -> dict[Medium, str]:
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        return {}
    return {} if kind in _DEAF or has_stopped("sms", e164) else {Medium.SMS: e164}


def _offered(language: str) -> str:
    return settings_of(get_tenant()).offered(language)
