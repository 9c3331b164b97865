"""Products in the office: the list, one product with its variants and their stock, and changing both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Min, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.catalog import public as catalog
from callcart.commerce.catalog.models import Category, Product, Variant
from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.models import Movement, Stock
from callcart.commerce.pricing.public import TaxClass
from callcart.core import pictures, search
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.core.fields import Fields
from callcart.core.ids import read_id
from callcart.core.money import Money
from callcart.people.tenants import public as tenants
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office import words
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, cursor_of
from callcart.web.office.refusal import refusal
from callcart.web.office.selling import typed
from callcart.web.office.stock import (
    FOUND,
    LOW,
    documents_behind,
    movement_labels,
    newest_movements,
    orders_behind,
)
from callcart.web.reader import reader
from callcart.web.shop.pictures import picture_url

TEXTS = ("name", "name_zh", "description", "description_zh")
MEASURES = ("weight_g", "length_mm", "width_mm", "height_mm")
INDENT = "\u2003"
VARIANT_TEXTS = ("sku", "barcode", "name", "name_zh", "option", "option_zh")


@requires("catalog.view")
def products(request: HttpRequest) -> HttpResponse:
    """All products by category, state and text; each with its variants' prices and what is left."""
    language, query = reader().language, request.GET.get("q", "")[:200]
    categories = {str(each.id): each.name_in(language) for each in Category.objects.all()}
    rows, chips = Product.objects.select_related("category"), list[Chip]()
    category, shown = choice(request, "category", categories), choice(request, "shown", ("on", "off"))
    if category:
        rows = rows.filter(category_id=category)
        chips.append(Chip("category", _("Category"), categories[category]))
    if shown:
        rows = rows.filter(on_sale=shown == "on")
        chips.append(Chip("shown", _("In the shop"), _("On sale") if shown == "on" else _("Not on sale")))
    missing = choice(request, "missing", _missing())
    if missing:
        rows = rows.filter(_MISSING[missing])
        chips.append(Chip("missing", _("Missing"), _missing()[missing]))
    if query:
        named = Product.objects.filter(search.condition(query)).values_list("id", flat=True)[:FOUND]
        coded = Variant.objects.filter(search.condition(query)).values_list("product_id", flat=True)[:FOUND]
        rows = rows.filter(id__in={*named, *coded})
        chips.append(Chip("q", _("Search"), query))
    after = cursor_of(request)
    if after and after.key.isdecimal():
        rows = rows.filter(
            Q(position__gt=after.key) | Q(position=after.key, id__gt=after.id), position__gte=after.key
        )
    rows = rows.annotate(
        skus=Count("variants", distinct=True),
        cheapest=Min("variants__price_minor"),
        currency=Min("variants__currency"),
    )
    found = list(rows.order_by("position", "id")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    found = found[:PAGE]
    return page(
        request, "office/products.html", products=found, chips=chips, categories=categories, missing=_missing(), now=now(), picture_url=picture_url,
        left=_left({each.id for each in found}),
        next=Cursor(str(last.position), str(last.id)).text() if last else "",
    )  # fmt: skip


_MISSING = {
    "picture": Q(images=[]),
    "category": Q(category=None),
    "specs": Q(spec_words=""),
    "barcode": Q(id__in=Variant.objects.filter(barcode="").values("product_id")),
    "weight": Q(id__in=Variant.objects.filter(weight_g=0, components=None).values("product_id")),
}


def _missing() -> dict[str, str]:
    """What a product can lack that a shop wants to know of, in words."""
    return {
        "picture": _("Picture"),
        "category": _("Category"),
        "specs": _("Specifications"),
        "barcode": _("Barcode"),
        "weight": _("Weight"),
    }


def _left(product_ids: set[UUID]) -> dict[UUID, int]:
    rows = Stock.objects.filter(variant__product_id__in=product_ids).values("variant__product_id")
    found = {
        row["variant__product_id"]: row["left"]
        for row in rows.annotate(left=Sum(F("on_hand") - F("allocated")))
    }
    sets = Variant.objects.filter(product_id__in=product_ids, components__isnull=False).distinct()
    owners = dict(sets.values_list("id", "product_id"))
    for variant_id, places in inventory.availability(owners).items():
        left = sum(row.available for row in places)
        found[owners[variant_id]] = found.get(owners[variant_id], 0) + left
    return found


@requires("catalog.view")
def product(request: HttpRequest, product_id: UUID) -> HttpResponse:
    return product_page(request, product_id)


def product_page(
    request: HttpRequest, product_id: UUID, tried: Attempt | None = None, *, dialog: str = ""
) -> HttpResponse:
    """One product: its texts, pictures and specifications, its variants, and for those who may see it their stock by warehouse.
    `dialog`: the one that is open again, with what was refused."""
    actor, found = actor_of(request), _get(product_id)
    variants = list(found.variants.order_by("position", "sku"))
    sees_stock = actor.can("inventory.view")
    places = [each for each in inventory.list_warehouses() if each.is_active] if sees_stock else []
    stock = {
        (each.variant_id, each.warehouse_id): each for each in Stock.objects.filter(variant__in=variants)
    }
    refused = refusal(tried)
    sets = catalog.pieces_of(each.id for each in variants)
    categories = catalog.list_categories()
    moved = newest_movements(Movement.objects.filter(variant__in=variants), 30) if sees_stock else []
    return page(
        request, "office/product.html", product=found, variants=variants, places=places, stock=stock, low=LOW,
        movements=moved, numbers=orders_behind(moved), papers=documents_behind(moved), kinds=movement_labels(), words=words, sees_stock=sees_stock,
        specs=catalog.specs_of(found, categories), way=catalog.way_to(found.category_id, categories), picture_url=picture_url,
        remark=catalog.barcode_remark, now=now(), sees_cost=actor.can("catalog.see_cost"), margin=margin, sets=sets, set_stock=_in_sets(sets) if sees_stock else {}, measures=catalog.measures_of, costs=catalog.costs_of(variants), accept=pictures.ACCEPT, limits=pictures.limits(),
        dialog=dialog, posted=request.POST, errors=refused.fields, message="" if refused.fields else refused.message, status=refused.status,
        may_count=actor.can("inventory.adjust") or actor.can("inventory.receive"),
    )  # fmt: skip


def _in_sets(sets: Mapping[UUID, Sequence[catalog.Piece]]) -> dict[tuple[UUID, UUID], int]:
    """How many of each set could be sent by each warehouse, and (`inventory.SEVERAL`) by several together."""
    found = inventory.availability(sets)
    return {(each, row.warehouse_id): row.available for each, rows in found.items() for row in rows}


def margin(variant: Variant, cost: int | None) -> int | None:
    """What is left of a price after the cost, in percent of the price; None where either is not known."""
    if cost is None or not variant.price_minor:
        return None
    return round(100 * (variant.price_minor - cost) / variant.price_minor)


@requires("catalog.manage")
def new(request: HttpRequest) -> HttpResponse:
    """A new product and its first variant; others are added on its page."""
    tried = None
    if request.method == "POST":
        actor, posted, form = actor_of(request), request.POST, Fields()
        with attempt() as tried:
            draft = catalog.ProductDraft(**_product_values(request, form))
            first = catalog.VariantDraft(
                sku=posted.get("sku", ""), barcode=posted.get("barcode", ""), price_minor=_price(request, form)
            )  # fmt: skip
            with form.part():
                catalog.check_new_product(draft, first)
            form.done()
            made = catalog.create_product(actor, draft)
            catalog.add_variant(actor, made.id, first)
        if tried:
            return go(request, url("office:product", made.id), toast=_("Product added."))
    return _product_form(request, None, tried)


@requires("catalog.manage")
def edit(request: HttpRequest, product_id: UUID) -> HttpResponse:
    """Names, descriptions, category, and whether it is in the shop."""
    found, tried = _get(product_id), None
    if request.method == "POST":
        form = Fields()
        with attempt() as tried:
            values = _product_values(request, form)
            with form.part():
                catalog.update_product(actor_of(request), found.id, version=version_of(request), **values)
            form.done()
        if tried:
            return go(request, url("office:product", found.id), toast=_("Saved."))
    return _product_form(request, found, tried)


def _product_form(request: HttpRequest, found: Product | None, tried: Attempt | None) -> HttpResponse:
    language = reader().language
    return page(
        request, "office/product_edit.html", product=found, posted=request.POST, currency=_currency(request),
        own_names=tenants.name_fields(tenants.get_tenant()), local=typed.local,
        categories=[(str(b.category.id), f"{INDENT * b.depth}{b.category.name_in(language)}") for b in catalog.category_tree()],
        **_refusal(tried),
    )  # fmt: skip


def _product_values(request: HttpRequest, form: Fields) -> dict[str, Any]:
    posted = request.POST
    found: dict[str, Any] = {
        **{name: posted.get(name, "") for name in TEXTS},
        "category_id": read_id(posted.get("category", "")),
        "on_sale": "on_sale" in posted,
    }
    for name in ("sale_from", "sale_until"):
        if name in posted:
            found[name] = typed.moment(form, posted, name)
    return found | ({"slug": posted["slug"]} if "slug" in posted else {})


def version_of(request: HttpRequest) -> int | None:
    """The version of what the form was opened with; None where the form has none."""
    return typed.whole(Fields(), request.POST, "version")


@requires("catalog.manage")
def variant(request: HttpRequest, product_id: UUID, variant_id: UUID | None = None) -> HttpResponse:
    """One variant, or a new one: codes, names, price, and whether it can be bought."""
    actor, its, tried = actor_of(request), _get(product_id), None
    found = its.variants.filter(id=variant_id).first() if variant_id else None
    if variant_id and found is None:
        raise NotFound
    if request.method == "POST":
        form = Fields()
        with attempt() as tried:
            values = _variant_values(request, form)
            with form.part():
                if found is None:
                    catalog.add_variant(actor, its.id, catalog.VariantDraft(**values))
                else:
                    catalog.update_variant(actor, found.id, version=version_of(request), **values)
            form.done()
        if tried:
            return go(request, url("office:product", its.id), toast=_("Saved."))
    return page(
        request, "office/variant_edit.html", product=its, variant=found, posted=request.POST,
        own_names=tenants.name_fields(tenants.get_tenant()), currency=_currency(request), price=Money(found.price_minor, found.currency).decimal if found else "",
        sees_cost=actor.can("catalog.see_cost"),
        cost=Money(found.cost_minor, found.currency).decimal if found and found.cost_minor is not None else "",
        tax_classes=[(each.code, each.name_in(reader().language)) for each in TaxClass.objects.order_by("code")],
        remark=catalog.barcode_remark(found.barcode) if found else "", **_refusal(tried),
    )  # fmt: skip


def _variant_values(request: HttpRequest, form: Fields) -> dict[str, Any]:
    posted = request.POST
    found: dict[str, Any] = {
        **{name: posted.get(name, "") for name in VARIANT_TEXTS},
        "price_minor": _price(request, form),
        "on_sale": "on_sale" in posted,
    }
    for name in MEASURES:
        if name in posted:
            found[name] = typed.whole(form, posted, name) or 0
    if "tax_class" in posted:
        found["tax_class"] = posted["tax_class"]
    if "cost" in posted:  # whoever may not see costs is refused by the verb
        blank = not posted["cost"].strip()
        found["cost_minor"] = None if blank else typed.amount(form, request, "cost")
    return found


def _price(request: HttpRequest, form: Fields) -> int:
    """The price typed, in minor units; one that cannot be read is marked in the form."""
    try:
        return Money.parse(request.POST.get("price", ""), _currency(request)).minor
    except ValueError:
        form.refuse("price", _("Give an amount, such as 12.50."))
        return 0


def _currency(request: HttpRequest) -> str:
    return tenants.get_tenant(actor_of(request).tenant_id).currency


def _refusal(tried: Attempt | None) -> dict[str, Any]:
    """What a form shows of a refusal: errors at their fields (a taken code stands at its own), a message, the status."""
    if tried is None or tried:
        return {"errors": {}, "message": "", "status": 200}
    at_field = {catalog.SkuTaken: "sku", catalog.BarcodeTaken: "barcode"}.get(type(tried.error))  # type: ignore[arg-type]
    errors = {at_field: tried.message} if at_field else tried.fields
    return {"errors": errors, "message": tried.message, "status": tried.status}


def _get(product_id: UUID) -> Product:
    found = Product.objects.select_related("category").filter(id=product_id).first()
    if found is None:
        raise NotFound
    return found
