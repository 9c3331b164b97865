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


@dataclass(frozen=True, slots=True)
class SpecRow:
    """A specification of a category's goods. `choices`: (code, English, Chinese); `values` by the product's slug: a code, a number,
    `yes` or `no`, or a text with its Chinese."""

    category: str
    kind: str
    name: str
    name_zh: str
    values: dict[str, str | tuple[str, str]]
    unit: str = ""
    unit_zh: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()
    is_filter: bool = True
