"""What a person decides about an import: which files, which column means what, whether to go on, to stop, to take it back.

Every verb checks the permission of files and that of the kind. The work itself is done by `jobs`, which each of these starts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.core import audit, files
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from callcart.core.exchange import headings, sources
from callcart.core.exchange.declare import Importer, Place, importer, importers
from callcart.core.exchange.jobs import start_work
from callcart.core.exchange.models import AT_WORK, Import, ImportState, KnownMapping, Mode
from callcart.core.tenancy import tenant_transaction

MOST_FILES = 10
MOST_SIZE = 500_000_000
_FILE_KIND = "exchange"


class WrongStep(Conflict):
    """This import has gone on meanwhile. Look at where it stands now."""

    code = "exchange.wrong_step"


class OneAtATime(Conflict):
    """Another import of this kind is at work. Try again when it has ended."""

    code = "exchange.one_at_a_time"


def begin(actor: Actor, *, kind: str, paths: Sequence[tuple[str, Path]], place: Place) -> Import:
    """Keep the files, look into them, and propose what their columns mean. `paths` are (name, where it lies now). Raises
    Invalid (a file that cannot be read is named), NotFound, PermissionDenied."""
    its = _allowed(actor, kind)
    if not paths or len(paths) > MOST_FILES:
        raise Invalid(fields={"files": _("Choose 1 to %(most)s files.") % {"most": MOST_FILES}})
    looked = [(table, _look(its, table)) for name, path in paths for table in _tables(name, path)]
    with tenant_transaction(actor.tenant_id):  # after the files, which may be large
        return _keep(actor, its, looked, place, [name for name, _path in paths])


def _keep(
    actor: Actor,
    its: Importer,
    looked: Sequence[tuple[sources.Table, headings.Findings]],
    place: Place,
    names: Sequence[str],
) -> Import:
    made = Import(
        kind=its.kind,
        tables=[_proposed(its, table, found) for table, found in looked],
        place=asdict(place),
        staff_id=actor.id if actor.is_staff else None,
        staff_name=actor.name,
        actor=_snapshot(actor),
    )
    made.mapping = {str(n): table.pop("mapping") for n, table in enumerate(made.tables)}
    made.style = _style_of(made.tables, its.kind)
    made.save(force_insert=True)
    audit.record(
        actor,
        "exchange.run",
        subject=("import", made.id),
        after={"kind": its.kind, "files": list(names), "step": "begun"},
    )
    return made


def _tables(name: str, path: Path) -> list[sources.Table]:
    short = Path(name.replace("\\", "/")).name[:120] or "file"
    if path.stat().st_size > MOST_SIZE:
        raise Invalid(
            fields={
                "files": _("%(name)s is larger than %(most)s MB.")
                % {"name": short, "most": MOST_SIZE // 10**6}
            }
        )
    try:
        found = sources.look_into(path, key="", name=short)
        key = files.put(path, kind=_FILE_KIND)
    except sources.UnreadableFile as error:
        raise Invalid(fields={"files": f"{short}: {error.message}"}) from error
    return [sources.Table(**(table.plain() | {"key": key})) for table in found]


def _look(its: Importer, table: sources.Table) -> headings.Findings:
    try:
        return headings.look_at(sources.open_table(table, files.path(table.key)), its)
    except sources.UnreadableFile as error:
        raise Invalid(fields={"files": f"{table.name}: {error.message}"}) from error


def _proposed(its: Importer, table: sources.Table, found: headings.Findings) -> dict[str, Any]:
    """A table as the import keeps it: how it is written, its headings, some rows, and which sheet of ours it seems to be."""
    names = list(found.heading.names)
    guessed = headings.guess_sheet(its, names)
    sheet = its.sheet(guessed) if guessed else its.sheets[0]
    known = KnownMapping.objects.filter(kind=its.kind, sheet=sheet.key).first()
    return table.plain() | {
        "headings": names,
        "heading_row": found.heading.row,
        "samples": [list(cells) for cells in found.samples],
        "sheet": sheet.key if guessed or len(its.sheets) == 1 else "",
        "date_order": found.date_order,
        "open_dates": found.open_dates,
        "decimal": found.decimal,
        "mapping": headings.guess_columns(sheet, names, known.headings if known else None),
    }


def _style_of(tables: Sequence[Mapping[str, Any]], kind: str) -> dict[str, str]:
    """How all tables write dates and numbers: what one proves, else what was chosen last time."""
    orders = {t["date_order"] for t in tables} - {""}
    signs = {t["decimal"] for t in tables} - {""}
    known = KnownMapping.objects.filter(kind=kind).order_by("sheet").first()
    before = known.style if known else {}
    order = next(iter(orders)) if len(orders) == 1 and "both" not in orders else ""
    return {
        "date_order": order or (str(before.get("date_order", "")) if not orders else ""),
        "decimal": next(iter(signs)) if len(signs) == 1 else str(before.get("decimal", ".")),
    }


def set_mapping(
    actor: Actor,
    import_id: UUID,
    *,
    sheets: Mapping[int, str],
    mapping: Mapping[int, Mapping[str, int]],
    style: Mapping[str, str],
) -> Import:
    """Say what each table is (an empty sheet: leave it out), which column means what, and how dates and numbers are written;
    then the rows are read and tried. Remembered for the next time. Raises Invalid, WrongStep."""
    found = _locked(actor, import_id, ImportState.NEW, ImportState.READY)
    its = importer(found.kind)
    problems = _mapping_problems(its, found, sheets, mapping, style)
    if problems:
        raise Invalid(fields=problems)
    for number, table in enumerate(found.tables):
        table["sheet"] = sheets.get(number, "")
    found.mapping = {str(number): dict(mapping.get(number, {})) for number in range(len(found.tables))}
    found.style = {"date_order": style.get("date_order", ""), "decimal": style.get("decimal", ".")}
    found.state, found.cursor, found.problem, found.preview = ImportState.CHECKING, {"step": "clear"}, "", {}
    found.rows_read = found.units = found.units_done = found.wrong_rows = 0
    found.made = found.changed = found.unchanged = found.refused = 0
    found.actor = _snapshot(actor)
    found.save()
    _remember(its, found)
    start_work(found.id)
    return found


def _mapping_problems(
    its: Importer,
    found: Import,
    sheets: Mapping[int, str],
    mapping: Mapping[int, Mapping[str, int]],
    style: Mapping[str, str],
) -> dict[str, str]:
    problems: dict[str, str] = {}
    if its.sheets[0].key not in sheets.values():
        problems["sheet-0"] = _("One table has to hold: %(what)s.") % {"what": its.sheets[0].label}
    for number, key in sheets.items():
        if not key:
            continue
        sheet, mapped = its.sheet(key), mapping.get(number, {})
        width = len(found.tables[number]["headings"])
        known = {column.key for column in sheet.columns}
        if not set(mapped) <= known or any(not 0 <= place < width for place in mapped.values()):
            problems[f"sheet-{number}"] = _("Choose one of the values offered.")
        elif absent := headings.missing(sheet, mapped):
            names = _(", ").join(str(column.label) for column in absent)
            problems[f"sheet-{number}"] = _("Say which column holds: %(names)s.") % {"names": names}
        elif found.tables[number]["date_order"] == "both":
            problems["date_order"] = _(
                "The dates of this file contradict each other: some have the day first, some the month."
            )
        elif (
            found.tables[number]["open_dates"]
            and headings.has_dates(sheet, mapped)
            and not style.get("date_order")
        ):
            problems["date_order"] = _(
                "Choose what stands first in dates like 3/4/2026: the day or the month."
            )
    if style.get("date_order", "") not in ("", "dmy", "mdy") or style.get("decimal", ".") not in (".", ","):
        problems.setdefault("decimal", _("Choose one of the values offered."))
    return problems


def _remember(its: Importer, found: Import) -> None:
    for number, table in enumerate(found.tables):
        if table["sheet"]:
            names = {key: table["headings"][place] for key, place in found.mapping[str(number)].items()}
            KnownMapping.objects.update_or_create(
                kind=its.kind, sheet=table["sheet"], defaults={"headings": names, "style": found.style}
            )


def start(actor: Actor, import_id: UUID, *, mode: str) -> Import:
    """Import what was tried: all of it (`Mode.ALL`; refused while a row is wrong), or the good rows. Raises Invalid,
    WrongStep."""
    found = _locked(actor, import_id, ImportState.READY)
    wanted = Mode(mode)
    if wanted is Mode.ALL and (found.refused or found.wrong_rows):
        raise Invalid(fields={"mode": _("Some rows are wrong. Mend the file, or import the good rows only.")})
    if not found.units - found.refused:
        raise Invalid(fields={"mode": _("There is no row that could be imported.")})
    found.state, found.mode, found.actor = ImportState.QUEUED, wanted, _snapshot(actor)
    found.cursor, found.units_done, found.started_at = {"after": 0}, 0, now()
    found.made = found.changed = found.unchanged = found.refused = 0
    found.save()
    audit.record(
        actor,
        "exchange.run",
        subject=("import", found.id),
        after={"kind": found.kind, "mode": wanted, "units": found.units, "step": "started"},
    )
    start_work(found.id)
    return found


def cancel(actor: Actor, import_id: UUID) -> Import:
    """Give up an import that has not begun to write. Raises WrongStep."""
    found = _locked(
        actor, import_id, ImportState.NEW, ImportState.CHECKING, ImportState.READY, ImportState.QUEUED
    )
    found.state, found.ended_at = ImportState.CANCELLED, now()
    found.save(update_fields=["state", "ended_at"])
    return found


def go_on(actor: Actor, import_id: UUID) -> Import:
    """Go on with an import that broke off, where it stopped. Raises WrongStep."""
    found = _locked(actor, import_id, ImportState.FAILED)
    if not found.cursor.get("broke"):
        raise WrongStep
    found.state, found.actor, found.problem = ImportState.QUEUED, _snapshot(actor), ""
    found.cursor = {"after": found.cursor.get("after", 0)}
    found.save()
    start_work(found.id)
    return found


def take_back(actor: Actor, import_id: UUID) -> Import:
    """Undo an import, unless something has been built on it since: then nothing is undone, and it says what. Raises
    WrongStep, OneAtATime."""
    found = _locked(actor, import_id, ImportState.DONE, ImportState.FAILED)
    if not found.done.exists():
        raise WrongStep
    found.state, found.actor, found.problem = ImportState.UNDOING, _snapshot(actor), ""
    found.cursor, found.units_done = {"step": "look", "after": 0}, 0
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError as error:
        raise OneAtATime from error
    audit.record(
        actor, "exchange.run", subject=("import", found.id), after={"kind": found.kind, "step": "undo"}
    )
    start_work(found.id)
    return found


def get_import(actor: Actor, import_id: UUID) -> Import:
    """One import, for whoever may make one of its kind. Raises NotFound."""
    found = Import.objects.filter(id=import_id).first()
    if found is None or not importer(found.kind).may_import(actor):
        raise NotFound
    return found


def list_imports(actor: Actor, *, cursor: str = "", limit: int = 50) -> tuple[list[Import], str]:
    """A page of imports, newest first, of the kinds the actor may import."""
    rows = Import.objects.filter(kind__in=[each.kind for each in importers() if each.may_import(actor)])
    with suppress(ValueError):  # a broken cursor starts from the head
        rows = rows.filter(id__lt=UUID(cursor)) if cursor else rows
    found = list(rows.order_by("-id")[: limit + 1])
    return found[:limit], str(found[limit - 1].id) if len(found) > limit else ""


def is_at_work(found: Import) -> bool:
    return found.state in AT_WORK


def _locked(actor: Actor, import_id: UUID, *states: ImportState) -> Import:
    found = Import.objects.select_for_update(no_key=True).filter(id=import_id).first()
    if found is None:
        raise NotFound
    _allowed(actor, found.kind)
    if found.state not in states:
        raise WrongStep
    return found


def _allowed(actor: Actor, kind: str) -> Importer:
    its = importer(kind)
    actor.require("exchange.run")
    for permission in its.permissions:
        if not actor.can(permission):
            raise PermissionDenied(permission=permission)
    return its


def _snapshot(actor: Actor) -> dict[str, Any]:
    """Who ordered the work and what they might do then: the job acts in their name."""
    return {
        "kind": actor.kind,
        "id": str(actor.id) if actor.id else None,
        "name": actor.name,
        "language": actor.language,
        "timezone": actor.timezone,
        "grants": {name: [grant.limit, grant.scope] for name, grant in actor.grants.items()},
    }
