"""The price of an order that is being changed: what was promised stays.

Lines that stay keep the unit price they were sold for and the tax rate of their day; added ones take today's. The promotions
the order was placed with are looked at by the terms of then, whatever became of them since: one whose condition the change
breaks is lost, and said. No other promotion comes in, but by a code. Another country or province takes today's tax.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.utils.translation import get_language

from callcart.commerce.orders.address import DraftAddress
from callcart.commerce.orders.edit_actions import ChangedLine
from callcart.commerce.orders.first import is_first_order
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.sets import in_money, parts, with_prices
from callcart.commerce.pricing import public as pricing
from callcart.core.money import Money
from callcart.core.regions import region_key
from callcart.people.tenants.public import get_tenant

Priced = tuple[pricing.PricedBasket, list[ChangedLine], list[str]]


def reprice(
    order: Order,
    lines: Sequence[ChangedLine],
    address: DraftAddress,
    codes: Sequence[str],
    *,
    first: bool = False,
) -> Priced:
    """The lines at their price, and what is to be said about promotions. `codes` are newly given ones; `first`: the order
    is the buyer's first."""
    buyer = buyer_of_order(order, address)
    promised = promised_to(order)
    skus = {line.variant_id for line in lines} | {each.variant_id for line in lines for each in line.pieces}
    rules = pricing.load_rules(skus, buyer, codes=codes, promised=(UUID(each.id) for each in promised))
    if order.pricing.get("promised") is not None:
        rules = replace(rules, prices_include_tax=not order.pricing.get("tax_added", False))
    moved = is_moved(order, address)
    basket = pricing.Basket(
        lines=tuple(_basket_line(line, moved=moved) for line in lines),
        buyer=buyer,
        codes=tuple(codes),
        first_order=first,
        promised=_with_added(promised, rules, lines),
        kept_delivery_rate_ppm=None if moved else _delivery_rate(order),
    )
    priced = pricing.price_basket(basket, rules)
    changed = [_changed(line, item, order.currency) for line, item in zip(lines, priced.lines, strict=True)]
    language = get_language() or "en"
    notes = [pricing.say_note(note, order.currency, language) for note in priced.notes]
    return priced, _with_todays(changed, basket, rules), notes


def buyer_of_order(order: Order, address: DraftAddress) -> pricing.Buyer:
    return pricing.Buyer(
        customer_id=order.customer_id,
        phone=order.ship_phone,
        country=address.country or get_tenant().country,
        region=address.province,
        channel=order.channel,
        campaign=order.campaign,
    )


def promised_to(order: Order) -> tuple[pricing.PromotionTerms, ...]:
    """The terms of the promotions an order has."""
    return tuple(pricing.PromotionTerms.from_json(each) for each in order.pricing.get("promised") or ())


def is_moved(order: Order, address: DraftAddress) -> bool:
    """Whether an address lies where other tax may hold than where the order goes now."""
    here = (order.ship_country, region_key(order.ship_province))
    return here != (address.country or order.ship_country, region_key(address.province))


def _delivery_rate(order: Order) -> int:
    return int(order.pricing.get("delivery_tax_ppm", 0))


def _basket_line(line: ChangedLine, *, moved: bool) -> pricing.BasketLine:
    stays = line.line_id is not None
    return pricing.BasketLine(
        variant_id=line.variant_id,
        quantity=line.quantity,
        list_minor=line.listed.minor,
        set_minor=line.set_minor,
        discount_bp=line.discount_bp,
        reason=line.reason,
        kept_minor=line.unit.minor if stays else None,
        kept=line.kept_steps if stays else (),
        kept_rate_ppm=line.tax_rate_ppm if stays and not moved else None,
        fixed_minor=line.fixed.minor if line.fixed is not None else None,
        parts=parts(line.pieces, anew=moved),
        set_name=line.name if line.pieces else "",
        set_name_zh=line.name_zh if line.pieces else "",
    )


def _with_added(
    promised: Sequence[pricing.PromotionTerms], rules: pricing.Rules, lines: Sequence[ChangedLine]
) -> tuple[pricing.PromotionTerms, ...]:
    """The terms of then, for added SKUs too where the promotion is for them now."""
    added = {str(line.variant_id) for line in lines if line.line_id is None}
    today = {each.id: each.matches for each in rules.promotions}
    return tuple(
        each
        if each.matches is None
        else replace(each, matches=each.matches | ((today.get(each.id) or frozenset()) & added))
        for each in promised
    )


def _changed(line: ChangedLine, item: pricing.PricedItem, currency: str) -> ChangedLine:
    return replace(line, pieces=with_prices(line.pieces, item), **in_money(item, currency))


def _with_todays(
    lines: Sequence[ChangedLine], basket: pricing.Basket, rules: pricing.Rules
) -> list[ChangedLine]:
    """The lines that stay, each with what a unit of it would cost today where that is another price."""
    units = Counter[str]()
    for each in basket.lines:
        units[str(each.variant_id)] += each.quantity
    shown = []
    for line, asked in zip(lines, basket.lines, strict=True):
        retail = rules.retail.get(str(line.variant_id))
        if line.line_id is None or asked.is_final or retail is None:
            shown.append(line)
            continue
        fresh = replace(asked, list_minor=retail, kept_minor=None, kept=())
        today, _steps = pricing.unit_price(fresh, units[str(line.variant_id)], basket, rules)
        now = Money(today, line.unit.currency)
        shown.append(replace(line, now=now if now != line.unit else None))
    return shown


def counts_as_first(order: Order, address: DraftAddress) -> bool:
    """Whether a code for first orders may still be given: the order itself does not count against it."""
    return is_first_order(buyer_of_order(order, address), besides=order.id)
