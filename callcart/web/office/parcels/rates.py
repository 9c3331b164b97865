"""A service's zones and prices, edited as the table that carriers publish, typed or pasted."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.shipping import public as shipping
from callcart.commerce.shipping.carrier_models import CarrierService
from callcart.commerce.shipping.rate_sheet import (
    FIXED,
    Sheet,
    ZoneDraft,
    read_pasted,
    read_sheet,
    save_sheet,
    sheet_of,
    written,
)
from callcart.core.errors import NotFound
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal

SPARE_ROWS, SPARE_COLUMNS = 2, 2
MOST_ROWS, MOST_COLUMNS = 200, 40


@requires("shipping.view")
def rates(request: HttpRequest, carrier_id: UUID, service_id: UUID) -> HttpResponse:
    """Show the table; take it typed (`rows`) or pasted (`pasted`)."""
    actor, service, tried = actor_of(request), _service(carrier_id, service_id), None
    sheet = sheet_of(service)
    if request.method == "POST":
        pasted = request.POST.get("pasted", "")
        with attempt() as tried:
            sheet = read_pasted(pasted) if pasted.strip() else _typed(request)
            zones: tuple[ZoneDraft, ...] = read_sheet(sheet, service.currency)
            save_sheet(actor, service.id, zones)
        if tried:
            toast = _("Prices saved. They hold from the next order on.")
            return go(request, url("office:carrier_rates", carrier_id, service_id), toast=toast)
    said = refusal(tried)
    return page(
        request, "office/parcels/rates.html", status=said.status, carrier=service.carrier, service=service, said=said,
        sheet=sheet, rows=[*sheet.rows, *({} for _each in range(SPARE_ROWS))], fixed=_columns(),
        weights=[*sheet.weights, *("" for _each in range(SPARE_COLUMNS))], may=actor.can("shipping.manage"),
        pasted=request.POST.get("pasted", "") if said.message else "", labels=_columns(), wrong=_wrong(said.fields, sheet),
    )  # fmt: skip


@requires("shipping.view")
def as_file(request: HttpRequest, carrier_id: UUID, service_id: UUID) -> HttpResponse:
    """The table as CSV, as it can be pasted again."""
    service = _service(carrier_id, service_id)
    response = HttpResponse("\ufeff" + written(sheet_of(service)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rates.csv"'
    return response


def _service(carrier_id: UUID, service_id: UUID) -> CarrierService:
    found = shipping.get_service(service_id)
    if found.carrier_id != carrier_id:
        raise NotFound
    return found


def _columns() -> dict[str, str]:
    return {
        "zone": _("Zone"), "countries": _("Countries"), "provinces": _("Provinces"), "postcodes": _("Postcodes begin with"),
        "days": _("Days"), "surcharge": _("Surcharge"), "further_kg": _("Each further kg"), "further_price": _("costs"),
    }  # fmt: skip


def _typed(request: HttpRequest) -> Sheet:
    """The table of the form: weights head its columns by place, rows count from 0; empty ones are left out."""
    posted = request.POST
    heads = {at: posted.get(f"w.{at}", "").strip()[:20] for at in range(MOST_COLUMNS) if f"w.{at}" in posted}
    rows = []
    for number in range(MOST_ROWS):
        if f"{number}.zone" not in posted:
            break
        row = {name: posted.get(f"{number}.{name}", "").strip()[:2000] for name in FIXED}
        row |= {head: posted.get(f"{number}.w{at}", "").strip()[:20] for at, head in heads.items() if head}
        if any(row.values()):
            rows.append(row)
    return Sheet(tuple(head for head in heads.values() if head), tuple(rows))


def _wrong(fields: dict[str, str], sheet: Sheet) -> list[str]:
    """What is wrong, each with the row and column in words."""
    found = []
    for name, said in fields.items():
        row, _dot, column = name.partition(".")
        if row.isdecimal():
            label = _columns().get(column, f"{column} kg")
            zone = sheet.rows[int(row)].get("zone", "") if int(row) < len(sheet.rows) else ""
            found.append(
                _("Row %(row)s %(zone)s, %(column)s: %(said)s")
                % {"row": int(row) + 1, "zone": zone, "column": label, "said": said}
            )
        else:
            found.append(said)
    return found
