"""What somebody asks for before it is an order, and what it would cost. A draft is a value: nothing is stored or held.

`price_draft` never fails on bad input: each problem is a sentence under the name of its field (`lines.0.quantity`,
`address.phone`), so that a form can show it in place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language, gettext

from callcart.commerce.catalog.public import VariantHit, price_of, variants
from callcart.commerce.orders.address import DraftAddress, check_address
from callcart.commerce.orders.models import Channel
from callcart.commerce.payments.public import LEAST_INSTALMENTS, MOST_INSTALMENTS, PaymentMethod
from callcart.commerce.shipping.public import DeliveryChoice, methods_for
from callcart.core.money import Money
from callcart.core.text import clean, problem
from callcart.people.tenants.public import get_tenant

MOST_LINES = 200
MOST_UNITS = 9_999
MOST_TOTAL = 10**14
DEFAULT_INSTALMENTS = 3
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One SKU wanted. `seen_minor` is the price the person saw; None takes the price as it is."""

    variant_id: UUID
    quantity: int
    seen_minor: int | None = None


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """All that an order is made from. `delivery_method` is a method's code, `conversation_id` the call it is taken in.
    A guest's has no customer."""

    lines: tuple[DraftLine, ...]
    channel: str
    address: DraftAddress | None = None
    delivery_method: str = ""
    payment_method: str = ""
    instalments: int = 0
    customer_id: UUID | None = None
    conversation_id: UUID | None = None
    campaign: str = ""
    note: str = ""
    language: str = ""

    def body(self) -> dict[str, Any]:
        """The draft as plain values; two equal drafts have equal bodies."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line at today's price."""

    variant: VariantHit
    quantity: int
    unit: Money
    total: Money


@dataclass(frozen=True, slots=True)
class PricedDraft:
    """What a draft comes to. `lines` holds None where a line's SKU is not for sale; `deliveries` is what may be
    chosen; `price_changes` are the problems that only say a price is no longer what was seen."""

    lines: tuple[PricedLine | None, ...]
    goods: Money
    delivery: Money
    total: Money
    deliveries: tuple[DeliveryChoice, ...]
    chosen: DeliveryChoice | None
    address: DraftAddress | None
    problems: Mapping[str, str]
    price_changes: Mapping[str, str]


def price_draft(draft: OrderDraft) -> PricedDraft:
    """Price a draft as of now, with every problem it has. Problems of fields not filled in yet are among them."""
    currency = get_tenant().currency
    problems: dict[str, str] = {}
    changes: dict[str, str] = {}
    found = variants(line.variant_id for line in draft.lines[:MOST_LINES])
    lines = tuple(
        price_line(index, line, found, problems, changes, currency, draft.customer_id)
        for index, line in enumerate(draft.lines[:MOST_LINES])
    )
    if not draft.lines:
        problems["lines"] = gettext("Add at least one product.")
    elif len(draft.lines) > MOST_LINES:
        problems["lines"] = gettext("At most %(most)d lines; split this into two orders.") % {
            "most": MOST_LINES
        }
    goods = sum((line.total for line in lines if line), Money.zero(currency))
    address = check_address(draft.address, problems)
    deliveries = methods_for(
        country=address.country if address else "", region=address.province if address else "", goods=goods
    )
    chosen = choose_delivery(draft.delivery_method, deliveries, problems)
    check_payment(draft.payment_method, draft.instalments, chosen, problems)
    _check_rest(draft, problems)
    delivery = chosen.price if chosen else Money.zero(currency)
    total = goods + delivery
    if total.minor > MOST_TOTAL:
        problems["lines"] = gettext("This is more than one order can hold.")
    return PricedDraft(
        lines=lines,
        goods=goods,
        delivery=delivery,
        total=total,
        deliveries=tuple(deliveries),
        chosen=chosen,
        address=address,
        problems=problems,
        price_changes=changes,
    )


def price_line(
    index: int,
    line: DraftLine,
    found: Mapping[UUID, VariantHit],
    problems: dict[str, str],
    changes: dict[str, str],
    currency: str,
    customer_id: UUID | None,
) -> PricedLine | None:
    """A line at its price, its problems noted; None where the SKU cannot be sold."""
    hit = found.get(line.variant_id)
    if hit is None or not hit.on_sale:
        problems[f"lines.{index}.variant_id"] = gettext("This product is no longer sold.")
        return None
    if not isinstance(line.quantity, int) or not 1 <= line.quantity <= MOST_UNITS:
        problems[f"lines.{index}.quantity"] = gettext("Give a quantity from 1 to %(most)d.") % {
            "most": MOST_UNITS
        }
        return None
    unit = price_of(hit, customer_id=customer_id)
    if unit.currency != currency:
        problems[f"lines.{index}.variant_id"] = gettext("This product has no price in %(currency)s.") % {
            "currency": currency
        }
        return None
    if line.seen_minor is not None and line.seen_minor != unit.minor:
        changes[f"lines.{index}.price"] = price_changed(line.seen_minor, unit)
    return PricedLine(variant=hit, quantity=line.quantity, unit=unit, total=unit * line.quantity)


def price_changed(seen_minor: int, unit: Money) -> str:
    """ "The price was $10.00 and is $12.00 now." in the active language."""
    locale = "zh_Hans" if (get_language() or "en").startswith("zh") else "en_US"
    return gettext("The price was %(old)s and is %(new)s now.") % {
        "old": Money(seen_minor, unit.currency).format(locale),
        "new": unit.format(locale),
    }


def choose_delivery(
    code: str, choices: Sequence[DeliveryChoice], problems: dict[str, str]
) -> DeliveryChoice | None:
    """The method of that code among those that serve the address."""
    chosen = next((choice for choice in choices if choice.code == code), None)
    if chosen is None:
        problems["delivery_method"] = (
            gettext("This delivery method does not serve the address.")
            if code and choices
            else gettext("Choose a delivery method.")
            if choices
            else gettext("We do not deliver to this address yet.")
        )
    return chosen


def check_payment(
    method: str, instalments: int, delivery: DeliveryChoice | None, problems: dict[str, str]
) -> None:
    """Note what is wrong with the way of paying."""
    if method not in set(PaymentMethod):
        problems["payment_method"] = gettext("Choose how to pay.")
    elif method == PaymentMethod.COD and delivery is not None and not delivery.takes_cod:
        problems["payment_method"] = gettext("This delivery method takes no cash.")
    elif method == PaymentMethod.INSTALMENTS and not LEAST_INSTALMENTS <= instalments <= MOST_INSTALMENTS:
        problems["instalments"] = gettext("Give %(least)d to %(most)d instalments.") % {
            "least": LEAST_INSTALMENTS,
            "most": MOST_INSTALMENTS,
        }


def _check_rest(draft: OrderDraft, problems: dict[str, str]) -> None:
    if draft.channel not in set(Channel):
        problems["channel"] = gettext("This channel is not known.")
    if draft.language and draft.language not in LANGUAGES:
        problems["language"] = gettext("This language is not known.")
    for name, longest in (("note", 2000), ("campaign", 100)):
        if said := problem(clean(getattr(draft, name)), longest=longest):
            problems[name] = said


def with_default_instalments(draft: OrderDraft) -> OrderDraft:
    """Instalments without a number given are three; any other way of paying has none."""
    if draft.payment_method != PaymentMethod.INSTALMENTS:
        return replace(draft, instalments=0)
    return draft if draft.instalments else replace(draft, instalments=DEFAULT_INSTALMENTS)
