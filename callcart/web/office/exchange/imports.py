"""Imports in the office: files, columns, a trial, then the real thing with its progress, its result, and the way back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.exchange import public as exchange
from callcart.core.http import non_atomic
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import get_tenant
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office.exchange import words
from callcart.web.office.refusal import refusal


def place_of(actor: Actor) -> exchange.Place:
    """The shop a file is read for."""
    tenant = get_tenant(actor.tenant_id)
    return exchange.Place(tenant.currency, tenant.timezone, tenant.country, tenant.language)


@requires("exchange.run")
def imports(request: HttpRequest) -> HttpResponse:
    """All imports, newest first."""
    found, following = exchange.list_imports(actor_of(request), cursor=request.GET.get("after", "")[:40])
    return page(
        request, "office/exchange/imports.html", imports=[words.row(each) for each in found], next=following
    )


@non_atomic
@requires("exchange.run")
def new(request: HttpRequest) -> HttpResponse:
    """Choose what to import and from which files. Not in one transaction: a large file takes its time."""
    actor, tried = actor_of(request), Attempt()
    kinds = [each for each in exchange.importers() if each.may_import(actor)]
    wanted = request.POST.get("kind") or request.GET.get("kind", "")
    if request.method == "POST":
        try:
            made = _begun(actor, request, wanted)
        except Invalid as error:
            tried.error = error
        else:
            return go(request, url("office:import", made.id))
    refused = refusal(tried)
    with tenant_transaction(actor.tenant_id):
        return page(
            request, "office/exchange/new.html", kinds=kinds, kind=wanted if wanted in {k.kind for k in kinds} else "",
            most_files=exchange.MOST_FILES, most_size=exchange.MOST_SIZE, errors=refused.fields,
            message=refused.message if not refused.fields else "", status=refused.status,
        )  # fmt: skip


def _begun(actor: Actor, request: HttpRequest, kind: str) -> exchange.Import:
    if kind not in {each.kind for each in exchange.importers()}:
        raise Invalid(fields={"kind": _("Choose one of the values offered.")})
    uploaded = request.FILES.getlist("files")
    if any((each.size or 0) > exchange.MOST_SIZE for each in uploaded):
        said = _("%(name)s is larger than %(most)s MB.")
        large = next(each for each in uploaded if (each.size or 0) > exchange.MOST_SIZE)
        raise Invalid(fields={"files": said % {"name": large.name, "most": exchange.MOST_SIZE // 10**6}})
    with _on_disk(uploaded) as paths:
        return exchange.begin(actor, kind=kind, paths=paths, place=place_of(actor))


@contextmanager
def _on_disk(uploaded: Sequence[UploadedFile[Any]]) -> Iterator[list[tuple[str, Path]]]:
    """Each file with its path; small ones, which came into memory, are written out."""
    with tempfile.TemporaryDirectory(prefix="callcart-import-") as folder:
        paths = []
        for number, each in enumerate(uploaded):
            if isinstance(each, TemporaryUploadedFile):
                path = Path(each.temporary_file_path())
            else:
                path = Path(folder) / str(number)
                with path.open("wb") as out:
                    for chunk in each.chunks():
                        out.write(chunk)
            paths.append((each.name or "file", path))
        yield paths


@requires("exchange.run")
def one(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """An import where it stands: columns to choose, a trial to judge, progress, or the result."""
    return _shown(request, import_id)


def _shown(
    request: HttpRequest, import_id: UUID, tried: Attempt | None = None, *, choosing: bool = False
) -> HttpResponse:
    actor = actor_of(request)
    found = exchange.get_import(actor, import_id)
    its, refused = exchange.importer(found.kind), refusal(tried)
    choosing = choosing or found.state == "new" or (found.state == "ready" and "columns" in request.GET)
    values: dict[str, Any] = {"tables": words.tables(found, its, request.POST)} if choosing else {}
    if found.state in ("ready", "done", "failed", "undone"):
        values |= {
            "problems": exchange.problems_of(found, limit=50),
            "wrong_tables": [(n, found.tables[n]) for n in exchange.tables_with_problems(found.id)],
            "previews": words.previews(found, its),
            "undoable": found.done.exists(),
        }
    return page(
        request, "office/exchange/import.html", row=words.row(found), found=found, its=its, choosing=choosing,
        date_orders=words.date_orders(), decimals=words.decimals(), errors=refused.fields, message=refused.message,
        status=refused.status, **values,
    )  # fmt: skip


@requires("exchange.run")
def progress(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The progress alone, asked for every second; once it is over, the whole page again."""
    found = exchange.get_import(actor_of(request), import_id)
    if not exchange.is_at_work(found):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return page(request, "office/exchange/import.html", block="progress", row=words.row(found), found=found)


