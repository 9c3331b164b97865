"""The shelves: start page, categories, search, a product's page. Open to everybody, in one or two queries a thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from callcart.commerce.catalog.public import (
    Category,
    Product,
    ProductCard,
    VariantHit,
    category_pictures,
    fields_of,
    list_categories,
    list_products,
    pieces_of,
    product_by_slug,
    search_products,
    specs_of,
    variant_by_code,
    variants,
    way_to,
)
from callcart.commerce.inventory.public import WarehouseStock
from callcart.commerce.supply.public import availability_for
from callcart.core.errors import NotFound
from callcart.core.language import in_language
from callcart.core.money import Money
from callcart.core.text import clean
from callcart.people.customers.public import addresses_of
from callcart.web.reader import reader
from callcart.web.shop import arrival
from callcart.web.shop.filters import filters_of, set_filters
from callcart.web.shop.own_price import OwnPrice, own_prices
from callcart.web.shop.refusal import NotSold
from callcart.web.shop.visit import show, visit_of
from callcart.web.shop.words import Card, StockWords, cards_of, scarce, soonest, stock_words

FEATURED, LAST, FRESH, SHELF, MORE = 4, 4, 12, 24, 4
LONGEST_TEXT = 100
MOST_AT_ONCE = 99


@dataclass(frozen=True, slots=True)
class Tile:
    slug: str
    name: str
    image: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture and what it shows."""

    key: str
    alt: str


@dataclass(frozen=True, slots=True)
class Option:
    """One variant on a product's page."""

    sku: str
    name: str
    price: Money
    image: str
    stock: StockWords
    before: Money | None = None
    why: str = ""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The start page."""
    products = list_products(limit=60).cards
    cards = cards_of(request, products)
    pictures = category_pictures()
    tiles = [
        Tile(each.slug, each.name_in(reader().language), pictures[each.id])
        for each in visit_of(request).categories
        if each.id in pictures
    ]
    there = [card for card in cards if not card.stock.sold_out]
    return show(
        request,
        "shop/home.html",
        personal=False,
        featured=_spread(there, FEATURED),
        tiles=tiles,
        last=scarce(request, products, limit=LAST),
        fresh=(there + [card for card in cards if card.stock.sold_out])[:FRESH],
    )


def _spread(cards: list[Card], count: int) -> list[Card]:
    """A few from all over the shop rather than the first ones of the first shelf."""
    step = max(1, len(cards) // count)
    return cards[step // 2 :: step][:count]


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """A shelf, with what lies inside it, narrowed by specification. Raises NotFound."""
    categories = list_categories()
    found = next((each for each in categories if each.slug == slug), None)
    if found is None:
        raise NotFound
    filters = filters_of(request, fields_of(found.id, categories))
    products = list_products(
        category=slug,
        specs=[each.wanted for each in filters],
        cursor=request.GET.get("after", "")[:100],
        limit=SHELF,
    )
    narrowed = set_filters(request, filters)
    return show(
        request,
        "shop/shelf.html",
        personal=False,
        category=found,
        way=way_to(found.id, categories)[:-1],
        inside=[each for each in categories if each.parent_id == found.id],
        filters=filters,
        narrowed=narrowed,
        heading=found.name_in(reader().language),
        note="",
        items=cards_of(request, products.cards),
        cursor=products.cursor,
        empty_title=_("Nothing here is like that") if narrowed else _("Nothing on this shelf just now"),
        empty_text=_("Take a filter off, or call us and ask.")
        if narrowed
        else _("Look at the other shelves, or call us and ask what is coming in."),
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """By name in either language, pinyin or its initials, specification, code or barcode; a whole code leads to its product at once."""
    text = clean(request.GET.get("q", "")[: LONGEST_TEXT + 1])
    if not text:
        return HttpResponseRedirect(reverse("shop:home"))
    exact = variant_by_code(text) if len(text) <= LONGEST_TEXT else None
    if exact is not None and exact.on_sale:
        return HttpResponseRedirect(f"{reverse('shop:product', kwargs={'slug': exact.slug})}?v={exact.sku}")
    items = cards_of(request, search_products(text)) if len(text) <= LONGEST_TEXT else []
    shown = text[:LONGEST_TEXT]
    return show(
        request,
        "shop/shelf.html",
        personal=False,
        way=(),
        inside=(),
        filters=(),
        text=shown,
        heading=_("Search: %(text)s") % {"text": shown if len(shown) <= 40 else f"{shown[:40]}…"},
        note="",
        items=items,
        cursor="",
        empty_title=_("Nothing found"),
        empty_text=_("Try fewer or other words, the code from a catalogue, or ask us on the phone."),
    )


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """A product's page. Raises NotSold."""
    try:
        card = product_by_slug(slug)
    except NotFound:
        raise NotSold from None
    return product_page(request, card, sku=request.GET.get("v", ""))


