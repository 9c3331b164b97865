"""Products and stock in the office: what is sold at which price, how many lie where, and every movement."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, F, Min, Q, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from callcart.commerce.catalog.models import Category, Product, Variant
from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.models import Movement, Stock, Warehouse
from callcart.core import search
from callcart.core.errors import Invalid, NotFound
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, cursor_of, export
from callcart.web.reader import reader

LOW = 5
FOUND = 500


def movement_labels() -> dict[str, str]:
    return {
        "receive": _("Received"),
        "adjust": _("Corrected"),
        "reserve": _("Held for an order"),
        "release": _("Given back"),
        "ship": _("Shipped"),
    }


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
    if query:
        named = Product.objects.filter(search.condition(query)).values_list("id", flat=True)[:FOUND]
        coded = Variant.objects.filter(search.condition(query)).values_list("product_id", flat=True)[:FOUND]
        rows = rows.filter(id__in={*named, *coded})
        chips.append(Chip("q", _("Search"), query))
    after = cursor_of(request)
    if after:
        rows = rows.filter(Q(position__gt=after.key) | Q(position=after.key, id__gt=after.id))
    rows = rows.annotate(
        skus=Count("variants", distinct=True),
        cheapest=Min("variants__price_minor"),
        currency=Min("variants__currency"),
    )
    found = list(rows.order_by("position", "id")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    found = found[:PAGE]
    left = _left({each.id for each in found})
    return page(
        request, "office/products.html", products=found, chips=chips, categories=categories, left=left,
        next=Cursor(str(last.position), str(last.id)).text() if last else "",
    )  # fmt: skip


def _variants(query: str) -> list[UUID]:
    """The SKUs a query finds; the first 500 of them."""
    return list(Variant.objects.filter(search.condition(query)).values_list("id", flat=True)[:FOUND])


def _left(product_ids: set[UUID]) -> dict[UUID, int]:
    rows = Stock.objects.filter(variant__product_id__in=product_ids).values("variant__product_id")
    return {
        row["variant__product_id"]: row["left"]
        for row in rows.annotate(left=Sum(F("on_hand") - F("allocated")))
    }


@requires("catalog.view")
def product(request: HttpRequest, product_id: UUID) -> HttpResponse:
    """One product: its texts, its variants, and their stock by warehouse."""
    found = Product.objects.select_related("category").filter(id=product_id).first()
    if found is None:
        raise NotFound
    variants = list(found.variants.order_by("position", "sku"))
    places = list(Warehouse.objects.filter(is_active=True))
    stock = {
        (each.variant_id, each.warehouse_id): each for each in Stock.objects.filter(variant__in=variants)
    }
    return page(
        request, "office/product.html", product=found, variants=variants, places=places, stock=stock,
        movements=_movements(Movement.objects.filter(variant__in=variants)), kinds=movement_labels(),
    )  # fmt: skip


def _movements(rows: object, limit: int = 30) -> list[Movement]:
    from django.db.models import QuerySet

    assert isinstance(rows, QuerySet)
    return list(rows.select_related("variant", "warehouse").order_by("-id")[:limit])


@requires("inventory.view")
def stock(request: HttpRequest) -> HttpResponseBase:
    """Counts per SKU and warehouse, low ones first on demand; exported as it is filtered."""
    language, query = reader().language, request.GET.get("q", "")[:200]
    places = {str(each.id): each.name_in(language) for each in Warehouse.objects.all()}
    rows, chips = Stock.objects.select_related("variant", "warehouse"), list[Chip]()
    place, level = choice(request, "place", places), choice(request, "level", ("low", "out"))
    rows = rows.annotate(left=F("on_hand") - F("allocated"))
    if place:
        rows = rows.filter(warehouse_id=place)
        chips.append(Chip("place", _("Warehouse"), places[place]))
    if level:
        rows = rows.filter(left__lte=0 if level == "out" else LOW)
        chips.append(Chip("level", _("Level"), _("Sold out") if level == "out" else _("Low")))
    if query:
        rows = rows.filter(variant_id__in=_variants(query))
        chips.append(Chip("q", _("Search"), query))
    rows = rows.order_by("variant__sku", "id")
    if request.GET.get("export"):
        return _export_stock(request, rows[:100_000], language)
    after = cursor_of(request)
    if after:
        rows = rows.filter(Q(variant__sku__gt=after.key) | Q(variant__sku=after.key, id__gt=after.id))
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request, "office/stock.html", rows=found[:PAGE], chips=chips, places=places, low=LOW,
        levels={"low": _("Low"), "out": _("Sold out")},
        next=Cursor(last.variant.sku, str(last.id)).text() if last else "",
    )  # fmt: skip


def _export_stock(request: HttpRequest, rows: object, language: str) -> HttpResponseBase:
    columns = {
        _("SKU"): lambda row: row.variant.sku,
        _("Product"): lambda row: row.variant.name_in(language),
        _("Warehouse"): lambda row: row.warehouse.name_in(language),
        _("On hand"): lambda row: row.on_hand,
        _("Held"): lambda row: row.allocated,
        _("Available"): lambda row: row.on_hand - row.allocated,
    }
    return export(request.GET["export"], "stock", columns, rows)  # type: ignore[arg-type]


@requires("inventory.view")
def movements(request: HttpRequest) -> HttpResponse:
    """Every change of every count, newest first."""
    kinds, rows, chips = movement_labels(), Movement.objects.all(), list[Chip]()
    kind, query = choice(request, "kind", kinds), request.GET.get("q", "")[:200]
    if kind:
        rows = rows.filter(kind=kind)
        chips.append(Chip("kind", _("Kind"), kinds[kind]))
    if query:
        rows = rows.filter(variant_id__in=_variants(query))
        chips.append(Chip("q", _("Search"), query))
    after = cursor_of(request)
    if after:
        rows = rows.filter(id__lt=after.id)
    found = _movements(rows, PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request, "office/movements.html", movements=found[:PAGE], kinds=kinds, chips=chips,
        next=Cursor("", str(last.id)).text() if last else "",
    )  # fmt: skip


@requires("inventory.adjust")
def adjust(request: HttpRequest, stock_id: UUID) -> HttpResponse:
    """Receive units, or correct a count, with a reason."""
    found = Stock.objects.select_related("variant", "warehouse").filter(id=stock_id).first()
    if found is None:
        raise NotFound
    fields: dict[str, str] = {}
    message = ""
    if request.method == "POST":
        with attempt() as tried:
            change = _whole(request.POST.get("change", ""))
            inventory.adjust(
                actor_of(request), variant_id=found.variant_id, warehouse_id=found.warehouse_id, change=change,
                reason=request.POST.get("reason", "").strip(),
            )  # fmt: skip
        if tried:
            return go(request, url("office:stock"), toast=_("Count changed."))
        fields, message = tried.fields, tried.message
    return page(
        request, "office/adjust.html", stock=found, errors=fields, message=message,
        change=request.POST.get("change", ""), reason=request.POST.get("reason", ""), status=422 if message else 200,
    )  # fmt: skip


def _whole(text: str) -> int:
    try:
        return int(text.strip().replace("−", "-"))
    except ValueError:
        raise Invalid(fields={"change": _("A whole number, such as 12 or -3.")}) from None
