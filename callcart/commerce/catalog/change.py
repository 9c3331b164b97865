"""Making and changing categories, products and variants. Every text is cleaned and measured, every change audited."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from callcart.commerce.catalog.models import Category, Product, Variant
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.text import clean, problem
from callcart.people.tenants.public import get_tenant, own_language

_LONGEST = {
    "name": 200,
    "name_zh": 200,
    "option": 100,
    "option_zh": 100,
    "sku": 64,
    "barcode": 64,
    "slug": 100,
    "tax_class": 32,
}
_LONG_TEXT = 20_000
_REQUIRED = {"sku"}
_NAMES = ("name", "name_zh")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MOST_PRICE = 10**12
MOST_IMAGES = 30


class SkuTaken(Conflict):
    """Another product already has this code."""

    code = "catalog.sku_taken"


class BarcodeTaken(Conflict):
    """Another product already has this barcode."""

    code = "catalog.barcode_taken"


class SlugTaken(Conflict):
    """Another page already has this address."""

    code = "catalog.slug_taken"


_TAKEN: dict[str, type[Conflict]] = {
    "catalog_variant_sku": SkuTaken,
    "catalog_variant_barcode": BarcodeTaken,
    "catalog_product_slug": SlugTaken,
    "catalog_category_slug": SlugTaken,
}


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """A category to be, with a name in one language at least. An empty slug is made from the name."""

    name: str = ""
    name_zh: str = ""
    slug: str = ""
    parent_id: UUID | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product to be, with a name in one language at least. An empty slug is made from the name; images are file keys or
    static paths."""

    name: str = ""
    name_zh: str = ""
    slug: str = ""
    description: str = ""
    description_zh: str = ""
    category_id: UUID | None = None
    images: tuple[str, ...] = ()
    on_sale: bool = True
    position: int = 0


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A SKU to be. An empty name is the product's name with the option; the price is minor units of the tenant's
    currency."""

    sku: str
    price_minor: int
    barcode: str = ""
    name: str = ""
    name_zh: str = ""
    option: str = ""
    option_zh: str = ""
    weight_g: int = 0
    tax_class: str = ""
    image: str = ""
    on_sale: bool = True
    position: int = 0


def slug_of(name: str) -> str:
    """A page address from a name; empty where the name has no Latin letters or digits."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))[:100].strip("-")


def _checked(values: dict[str, Any], *, kept: Category | Product | Variant | None = None) -> dict[str, Any]:
    """The values with texts cleaned; raises Invalid naming each wrong field. `kept`: the row they change."""
    problems = _nameless(values, kept)
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = clean(value)
            longest = _LONGEST.get(name, _LONG_TEXT)
            if said := problem(values[name], longest=longest, required=name in _REQUIRED):
                problems[name] = said
    if values.get("slug") and not _SLUG.fullmatch(values["slug"]):
        problems["slug"] = gettext("Small letters, digits and hyphens only.")
    for name, most in (("price_minor", MOST_PRICE), ("weight_g", 10**9), ("position", 10**6)):
        if name in values and not 0 <= values[name] <= most:
            problems[name] = gettext("This cannot be right.")
    for name in ("category_id", "parent_id"):  # the database's own check does not ask whose category it is
        if values.get(name) and not Category.objects.filter(id=values[name]).exists():
            problems[name] = gettext("This category does not exist.")
    if "images" in values:
        values["images"] = [clean(each) for each in values["images"]]
        if len(values["images"]) > MOST_IMAGES or any(
            problem(each, longest=500) for each in values["images"]
        ):
            problems["images"] = gettext("At most %(most)d pictures.") % {"most": MOST_IMAGES}
    if problems:
        raise Invalid(fields=problems)
    return values


def _nameless(values: dict[str, Any], kept: Category | Product | Variant | None) -> dict[str, str]:
    """The problem where neither language would have a name: one suffices, readers of the other get it too."""
    names = [clean(values.get(field, getattr(kept, field, ""))) for field in _NAMES]
    if any(names) or not any(field in values for field in _NAMES):
        return {}
    return {name_fields()[0]: gettext("Please fill this in.")}


def name_fields() -> tuple[str, ...]:
    """The fields of a name, that of the shop's own language first: where there is but one name, it belongs there."""
    return _NAMES[::-1] if own_language(get_tenant()).startswith("zh") else _NAMES


def _save(row: Category | Product | Variant, *, new: bool) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=new)
    except IntegrityError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        taken = _TAKEN.get(getattr(diagnostics, "constraint_name", None) or "")
        if taken is None:
            raise
        raise taken from error


