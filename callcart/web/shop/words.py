"""What the shop says of stock and delivery: how many are left and where, on which day they arrive. Plain and honest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from babel import dates
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.commerce.catalog.public import ProductCard
from callcart.commerce.inventory.public import SEVERAL, WarehouseStock, availability
from callcart.commerce.shipping.public import DeliveryChoice, list_methods, methods_for, promise
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant
from callcart.web import formats
from callcart.web.reader import reader
from callcart.web.shop.own_price import OwnPrice, own_prices

FEW = 5


@dataclass(frozen=True, slots=True)
class StockWords:
    """Stock in words: `words` for a card, `long` for the product's page. `left` counts all warehouses."""

    sold_out: bool
    few: bool
    left: int
    words: str
    long: str


@dataclass(frozen=True, slots=True)
class Card:
    """A product on a shelf, or one SKU of it (`sku`)."""

    slug: str
    name: str
    image: str
    price: Money
    has_range: bool
    stock: StockWords
    sku: str = ""
    before: Money | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    when: str
    how: str


def stock_words(rows: Iterable[WarehouseStock]) -> StockWords:
    """The words for some stock rows, those of one SKU or of all SKUs of a product."""
    by_place: dict[str, int] = {}
    whole: list[str] = []
    on_order = False
    for row in rows:
        on_order |= row.backorderable
        if row.available > 0:
            place = row.name_in(reader().language)
            by_place[place] = by_place.get(place, 0) + row.available
            if row.warehouse_id != SEVERAL:
                whole.append(place)
    left = sum(by_place.values())
    if left > FEW:
        places = _join(list(dict.fromkeys(whole)) or list(by_place))
        return StockWords(False, False, left, "", _("Plenty, in %(places)s") % {"places": places})
    if left:
        said = _left(by_place)
        return StockWords(False, True, left, said, said)
    if on_order:
        said = _("Ordered for you: sent as soon as it comes in")
        return StockWords(False, False, 0, said, said)
    return StockWords(True, False, 0, _("Sold out"), _("Sold out"))


def _left(by_place: dict[str, int]) -> str:
    first, *rest = by_place.items()
    said = ngettext("%(count)s left in %(place)s", "%(count)s left in %(place)s", first[1]) % {
        "count": first[1],
        "place": first[0],
    }
    more = [_("%(count)s in %(place)s") % {"count": count, "place": place} for place, count in rest]
    return _join([said, *more])


def _join(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    comma = _(", ")
    return _("%(parts)s and %(last)s") % {"parts": comma.join(parts[:-1]), "last": parts[-1]}


def cards_of(request: HttpRequest, products: Iterable[ProductCard]) -> list[Card]:
    """Products as the shelves show them to a visitor, with one look at the stock for all, and one at the prices."""
    found = list(products)
    hits = [hit for each in found for hit in each.variants]
    stock, prices = availability(hit.id for hit in hits), own_prices(request, hits)
    return [
        _card(
            each,
            [prices[hit.id] for hit in each.variants],
            stock_words(row for hit in each.variants for row in stock[hit.id]),
        )
        for each in found
    ]


def _card(each: ProductCard, prices: Sequence[OwnPrice], stock: StockWords) -> Card:
    cheapest = min(prices, key=lambda own: own.price.minor)
    return Card(
        slug=each.product.slug,
        name=each.product.name_in(reader().language),
        image=each.image,
        price=cheapest.price,
        has_range=any(own.price != cheapest.price for own in prices),
        stock=stock,
        before=cheapest.before,
    )


def scarce(request: HttpRequest, products: Iterable[ProductCard], *, limit: int) -> list[Card]:
    """SKUs of which only a few are left, one of a product, with one look at the stock, and one at the prices."""
    hits = [hit for each in products for hit in each.variants]
    stock, prices = availability(hit.id for hit in hits), own_prices(request, hits)
    found: dict[str, Card] = {}
    for hit in hits:
        said = stock_words(stock[hit.id])
        if said.few and hit.slug not in found:
            name = hit.name_in(reader().language)
            own = prices[hit.id]
            found[hit.slug] = Card(hit.slug, name, hit.image, own.price, False, said, hit.sku, own.before)
    return list(found.values())[:limit]


def soonest(goods: Money, *, region: str = "") -> Delivery | None:
    """The cheapest delivery to a region; where it is not known, of those that go everywhere."""
    country = get_tenant().country
    choices = methods_for(country=country, region=region, goods=goods)
    if not region:
        everywhere = {method.code for method in list_methods() if not method.zones}
        choices = [each for each in choices if each.code in everywhere]
    if not choices:
        return None
    best = min(choices, key=lambda each: (each.price.minor, each.days_max))
    return Delivery(when=arrives(best, region=region), how=_how(best))


def _how(choice: DeliveryChoice) -> str:
    name = choice.name_in(reader().language)
    if not choice.price:
        return _("%(name)s, free") % {"name": name}
    if choice.free_above is not None:
        return _("%(name)s, %(price)s; free from %(limit)s") % {
            "name": name,
            "price": formats.money(choice.price),
            "limit": formats.money(choice.free_above),
        }
    return _("%(name)s, %(price)s") % {"name": name, "price": formats.money(choice.price)}


def arrives(choice: DeliveryChoice, *, country: str = "", region: str = "", postcode: str = "") -> str:
    """`With you on Fri, Nov 28`, for an order placed now: today's cut-off and the holidays ahead are counted in."""
    first, last = promise(choice, country=country or get_tenant().country, region=region, postcode=postcode)
    if first == last:
        return _("With you on %(day)s") % {"day": day_of(first)}
    return _("With you %(first)s to %(last)s") % {"first": day_of(first), "last": day_of(last)}


def day_of(day: date) -> str:
    """A near day with the day of the week."""
    return dates.format_skeleton("MMMEd", day, locale=reader().locale)
