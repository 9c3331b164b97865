"""Waybills printed: one order's or hundreds, as a job that one may leave and come back to."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.fulfilment import public as fulfilment
from callcart.commerce.fulfilment.public import PrintJob
from callcart.core import files
from callcart.core.errors import NotFound
from callcart.core.ids import read_id
from callcart.web import formats
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.listing import PAGE, Cursor, cursor_of
from callcart.web.office.parcels.choices import ticked
from callcart.web.office.parcels.dispatches import show
from callcart.web.office.words import Word
from callcart.web.reader import reader


@requires("shipping.pack")
def waybills(request: HttpRequest) -> HttpResponse:
    """What was printed, the newest first."""
    after = cursor_of(request)
    found = fulfilment.list_prints(actor_of(request), after=UUID(after.id) if after else None, limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return page(
        request, "office/parcels/waybills.html", rows=found[:PAGE], words=print_words(),
        next=Cursor("", str(last.id)).text() if last else "",
    )  # fmt: skip


def print_words() -> dict[str, Word]:
    return {
        "queued": Word(_("In line"), "blue"),
        "running": Word(_("Being drawn"), "blue"),
        "done": Word(_("Ready"), "green"),
        "failed": Word(_("Could not be printed"), "red"),
    }


@require_POST
@requires("shipping.pack", "customers.see_phone")
def print_(request: HttpRequest) -> HttpResponse:
    """Print the ticked documents, or all of a list that have no waybill yet."""
    actor, posted, job = actor_of(request), request.POST, None
    with attempt() as tried:
        if "state" in posted:
            state = posted["state"] if posted["state"] in {"waiting", "picking", "packed"} else "waiting"
            job = fulfilment.print_missing(
                actor, state=state, carrier=posted.get("carrier", "")[:100], warehouse_id=read_id(posted.get("place", "")),
                language=reader().language,
            )  # fmt: skip
        else:
            job = fulfilment.print_waybills(
                actor,
                ticked(request),
                template_id=read_id(posted.get("template", "")),
                language=reader().language,
            )
    if job is not None and tried:
        return go(request, url("office:waybill_print", job.id))
    return show(request, tried)


@requires("shipping.pack")
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One job: how far it is, then its file."""
    found = fulfilment.get_print(actor_of(request), job_id)
    return page(
        request, "office/parcels/waybill_print.html", job=found, words=print_words(), before=_before(found),
        total=len(found.box_ids) or len(found.dispatch_ids),
        block="progress" if request.headers.get("HX-Target") == "job" else "",
    )  # fmt: skip


def _before(found: PrintJob) -> str:
    if not found.reprints:
        return ""
    return _("%(count)s of these waybills were printed before, the last one at %(time)s.") % {
        "count": formats.number(found.reprints),
        "time": formats.datetime(found.last_printed_at),
    }


@requires("shipping.pack", "customers.see_phone")
def file(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """The PDF, as it was drawn."""
    found = fulfilment.get_print(actor_of(request), job_id)
    if not found.file:
        raise NotFound
    response = FileResponse(files.path(found.file).open("rb"), content_type="application/pdf")
    name = f"waybills-{found.made_at:%Y%m%d-%H%M}-{len(found.box_ids)}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
