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

from callcart.commerce.catalog.public import VariantHit, variants
from callcart.commerce.orders.address import DraftAddress, check_address
from callcart.commerce.orders.coupon_notes import coupon_notes
from callcart.commerce.orders.draft_checks import (
    MOST_LINES,
    by_hand_problems,
    check_payment,
    choose_delivery,
    too_many_lines,
)
from callcart.commerce.orders.first import is_first_order
from callcart.commerce.orders.models import Channel
from callcart.commerce.orders.sets import SetPiece, in_money, parts, pieces_now, with_components, with_prices
from callcart.commerce.payments.public import PaymentMethod
from callcart.commerce.pricing import public as pricing
from callcart.commerce.shipping.public import DeliveryChoice, methods_for
from callcart.core.language import locale_of
from callcart.core.money import Money
from callcart.core.text import clean, problem
from callcart.people.tenants.public import get_tenant

MOST_UNITS = 9_999
MOST_TOTAL = 10**14
MOST_COUPONS = 10
DEFAULT_INSTALMENTS = 3
LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One SKU wanted. `seen_minor` is the price the person saw; None takes the price as it is. By hand, with a `reason`:
    another unit price (`set_minor`), or `discount_bp` (basis points) off."""

    variant_id: UUID
    quantity: int
    seen_minor: int | None = None
    set_minor: int | None = None
    discount_bp: int = 0
    reason: str = ""

    @property
    def by_hand(self) -> bool:
        return self.set_minor is not None or self.discount_bp != 0


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """All that an order is made from. `delivery_method` is a method's code, `conversation_id` the call it is taken in.
    A guest's has no customer. `seen_total_minor` is the total the person saw; None takes it as it is. `carriage_free` is for
    what we send instead of something: nobody but the system asks for it."""

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
    coupons: tuple[str, ...] = ()
    seen_total_minor: int | None = None
    carriage_free: bool = False

    def body(self) -> dict[str, Any]:
        """The draft as plain values; two equal drafts have equal bodies."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line at today's price: `total` is `unit` × units − `discount`; `tax` is in it or comes on top (see the draft).
    `listed` is the retail price of a unit, `steps` is why it costs what it does; a set has `pieces`."""

    variant: VariantHit
    quantity: int
    unit: Money
    total: Money
    listed: Money
    discount: Money
    tax: Money
    tax_rate_ppm: int = 0
    steps: tuple[pricing.Step, ...] = ()
    pieces: tuple[SetPiece, ...] = ()

    @property
    def saved(self) -> Money:
        """What the buyer saves against the retail price."""
        return Money(max((self.listed * self.quantity - self.total).minor, 0), self.total.currency)


@dataclass(frozen=True, slots=True)
class PricedDraft:
    """What a draft comes to. `lines` holds None where a line's SKU is not for sale; `deliveries` is what may be
    chosen; `price_changes` are the problems that only say a price is no longer what was seen; `coupon_notes` say at
    `coupons.0` why a code gives nothing. `total` is goods, delivery and `added_tax`."""

    lines: tuple[PricedLine | None, ...]
    goods: Money
    delivery: Money
    total: Money
    deliveries: tuple[DeliveryChoice, ...]
    chosen: DeliveryChoice | None
    address: DraftAddress | None
    problems: Mapping[str, str]
    price_changes: Mapping[str, str]
    discount: Money
    tax: Money
    added_tax: Money
    basket: pricing.PricedBasket
    shipping: pricing.PricedDelivery
    coupon_notes: Mapping[str, str]

    def tax_with(self, choice: DeliveryChoice) -> Money:
        """The tax that comes on top with this way of delivery."""
        rate = self.basket.delivery_rate
        if not self.basket.tax_is_added:
            return Money.zero(self.total.currency)
        of_delivery = pricing.tax_of(choice.price.minor, rate.rate_ppm, added=True) if rate else 0
        return Money(self.basket.tax_minor + of_delivery, self.total.currency)

    def total_with(self, choice: DeliveryChoice) -> Money:
        """The whole order with this way of delivery."""
        return self.goods + choice.price + self.tax_with(choice)

    @property
    def saved(self) -> Money:
        """What the buyer saves against retail prices and full delivery."""
        lines = sum((line.saved for line in self.lines if line), Money.zero(self.total.currency))
        return lines + Money(self.shipping.discount_minor, self.total.currency)


def price_draft(draft: OrderDraft) -> PricedDraft:
    """Price a draft as of now, with every problem it has. Problems of fields not filled in yet are among them."""
    currency = get_tenant().currency
    problems: dict[str, str] = {}
    asked = draft.lines[:MOST_LINES]
    found = variants(line.variant_id for line in asked)
    hits = [sellable(index, line, found, problems, currency) for index, line in enumerate(asked)]
    _check_count(draft, problems)
    address = check_address(draft.address, problems)
    buyer = buyer_of(draft, address)
    pieces = pieces_now(hit.id for hit in hits if hit)
    basket, shown = _price(draft, hits, pieces, buyer)
    deliveries, chosen, shipping = _delivery(draft, basket, address, problems)
    check_payment(draft.payment_method, draft.instalments, chosen, problems)
    _check_rest(draft, problems)
    notes = coupon_notes(draft.coupons[:MOST_COUPONS], basket, problems, currency)
    tax = basket.tax_minor + shipping.tax_minor
    added = tax if basket.tax_is_added else 0
    total = basket.goods_minor + shipping.total_minor + added
    if total > MOST_TOTAL:
        problems["lines"] = gettext("This is more than one order can hold.")
    lines = _lines(hits, shown, pieces, currency)
    check_lines_made(lines, problems)
    return PricedDraft(
        lines=lines,
        goods=Money(basket.goods_minor, currency),
        delivery=Money(shipping.total_minor, currency),
        total=Money(total, currency),
        deliveries=deliveries,
        chosen=chosen,
        address=address,
        problems=problems,
        price_changes=_changes(draft, lines, Money(total, currency)),
        discount=Money(basket.discount_minor, currency),
        tax=Money(tax, currency),
        added_tax=Money(added, currency),
        basket=basket,
        shipping=shipping,
        coupon_notes=notes,
    )


def _delivery(
    draft: OrderDraft,
    basket: pricing.PricedBasket,
    address: DraftAddress | None,
    problems: dict[str, str],
) -> tuple[tuple[DeliveryChoice, ...], DeliveryChoice | None, pricing.PricedDelivery]:
    """The ways of delivery with the promotions of the basket, the one chosen among them, and what its delivery comes to."""
    goods = Money(basket.goods_minor, get_tenant().currency)
    offers = methods_for(
        country=address.country if address else "", region=address.province if address else "", goods=goods
    )
    before = choose_delivery(draft.delivery_method, offers, problems)
    deliveries = tuple(replace(each, price=delivery_price(basket, each.price)) for each in offers)
    chosen = next((each for each in deliveries if before and each.code == before.code), None)
    carriage = before.price.minor if before and not draft.carriage_free else 0
    return deliveries, chosen, pricing.price_delivery(basket, carriage)


def buyer_of(draft: OrderDraft, address: DraftAddress | None) -> pricing.Buyer:
    """Who buys, as prices ask; a shop at whose buyer's address nobody looked yet is taken for a buyer at home."""
    return pricing.Buyer(
        customer_id=draft.customer_id,
        phone=address.phone if address else "",
        country=(address.country if address else "") or get_tenant().country,
        region=address.province if address else "",
        channel=draft.channel,
        campaign=clean(draft.campaign),
    )


