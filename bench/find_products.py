"""Finding products among 200,000 SKUs by everything people type: name, code, barcode, specification, two Chinese characters, pinyin
initials. Against looking the very SKUs up that were found, by their primary keys and with the same columns, in the same run.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench import Figure, say
from bench._installation import own_installation

SKUS = 200_000
EACH = 4  # SKUs of a product
ROUNDS = 60
SLOWEST_MS = 50.0  # of 95 in 100 searches
PORTION = 5_000
_GRAMS = """SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('catalog_variant', 'catalog_product')
             AND indexdef LIKE '%%USING gin%%'"""
_THINGS = (
    ("kettle", "水壶"), ("skillet", "煎锅"), ("blanket", "毛毯"), ("lantern", "马灯"), ("backpack", "背包"), ("teapot", "茶壶"),
    ("umbrella", "雨伞"), ("planter", "花盆"), ("sweater", "毛衣"), ("towel", "毛巾"), ("chair", "椅子"), ("knife", "菜刀"),
)  # fmt: skip
_MATTERS = (
    ("steel", "不锈钢"), ("linen", "亚麻"), ("bamboo", "竹制"), ("enamel", "搪瓷"), ("walnut", "胡桃木"), ("copper", "紫铜"),
    ("ceramic", "陶瓷"), ("wool", "羊毛"),
)  # fmt: skip
_COLOURS = (("Blue", "蓝色"), ("Green", "绿色"), ("Oat", "燕麦色"), ("Coal", "炭黑"))


def run() -> list[Figure]:
    """Milliseconds that 95 in 100 searches stay under, for each way of asking."""
    with own_installation():
        from tests.shops import make_harbor

        tenant = make_harbor()
        began = time.perf_counter()
        _fill(tenant.id)
        say(f"{SKUS:,} SKUs in {time.perf_counter() - began:.0f} s")
        return [_figure(tenant.id, name, asked) for name, asked in _ways().items()]


def _ways() -> dict[str, Callable[[random.Random], str]]:
    return {
        "name": lambda dice: f"{dice.choice(_MATTERS)[0]} {dice.choice(_THINGS)[0]}",
        "code": lambda dice: f"T-{dice.randrange(SKUS):06d}",
        "beginning of a code": lambda dice: f"T-{dice.randrange(SKUS):06d}"[:6],
        "barcode": lambda dice: f"69{dice.randrange(SKUS):011d}",
        "specification": lambda dice: f"{dice.choice(_THINGS)[0]} {dice.randrange(1, 40)}L",
        "two characters": lambda dice: dice.choice(_THINGS)[1],
        "pinyin initials": lambda dice: _initials(dice.choice(_THINGS)[1]),
    }


def _initials(text: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))


def _fill(tenant_id: int) -> None:
    """Rows as the product's own verbs write them, without the indexes of search, which are built afterwards."""
    import psycopg

    from callcart.core import many
    from callcart.core.database import parameters, raw
    from callcart.core.tenancy import acting_for, tenant_transaction

    with psycopg.connect(**parameters("owner"), autocommit=True) as owner:
        indexes = owner.execute(_GRAMS).fetchall()
        for name, _definition in indexes:
            owner.execute(f'DROP INDEX "{name}"'.encode())
        for start in range(0, SKUS, PORTION):
            with acting_for(tenant_id):  # thought out before the transaction, which may not wait for it
                products, variants = _goods(start)
            with tenant_transaction(tenant_id):
                raw.one(
                    "SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout'"
                )
                many.insert(products)
                many.insert(variants)
        for _name, definition in indexes:
            owner.execute(definition.encode())
        owner.execute("VACUUM ANALYZE catalog_variant, catalog_product")


def _goods(start: int) -> tuple[list[Any], list[Any]]:
    from callcart.commerce.catalog.change import set_product_search, set_variant_search
    from callcart.commerce.catalog.models import Product, Variant

    products, variants = [], []
    for number in range(start, start + PORTION, EACH):
        thing, matter = _THINGS[number // EACH % len(_THINGS)], _MATTERS[number // 48 % len(_MATTERS)]
        litres = number // EACH % 40
        product = Product(
            slug=f"p-{number}",
            name=f"{matter[0].title()} {thing[0]} {number}",
            name_zh=f"{matter[1]}{thing[1]}",
            spec_words=f"{litres} L {litres}L {litres}升",
            position=number % 1000,
        )
        set_product_search(product)
        products.append(product)
        for place, (colour, colour_zh) in enumerate(_COLOURS):
            variant = Variant(
                product=product, sku=f"T-{number + place:06d}", barcode=f"69{number + place:011d}",
                name=f"{product.name}, {colour}", name_zh=f"{product.name_zh} {colour_zh}", option=colour,
                option_zh=colour_zh, price_minor=1000 + number % 900, currency="USD", position=place,
            )  # fmt: skip
            set_variant_search(variant, product)
            variants.append(variant)
    return products, variants


def _figure(tenant_id: int, name: str, asked: Callable[[random.Random], str]) -> Figure:
    from callcart.commerce.catalog.public import search_variants
    from callcart.commerce.catalog.queries import _rows
    from callcart.core.tenancy import tenant_transaction

    dice, searches, floors, found = random.Random(7), list[float](), list[float](), 0
    for round_ in range(ROUNDS + 5):
        text = asked(dice)
        with tenant_transaction(tenant_id):
            began = time.perf_counter()
            hits = search_variants(text)
            middle = time.perf_counter()
            list(_rows().filter(id__in=[hit.id for hit in hits]))
            ended = time.perf_counter()
        if round_ >= 5:  # the first ones warm the caches
            searches.append(1000 * (middle - began))
            floors.append(1000 * (ended - middle))
            found += len(hits)
    if not found:
        raise RuntimeError(f"nothing was found by {name}")
    slowest, floor = (statistics.quantiles(times, n=20)[-1] for times in (searches, floors))
    say(
        f"{name}: {statistics.median(searches):.1f} ms, 95 in 100 under {slowest:.1f} ms, {found / ROUNDS:.0f} found"
    )
    return Figure(
        f"find products by {name}, {SKUS:,} SKUs",
        slowest,
        "ms",
        floor,
        "the same by primary key",
        most=SLOWEST_MS,
    )