@require_POST
@requires("exchange.run")
def columns(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Take what each column means, and try the rows; or show the columns of another sheet first."""
    posted, actor = request.POST, actor_of(request)
    if "look" in posted:
        return _shown(request, import_id, choosing=True)
    found = exchange.get_import(actor, import_id)
    sheets = {n: posted.get(f"sheet-{n}", "") for n in range(len(found.tables))}
    mapping: dict[int, dict[str, int]] = {}
    twice: dict[str, str] = {}
    for number, table in enumerate(found.tables):
        mapping[number] = {}
        for place in range(len(table["headings"])):
            key = posted.get(f"map-{number}-{place}", "")
            if key and key in mapping[number]:
                twice[f"map-{number}-{place}"] = _("This is chosen twice.")
            elif key:
                mapping[number][key] = place
    style = {"date_order": posted.get("date_order", ""), "decimal": posted.get("decimal", ".")}
    with attempt() as tried:
        if twice:
            raise Invalid(fields=twice)
        known = {sheet.key for sheet in exchange.importer(found.kind).sheets}
        if not set(sheets.values()) <= known | {""}:
            raise Invalid(fields={"sheet-0": _("Choose one of the values offered.")})
        exchange.set_mapping(actor, import_id, sheets=sheets, mapping=mapping, style=style)
    if tried:
        return go(request, url("office:import", import_id))
    return _shown(request, import_id, tried, choosing=True)


@require_POST
@requires("exchange.run")
def start(request: HttpRequest, import_id: UUID) -> HttpResponse:
    mode = request.POST.get("mode", "")
    return _step(
        request,
        import_id,
        lambda actor: exchange.start(actor, import_id, mode=mode if mode in set(exchange.Mode) else "all"),
        "",
    )


@require_POST
@requires("exchange.run")
def cancel(request: HttpRequest, import_id: UUID) -> HttpResponse:
    return _step(request, import_id, lambda actor: exchange.cancel(actor, import_id), _("Import given up."))


@require_POST
@requires("exchange.run")
def undo(request: HttpRequest, import_id: UUID) -> HttpResponse:
    return _step(request, import_id, lambda actor: exchange.take_back(actor, import_id), "")


@require_POST
@requires("exchange.run")
def go_on(request: HttpRequest, import_id: UUID) -> HttpResponse:
    return _step(request, import_id, lambda actor: exchange.go_on(actor, import_id), "")


def _step(
    request: HttpRequest, import_id: UUID, verb: Callable[[Actor], exchange.Import], said: str
) -> HttpResponse:
    with attempt() as tried:
        verb(actor_of(request))
    if tried:
        return go(request, url("office:import", import_id), toast=said)
    return _shown(request, import_id, tried)


@requires("exchange.run")
def wrong(request: HttpRequest, import_id: UUID, source: int) -> StreamingHttpResponse:
    """The rows that are wrong, as a file to be mended and sent again."""
    actor = actor_of(request)
    found = exchange.get_import(actor, import_id)
    rows = exchange.wrong_rows(actor, found, source)
    return as_file(rows, f"{found.kind}-{_('to-mend')}", request.GET.get("as", "csv"))


@requires("exchange.run")
def template(request: HttpRequest, kind: str, sheet: str) -> StreamingHttpResponse:
    """An empty file with our headings and one row to show how they are filled."""
    columns_ = exchange.importer(kind).sheet(sheet).columns
    rows: list[list[exchange.Cell]] = [
        [str(each.label) for each in columns_],
        [each.example for each in columns_],
    ]
    return as_file(iter(rows), f"{sheet}-{_('template')}", request.GET.get("as", "csv"))


def as_file(rows: Iterator[list[exchange.Cell]], name: str, kind: str) -> StreamingHttpResponse:
    """Rows as a download, streamed."""
    xlsx = kind == "xlsx"
    chunks = exchange.xlsx_chunks(rows, name) if xlsx else exchange.csv_chunks(rows)
    response = StreamingHttpResponse(chunks, content_type=exchange.XLSX if xlsx else exchange.CSV)
    plain = name.encode("ascii", "ignore").decode() or "file"
    response["Content-Disposition"] = f'attachment; filename="{plain}.{"xlsx" if xlsx else "csv"}"'
    response["Cache-Control"] = "no-store"
    return response
