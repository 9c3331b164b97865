"""The ways of delivery and of paying as the second page of the checkout offers them, each with what it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from callcart.commerce.orders.public import PricedDraft
from callcart.commerce.payments import public as payments
from callcart.commerce.payments.public import LEAST_INSTALMENTS, MOST_INSTALMENTS, PaymentMethod
from callcart.commerce.shipping.public import DeliveryChoice
from callcart.core.money import Money
from callcart.web import formats
from callcart.web.reader import reader
from callcart.web.shop.words import arrives

_COUNTS = tuple(count for count in (2, 3, 4, 6, 9, 12) if LEAST_INSTALMENTS <= count <= MOST_INSTALMENTS)


@dataclass(frozen=True, slots=True)
class DeliveryOffer:
    """A method. `total` is the whole order with it; `parts` the instalments then, by their number; both as text."""

    code: str
    name: str
    when: str
    price: str
    total: str
    takes_cod: bool
    tax: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PaymentOffer:
    """A way to pay; `refused` says why it cannot be had with the delivery chosen. `plans`: (number, text)."""

    code: str
    name: str
    about: str
    refused: str = ""
    plans: tuple[tuple[str, str], ...] = ()


def delivery_offers(priced: PricedDraft) -> list[DeliveryOffer]:
    """What reaches the address, in the shop's order."""
    to = priced.address
    return [
        DeliveryOffer(
            code=each.code,
            name=each.name_in(reader().language),
            when=arrives(
                each,
                country=to.country if to else "",
                region=to.province if to else "",
                postcode=to.postcode if to else "",
            ),
            price=formats.money(each.price) if each.price else _("free"),
            total=formats.money(priced.total_with(each)),
            tax=formats.money(priced.tax_with(each)),
            takes_cod=each.takes_cod,
            parts=dict(_plans(priced.total_with(each))),
        )
        for each in priced.deliveries
    ]


def payment_offers(chosen: DeliveryChoice | None, total: Money) -> list[PaymentOffer]:
    """Pay now, at the door, or in parts."""
    cash = chosen is None or chosen.takes_cod
    return [
        PaymentOffer(
            PaymentMethod.PREPAID, _("Pay now online"), _("On the secure page of our payment provider.")
        ),
        PaymentOffer(
            PaymentMethod.COD,
            _("Cash on delivery"),
            _("You pay the carrier at your door."),
            refused="" if cash else _("Not with the delivery you chose."),
        ),
        PaymentOffer(
            PaymentMethod.INSTALMENTS,
            _("In instalments"),
            _("The first today, then one every month. No interest."),
            plans=tuple(_plans(total)),
        ),
    ]


def _plans(total: Money) -> list[tuple[str, str]]:
    return [
        (str(count), _("%(count)s × %(part)s") % {"count": count, "part": formats.money(parts[-1])})
        for count in _COUNTS
        if (parts := payments.parts_of(total, count))
    ]
