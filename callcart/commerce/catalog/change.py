"""Making and changing products and variants. Every text is cleaned and measured, every change audited."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
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
from callcart.people.tenants.public import get_tenant, name_fields

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
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MOST_PRICE = 10**12
MOST_IMAGES = 30
_MOST = {
    "price_minor": MOST_PRICE,
    "cost_minor": MOST_PRICE,
    "weight_g": 10**9,
    "length_mm": 10**5,
    "width_mm": 10**5,
    "height_mm": 10**5,
    "position": 10**6,
}


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
    sale_from: datetime | None = None
    sale_until: datetime | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A SKU to be. An empty name is the product's name with the option; price and cost are minor units of the tenant's
    currency. A cost takes the permission to see costs."""

    sku: str
    price_minor: int
    barcode: str = ""
    name: str = ""
    name_zh: str = ""
    option: str = ""
    option_zh: str = ""
    cost_minor: int | None = None
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    tax_class: str = ""
    image: str = ""
    on_sale: bool = True
    position: int = 0


def slug_of(name: str) -> str:
    """A page address from a name; empty where the name has no Latin letters or digits."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))[:100].strip("-")


def checked(values: dict[str, Any], *, kept: Category | Product | Variant | None = None) -> dict[str, Any]:
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
    for name, most in _MOST.items():
        if values.get(name) is not None and not 0 <= values[name] <= most:
            problems[name] = gettext("This cannot be right.")
    for name in ("category_id", "parent_id"):  # the database's own check does not ask whose category it is
        if values.get(name) and not Category.objects.filter(id=values[name]).exists():
            problems[name] = gettext("This category does not exist.")
    problems |= _images(values)
    first, last = (values.get(name, getattr(kept, name, None)) for name in ("sale_from", "sale_until"))
    if first and last and last <= first:
        problems["sale_until"] = gettext("This ends before it begins.")
    if problems:
        raise Invalid(fields=problems)
    return values


def _images(values: dict[str, Any]) -> dict[str, str]:
    if "images" not in values:
        return {}
    values["images"] = [clean(each) for each in values["images"]]
    if len(values["images"]) > MOST_IMAGES or any(problem(each, longest=500) for each in values["images"]):
        return {"images": gettext("At most %(most)d pictures.") % {"most": MOST_IMAGES}}
    return {}


def _nameless(values: dict[str, Any], kept: Category | Product | Variant | None) -> dict[str, str]:
    """The problem where neither language would have a name: one suffices, readers of the other get it too."""
    both = name_fields(get_tenant())
    names = [clean(values.get(field, getattr(kept, field, ""))) for field in both]
    if any(names) or not any(field in values for field in both):
        return {}
    return {both[0]: gettext("Please fill this in.")}


def save(row: Category | Product | Variant, *, new: bool) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=new)
    except IntegrityError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        taken = _TAKEN.get(getattr(diagnostics, "constraint_name", None) or "")
        if taken is None:
            raise
        raise taken from error


def create_product(actor: Actor, draft: ProductDraft) -> Product:
    """Raises Invalid, SlugTaken."""
    actor.require("catalog.manage")
    values = checked(as_values(draft) | {"images": list(draft.images)})
    product = Product(**values)
    product.slug = product.slug or slug_of(product.name) or str(product.id)
    set_product_search(product)
    save(product, new=True)
    audit.record(actor, "catalog.create_product", subject=("product", product.id), after=values)
    return product


def check_new_product(draft: ProductDraft, first: VariantDraft) -> None:
    """Raise Invalid with all that is wrong of a product and its first variant together, before either is made."""
    form = Fields()
    with form.part():
        checked(as_values(draft) | {"images": list(draft.images)})
    with form.part():
        names = {"name": first.name or draft.name, "name_zh": first.name_zh or draft.name_zh}
        checked(as_values(first) | names)
    form.done()


def update_product(actor: Actor, product_id: UUID, *, version: int | None = None, **values: Any) -> Product:
    """Change named fields of ProductDraft. `version`: of the product as the actor saw it; Conflict where somebody changed it
    since. Raises NotFound, Invalid, SlugTaken."""
    actor.require("catalog.manage")
    product = locked_product(product_id, version)
    before = _apply(product, values, ProductDraft)
    if not product.slug:
        product.slug = slug_of(product.name) or str(product.id)
    keep_product(product)
    audit.record(
        actor, "catalog.update_product", subject=("product", product.id), before=before, after=values
    )
    return product


def locked_product(product_id: UUID, version: int | None = None) -> Product:
    """A product, nobody else changing it. Raises NotFound, Conflict where it is not the version that was seen."""
    product = Product.objects.select_for_update().filter(id=product_id).first()
    if product is None:
        raise NotFound
    if version is not None and version != product.version:
        raise Conflict
    return product


def keep_product(product: Product) -> None:
    """Write a changed product down, and have it and its variants found by what it is now."""
    product.version += 1
    set_product_search(product)
    save(product, new=False)
    for variant in Variant.objects.filter(product=product):
        set_variant_search(variant, product)
        variant.save(update_fields=["search_text", "search_grams"])
    events.emit("product.changed", subject=("product", product.id), data={"product_id": product.id})


def add_variant(actor: Actor, product_id: UUID, draft: VariantDraft) -> Variant:
    """Raises NotFound, Invalid, SkuTaken, BarcodeTaken, PermissionDenied for a cost the actor may not see."""
    actor.require("catalog.manage")
    if draft.cost_minor is not None:
        actor.require("catalog.see_cost")
    product = Product.objects.filter(id=product_id).first()
    if product is None:
        raise NotFound
    values = as_values(draft)
    values["name"] = values["name"] or joined_name(product.name, draft.option, ", ")
    values["name_zh"] = values["name_zh"] or joined_name(product.name_zh, draft.option_zh, " ")
    values = checked(values)
    currency = get_tenant(actor.tenant_id).currency
    variant = Variant(product=product, currency=currency, **values)
    set_variant_search(variant, product)
    save(variant, new=True)
    _record_variant(actor, "catalog.add_variant", variant, {}, values)
    return variant


def update_variant(actor: Actor, variant_id: UUID, *, version: int | None = None, **values: Any) -> Variant:
    """Change named fields of VariantDraft, the price among them; a cost only with the permission to see costs. Raises
    NotFound, Conflict (`version` as in update_product), Invalid, SkuTaken, BarcodeTaken, PermissionDenied."""
    actor.require("catalog.manage")
    if "cost_minor" in values:
        actor.require("catalog.see_cost")
    variant = Variant.objects.select_for_update(of=("self",)).filter(id=variant_id).first()
    if variant is None:
        raise NotFound
    if version is not None and version != variant.version:
        raise Conflict
    before = _apply(variant, values, VariantDraft)
    if "price_minor" in values:  # a price is given in the currency the shop has now
        variant.currency = get_tenant(actor.tenant_id).currency
    variant.version += 1
    set_variant_search(variant, variant.product)
    save(variant, new=False)
    _record_variant(actor, "catalog.update_variant", variant, before, values)
    events.emit("product.changed", subject=("product", variant.product_id), data={"variant_id": variant.id})
    return variant


def _record_variant(
    actor: Actor, action: str, variant: Variant, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """The change without the cost, which has an entry of its own: fewer may read it."""
    parts = [{k: v for k, v in values.items() if k != "cost_minor"} for values in (before, after)]
    audit.record(actor, action, subject=("variant", variant.id), before=parts[0], after=parts[1])
    costs = [{k: v for k, v in values.items() if k == "cost_minor"} for values in (before, after)]
    if costs[0].get("cost_minor") != costs[1].get("cost_minor"):
        audit.record(
            actor, "catalog.set_cost", subject=("variant", variant.id), before=costs[0], after=costs[1]
        )


def as_values(draft: Any) -> dict[str, Any]:
    """The fields of a draft, not copied deeply."""
    return {field.name: getattr(draft, field.name) for field in fields(draft)}


def _apply(
    row: Product | Variant, values: dict[str, Any], draft: type[ProductDraft | VariantDraft]
) -> dict[str, Any]:
    unknown = set(values) - {field.name for field in fields(draft)}
    if unknown:
        raise TypeError(f"not fields of {draft.__name__}: {sorted(unknown)}")
    values_now = checked(dict(values), kept=row)
    before = {name: getattr(row, name) for name in values}
    for name, value in values_now.items():
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    return before


def joined_name(name: str, option: str, between: str) -> str:
    """A variant's whole name, where the product has a name and the variant something that tells it from its sisters."""
    return f"{name}{between}{option}" if name and option else name


def set_product_search(product: Product) -> None:
    """A product is found by its names and its specifications."""
    product.set_search(product.name, product.name_zh, product.spec_words)


def set_variant_search(variant: Variant, product: Product) -> None:
    """A variant is found by its codes and names, and by its product's names and specifications."""
    its = (variant.sku, variant.barcode, variant.name, variant.name_zh)
    variant.set_search(*its, product.name, product.name_zh, product.spec_words)
