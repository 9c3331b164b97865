"""One order into two, two into one, and which warehouse sends what: each shown before it is done, and done on that version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.inventory import public as inventory
from callcart.commerce.orders import public as orders
from callcart.core.errors import Invalid
from callcart.core.ids import new_id
from callcart.web.http import actor_of, attempt, go, page, reading_here, requires, wanted_id
from callcart.web.jinja import url
from callcart.web.office.order import whole
from callcart.web.office.refusal import refusal


@requires("orders.edit")
def split(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Choose units for the new order, look at both, confirm."""
    actor = reading_here(actor_of(request))
    detail, posted, preview = orders.order_detail(actor, order_id), request.POST, None
    confirmed = posted.get("act") == "confirm"
    with attempt() as tried:
        if request.method == "POST":
            units = _units(posted, [each.row for each in detail.rows])
            preview = orders.preview_split(actor, order_id, units)
            if confirmed:
                version, key = whole(posted.get("version", "")), posted.get("key", "")
                _kept, new = orders.split_order(
                    actor,
                    order_id,
                    units,
                    version=version,
                    idempotency_key=key,
                    reason=posted.get("reason", ""),
                )
    if tried and confirmed:
        return go(request, url("office:order", new.id), toast=_("Split; this is the new order."))
    refused = refusal(tried)
    return page(
        request, "office/orders_desk/split.html", order=detail.order, detail=detail, preview=preview if tried else None,
        errors=refused.fields, message=refused.message, status=refused.status, posted=posted,
        key=posted.get("key") or str(new_id()),
    )  # fmt: skip


def _units(posted: Mapping[str, str], lines: Sequence[orders.Line | orders.SoldSet]) -> dict[UUID, int]:
    found, problems = {}, {}
    for line in lines:
        text = posted.get(f"units-{line.id}", "").strip() or "0"
        if text.isdecimal() and len(text) < 7:
            found[line.id] = int(text)
        else:
            problems[f"units.{line.id}"] = _("A whole number, 0 or more.")
    if problems:
        raise Invalid(fields=problems)
    return {line_id: count for line_id, count in found.items() if count}


@requires("orders.edit")
def merge(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Choose another open order of the same receiver, look at the whole, confirm."""
    actor = reading_here(actor_of(request))
    order = orders.order_detail(actor, order_id).order
    posted, preview = request.POST, None
    confirmed = posted.get("act") == "confirm"
    with attempt() as tried:
        if request.method == "POST":
            other_id = wanted_id(posted.get("other", ""))
            preview = orders.preview_merge(actor, order_id, other_id)
            if confirmed:
                versions = whole(posted.get("version", "")), whole(posted.get("other_version", ""))
                orders.merge_orders(
                    actor, order_id, other_id, versions=versions, idempotency_key=posted.get("key", "")
                )
    if tried and confirmed:
        return go(request, url("office:order", order_id), toast=_("Both are one order now."))
    refused = refusal(tried)
    return page(
        request, "office/orders_desk/merge.html", order=order, preview=preview if tried else None,
        others=orders.merge_candidates(actor, order), message=refused.message, status=refused.status, posted=posted,
        key=posted.get("key") or str(new_id()),
    )  # fmt: skip


@requires("orders.edit")
def warehouses(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Units of each line by warehouse, as they are held, to be changed."""
    actor = reading_here(actor_of(request))
    detail, posted = orders.order_detail(actor, order_id), request.POST
    lines = [each for each in detail.lines if each.held]
    places = inventory.list_warehouses()
    stock = inventory.availability(each.line.variant_id for each in lines)
    with attempt() as tried:
        if request.method == "POST":
            wanted = _places(posted, [each.line for each in lines], [each.id for each in places])
            version = whole(posted.get("version", ""))
            orders.reallocate(actor, order_id, wanted, version=version, reason=posted.get("reason", ""))
    if tried and request.method == "POST":
        return go(request, url("office:order", order_id), toast=_("Warehouses changed."))
    refused = refusal(tried)
    held = {
        (each.line.id, row.warehouse_id): sum(
            r.quantity for r in each.held if r.warehouse_id == row.warehouse_id
        )
        for each in lines
        for row in each.held
    }
    free = {
        (variant_id, row.warehouse_id): max(row.available, 0)
        for variant_id, rows in stock.items()
        for row in rows
    }
    return page(
        request, "office/orders_desk/warehouses.html", order=detail.order, lines=lines, places=places, held=held,
        free=free, errors=refused.fields, message=refused.message, status=refused.status, posted=posted,
        why_here=inventory.why_here(order_id),
    )  # fmt: skip


def _places(
    posted: Mapping[str, str], lines: list[orders.Line], warehouse_ids: list[UUID]
) -> dict[UUID, dict[UUID, int]]:
    return {
        line.id: {
            place: units
            for place in warehouse_ids
            if (units := whole(posted.get(f"at-{line.id}-{place}", "").strip() or "0"))
        }
        for line in lines
    }
