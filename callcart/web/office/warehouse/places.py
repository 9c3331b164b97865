"""Warehouses in the office: where they are, whom they serve first, and which of them are in use; and where a product lies in one."""

from __future__ import annotations

import re
from uuid import UUID

from django.db.models import Count, F, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.catalog.models import Variant
from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.models import Stock, Warehouse
from callcart.core.errors import Invalid, NotFound
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal

_BETWEEN = re.compile(r"[,，、;；\n]")


@requires("inventory.view")
def warehouses(request: HttpRequest) -> HttpResponse:
    """All warehouses in the order in which they are asked, with what lies in each."""
    rows = Stock.objects.values("warehouse_id").annotate(
        skus=Count("id", filter=Q(on_hand__gt=0)),
        pieces=Sum("on_hand"),
        free=Sum(F("on_hand") - F("allocated")),
        coming=Sum("in_transit"),
    )
    return page(
        request, "office/warehouse/warehouses.html", warehouses=inventory.list_warehouses(),
        counts={row["warehouse_id"]: row for row in rows}, may_manage=actor_of(request).can("inventory.manage"),
    )  # fmt: skip


@requires("inventory.manage")
def warehouse(request: HttpRequest, warehouse_id: UUID | None = None) -> HttpResponse:
    """Add a warehouse, or change one."""
    found = Warehouse.objects.filter(id=warehouse_id).first() if warehouse_id else None
    if warehouse_id and found is None:
        raise NotFound
    posted, tried, actor = request.POST, None, actor_of(request)
    if request.method == "POST":
        with attempt() as tried:
            draft = inventory.WarehouseDraft(
                code=posted.get("code", ""),
                name=posted.get("name", ""),
                name_zh=posted.get("name_zh", ""),
                regions=tuple(
                    each.strip() for each in _BETWEEN.split(posted.get("regions", "")) if each.strip()
                ),
                priority=_whole(posted.get("priority", ""), "priority"),
                is_active="is_active" in posted,
            )
            if found:
                inventory.update_warehouse(actor, found.id, draft)
            else:
                inventory.create_warehouse(actor, draft)
        if tried:
            return go(request, url("office:warehouses"), toast=_("Saved."))
    said = refusal(tried)
    return page(
        request, "office/warehouse/warehouse.html", warehouse=found, posted=posted, errors=said.fields, message=said.message,
        status=said.status,
    )  # fmt: skip


@requires("inventory.adjust")
def shelf(request: HttpRequest, variant_id: UUID, warehouse_id: UUID) -> HttpResponse:
    """Where a product lies in a warehouse, and when it is low there."""
    variant = Variant.objects.filter(id=variant_id).first()
    place = Warehouse.objects.filter(id=warehouse_id).first()
    if variant is None or place is None:
        raise NotFound
    posted, tried = request.POST, None
    if request.method == "POST":
        with attempt() as tried:
            inventory.set_shelf(
                actor_of(request), variant_id=variant.id, warehouse_id=place.id, bin_name=posted.get("bin", ""),
                route=_whole(posted.get("route", "") or "0", "route"), safety=_whole(posted.get("safety", "") or "0", "safety"),
            )  # fmt: skip
        if tried:
            return go(request, url("office:stock") + f"?q={variant.sku}", toast=_("Saved."))
    said = refusal(tried)
    return page(
        request, "office/warehouse/shelf.html", variant=variant, place=place, posted=posted, errors=said.fields, message=said.message,
        stock=Stock.objects.filter(variant=variant, warehouse=place).first(), status=said.status,
    )  # fmt: skip


def _whole(text: str, name: str) -> int:
    try:
        return int(text.strip()[:12])
    except ValueError:
        raise Invalid(fields={name: _("Give a whole number.")}) from None
