"""Stock documents in the office: the list, one with what was moved for it, and the steps of its life."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import Document, DocumentFilter
from callcart.commerce.inventory.models import Movement
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.ids import read_ids, unspoken
from callcart.core.money import Money
from callcart.people.approvals import public as approvals
from callcart.people.tenants.public import get_tenant
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.names import order_numbers
from callcart.web.office import words
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, cursor_of, export
from callcart.web.office.refusal import refusal
from callcart.web.office.stock import movement_labels
from callcart.web.office.warehouse import labels
from callcart.web.reader import reader

LINES = 200


@requires("inventory.view")
def document_list(request: HttpRequest) -> HttpResponse:
    """All documents, newest first, by type, progress, warehouse and text."""
    actor, language = actor_of(request), reader().language
    places = {str(each.id): each.name_in(language) for each in inventory.list_warehouses()}
    types, chips = labels.types(), list[Chip]()
    type_, place = choice(request, "type", types), choice(request, "place", places)
    progress = choice(request, "progress", ("open", "ended"))
    query = request.GET.get("q", "")[:200]
    if progress:
        chips.append(Chip("progress", _("Progress"), _progress()[progress]))
    if place:
        chips.append(Chip("place", _("Warehouse"), places[place]))
    if query:
        chips.append(Chip("q", _("Search"), query))
    wanted = DocumentFilter(
        type=type_, progress=progress, warehouse_id=UUID(place) if place else None, text=unspoken(query) or query
    )  # fmt: skip
    after = cursor_of(request)
    rows, following = documents.list_documents(wanted, before=UUID(after.id) if after else None, limit=PAGE)
    return page(
        request, "office/warehouse/documents.html", documents=rows, units=documents.units_of([each.id for each in rows]),
        chips=chips, types=types, type=type_, places=places, progress=_progress(), labels=labels,
        may_make={key: actor.can(permission) for key, permission in documents.PERMISSIONS.items()}, today=clock.today(actor.timezone),
        next=Cursor("", str(following)).text() if following else "",
    )  # fmt: skip


def _progress() -> dict[str, str]:
    return {"open": _("Under way"), "ended": _("Ended")}


@requires("inventory.view")
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """One document: what it waits for, its lines, what was moved for it."""
    return shown(request, documents.get_document(document_id))


def shown(request: HttpRequest, found: Document, *, tried: Attempt | None = None) -> HttpResponse:
    """The page of a document; after a refused step with what was refused."""
    actor, said = actor_of(request), refusal(tried)
    only = choice(request, "only", ("open", "differing"))
    start = request.GET.get("from", "")
    lines, following = documents.lines_page(
        found, only=only, after=int(start) if start.isdecimal() and len(start) < 9 else -1, limit=LINES
    )
    is_count, moved = found.type == "count", documents.movements_of(found)
    blind = is_count and found.blind and found.state == "counting"
    sees_worth = actor.can("inventory.count") or actor.can("inventory.write_off")
    return page(
        request, "office/warehouse/document.html", document=found, lines=lines, only=only, next=following,
        movements=moved, numbers={}, kinds=movement_labels(), words=words, labels=labels, refused=said,
        units=documents.units_of([found.id]).get(found.id, documents.Units()), blind=blind,
        summary=documents.summary(found) if is_count and not blind and sees_worth else None,
        costs=documents.line_costs(found, lines) if sees_worth and not blind else {}, currency=get_tenant().currency,
        worth=documents.worth_of_document(found) if found.type == "stock_out" and sees_worth else None,
        steps=steps(actor, found), ask=_ask(found, said.error), promised=_promised(said.error), posted=request.POST,
        unexplained=documents.unexplained, waiting=approvals.waiting_for(("stock_document", found.id)), may_receive=may(actor, found, "receive"),
        status=said.status,
    )  # fmt: skip


def may(actor: Actor, found: Document, verb: str) -> bool:
    """Whether the actor's scope reaches the warehouse a verb touches."""
    permission = f"inventory.{verb}"
    if not actor.can(permission):
        return False
    scope = actor.require(permission).scope
    place = found.target if verb == "receive" and found.target else found.warehouse
    return not scope or place.code in [code.strip() for code in scope.split(",")]


def steps(actor: Actor, found: Document) -> set[str]:
    """The steps that lie before a document now and that the actor may take."""
    state, type_ = found.state, found.type
    owner = may(actor, found, documents.PERMISSIONS[documents.DocumentType(type_)].partition(".")[2])
    receiver = may(actor, found, "receive")
    table: dict[str, bool] = {
        "edit": owner and state == "draft",
        "open": owner and type_ == "stock_in" and state == "draft",
        "send": owner and type_ == "transfer" and state == "draft",
        "post": owner and (type_, state) in {("stock_out", "draft"), ("count", "counting")},
        "receive": receiver and type_ in ("stock_in", "transfer") and state in documents.RECEIVING,
        "count": owner and state == "counting",
        "close": receiver and type_ == "stock_in" and state == "part_received",
        "finish": receiver and type_ == "transfer" and state in ("sent", "part_received"),
        "explain": owner and type_ == "transfer" and state == "received",
        "cancel": (owner and state in ("draft", "counting"))
        or (owner and type_ == "stock_in" and state == "open"),
    }
    return {step for step, is_possible in table.items() if is_possible}


def _ask(found: Document, error: Exception | None) -> dict[str, Any] | None:
    if not isinstance(error, approvals.NeedsApproval):
        return None
    return {"permission": error.details["permission"], "amount": error.details["amount"]}


