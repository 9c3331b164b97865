"""Reads of the catalogue: the search of the desk and the shop, look-up by code, the shop's shelves and pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from callcart.commerce.catalog.models import Category, Product, Variant
from callcart.commerce.catalog.spec_values import Wanted, having
from callcart.core import search
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import NotFound
from callcart.core.fields import is_storable
from callcart.core.language import Named, in_language
from callcart.core.money import Money

_LOOKED_AT = 200  # found rows that are put in order; further ones need a longer query
_COLUMNS = (
    "id", "product_id", "sku", "barcode", "name", "name_zh", "option", "option_zh", "price_minor", "currency",
    "weight_g", "image", "on_sale", "position", "product__slug", "product__images", "product__on_sale",
    "product__sale_from", "product__sale_until",
)  # fmt: skip

# Read for every order that is priced: by hand, a third of what the ORM takes. The columns of `VariantHit`, in its order.
_BY_ID = """
SELECT v.id, v.product_id, v.sku, v.barcode, v.name, v.name_zh, v.option, v.option_zh, v.price_minor, v.currency, v.weight_g,
       coalesce(nullif(v.image, ''), p.images[1], ''),
       v.on_sale AND p.on_sale AND coalesce(p.sale_from <= %s, true) AND coalesce(p.sale_until > %s, true), p.slug
  FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id WHERE v.id = ANY(%s::uuid[])