def product_page(
    request: HttpRequest, card: ProductCard, *, sku: str = "", quantity: str = "1", error: str = ""
) -> HttpResponse:
    """The page with a variant chosen: the one asked for, else the first that is there. `error` is said at the quantity."""
    visitor = visit_of(request).customer
    stock = availability_for(visitor.id if visitor else None, [hit.id for hit in card.variants])
    prices = own_prices(request, card.variants)
    options = [_option(hit, stock[hit.id], prices[hit.id]) for hit in card.variants]
    chosen = next((each for each in options if each.sku == sku), None)
    chosen = chosen or next((each for each in options if not each.stock.sold_out), options[0])
    language, found = reader().language, card.product
    images = list(dict.fromkeys([chosen.image, *found.images]))
    at = request.GET.get("p", "")
    shown = int(at) if at.isdecimal() and len(at) < 3 and int(at) < len(images) else 0
    categories = list_categories()
    more = [each for each in _beside(request, card) if each.slug != found.slug][:MORE]
    return show(
        request,
        "shop/product.html",
        status=422 if error else 200,
        personal=bool(error),
        name=in_language(language, found.name, found.name_zh),
        text_long=in_language(language, found.description, found.description_zh),
        way=way_to(found.category_id, categories),
        images=[Shown(key, found.alt_in(language, key)) for key in images],
        shown=shown,
        specs=_specs(found, categories),
        chosen=chosen,
        options=options if len(options) > 1 else [],
        **_inside(card, chosen.sku),
        stock=chosen.stock,
        most=min(MOST_AT_ONCE, chosen.stock.left) or MOST_AT_ONCE,
        quantity=quantity,
        error=error,
        delivery=soonest(chosen.price, region=_home_region(request)),
        waiting=arrival.mine_of(request, chosen.sku) if chosen.stock.sold_out else None,
        more=more,
    )


def _specs(found: Product, categories: list[Category]) -> list[tuple[str, str]]:
    """What the product has of its shelf's specifications, in words."""
    language = reader().language
    specs = ((spec.field.name_in(language), spec.shown_in(language)) for spec in specs_of(found, categories))
    return [(name, said) for name, said in specs if said]


def _inside(card: ProductCard, sku: str) -> dict[str, Any]:
    """What is in the set that is looked at, and which of it has a page of its own; nothing for a single product."""
    chosen = next(hit.id for hit in card.variants if hit.sku == sku)
    pieces = pieces_of([chosen]).get(chosen, ())
    hits = variants(each.variant_id for each in pieces) if pieces else {}
    return {"pieces": pieces, "sold_alone": {hit.slug for hit in hits.values() if hit.on_sale}}


def _option(hit: VariantHit, rows: list[WarehouseStock], own: OwnPrice) -> Option:
    language = reader().language
    return Option(
        sku=hit.sku,
        name=hit.option_in(language) or hit.name_in(language),
        price=own.price,
        before=own.before,
        why=own.why,
        image=hit.image,
        stock=stock_words(rows),
    )


def _beside(request: HttpRequest, card: ProductCard) -> list[Card]:
    if card.product.category is None:
        return []
    try:
        return cards_of(request, list_products(category=card.product.category.slug, limit=MORE + 1).cards)
    except NotFound:
        return []


def _home_region(request: HttpRequest) -> str:
    """Where parcels of the customer signed in usually go; empty for everybody else."""
    customer = visit_of(request).customer
    kept = addresses_of(customer.id) if customer is not None and customer.id is not None else []
    return kept[0].province if kept else ""