def _check_count(draft: OrderDraft, problems: dict[str, str]) -> None:
    if not draft.lines:
        problems["lines"] = gettext("Add at least one product.")
    elif len(draft.lines) > MOST_LINES:
        problems["lines"] = too_many_lines()
    if len(draft.coupons) > MOST_COUPONS:
        problems["coupons"] = gettext("At most %(most)d codes.") % {"most": MOST_COUPONS}


def _price(
    draft: OrderDraft,
    hits: Sequence[VariantHit | None],
    pieces: Mapping[UUID, tuple[SetPiece, ...]],
    buyer: pricing.Buyer,
) -> tuple[pricing.PricedBasket, list[pricing.PricedItem | None]]:
    """The lines that can be sold, priced; and the same by the places of the draft."""
    wanted = [(line, hit) for line, hit in zip(draft.lines, hits, strict=False) if hit is not None]
    codes = draft.coupons[:MOST_COUPONS]
    skus = with_components((hit.id for _line, hit in wanted), pieces)
    rules = pricing.load_rules(skus, buyer, codes=codes)
    basket = pricing.price_basket(
        pricing.Basket(
            lines=tuple(basket_line(line, hit, pieces.get(hit.id, ())) for line, hit in wanted),
            buyer=buyer,
            codes=codes,
            first_order=rules.ask_first_order and is_first_order(buyer),
        ),
        rules,
    )
    priced = iter(basket.lines)
    return basket, [next(priced) if hit is not None else None for hit in hits]


