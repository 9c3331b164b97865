"""Stock in the office: how many lie where, every movement, and booking in or correcting a count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from callcart.commerce.catalog.models import Variant
from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.models import Movement, Stock, Warehouse
from callcart.core import clock, search
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.names import order_numbers
from callcart.web.office import words
from callcart.web.office.listing import (
    EXPORT_LIMIT,
    PAGE,
    Chip,
    Cursor,
    between,
    choice,
    cursor_of,
    day_chips,
    export,
    periods,
)
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
        "put": _("Taken in"),
        "condition": _("Changed condition"),
        "count": _("Counted"),
        "write_off": _("Written off"),
        "take_out": _("Taken out"),
        "send": _("Sent to another warehouse"),
        "transit": _("Set out to this warehouse"),
        "arrive": _("Arrived from another warehouse"),
        "missing": _("Did not arrive"),
    }


def _variants(query: str) -> list[UUID]:
    """The SKUs a query finds; the first 500 of them."""
    return list(Variant.objects.filter(search.condition(query)).values_list("id", flat=True)[:FOUND])


def documents_behind(rows: list[Movement]) -> dict[UUID, str]:
    """The numbers of the stock documents that movements were made for."""
    return documents.document_numbers(
        {row.document_id for row in rows if row.document_kind == documents.KIND}
    )


def orders_behind(rows: list[Movement]) -> dict[UUID, str]:
    """The numbers of the orders that movements were made for."""
    return order_numbers({row.document_id for row in rows if row.document_kind == "order"})


def newest_movements(rows: QuerySet[Movement], limit: int) -> list[Movement]:
    """The latest movements of a selection, with variant and warehouse."""
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
        rows = rows.filter(left__lte=0 if level == "out" else Greatest(F("safety"), LOW))
        chips.append(Chip("level", _("Level"), _("Sold out") if level == "out" else _("Low")))
    if query:
        rows = rows.filter(variant_id__in=_variants(query))
        chips.append(Chip("q", _("Search"), query))
    rows = rows.order_by("variant__sku", "id")
    if request.GET.get("export"):
        return _export_stock(request, rows[:EXPORT_LIMIT], chips)
    after = cursor_of(request)
    if after:
        rows = rows.filter(
            Q(variant__sku__gt=after.key) | Q(variant__sku=after.key, id__gt=after.id),
            variant__sku__gte=after.key,
        )
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request, "office/stock.html", rows=found[:PAGE], chips=chips, places=places, low=LOW,
        incoming=documents.incoming(row.variant_id for row in found[:PAGE]),
        levels={"low": _("Low"), "out": _("Sold out")},
        next=Cursor(last.variant.sku, str(last.id)).text() if last else "",
    )  # fmt: skip


def _export_stock(request: HttpRequest, rows: QuerySet[Stock], chips: list[Chip]) -> HttpResponseBase:
    language = reader().language
    columns: dict[str, Callable[[Any], Any]] = {
        _("SKU"): lambda row: row.variant.sku,
        _("Product"): lambda row: row.variant.name_in(language),
        _("Warehouse"): lambda row: row.warehouse.name_in(language),
        _("On hand"): lambda row: row.on_hand,
        _("Held"): lambda row: row.allocated,
        _("Available"): lambda row: row.on_hand - row.allocated,
        _("Damaged"): lambda row: row.damaged,
        _("Quality control"): lambda row: row.inspecting,
        _("In transit"): lambda row: row.in_transit,
        _("Bin"): lambda row: row.bin,
    }
    return export(request, columns, rows, action="inventory.export", name="stock", chips=chips)


@requires("inventory.view")
def movements(request: HttpRequest) -> HttpResponseBase:
    """Every change of every count, newest first; exported as it is filtered."""
    kinds, language = movement_labels(), reader().language
    places = {str(each.id): each.name_in(language) for each in inventory.list_warehouses()}
    rows, chips = Movement.objects.all(), list[Chip]()
    kind, place = choice(request, "kind", kinds), choice(request, "place", places)
    query, timezone = request.GET.get("q", "")[:200], actor_of(request).timezone
    if kind:
        rows = rows.filter(kind=kind)
        chips.append(Chip("kind", _("Kind"), kinds[kind]))
    if place:
        rows = rows.filter(warehouse_id=place)
        chips.append(Chip("place", _("Warehouse"), places[place]))
    if query:
        rows = rows.filter(variant_id__in=_variants(query))
        chips.append(Chip("q", _("Search"), query))
    chips += day_chips(request)
    first, end = between(request, timezone)
    rows = rows.filter(at__gte=first) if first else rows
    rows = rows.filter(at__lt=end) if end else rows
    if request.GET.get("export"):
        return _export_movements(request, newest_movements(rows, EXPORT_LIMIT), chips)
    after = cursor_of(request)
    if after:
        rows = rows.filter(id__lt=after.id)
    found = newest_movements(rows, PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request, "office/movements.html", movements=found[:PAGE], numbers=orders_behind(found), papers=documents_behind(found), kinds=kinds, places=places, words=words,
        chips=chips, periods=periods(clock.today(timezone)),
        next=Cursor("", str(last.id)).text() if last else "",
    )  # fmt: skip


def _export_movements(request: HttpRequest, rows: list[Movement], chips: list[Chip]) -> HttpResponseBase:
    kinds, language, zone = movement_labels(), reader().language, ZoneInfo(actor_of(request).timezone)
    behind = orders_behind(rows) | documents_behind(rows)
    columns: dict[str, Callable[[Movement], Any]] = {
        _("When"): lambda row: row.at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        _("What"): lambda row: kinds.get(row.kind, row.kind),
        _("SKU"): lambda row: row.variant.sku,
        _("Product"): lambda row: row.variant.name_in(language),
        _("Warehouse"): lambda row: row.warehouse.name_in(language),
        _("On hand"): lambda row: row.on_hand_change,
        _("Held"): lambda row: row.allocated_change,
        _("Damaged"): lambda row: row.damaged_change,
        _("Quality control"): lambda row: row.inspecting_change,
        _("In transit"): lambda row: row.in_transit_change,
        _("Document"): lambda row: behind.get(row.document_id, "") if row.document_id else "",
        _("Who"): lambda row: words.doer(row.actor_kind, row.actor_name),
        _("Why"): lambda row: row.reason,
    }
    return export(request, columns, rows, action="inventory.export", name="movements", chips=chips)


@requires("inventory.view")
def adjust(request: HttpRequest, variant_id: UUID, warehouse_id: UUID) -> HttpResponse:
    """Book units in, or correct a count for a reason, as far as the reader may; also where none has lain yet."""
    actor = actor_of(request)
    variant = Variant.objects.filter(id=variant_id).first()
    place = Warehouse.objects.filter(id=warehouse_id).first()
    acts = [each for each in ("receive", "adjust") if actor.can(f"inventory.{each}")]
    if not acts:
        raise PermissionDenied(permission="inventory.adjust")
    if variant is None or place is None:
        raise NotFound
    posted, fields, message = request.POST, dict[str, str](), ""
    if request.method == "POST":
        with attempt() as tried:
            _book(request, variant.id, place.id)
        if tried:
            return go(request, url("office:product", variant.product_id), toast=_("Count changed."))
        fields, message = tried.fields, tried.message
    return page(
        request, "office/adjust.html", variant=variant, place=place, acts=acts, errors=fields, message=message,
        stock=Stock.objects.filter(variant=variant, warehouse=place).first(), act=posted.get("act", acts[0]),
        change=posted.get("change", ""), reason=posted.get("reason", ""), status=422 if message else 200,
    )  # fmt: skip


def _book(request: HttpRequest, variant_id: UUID, warehouse_id: UUID) -> None:
    actor, units = actor_of(request), _whole(request.POST.get("change", ""))
    reason = request.POST.get("reason", "").strip()
    if request.POST.get("act") == "receive":
        inventory.receive(
            actor, variant_id=variant_id, warehouse_id=warehouse_id, quantity=units, reason=reason
        )
    else:
        inventory.adjust(actor, variant_id=variant_id, warehouse_id=warehouse_id, change=units, reason=reason)


def _whole(text: str) -> int:
    try:
        return int(text[:20].strip().replace("−", "-"))
    except ValueError:
        raise Invalid(fields={"change": _("A whole number, such as 12 or -3.")}) from None
