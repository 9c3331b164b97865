"""The form in which demo goods are written down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CategoryRow:
    slug: str
    name: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class VariantRow:
    """`price` in minor units, `weight` in grams; `palette` where the colour is what differs. `stock` is what
    each warehouse has, in the order of the tenant's warehouses."""

    code: str
    name: str
    name_zh: str
    price: int
    weight: int
    stock: tuple[int, ...] = ()
    palette: str = ""


@dataclass(frozen=True, slots=True)
class ProductRow:
    category: str
    slug: str
    name: str
    name_zh: str
    shape: str
    palette: str
    emblem: str
    variants: tuple[VariantRow, ...]
    text: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class WarehouseRow:
    code: str
    name: str
    name_zh: str
    regions: tuple[str, ...]
    priority: int
