"""Products and their variants from files: a row is a SKU. Rows with the same product code are variants of one product; a row
without one is a product by itself. Existing SKUs get what the file says differently; empty cells change nothing.

The rules are those of `change`: names in one language at least, codes and barcodes once, prices in the shop's currency.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from callcart.commerce.catalog import exporting
from callcart.commerce.catalog.bundle_models import Component
from callcart.commerce.catalog.categories import CategoryDraft, create_category
from callcart.commerce.catalog.change import (
    joined_name,
    set_product_search,
    set_variant_search,
    slug_of,
)
from callcart.commerce.catalog.models import Category, Product, Variant
from callcart.commerce.catalog.sheet import SHEET
from callcart.core import audit, events, many
from callcart.core.actor import Actor
from callcart.core.exchange.public import (
    Did,
    Done,
    Importer,
    Outcome,
    Place,
    Unit,
    refused,
    register,
)

_OF_PRODUCT = ("name", "name_zh", "description", "description_zh")
_OF_VARIANT = ("barcode", "option", "option_zh", "price_minor", "weight_g", "on_sale")


@dataclass(slots=True)
class _Shelf:
    """What the catalogue knows of the SKUs, products and categories of a batch, and what the batch adds."""

    variants: dict[str, Variant] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    barcodes: dict[str, str] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    made_categories: set[UUID] = field(default_factory=set)


def apply(actor: Actor, units: Sequence[Unit], place: Place, trial: bool) -> list[Outcome]:
    """One outcome a SKU; all new ones in two statements, all changed ones in two."""
    actor.require("catalog.manage")
    shelf = _look_up(units)
    twice = Counter(unit.values["barcode"] for unit in units if unit.values.get("barcode"))
    outcomes: list[Outcome] = []
    fresh: list[Variant] = []
    touched: list[tuple[Variant, dict[str, Any], dict[str, Any]]] = []
    new_products: dict[UUID, Product] = {}
    for unit in units:
        values, found = unit.values, shelf.variants.get(unit.values["sku"])
        if (wrong := _wrong(shelf, values, found, twice)) is not None:
            outcomes.append(wrong)
            continue
        category = _category(actor, shelf, str(values.get("category", "")), trial)
        made_category = category is not None and category.id in shelf.made_categories
        if found is None:
            made_id = None
            if not trial:
                product = _product(shelf, values, category, new_products)
                fresh.append(_variant(product, values, place.currency))
                made_id = fresh[-1].id
            before = {"category_made": str(category.id)} if category and made_category else {}
            outcomes.append(Outcome(Did.MADE, made_id, before=before))
            continue
        before, after = _differences(found, values, category, place.currency)
        if not after:
            outcomes.append(Outcome(Did.UNCHANGED, found.id))
            continue
        touched.append((found, before, after))
        changes = {_KEY.get(key, key): (before[key], after[key]) for key in after}
        extra = {"category_made": str(category.id)} if category and made_category else {}
        outcomes.append(Outcome(Did.CHANGED, found.id, before=before | extra, after=after, changes=changes))
    if not trial:
        write(actor, fresh, list(new_products.values()), touched)
    return outcomes


_KEY = {"category_id": "category"}


def _look_up(units: Sequence[Unit]) -> _Shelf:
    shelf = _Shelf()
    skus = sorted({unit.values["sku"] for unit in units})
    rows = Variant.objects.select_for_update(of=("self",), no_key=True).filter(sku__in=skus).order_by("id")
    shelf.variants = {row.sku: row for row in rows.select_related("product")}
    slugs = {product_slug(str(unit.values["product"])) for unit in units if unit.values.get("product")}
    names = {slug_of(_name(unit.values)) for unit in units} - {""}
    slugs |= names | {
        f"{name}-{slug_of(unit.values['sku'])}" for unit in units for name in (slug_of(_name(unit.values)),)
    }
    shelf.products = {row.slug: row for row in Product.objects.filter(slug__in=slugs)}
    codes = [unit.values["barcode"] for unit in units if unit.values.get("barcode")]
    shelf.barcodes = (
        dict(Variant.objects.filter(barcode__in=codes).values_list("barcode", "sku")) if codes else {}
    )
    if any(unit.values.get("category") for unit in units):
        for category in Category.objects.all():
            for name in (category.name_zh, category.name, category.slug):
                if name:
                    shelf.categories[name.casefold()] = category
    return shelf


def _name(values: Mapping[str, Any]) -> str:
    return str(values.get("name") or "")


def product_slug(code: str) -> str:
    """The page address of a product known by a code of another system, the same for the same code in any script."""
    return slug_of(code) or f"p-{hashlib.sha256(code.casefold().encode()).hexdigest()[:12]}"


def _wrong(
    shelf: _Shelf, values: Mapping[str, Any], found: Variant | None, twice: Counter[str]
) -> Outcome | None:
    barcode = values.get("barcode", "")
    if barcode and (twice[barcode] > 1 or shelf.barcodes.get(barcode, values["sku"]) != values["sku"]):
        return refused(_("Another product already has this barcode."), "barcode")
    if found is not None:
        return None
    its = shelf.products.get(product_slug(str(values["product"]))) if values.get("product") else None
    if its is None and not values.get("name") and not values.get("name_zh"):
        return refused(_("A new product needs a name."), "name")
    if "price_minor" not in values:
        return refused(_("A new product needs a price."), "price_minor")
    return None


def _category(actor: Actor, shelf: _Shelf, name: str, trial: bool) -> Category | None:
    """The category of this name or address; one that is not there yet is made."""
    if not name:
        return None
    found = shelf.categories.get(name.casefold())
    if found is None:
        english, chinese = (name, "") if name.isascii() else ("", name)
        slug = product_slug(name)
        found = (
            Category(slug=slug, name=english, name_zh=chinese)
            if trial
            else create_category(actor, CategoryDraft(slug=slug, name=english, name_zh=chinese))
        )
        shelf.categories[name.casefold()] = found
        shelf.made_categories.add(found.id)
    return found


def _product(
    shelf: _Shelf, values: Mapping[str, Any], category: Category | None, fresh: dict[UUID, Product]
) -> Product:
    """The product a new SKU belongs to: that of its code, else one of its own."""
    code = str(values.get("product", ""))
    slug = product_slug(code) if code else ""
    if slug and slug in shelf.products:
        return shelf.products[slug]
    if not slug:
        slug = slug_of(_name(values))
        if not slug or slug in shelf.products:
            slug = f"{slug}-{slug_of(values['sku'])}".strip("-")[:100]
    product = many.build(
        Product,
        category_id=category.id if category else None,
        on_sale=values.get("on_sale", True),
        **{key: values[key] for key in _OF_PRODUCT if key in values},
    )
    product.slug = slug if slug and slug not in shelf.products else str(product.id)
    set_product_search(product)
    shelf.products[product.slug] = product
    fresh[product.id] = product
    return product


def _variant(product: Product, values: Mapping[str, Any], currency: str) -> Variant:
    given = {key: values[key] for key in _OF_VARIANT if key in values}
    variant = many.build(Variant, product_id=product.id, sku=values["sku"], currency=currency, **given)
    variant.product = product
    _set_names(variant)
    set_variant_search(variant, product)
    return variant


def _set_names(variant: Variant) -> None:
    product = variant.product
    variant.name = joined_name(product.name, variant.option, ", ") or product.name
    variant.name_zh = joined_name(product.name_zh, variant.option_zh, " ") or product.name_zh


def _differences(
    found: Variant, values: Mapping[str, Any], category: Category | None, currency: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the row says differently of a SKU and its product: (as it is, as it will be)."""
    product = found.product
    wanted: dict[str, tuple[Any, Any]] = {}
    for key in _OF_VARIANT:
        if key in values:
            wanted[key] = (getattr(found, key), values[key])
    for key in _OF_PRODUCT:
        if key in values:
            wanted[key] = (getattr(product, key), values[key])
    if category is not None:
        wanted["category_id"] = (product.category_id, category.id)
    if "price_minor" in values and found.currency != currency:
        wanted["currency"] = (found.currency, currency)
    different = {key: pair for key, pair in wanted.items() if pair[0] != pair[1]}
    return {key: pair[0] for key, pair in different.items()}, {
        key: pair[1] for key, pair in different.items()
    }


