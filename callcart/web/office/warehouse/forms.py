"""Making stock documents, and changing their drafts: one form whose parts depend on the type.

Lines are typed, pasted or scanned into one box, a product a line: "code, units, cost". A scanner ends each code with Enter, so
it fills the box by itself.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.catalog.models import Variant
from callcart.commerce.inventory import public as inventory
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import Document, DocumentKind, DocumentType
from callcart.core import search
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.ids import read_id
from callcart.core.money import Money
from callcart.people.tenants.public import get_tenant
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.office.warehouse import labels
from callcart.web.reader import reader

FOUND = 8
NOWHERE = UUID(int=0)  # refused at its field like any warehouse there is not


@requires("inventory.view")
def new(request: HttpRequest, type_: str) -> HttpResponse:
    """A new document of a type."""
    if type_ not in labels.types():
        raise NotFound
    actor, tried = actor_of(request), None
    actor.require(documents.PERMISSIONS[DocumentType(type_)])
    if request.method == "POST":
        with attempt() as tried:
            made = _make(actor, request, DocumentType(type_), None)
        if tried:
            return go(request, url("office:stock_document", made.id), toast=_("Document made."))
    return _form(request, type_, None, tried)


@requires("inventory.view")
def edit(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Change a draft."""
    found, tried = documents.get_document(document_id), None
    actor = actor_of(request)
    actor.require(documents.PERMISSIONS[DocumentType(found.type)])
    if found.type == "count" or found.state != "draft":
        return go(request, url("office:stock_document", found.id))
    if request.method == "POST":
        with attempt() as tried:
            _make(actor, request, DocumentType(found.type), found)
        if tried:
            return go(request, url("office:stock_document", found.id), toast=_("Saved."))
    return _form(request, found.type, found, tried)


def _make(actor: Actor, request: HttpRequest, type_: DocumentType, old: Document | None) -> Document:
    posted, form = request.POST, Fields()
    place, target = (
        read_id(posted.get("warehouse", "")) or NOWHERE,
        read_id(posted.get("target", "")) or NOWHERE,
    )
    lines: tuple[documents.LineDraft, ...] = ()
    condition = posted.get("condition", "sellable")
    with form.part():
        known = condition if condition in labels.conditions() else "sellable"
        lines = documents.read_list(posted.get("list", ""), condition=inventory.Condition(known))
    made: Any = None
    with form.part():
        made = _verb(actor, request, type_, old, place, target, lines)
    form.done()
    return made  # type: ignore[no-any-return]


def _verb(
    actor: Actor,
    request: HttpRequest,
    type_: DocumentType,
    old: Document | None,
    place: UUID,
    target: UUID,
    lines: tuple[documents.LineDraft, ...],
) -> Document:
    posted = request.POST
    note, reference = posted.get("note", ""), posted.get("reference", "")
    version = version_seen(request)
    if type_ is DocumentType.COUNT:
        chosen = tuple(dict.fromkeys(line.variant_id for line in lines))
        return documents.make_count(
            actor, documents.CountDraft(place, posted.get("shelf", ""), chosen, "blind" in posted, note)
        )
    if type_ is DocumentType.TRANSFER:
        transfer = documents.TransferDraft(place, target, lines, note, reference, _due(request))
        return documents.edit_transfer(actor, old.id, transfer, version=version) if old else documents.make_transfer(actor, transfer)  # fmt: skip
    kind = posted.get("kind", "")
    allowed = documents.IN_KINDS if type_ is DocumentType.STOCK_IN else documents.OUT_KINDS
    if kind not in allowed:
        raise Invalid(fields={"kind": _("Choose one of the values offered.")})
    if type_ is DocumentType.STOCK_OUT:
        out = documents.StockOutDraft(DocumentKind(kind), place, lines, note, reference)
        return documents.edit_stock_out(actor, old.id, out, version=version) if old else documents.make_stock_out(actor, out)  # fmt: skip
    draft = documents.StockInDraft(
        DocumentKind(kind), place, lines, posted.get("partner", ""), reference, note, _due(request)
    )
    return documents.edit_stock_in(actor, old.id, draft, version=version) if old else documents.make_stock_in(actor, draft)  # fmt: skip


def _due(request: HttpRequest) -> date | None:
    posted = request.POST.get("due_on", "")
    if not posted:
        return None
    try:
        return date.fromisoformat(posted)
    except ValueError:
        raise Invalid(fields={"due_on": _("Give a day.")}) from None


def _form(request: HttpRequest, type_: str, found: Document | None, tried: Attempt | None) -> HttpResponse:
    language, said = reader().language, refusal(tried)
    places = [
        (str(each.id), each.name_in(language)) for each in inventory.list_warehouses() if each.is_active
    ]
    allowed = {"stock_in": documents.IN_KINDS, "stock_out": documents.OUT_KINDS}.get(type_, ())
    names = labels.kinds()
    posted = request.POST
    return page(
        request, "office/warehouse/document_form.html", document=found, type=type_, title=labels.types()[type_], places=places,
        kinds=[(str(kind), names[kind]) for kind in allowed], conditions=list(labels.conditions().items()),
        errors=said.fields, message=said.message, posted=posted, values=posted or _values(found, request), status=said.status,
    )  # fmt: skip


def _values(found: Document | None, request: HttpRequest) -> dict[str, Any]:
    """What the form begins with."""
    if found is None:
        return {
            name: request.GET.get(name, "")[:200] for name in ("warehouse", "target", "kind", "list", "shelf")
        }
    lines, currency = documents.lines_of(found), get_tenant().currency
    return {
        "warehouse": found.warehouse_id, "target": found.target_id, "kind": found.kind, "partner": found.partner,
        "reference": found.reference, "note": found.note, "due_on": found.due_on, "version": found.version,
        "condition": lines[0].condition if lines else "sellable",
        "list": "\n".join(
            "\t".join(
                [line.variant.sku, str(line.expected)]
                + ([str(Money(line.cost_minor, currency).decimal)] if line.cost_minor is not None else [])
            )
            for line in lines
        ),
    }  # fmt: skip


@requires("inventory.view")
def find(request: HttpRequest) -> HttpResponse:
    """Products that a few letters find, to be put into the box of lines."""
    query = request.GET.get("find", "").strip()[:100]
    rows = Variant.objects.filter(search.condition(query)).order_by("sku")[:FOUND] if query else []
    return page(request, "office/warehouse/_found.html", found=list(rows), query=query)