def create_category(actor: Actor, draft: CategoryDraft) -> Category:
    """Raises Invalid, SlugTaken."""
    actor.require("catalog.manage")
    values = _checked(asdict(draft))
    category = Category(**values)
    category.slug = category.slug or slug_of(category.name) or str(category.id)
    _save(category, new=True)
    audit.record(actor, "catalog.create_category", subject=("category", category.id), after=values)
    return category


def create_product(actor: Actor, draft: ProductDraft) -> Product:
    """Raises Invalid, SlugTaken."""
    actor.require("catalog.manage")
    values = _checked(asdict(draft) | {"images": list(draft.images)})
    product = Product(**values)
    product.slug = product.slug or slug_of(product.name) or str(product.id)
    product.set_search(product.name, product.name_zh)
    _save(product, new=True)
    audit.record(actor, "catalog.create_product", subject=("product", product.id), after=values)
    return product


def check_new_product(draft: ProductDraft, first: VariantDraft) -> None:
    """Raise Invalid with all that is wrong of a product and its first variant together, before either is made."""
    form = Fields()
    with form.part():
        _checked(asdict(draft) | {"images": list(draft.images)})
    with form.part():
        names = {"name": first.name or draft.name, "name_zh": first.name_zh or draft.name_zh}
        _checked(asdict(first) | names)
    form.done()


def update_product(actor: Actor, product_id: UUID, **values: Any) -> Product:
    """Change named fields of ProductDraft. Raises NotFound, Invalid, SlugTaken."""
    actor.require("catalog.manage")
    product = Product.objects.select_for_update().filter(id=product_id).first()
    if product is None:
        raise NotFound
    before = _apply(product, values, ProductDraft)
    product.set_search(product.name, product.name_zh)
    _save(product, new=False)
    for variant in Variant.objects.filter(product=product):
        set_variant_search(variant, product)
        variant.save(update_fields=["search_text", "search_grams"])
    audit.record(
        actor, "catalog.update_product", subject=("product", product.id), before=before, after=values
    )
    events.emit("product.changed", subject=("product", product.id), data={"product_id": product.id})
    return product


def add_variant(actor: Actor, product_id: UUID, draft: VariantDraft) -> Variant:
    """Raises NotFound, Invalid, SkuTaken, BarcodeTaken."""
    actor.require("catalog.manage")
    product = Product.objects.filter(id=product_id).first()
    if product is None:
        raise NotFound
    values = asdict(draft)
    values["name"] = values["name"] or joined_name(product.name, draft.option, ", ")
    values["name_zh"] = values["name_zh"] or joined_name(product.name_zh, draft.option_zh, " ")
    values = _checked(values)
    currency = get_tenant(actor.tenant_id).currency
    variant = Variant(product=product, currency=currency, **values)
    set_variant_search(variant, product)
    _save(variant, new=True)
    audit.record(actor, "catalog.add_variant", subject=("variant", variant.id), after=values)
    return variant


def update_variant(actor: Actor, variant_id: UUID, **values: Any) -> Variant:
    """Change named fields of VariantDraft, the price among them. Raises NotFound, Invalid, SkuTaken, BarcodeTaken."""
    actor.require("catalog.manage")
    variant = Variant.objects.select_for_update(of=("self",)).filter(id=variant_id).first()
    if variant is None:
        raise NotFound
    before = _apply(variant, values, VariantDraft)
    if "price_minor" in values:  # a price is given in the currency the shop has now
        variant.currency = get_tenant(actor.tenant_id).currency
    set_variant_search(variant, variant.product)
    _save(variant, new=False)
    audit.record(
        actor, "catalog.update_variant", subject=("variant", variant.id), before=before, after=values
    )
    events.emit("product.changed", subject=("product", variant.product_id), data={"variant_id": variant.id})
    return variant


def _apply(
    row: Product | Variant, values: dict[str, Any], draft: type[ProductDraft | VariantDraft]
) -> dict[str, Any]:
    unknown = set(values) - {field.name for field in fields(draft)}
    if unknown:
        raise TypeError(f"not fields of {draft.__name__}: {sorted(unknown)}")
    checked = _checked(dict(values), kept=row)
    before = {name: getattr(row, name) for name in values}
    for name, value in checked.items():
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    return before


def joined_name(name: str, option: str, between: str) -> str:
    """A variant's whole name, where the product has a name and the variant something that tells it from its sisters."""
    return f"{name}{between}{option}" if name and option else name


def set_variant_search(variant: Variant, product: Product) -> None:
    """A variant is found by its codes and names, and by its product's."""
    variant.set_search(
        variant.sku, variant.barcode, variant.name, variant.name_zh, product.name, product.name_zh
    )
