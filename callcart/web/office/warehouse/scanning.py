"""Taking goods in and counting by scanner or by list. The page works with a keyboard-wedge scanner and no mouse; its module sends
what was read in batches with a key, and the same form works without script."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import Document, Scan, ScanOutcome
from callcart.core import ids
from callcart.core.errors import Invalid, NotFound
from callcart.web.http import Attempt, actor_of, attempt, go, page, render, requires
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.office.warehouse import labels
from callcart.web.office.warehouse.documents import LINES, may, steps
from callcart.web.reader import reader

_TONES = {ScanOutcome.BOOKED: "green", ScanOutcome.OVER: "amber", ScanOutcome.UNEXPECTED: "amber"}


@requires("inventory.view")
def scan(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The page of scanning: read codes, see at once what became of each."""
    found = documents.get_document(document_id)
    _allowed(request, found)
    by_module = request.headers.get("Accept") == "application/json"
    if not steps(actor_of(request), found) & {"receive", "count"}:
        if by_module:
            raise documents.NotNow(state=found.state)
        return go(request, url("office:stock_document", found.id))
    if request.method != "POST":
        return _page(request, found, [])
    posted = request.POST
    condition = posted.get("condition", "sellable")
    scans: list[Scan] = []
    with attempt() as tried:
        if condition not in labels.conditions():
            raise Invalid(fields={"condition": _("Choose one of the values offered.")})
        scans = documents.scan(
            actor_of(request), found.id, posted.getlist("code"), idempotency_key=posted.get("key", ""),
            condition=inventory.Condition(condition), allow_over="over" in posted,
        )  # fmt: skip
    found = documents.get_document(document_id)
    if by_module:
        return _answer(request, found, scans, tried)
    return _page(request, found, scans, tried=tried)


def _allowed(request: HttpRequest, found: Document) -> None:
    if found.type == "stock_out":
        raise NotFound
    verb = "count" if found.type == "count" else "receive"
    actor_of(request).require(f"inventory.{verb}")


def told(each: Scan, *, blind: bool) -> dict[str, Any]:
    """A scan as the page says it. Who counts blindly is not told how many there should be."""
    name = each.variant.name_in(reader().language) if each.variant else ""
    progress = ""
    if each.variant is not None and each.outcome not in (ScanOutcome.UNEXPECTED, ScanOutcome.IS_SET):
        progress = str(each.came) if blind else _("%(came)d of %(expected)d") % {"came": each.came, "expected": each.expected}  # fmt: skip
    return {
        "code": each.code, "units": each.units, "outcome": str(each.outcome), "said": labels.scans()[each.outcome],
        "name": name, "progress": progress, "tone": _TONES.get(each.outcome, "red"),
        "again": each.outcome in (ScanOutcome.OVER, ScanOutcome.UNEXPECTED),
    }  # fmt: skip


def _answer(request: HttpRequest, found: Document, scans: list[Scan], tried: Attempt) -> HttpResponse:
    said = refusal(tried)
    body = {
        "message": said.message,
        "scans": [told(each, blind=_is_blind(found)) for each in scans],
        "lines": render(request, "office/warehouse/scan.html", block="lines", **_values(request, found)),
        "over": found.ended_at is not None,
    }
    return JsonResponse(body, status=said.status)


def _page(
    request: HttpRequest, found: Document, scans: list[Scan], *, tried: Attempt | None = None
) -> HttpResponse:
    said = refusal(tried)
    return page(
        request, "office/warehouse/scan.html", scans=[told(each, blind=_is_blind(found)) for each in scans], key=str(ids.new_id()),
        message=said.message, errors=said.fields, status=said.status, condition=request.POST.get("condition", "sellable"),
        **_values(request, found),
    )  # fmt: skip


def _values(request: HttpRequest, found: Document) -> dict[str, Any]:
    lines, _following = documents.lines_page(found, limit=LINES)
    is_count = found.type == "count"
    done = [line for line in lines if (line.counted is not None if is_count else line.came >= line.expected)]
    return {
        "document": found, "labels": labels, "is_count": is_count, "blind": _is_blind(found),
        "lines": [line for line in lines if line not in done] + done, "done": {line.id for line in done},
        "units": documents.units_of([found.id]).get(found.id, documents.Units()), "conditions": labels.conditions(),
        "may_receive": may(actor_of(request), found, "receive"),
    }  # fmt: skip


def _is_blind(found: Document) -> bool:
    return found.type == "count" and found.blind


@requires("inventory.view")
def by_list(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Take in, or count, what a list says: one field a line."""
    found = documents.get_document(document_id)
    _allowed(request, found)
    if not steps(actor_of(request), found) & {"receive", "count"}:
        return go(request, url("office:stock_document", found.id))
    tried, start = None, request.GET.get("from", "")
    lines, following = documents.lines_page(
        found, only="" if found.type == "count" else "open", limit=LINES,
        after=int(start) if start.isdecimal() and len(start) < 9 else -1,
    )  # fmt: skip
    if request.method == "POST":
        with attempt() as tried:
            _take(request, found, lines)
        if tried:
            return go(request, url("office:stock_document", found.id), toast=_("Saved."))
    said = refusal(tried)
    return page(
        request, "office/warehouse/by_list.html", document=found, lines=lines, next=following, labels=labels, blind=_is_blind(found),
        is_count=found.type == "count", key=request.POST.get("key") or str(ids.new_id()), posted=request.POST, errors=said.fields,
        message=said.message, over=isinstance(said.error, documents.MoreThanExpected), conditions=list(labels.conditions().items()),
        status=said.status,
    )  # fmt: skip


def _take(request: HttpRequest, found: Document, lines: list[documents.DocumentLine]) -> None:
    posted, problems = request.POST, dict[str, str]()
    units: dict[UUID, int] = {}
    for line in lines:
        text = posted.get(f"units-{line.variant_id}", "").strip()
        if text:
            if text.isdecimal() and text.isascii() and len(text) < 9:
                units[line.variant_id] = int(text)
            else:
                problems[str(line.variant_id)] = _("Give a whole number.")
    if problems:
        raise Invalid(fields=problems)
    actor, key = actor_of(request), posted.get("key", "")
    if found.type == "count":
        reasons = {line.id: posted[name] for line in lines if (name := f"reason-{line.id}") in posted}
        documents.set_reasons(actor, found.id, reasons)
        if not units:
            return
        entries = [documents.Counted(each, count, add=False) for each, count in units.items()]
        documents.count(actor, found.id, entries, idempotency_key=key)
        return
    condition = posted.get("condition", "sellable")
    if condition not in labels.conditions():
        raise Invalid(fields={"condition": _("Choose one of the values offered.")})
    arrivals = [
        documents.Arrival(each, count, inventory.Condition(condition))
        for each, count in units.items()
        if count
    ]
    documents.receive(actor, found.id, arrivals, idempotency_key=key, allow_over="over" in posted)