def basket_line(line: DraftLine, hit: VariantHit, pieces: Sequence[SetPiece] = ()) -> pricing.BasketLine:
    return pricing.BasketLine(
        variant_id=hit.id,
        quantity=line.quantity,
        list_minor=hit.price.minor,
        set_minor=line.set_minor,
        discount_bp=line.discount_bp,
        reason=clean(line.reason),
        parts=parts(pieces),
        set_name=hit.name if pieces else "",
        set_name_zh=hit.name_zh if pieces else "",
    )


def _lines(
    hits: Sequence[VariantHit | None],
    shown: Sequence[pricing.PricedItem | None],
    pieces: Mapping[UUID, tuple[SetPiece, ...]],
    currency: str,
) -> tuple[PricedLine | None, ...]:
    return tuple(
        priced_line(hit, item, currency, pieces.get(hit.id, ()))
        if hit is not None and item is not None
        else None
        for hit, item in zip(hits, shown, strict=True)
    )


def priced_line(
    hit: VariantHit, item: pricing.PricedItem, currency: str, pieces: Sequence[SetPiece] = ()
) -> PricedLine:
    return PricedLine(
        variant=hit,
        quantity=item.quantity,
        listed=Money(item.list_minor, currency),
        pieces=with_prices(pieces, item),
        **in_money(item, currency),
    )


def check_lines_made(lines: Sequence[PricedLine | None], problems: dict[str, str]) -> None:
    """Sets count as so many lines as they are made of."""
    made = sum(max(len(line.pieces), 1) for line in lines if line is not None)
    if made > MOST_LINES and "lines" not in problems:
        problems["lines"] = too_many_lines()


def delivery_price(basket: pricing.PricedBasket, price: Money) -> Money:
    """A way of delivery with the promotions of the basket."""
    return Money(pricing.price_delivery(basket, price.minor).total_minor, price.currency)


def _changes(draft: OrderDraft, lines: Sequence[PricedLine | None], total: Money) -> dict[str, str]:
    changes = {
        f"lines.{index}.price": price_changed(line.seen_minor, priced.unit)
        for index, (line, priced) in enumerate(zip(draft.lines, lines, strict=False))
        if priced and line.seen_minor is not None and line.seen_minor != priced.unit.minor
    }
    if draft.seen_total_minor is not None and draft.seen_total_minor != total.minor:
        changes["total"] = price_changed(draft.seen_total_minor, total)
    return changes


def sellable(
    index: int, line: DraftLine, found: Mapping[UUID, VariantHit], problems: dict[str, str], currency: str
) -> VariantHit | None:
    """The SKU of a line where it can be sold as the line says, its problems noted."""
    hit = found.get(line.variant_id)
    if hit is None or not hit.on_sale:
        problems[f"lines.{index}.variant_id"] = gettext("This product is no longer sold.")
        return None
    if not isinstance(line.quantity, int) or not 1 <= line.quantity <= MOST_UNITS:
        problems[f"lines.{index}.quantity"] = gettext("Give a quantity from 1 to %(most)d.") % {
            "most": MOST_UNITS
        }
        return None
    if hit.price.currency != currency:
        problems[f"lines.{index}.variant_id"] = gettext("This product has no price in %(currency)s.") % {
            "currency": currency
        }
        return None
    problems |= by_hand_problems(f"lines.{index}", line.set_minor, line.discount_bp, line.reason)
    return None if f"lines.{index}.discount" in problems else hit


def price_changed(seen_minor: int, unit: Money) -> str:
    """ "The price was $10.00 and is $12.00 now." in the active language."""
    locale = locale_of(get_language() or "en")
    return gettext("The price was %(old)s and is %(new)s now.") % {
        "old": Money(seen_minor, unit.currency).format(locale),
        "new": unit.format(locale),
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