def _promised(error: Exception | None) -> list[tuple[documents.Promised, list[tuple[UUID, str]]]]:
    """Lines of a count that cannot be posted, each with the orders that wait for it."""
    if not isinstance(error, documents.PromisedUnits):
        return []
    numbers = order_numbers([order for line in error.lines for order in line.orders])
    return [
        (line, [(each, numbers[each]) for each in line.orders if each in numbers]) for line in error.lines
    ]


@requires("inventory.view")
def step(request: HttpRequest, document_id: UUID, verb: str) -> HttpResponse:
    """One step of a document's life, then its page again."""
    actor, posted = actor_of(request), request.POST
    table: dict[str, Callable[[], Any]] = {
        "open": lambda: documents.open_stock_in(actor, document_id, version=_version(request)),
        "send": lambda: documents.send(actor, document_id, version=_version(request)),
        "close": lambda: documents.close_stock_in(actor, document_id, reason=posted.get("reason", "")),
        "finish": lambda: documents.finish_receiving(actor, document_id),
        "cancel": lambda: documents.cancel(actor, document_id, reason=posted.get("reason", "")),
        "post": lambda: post(actor, document_id, request),
        "explain": lambda: explain(actor, document_id, request),
        "recount": lambda: documents.recount(actor, document_id, read_ids(posted.getlist("line"))),
        "ask": lambda: ask(actor, document_id, request),
    }
    if verb not in table or request.method != "POST":
        raise NotFound
    with attempt() as tried:
        table[verb]()
    if tried:
        return go(request, url("office:stock_document", document_id), toast=_said()[verb])
    return shown(request, documents.get_document(document_id), tried=tried)


def _said() -> dict[str, str]:
    return {
        "open": _("The goods are awaited now."), "send": _("The goods are on the way."), "close": _("Nothing more is awaited."),
        "finish": _("Nothing more of this transfer will come."), "cancel": _("Document cancelled."), "post": _("Posted. The counts are changed."),
        "explain": _("Explained and booked."), "recount": _("These lines are to be counted again."), "ask": _("Asked for approval."),
    }  # fmt: skip


def post(actor: Actor, document_id: UUID, request: HttpRequest) -> None:
    """Post a stock-out, or a count as its form says."""
    posted = request.POST
    if documents.get_document(document_id).type == "stock_out":
        documents.post_stock_out(actor, document_id, version=_version(request))
        return
    documents.post_count(
        actor,
        document_id,
        reason=posted.get("reason", ""),
        uncounted=posted.get("uncounted", ""),
        leave_out=read_ids(posted.getlist("leave_out")),
        version=_version(request),
    )


def explain(actor: Actor, document_id: UUID, request: HttpRequest) -> None:
    """Explain a transfer's difference as the form says."""
    posted = request.POST
    units, outcome = posted.get("units", ""), posted.get("outcome", "")
    lines = read_ids([posted.get("line", "")])
    if not lines or outcome not in labels.outcomes():
        raise NotFound
    documents.explain(
        actor,
        document_id,
        lines[0],
        outcome=documents.Outcome(outcome),
        units=int(units) if units.isdecimal() and len(units) < 9 else 0,
        reason=posted.get("reason", ""),
    )


def ask(actor: Actor, document_id: UUID, request: HttpRequest) -> None:
    """Ask somebody with a higher limit to post it."""
    posted, found = request.POST, documents.get_document(document_id)
    is_count = found.type == "count"
    currency, payload = get_tenant().currency, {"document_id": str(found.id), "version": found.version}
    if is_count:
        worth = documents.summary(found).loss_minor
        payload |= {
            "reason": posted.get("why", ""),
            "uncounted": posted.get("uncounted", ""),
            "leave_out": [str(each) for each in read_ids(posted.getlist("leave_out"))],
        }
    else:
        worth = documents.worth_of_document(found)
    approvals.ask(
        actor,
        action="inventory.post_count" if is_count else "inventory.post_stock_out",
        permission="inventory.count" if is_count else "inventory.write_off",
        subject=("stock_document", found.id),
        label=f"{labels.title(found)} {found.number}",
        amount=Money(worth, currency),
        payload=payload,
        reason=posted.get("reason", ""),
    )


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 9 else None


@requires("inventory.view")
def movements_file(request: HttpRequest, document_id: UUID) -> HttpResponseBase:
    """What was moved for a document, as a file."""
    found = documents.get_document(document_id)
    kinds, language, zone = movement_labels(), reader().language, ZoneInfo(actor_of(request).timezone)
    columns: dict[str, Callable[[Movement], Any]] = {
        _("When"): lambda row: row.at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        _("What"): lambda row: kinds.get(row.kind, row.kind),
        _("SKU"): lambda row: row.variant.sku,
        _("Product"): lambda row: row.variant.name_in(language),
        _("Warehouse"): lambda row: row.warehouse.name_in(language),
        _("On hand"): lambda row: row.on_hand_change,
        _("Damaged"): lambda row: row.damaged_change,
        _("Quality control"): lambda row: row.inspecting_change,
        _("In transit"): lambda row: row.in_transit_change,
        _("Who"): lambda row: words.doer(row.actor_kind, row.actor_name),
        _("Why"): lambda row: row.reason,
    }
    rows = documents.movements_of(found, limit=100_000)
    return export(
        request, columns, rows, action="inventory.export", name=f"document-{found.number}", chips=()
    )
