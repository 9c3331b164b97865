"""What pages call promotions: kinds, states, what one gives, for whom, and when."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from callcart.commerce.catalog.models import Category, SpecKind
from callcart.commerce.pricing import public as pricing
from callcart.commerce.pricing.public import PriceList, Promotion, PromotionKind, PromotionState
from callcart.core.money import Money
from callcart.web import formats
from callcart.web.office.selling import typed
from callcart.web.reader import reader

TONES = {
    PromotionState.DRAFT: "grey",
    PromotionState.ACTIVE: "green",
    PromotionState.PAUSED: "amber",
    PromotionState.ENDED: "grey",
}


def states() -> dict[str, str]:
    return {
        PromotionState.ACTIVE: pgettext("promotion", "Running"),
        PromotionState.DRAFT: pgettext("promotion", "Draft"),
        PromotionState.PAUSED: pgettext("promotion", "Paused"),
        PromotionState.ENDED: pgettext("promotion", "Ended"),
    }


def kinds() -> dict[str, str]:
    return {
        PromotionKind.PERCENT: _("Percent off"),
        PromotionKind.AMOUNT: _("Amount off"),
        PromotionKind.BUY_GET: _("Buy some, get some"),
        PromotionKind.BUNDLE: _("Price for a set"),
        PromotionKind.FREE_DELIVERY: _("Free delivery"),
    }


def spec_kinds() -> dict[str, str]:
    """What a specification field can hold."""
    return {
        SpecKind.TEXT: pgettext("specification", "Text"),
        SpecKind.NUMBER: pgettext("specification", "Number with a unit"),
        SpecKind.CHOICE: pgettext("specification", "One of a list"),
        SpecKind.YES_NO: pgettext("specification", "Yes or no"),
    }


def worth(promotion: Promotion) -> str:
    """What it gives, in a few words."""
    language = reader().language
    amount = formats.money(Money(promotion.amount_minor, promotion.currency))
    percent = pricing.percent(promotion.percent_bp, language)
    match promotion.kind:
        case PromotionKind.PERCENT:
            return _("%(percent)s off") % {"percent": percent}
        case PromotionKind.AMOUNT:
            return _("%(amount)s off") % {"amount": amount}
        case PromotionKind.BUY_GET:
            values = {"buy": promotion.buy_quantity, "get": promotion.get_quantity, "percent": percent}
            if promotion.percent_bp in {0, 10_000}:
                return _("Buy %(buy)s, get %(get)s free") % values
            return _("Buy %(buy)s, get %(get)s with %(percent)s off") % values
        case PromotionKind.BUNDLE:
            return _("Set for %(amount)s") % {"amount": amount}
        case _free if promotion.amount_minor:
            return _("Delivery up to %(amount)s free") % {"amount": amount}
        case _free:
            return _("Free delivery")


def conditions(promotion: Promotion) -> list[tuple[str, str]]:
    """Its conditions as (name, value); empty ones are left out."""
    found = _goods(promotion) + _buyers(promotion)
    if promotion.starts_at or promotion.ends_at:
        found.append((_("When"), span(promotion)))
    found.append((_("Together with others"), _("No, alone") if promotion.exclusive else _("Yes")))
    found.append((_("Priority"), formats.number(promotion.priority)))
    if promotion.limit_per_customer:
        times = ngettext("%(count)s time", "%(count)s times", promotion.limit_per_customer)
        found.append((_("For each customer"), times % {"count": promotion.limit_per_customer}))
    return found


def _goods(promotion: Promotion) -> list[tuple[str, str]]:
    language, found = reader().language, list[tuple[str, str]]()
    if promotion.category_ids:
        rows = Category.objects.filter(id__in=promotion.category_ids)
        found.append((_("Categories"), _(", ").join(each.name_in(language) for each in rows)))
    if promotion.product_ids:
        found.append(
            (
                _("Products"),
                ngettext("%(count)s product", "%(count)s products", len(promotion.product_ids))
                % {"count": len(promotion.product_ids)},
            )
        )
    if promotion.min_goods_minor:
        found.append((_("Goods from"), formats.money(Money(promotion.min_goods_minor, promotion.currency))))
    return found


def _buyers(promotion: Promotion) -> list[tuple[str, str]]:
    found = list[tuple[str, str]]()
    if promotion.groups:
        found.append((_("Customers"), group_names(promotion.groups)))
    if promotion.first_order:
        found.append((_("Order"), _("The first one only")))
    if promotion.campaigns:
        found.append((_("Campaigns"), _(", ").join(promotion.campaigns)))
    if promotion.channels:
        from callcart.commerce.orders.public import channel_label

        found.append((_("Channels"), _(", ").join(channel_label(each) for each in promotion.channels)))
    return found


def group_names(keys: list[str]) -> str:
    known: Mapping[str, str] = dict(typed.groups())
    return _(", ").join(known.get(key, key.partition(":")[2]) for key in keys)


def span(row: Promotion | PriceList) -> str:
    """From when to when it holds."""
    start = formats.datetime(row.starts_at) if row.starts_at else ""
    end = formats.datetime(row.ends_at) if row.ends_at else ""
    if start and end:
        return f"{start} – {end}"
    if start:
        return _("from %(moment)s") % {"moment": start}
    return _("until %(moment)s") % {"moment": end} if end else _("always")


def list_for(row: PriceList) -> str:
    """Whom a price list is for."""
    parts = [group_names(row.groups), *row.countries, *row.regions, *row.campaigns]
    return _(", ").join(part for part in parts if part) or _("everybody")


def per_cent(basis_points: int) -> str:
    """As the reader writes it: 5 %, or 5%."""
    return pricing.percent(basis_points, reader().language)