def _put(variant: Variant, values: Mapping[str, Any]) -> None:
    """Set fields of a SKU and its product; names that followed from the product's go on following it."""
    product = variant.product
    follows = variant.name == joined_name(product.name, variant.option, ", ") or variant.name == product.name
    follows_zh = (
        variant.name_zh == joined_name(product.name_zh, variant.option_zh, " ")
        or variant.name_zh == product.name_zh
    )
    kept = variant.name, variant.name_zh
    for key, value in values.items():
        if key == "category_id":
            product.category_id = UUID(value) if isinstance(value, str) else value
        else:
            setattr(product if key in _OF_PRODUCT else variant, key, value)
    _set_names(variant)
    if not follows:
        variant.name = kept[0]
    if not follows_zh:
        variant.name_zh = kept[1]
    set_product_search(product)
    set_variant_search(variant, product)


def write(
    actor: Actor,
    fresh: Sequence[Variant],
    products: Sequence[Product],
    touched: Sequence[tuple[Variant, dict[str, Any], dict[str, Any]]] = (),
) -> None:
    """Keep new products and SKUs, and what is different of others, with audit and events."""
    many.insert(products)
    many.insert(fresh)
    audit.record_many(
        actor,
        "catalog.create_product",
        [audit.Entry(("product", each.id), after={"slug": each.slug}) for each in products],
    )
    audit.record_many(
        actor,
        "catalog.add_variant",
        [audit.Entry(("variant", v.id), after={"sku": v.sku, "price_minor": v.price_minor}) for v in fresh],
    )
    for variant, _before, after in touched:
        _put(variant, after)
    _save(actor, "catalog.update_variant", touched)


