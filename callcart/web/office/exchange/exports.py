"""Exports in the office: what to give out, narrowed by days, as CSV or XLSX, streamed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from callcart.core import clock
from callcart.core.exchange import public as exchange
from callcart.people.tenants.public import get_tenant
from callcart.web.http import actor_of, page, requires
from callcart.web.office.exchange.imports import as_file, place_of


@requires("exchange.export")
def exports(request: HttpRequest) -> HttpResponse:
    """What this reader may take out."""
    actor = actor_of(request)
    kinds = [each for each in exchange.importers() if each.may_export(actor)]
    return page(request, "office/exchange/exports.html", kinds=kinds)


@requires("exchange.export")
def file(request: HttpRequest) -> StreamingHttpResponse:
    """One sheet as a file. The rows open transactions of their own while they are sent."""
    actor, asked = actor_of(request), request.GET
    its = exchange.importer(asked.get("kind", ""))
    sheet = its.sheet(asked.get("sheet") or its.sheets[0].key).key
    filters = {key: asked.get(key, "")[:100] for key in ("from", "to")}
    rows = exchange.export_rows(actor, its.kind, sheet, place_of(actor), filters)
    day = clock.today(get_tenant(actor.tenant_id).timezone)
    return as_file(rows, f"{sheet}-{day.isoformat()}", asked.get("as", "csv"))