"""


@dataclass(frozen=True, slots=True)
class VariantHit(Named):
    """A SKU as search and order entry show it. `on_sale`: it and its product are offered now."""

    id: UUID
    product_id: UUID
    sku: str
    barcode: str
    name: str
    name_zh: str
    option: str
    option_zh: str
    price: Money
    weight_g: int
    image: str
    on_sale: bool
    slug: str

    def option_in(self, language: str) -> str:
        return in_language(language, self.option, self.option_zh)


@dataclass(frozen=True, slots=True)
class ProductCard:
    """A product on a shelf: its cheapest price and whether its variants differ in price."""

    product: Product
    price: Money
    has_range: bool
    variants: tuple[VariantHit, ...] = field(default=())

    @property
    def image(self) -> str:
        return self.product.images[0] if self.product.images else ""


@dataclass(frozen=True, slots=True)
class ProductList:
    """A page of products; `cursor` asks for the next one, empty at the end."""

    cards: tuple[ProductCard, ...]
    cursor: str


def _hit(variant: Variant) -> VariantHit:
    product = variant.product
    return VariantHit(
        id=variant.id,
        product_id=variant.product_id,
        sku=variant.sku,
        barcode=variant.barcode,
        name=variant.name,
        name_zh=variant.name_zh,
        option=variant.option,
        option_zh=variant.option_zh,
        price=Money(variant.price_minor, variant.currency),
        weight_g=variant.weight_g,
        image=variant.image or (product.images[0] if product.images else ""),
        on_sale=variant.on_sale and product.offered_at(now()),
        slug=product.slug,
    )


def offered() -> Q:
    """The filter for products that are offered now: on sale, and within their days."""
    moment = now()
    begun = Q(sale_from=None) | Q(sale_from__lte=moment)
    return Q(on_sale=True) & begun & (Q(sale_until=None) | Q(sale_until__gt=moment))


def _rows() -> QuerySet[Variant]:
    columns = [name for name in _COLUMNS if not name.startswith("product__")]
    of_product = [name for name in _COLUMNS if name.startswith("product__")]
    return Variant.objects.select_related("product").only(*columns, *of_product)


def search_variants(
    text: str, *, limit: int = 20, only_on_sale: bool = True, forgiving: bool = False
) -> list[VariantHit]:
    """SKUs by name in either language, code, pinyin or its initials, or barcode; an exact code or barcode first. Where
    nothing is found, `forgiving` for somebody who looks at what is: SKUs with a name a letter away."""
    wanted = text.strip()
    if not wanted:
        return []
    best = _best(wanted, only_on_sale=only_on_sale)
    if forgiving and not best:
        return _resembling(wanted, only_on_sale=only_on_sale)[:limit]
    known = variants(best[: limit + 1])
    hits = [known[each] for each in best[: limit + 1] if each in known]
    return [hit for hit in hits if hit.on_sale or not only_on_sale][:limit]


def search_variant_ids(text: str, *, limit: int) -> list[UUID]:
    """Ids of the SKUs that `search_variants` finds, in its order, on sale or not: for filters, which show nothing of them."""
    wanted = text.strip()
    return _best(wanted, only_on_sale=False)[:limit] if wanted else []


def _best(wanted: str, *, only_on_sale: bool) -> list[UUID]:
    """Ids of SKUs that match a text: the one of that very code, on sale or not, then the others, best first."""
    exact, found = variant_by_code(wanted), _matching(wanted, only_on_sale=only_on_sale)
    return found if exact is None else [exact.id, *(each for each in found if each != exact.id)]


def _matching(wanted: str, *, only_on_sale: bool) -> list[UUID]:
    """Ids of SKUs whose names or codes hold all of a text, best first. Only what puts them in order is read of each."""
    words = search.terms(wanted)
    if not words:
        return []
    grams = sorted({gram for word in words for gram in search.grams_of(word)})
    rows = raw.all(
        "SELECT id, sku, name, name_zh FROM catalog_find(%s::text[], %s::text[], %s::timestamptz, %s)",
        (grams, words, now() if only_on_sale else None, _LOOKED_AT),
    )
    folded = search.fold(wanted)
    return [row[0] for row in sorted(rows, key=lambda row: _rank(row[1], row[2], row[3], folded))]


def _resembling(wanted: str, *, only_on_sale: bool) -> list[VariantHit]:
    """SKUs with a name a letter away from a text, best first."""
    known = _rows().filter(on_sale=True) if only_on_sale else _rows()
    near = known.filter(search.resembling(wanted)).only(*_COLUMNS, "search_text")
    found = [_hit(row) for row in near if search.is_meant(wanted, row.search_text)]
    folded = search.fold(wanted)
    found.sort(key=lambda hit: _rank(hit.sku, hit.name, hit.name_zh, folded))
    return [hit for hit in found if hit.on_sale or not only_on_sale]


def _rank(sku: str, name: str, name_zh: str, wanted: str) -> tuple[int, int, str]:
    names = (search.fold(name), search.fold(name_zh))
    if search.fold(sku).startswith(wanted):
        place = 0
    elif any(each.startswith(wanted) for each in names):
        place = 1
    elif any(wanted in each for each in names):
        place = 2
    else:
        place = 3
    return (place, len(name or name_zh), sku)


def variant_by_code(code: str) -> VariantHit | None:
    """The SKU with exactly this code or barcode; None where there is none."""
    code = code.strip()
    if not code or len(code) > 100 or not is_storable(code, lines=False):
        return None
    row = _rows().filter(sku=code).first()
    if row is None:
        row = _rows().filter(Q(sku=code.upper()) | Q(barcode=code)).first()
    return None if row is None else _hit(row)


def variants(ids: Iterable[UUID]) -> dict[UUID, VariantHit]:
    """SKUs by id, as they are now; unknown ids are left out."""
    moment = now()
    rows = raw.all(_BY_ID, (moment, moment, list(set(ids))))
    return {row[0]: _hit_of(*row) for row in rows}


def _hit_of(*row: Any) -> VariantHit:
    before, (minor, currency), after = row[:8], row[8:10], row[10:]
    values: list[Any] = [*before, Money(minor, currency), *after]
    return VariantHit(*values)


def list_categories() -> list[Category]:
    """All categories in the shop's order."""
    return list(Category.objects.all())