def _save(
    actor: Actor, action: str, touched: Sequence[tuple[Variant, Mapping[str, Any], Mapping[str, Any]]]
) -> None:
    if not touched:
        return
    variants = [variant for variant, _before, _after in touched]
    products = {v.product_id: v.product for v, _before, after in touched if set(after) - set(_OF_VARIANT)}
    search = ["search_text", "search_grams", "version"]  # a form opened before the file came in is refused
    for variant in variants:
        variant.version += 1
    for product in products.values():
        product.version += 1
    Variant.objects.bulk_update(
        variants, [*_OF_VARIANT, "name", "name_zh", "currency", *search], batch_size=200
    )
    if products:
        fields = [*_OF_PRODUCT, "category", *search]
        Product.objects.bulk_update(list(products.values()), fields, batch_size=200)
    entries = [audit.Entry(("variant", v.id), before, after) for v, before, after in touched]
    audit.record_many(actor, action, entries)
    events.emit_many("product.changed", "product", sorted({v.product_id for v in variants}))


def built_on(done: Sequence[Done]) -> dict[UUID, str]:
    """SKUs that something uses, and those changed since."""
    made = [each.subject for each in done if each.did is Did.MADE]
    changed = {each.subject: each.after for each in done if each.did is Did.CHANGED}
    found = used(made)
    for variant in Variant.objects.select_related("product").filter(id__in=changed):
        for key, value in changed[variant.id].items():
            now = getattr(variant.product if key in _OF_PRODUCT or key == "category_id" else variant, key)
            if str(now) != str(value):
                found[variant.id] = _("%(sku)s was changed since.") % {"sku": variant.sku}
    return found


def used(variant_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What protects a SKU from being deleted, whichever domain it lies in; a set also stands for what somebody made it of."""
    found: dict[UUID, str] = {}
    skus = dict(Variant.objects.filter(id__in=variant_ids).values_list("id", "sku"))
    # most relations have no name of their own here, so that `related_objects` does not tell of them
    for relation in Variant._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        if relation.on_delete is not models.PROTECT and relation.related_model is not Component:
            continue
        name = relation.field.attname
        rows = relation.related_model._default_manager.filter(**{f"{name}__in": list(skus)})
        for variant_id in set(rows.values_list(name, flat=True)):
            where = _USERS.get(relation.related_model._meta.app_label, gettext_lazy("other records"))
            found[variant_id] = _("%(sku)s is used in %(where)s.") % {"sku": skus[variant_id], "where": where}
    return found


_USERS = {
    "catalog": pgettext_lazy("used in", "sets"),
    "orders": pgettext_lazy("used in", "orders"),
    "inventory": pgettext_lazy("used in", "stock"),
    "pricing": pgettext_lazy("used in", "price lists"),
}


def undo(actor: Actor, done: Sequence[Done]) -> None:
    """Remove SKUs that were made, products left without one, and categories made for them; give others their values back."""
    actor.require("catalog.manage")
    made = [each.subject for each in done if each.did is Did.MADE]
    its = list(Variant.objects.filter(id__in=made).values_list("product_id", flat=True))
    Variant.objects.filter(id__in=made).delete()
    Product.objects.filter(id__in=its, variants=None).delete()
    audit.record_many(actor, "catalog.undo_import", [audit.Entry(("variant", each)) for each in made])
    before = {each.subject: {k: v for k, v in each.before.items() if k != "category_made"} for each in done}
    rows = Variant.objects.select_related("product").filter(
        id__in=[d.subject for d in done if d.did is Did.CHANGED]
    )
    touched: list[tuple[Variant, Mapping[str, Any], Mapping[str, Any]]] = []
    for variant in rows:
        _put(variant, before[variant.id])
        touched.append((variant, {}, before[variant.id]))
    _save(actor, "catalog.undo_import", touched)
    added = {each.before["category_made"] for each in done if each.before.get("category_made")}
    Category.objects.filter(id__in=added, products=None, children=None).delete()


IMPORTER = register(
    Importer(
        kind="products",
        label=gettext_lazy("Products"),
        about=gettext_lazy("SKUs with names, prices, barcodes, categories and descriptions."),
        icon="tag",
        sheets=(SHEET,),
        permissions=("catalog.manage",),
        see=("catalog.view",),
        apply=apply,
        built_on=built_on,
        undo=undo,
        export=exporting.export,
    )
)
