"""Invoices: the list, the file for the tax system, and issuing those of many orders at once."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.commerce.invoicing import public as invoicing
from callcart.core import clock
from callcart.core.errors import Invalid
from callcart.core.fields import Fields
from callcart.core.tenancy import current_tenant, tenant_transaction
from callcart.people.tenants.public import get_tenant
from callcart.web import formats
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import (
    EXPORT_LIMIT,
    PAGE,
    Chip,
    Cursor,
    between,
    choice,
    day_chips,
    export,
    periods,
    safe_cell,
    start_of,
    time_cursor_of,
)
from callcart.web.office.money import invoice_words as words
from callcart.web.office.money.amounts import read_day
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@require_GET
@requires("invoicing.view")
def invoices(request: HttpRequest) -> HttpResponseBase:
    """Invoices and credit notes, the newest first."""
    actor, kinds, states = actor_of(request), words.kinds(), words.states()
    filters, chips = _filters(request)
    if request.GET.get("export") in ("csv", "xlsx"):
        actor.require("invoicing.export")
        rows = invoicing.list_documents(actor, filters, limit=EXPORT_LIMIT)
        return export(request, _columns(), rows, action="invoicing.export", name="invoices", chips=chips)
    after = time_cursor_of(request)
    at = (datetime.fromisoformat(after.key), UUID(after.id)) if after else None
    found = invoicing.list_documents(actor, filters, after=at, limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request, "office/money/invoices.html", documents=found[:PAGE], chips=chips, kinds=kinds, states=states,
        periods=periods(clock.today(reader().zone)), wanted={"1": _("Tax invoice wanted")},
        ready=invoicing.is_ready(invoicing.seller()), next=Cursor(last.issued_at.isoformat(), str(last.id)).text() if last else "",
    )  # fmt: skip


def _filters(request: HttpRequest) -> tuple[invoicing.Filters, list[Chip]]:
    kinds, states = words.kinds(), words.states()
    kind, state = choice(request, "kind", kinds), choice(request, "state", states)
    since, until = between(request, reader().zone)
    wanted, text = request.GET.get("wanted") == "1", request.GET.get("q", "").strip()[:100]
    chips = day_chips(request)
    chips += [Chip("kind", _("Kind"), kinds[kind])] if kind else []
    chips += [Chip("state", _("State"), states[state])] if state else []
    chips += [Chip("wanted", _("Tax invoice"), _("wanted"))] if wanted else []
    chips += [Chip("q", _("Search"), text)] if text else []
    filters = invoicing.Filters(kind=kind, since=since, until=until, state=state, wanted=wanted, text=text)
    return filters, chips


def _columns() -> dict[str, Callable[[invoicing.Document], object]]:
    kinds = words.kinds()
    return {
        _("Number"): lambda row: row.number,
        _("Kind"): lambda row: kinds[row.kind],
        _("Issued on"): lambda row: formats.datetime(row.issued_at),
        _("Order"): lambda row: row.order_number,
        _("For whom"): lambda row: row.buyer_title,
        _("Tax number"): lambda row: row.buyer_tax_number,
        _("Net"): lambda row: str(_signed(row, row.net_minor)),
        _("Tax"): lambda row: str(_signed(row, row.tax_minor)),
        _("Total"): lambda row: str(_signed(row, row.total_minor)),
        _("Currency"): lambda row: row.currency,
        _("Credited"): lambda row: str((row.total - row.left).decimal) if row.kind == "invoice" else "",
        _("Reason"): lambda row: row.reason,
    }


def _signed(row: invoicing.Document, minor: int) -> object:
    found = type(row.total)(minor, row.currency)
    return (found if row.kind == "invoice" else -found).decimal


@require_GET
@requires("invoicing.view", "invoicing.export")
def tax_file(request: HttpRequest) -> StreamingHttpResponse:
    """What fits the filters, a line for each line of each document, for the tax system. Rows are read and sent in portions."""
    actor, (filters, _chips) = actor_of(request), _filters(request)
    tenant_id, writer = current_tenant(), csv.writer(_Echo())
    actor.require("invoicing.export")

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(invoicing.HEADINGS)
        with tenant_transaction(tenant_id):
            for row in invoicing.tax_rows(actor, filters):
                yield writer.writerow(
                    [each if not isinstance(each, str) else safe_cell(each) for each in row]
                )

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="tax-invoices.csv"'
    return response


class _Echo:
    def write(self, value: str) -> str:
        return value


@require_GET
@requires("invoicing.view")
def batches(request: HttpRequest) -> HttpResponse:
    """Issuing for many orders: what was done, and a new one."""
    return _batches(request, Attempt())


def _batches(request: HttpRequest, tried: Attempt) -> HttpResponse:
    said, today = refusal(tried), clock.today(get_tenant().timezone)
    return page(
        request, "office/money/invoice_batches.html", batches=invoicing.list_batches(actor_of(request)), which=words.batch_which(),
        states=words.batch_states(), first=today.replace(day=1).isoformat(), today=today.isoformat(), posted=request.POST,
        ready=invoicing.is_ready(invoicing.seller()), errors=said.fields, message=said.message, status=said.status,
        own=invoicing.seller().issue_at,
    )  # fmt: skip


@require_POST
@requires("invoicing.view", "invoicing.issue")
def batch_new(request: HttpRequest) -> HttpResponse:
    """Have the invoices of some days issued."""
    with attempt() as tried:
        since, until = _days(request)
        made = invoicing.start_batch(
            actor_of(request), since=since, until=until, only=request.POST.get("only", "")
        )
    if tried:
        return go(request, url("office:invoice_batch", made.id))
    return _batches(request, tried)


def _days(request: HttpRequest) -> tuple[datetime, datetime]:
    """The moments of the form's days in the shop's time zone, the last day included. Raises Invalid."""
    form, found = Fields(), []
    for name in ("from", "to"):
        with form.part():
            day = read_day(request.POST.get(name, ""), field=name)
            if day is None or not 2000 <= day.year < 2200:
                raise Invalid(fields={name: _("Give a day.")})
            found.append(day)
    form.done()
    zone = get_tenant().timezone
    return start_of(found[0], zone), start_of(found[1] + timedelta(days=1), zone)


@require_GET
@requires("invoicing.view")
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """How far a batch is; its piece renews itself while it runs."""
    found = invoicing.get_batch(actor_of(request), batch_id)
    return page(
        request, "office/money/invoice_batch.html", block="progress" if request.headers.get("HX-Request") else "", batch=found,
        states=words.batch_states(), which=dict(words.batch_which()), problems=words.problems(),
        done=found.issued + found.refused, runs=found.state in ("waiting", "running"), last_day=found.until - timedelta(seconds=1),
    )  # fmt: skip


@require_POST
@requires("invoicing.view", "invoicing.issue")
def batch_stop(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Stop it where it stands."""
    invoicing.stop_batch(actor_of(request), batch_id)
    return go(request, url("office:invoice_batch", batch_id), toast=_("Stopped. What was issued stays."))