def list_products(
    *, category: str = "", text: str = "", specs: Iterable[Wanted] = (), cursor: str = "", limit: int = 24,
    only_on_sale: bool = True,
) -> ProductList:  # fmt: skip
    """A page of products in the shop's order. `category` is a slug and includes the categories inside it; raises
    NotFound for an unknown one. `specs`: what their specifications have to be, all of it."""
    rows = Product.objects.filter(having(specs)).order_by("position", "id")
    if category:
        rows = rows.filter(category_id__in=_inside(category))
    if only_on_sale:
        rows = rows.filter(offered())
    if text.strip():
        rows = rows.filter(search.condition(text))
    if after := _read_cursor(cursor):
        position, last = after
        rows = rows.filter(
            Q(position__gt=position) | Q(position=position, id__gt=last), position__gte=position
        )
    found = list(rows[: limit + 1])
    more = len(found) > limit
    cards = _cards(found[:limit], only_on_sale=only_on_sale)
    following = f"{found[limit - 1].position}.{found[limit - 1].id}" if more else ""
    return ProductList(cards=tuple(cards), cursor=following)


def search_products(text: str, *, limit: int = 48) -> list[ProductCard]:
    """Products on sale found by anything that finds one of their SKUs, best first."""
    hits = search_variants(text, limit=_LOOKED_AT, forgiving=True)
    wanted = list(dict.fromkeys(hit.product_id for hit in hits))[:limit]
    rows = {row.id: row for row in Product.objects.filter(id__in=wanted)}
    return _cards([rows[product_id] for product_id in wanted], only_on_sale=True)


def category_pictures() -> dict[UUID, str]:
    """The picture of each category's first product on sale; those without one are left out."""
    rows = (
        Product.objects.filter(offered(), category__isnull=False)
        .exclude(images=[])
        .order_by("category_id", "position", "id")
        .distinct("category_id")
    )
    return {row.category_id: row.images[0] for row in rows.only("category", "images") if row.category_id}


def _inside(slug: str) -> list[UUID]:
    categories = list_categories()
    start = next((category for category in categories if category.slug == slug), None)
    if start is None:
        raise NotFound
    inside = [start.id]
    for parent in inside:
        inside += [c.id for c in categories if c.parent_id == parent and c.id not in inside]
    return inside


def _read_cursor(cursor: str) -> tuple[int, UUID] | None:
    position, _, last = cursor.partition(".")
    try:
        return int(position), UUID(last)
    except ValueError:
        return None


def _cards(products: Sequence[Product], *, only_on_sale: bool) -> list[ProductCard]:
    rows = _rows().filter(product__in=products).order_by("position", "sku")
    by_product: dict[UUID, list[VariantHit]] = {product.id: [] for product in products}
    for row in rows:
        if row.on_sale or not only_on_sale:
            by_product[row.product_id].append(_hit(row))
    return [_card(product, by_product[product.id]) for product in products if by_product[product.id]]


def _card(product: Product, hits: Sequence[VariantHit]) -> ProductCard:
    prices = [hit.price for hit in hits]
    cheapest = min(prices, key=lambda price: price.minor)
    return ProductCard(
        product=product,
        price=cheapest,
        has_range=any(price != cheapest for price in prices),
        variants=tuple(hits),
    )


def product_by_slug(slug: str, *, only_on_sale: bool = True) -> ProductCard:
    """A product's page, its variants in order. Raises NotFound where there is none, or it is not offered."""
    products = Product.objects.select_related("category").filter(slug=slug)
    product = products.filter(offered()).first() if only_on_sale else products.first()
    cards = _cards([product], only_on_sale=only_on_sale) if product else []
    if not cards:
        raise NotFound
    return cards[0]


def product(product_id: UUID) -> tuple[Product, list[Variant]]:
    """A product and all its variants for the office. Raises NotFound."""
    found = Product.objects.select_related("category").filter(id=product_id).first()
    if found is None:
        raise NotFound
    return found, list(Variant.objects.filter(product=found).order_by("position", "sku"))
