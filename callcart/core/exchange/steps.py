"""The steps of an import, each a transaction: rows are read, tried, imported, or undone, a batch at a time, and how far it
came is committed with what was done. Two workers at the same import take turns at its lock; neither does a batch twice.

All or nothing: up to five batches are one transaction. More would be too long a one, so they are imported batch by batch, and
the first refusal turns round and undoes what was done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from callcart.core import events
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import AppError
from callcart.core.exchange import reading, rows
from callcart.core.exchange.declare import Did, Importer, Outcome, Place, Unit, importer, obstacles, refused
from callcart.core.exchange.models import Import, ImportState, Mode
from callcart.core.exchange.sources import UnreadableFile
from callcart.core.tenancy import current_tenant, tenant_transaction

ONE_GO = 5  # batches that are one transaction where it is all or nothing
MOST_FAILURES = 4
PREVIEWED = 8
# A running clock is not wound up again by a longer time: it has to be stopped first.
_TIME = """
SELECT set_config(name, %s, true) FROM pg_settings
 WHERE name IN ('transaction_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout')
"""


class Said(Enum):
    """What one step says: there is more to do, somebody else is at it, or it is over."""

    MORE = 1
    WAIT = 2
    OVER = 3


class _Refused(Exception):
    """Carries refusals out of a transaction that is to leave nothing."""

    def __init__(self, pairs: Sequence[tuple[Unit, Outcome]]) -> None:
        super().__init__()
        self.pairs = pairs


def advance(import_id: UUID) -> Said:
    """Do the next step of an import."""
    tenant_id = current_tenant()
    try:
        with tenant_transaction(tenant_id):
            for allowed in ("0", "120s"):
                raw.all(_TIME, (allowed,))
            found = Import.objects.select_for_update(no_key=True).filter(id=import_id).first()
            if found is None or found.state not in _STEPS:
                return Said.OVER
            actor = acting(found)
            with override(actor.language):
                return _STEPS[ImportState(found.state)](found, actor)
    except _Refused as stop:
        with tenant_transaction(tenant_id):
            return _turn_round(import_id, stop.pairs)
    except (UnreadableFile, AppError) as error:
        with tenant_transaction(tenant_id):
            _fail(import_id, error.message)
        return Said.OVER


def acting(found: Import) -> Actor:
    """Whoever ordered the work, as they were then."""
    kept = found.actor
    return Actor(
        tenant_id=found.tenant_id,
        kind=ActorKind(kept.get("kind", ActorKind.SYSTEM)),
        id=UUID(kept["id"]) if kept.get("id") else None,
        name=str(kept.get("name", "")),
        channel="import",
        language=str(kept.get("language", "en")),
        timezone=str(kept.get("timezone", "UTC")),
        grants={name: Grant(limit, scope) for name, (limit, scope) in kept.get("grants", {}).items()},
    )


def place_of(found: Import) -> Place:
    return Place(**found.place)


def _check(found: Import, actor: Actor) -> Said:
    """Read the tables, then try their units."""
    its, step = importer(found.kind), found.cursor.get("step", "clear")
    if step == "clear":
        found.cursor = {"step": "read" if not rows.clear_some(found.id) else "clear"}
        found.save(update_fields=["cursor"])
        return Said.MORE
    if step == "read":
        if reading.read_some(found, its, place_of(found)):
            return Said.MORE
        found.wrong_rows, found.units = rows.close_reading(found.id, its)
        found.cursor = {"step": "try", "after": 0}
        found.save()
        return Said.MORE
    units, after = rows.next_units(found.id, its, found.cursor["after"], its.batch)
    if not after:
        found.state, found.units_done = ImportState.READY, found.units
        found.wrong_rows = rows.count_wrong(found.id)
        found.save()
        return Said.OVER
    good = [unit for unit, wrong in units if not wrong]
    outcomes = _tried(its, actor, good, place_of(found))
    _count(found, outcomes, wrong=len(units) - len(good))
    rows.note_problems(list(zip(good, outcomes, strict=True)))
    _keep_preview(found, good, outcomes)
    found.cursor = {"step": "try", "after": after}
    found.save()
    return Said.MORE


def _tried(its: Importer, actor: Actor, units: Sequence[Unit], place: Place) -> list[Outcome]:
    """What would become of the units; whatever a trial wrote all the same is rolled back."""
    with _nothing_stays():
        return _carefully(its, actor, units, place, trial=True)


@contextmanager
def _nothing_stays() -> Iterator[None]:
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def _begin(found: Import, actor: Actor) -> Said:
    """Begin to write, unless another import of this kind does."""
    found.state = ImportState.RUNNING
    try:
        with transaction.atomic():
            found.save(update_fields=["state"])
    except IntegrityError:
        return Said.WAIT
    return Said.MORE


def _run(found: Import, actor: Actor) -> Said:
    its, place = importer(found.kind), place_of(found)
    whole = found.mode == Mode.ALL and found.units <= ONE_GO * its.batch
    after = int(found.cursor.get("after", 0))
    while True:
        units, last = rows.next_units(found.id, its, after, its.batch)
        if not last:
            return _end(found, ImportState.DONE)
        after = last
        good = [unit for unit, wrong in units if not wrong]
        outcomes = _carefully(its, actor, good, place, trial=False)
        pairs = list(zip(good, outcomes, strict=True))
        stopped = [pair for pair in pairs if pair[1].did is Did.REFUSED]
        if stopped and found.mode == Mode.ALL:
            raise _Refused(stopped)
        rows.note_problems(stopped)
        rows.note_done(found.id, pairs)
        _count(found, outcomes, wrong=len(units) - len(good))
        found.cursor = {"after": after}
        found.save()
        if not whole:
            return Said.MORE


def _carefully(
    its: Importer, actor: Actor, units: Sequence[Unit], place: Place, *, trial: bool
) -> list[Outcome]:
    """A batch at once; where the database or a rule refuses it as a whole, unit by unit to find the one it is about."""
    if not units:
        return []
    try:
        with transaction.atomic():
            return list(its.apply(actor, units, place, trial))
    except (AppError, IntegrityError) as error:
        if len(units) == 1:
            return [_refusal(error)]
    return [_carefully(its, actor, [unit], place, trial=trial)[0] for unit in units]


def _refusal(error: AppError | IntegrityError) -> Outcome:
    if isinstance(error, AppError):
        said = " ".join(dict.fromkeys(getattr(error, "fields", {}).values())) or error.message
        return refused(said)
    return refused(_("This contradicts something that exists already."))


def _turn_round(import_id: UUID, pairs: Sequence[tuple[Unit, Outcome]]) -> Said:
    """All or nothing, and a unit was refused that had been fine when it was tried: undo what earlier batches did."""
    found = Import.objects.select_for_update(no_key=True).get(id=import_id)
    rows.note_problems(pairs)
    found.made = found.changed = found.unchanged = 0
    found.refused += len(pairs)
    found.wrong_rows = rows.count_wrong(found.id)
    with override(str(found.actor.get("language", "en"))):
        found.problem = _("A row that was right when it was tried is wrong now. Nothing was imported.")
    found.cursor = {"step": "undo", "failed": True}
    found.state = ImportState.UNDOING
    found.save()
    return Said.MORE


def _undo(found: Import, actor: Actor) -> Said:
    """Look whether anything stands in the way of all of it, then undo from the end."""
    its = importer(found.kind)
    if found.cursor.get("step") == "look":
        return _look(found, its)
    done = rows.last_done(found.id, its.batch)
    if not done:
        return _undone(found)
    ways = obstacles(its, [each for _id, each in done])
    free = [(row_id, each) for row_id, each in done if each.subject not in ways]
    its.undo(actor, [each for _id, each in free])
    rows.forget_done([row_id for row_id, _each in free])
    if ways:  # somebody was faster than the look before
        rows.keep_done([row_id for row_id, each in done if each.subject in ways])
        found.cursor = found.cursor | {"stayed": found.cursor.get("stayed", 0) + len(ways)}
        found.problem = next(iter(ways.values()))
    found.units_done += len(done)
    found.save()
    return Said.MORE


def _look(found: Import, its: Importer) -> Said:
    done, after = rows.done_after(found.id, found.cursor.get("after", 0), its.batch)
    if not after:
        found.cursor, found.units_done = {"step": "undo"}, 0
    elif ways := obstacles(its, done):
        shown = list(dict.fromkeys(ways.values()))[:5]
        found.state, found.cursor = ImportState.DONE, {}
        found.problem = _("It cannot be undone any more: %(why)s") % {"why": " ".join(shown)}
    else:
        found.cursor = {"step": "look", "after": after}
        found.units_done += len(done)
    found.save()
    return Said.MORE if found.state == ImportState.UNDOING else Said.OVER


def _undone(found: Import) -> Said:
    stayed = rows.release_kept(found.id)
    if found.cursor.get("failed"):
        return _end(found, ImportState.FAILED)
    if stayed:
        found.problem = _("%(count)d stayed: %(why)s") % {"count": stayed, "why": found.problem}
        return _end(found, ImportState.DONE)
    return _end(found, ImportState.UNDONE)


def _end(found: Import, state: ImportState) -> Said:
    found.state, found.ended_at, found.cursor = state, now(), {}
    found.wrong_rows = rows.count_wrong(found.id)
    found.save()
    events.emit(
        "exchange.ended",
        subject=("import", found.id),
        staff_id=found.staff_id,
        audience="one" if found.staff_id else "process",
        data={"kind": found.kind, "state": state},
    )
    return Said.OVER


def _fail(import_id: UUID, problem: str) -> None:
    found = Import.objects.select_for_update(no_key=True).get(id=import_id)
    found.problem = problem
    broke = found.state == ImportState.RUNNING
    cursor = {"broke": True, "after": found.cursor.get("after", 0)} if broke else {}
    _end(found, ImportState.FAILED)
    found.cursor = cursor
    found.save(update_fields=["cursor"])


def note_failure(import_id: UUID) -> None:
    """A step broke: counted, and after a few times the import is given up, so that it keeps no other from its turn."""
    with tenant_transaction(current_tenant()):
        found = Import.objects.select_for_update(no_key=True).filter(id=import_id).first()
        if found is None:
            return
        failures = int(found.cursor.get("failures", 0)) + 1
        found.cursor = found.cursor | {"failures": failures}
        found.save(update_fields=["cursor"])
        if failures > MOST_FAILURES:
            with override(str(found.actor.get("language", "en"))):
                said = _(
                    "It broke off. What was imported until then stays, and it can go on where it stopped."
                )
            _fail(import_id, said)


def _count(found: Import, outcomes: Sequence[Outcome], *, wrong: int) -> None:
    found.units_done += len(outcomes) + wrong
    found.refused += wrong
    for outcome in outcomes:
        setattr(found, outcome.did, getattr(found, outcome.did) + 1)


def _keep_preview(found: Import, units: Sequence[Unit], outcomes: Sequence[Outcome]) -> None:
    """The first few of each kind, for the person who decides."""
    for unit, outcome in zip(units, outcomes, strict=True):
        shown: list[dict[str, Any]] = found.preview.setdefault(outcome.did, [])
        if outcome.did is not Did.REFUSED and len(shown) < PREVIEWED:
            changes = {key: [str(a), str(b)] for key, (a, b) in outcome.changes.items()}
            shown.append(
                {
                    "row": unit.lead.number,
                    "values": dict(unit.values),
                    "rows": len(unit.rows),
                    "changes": changes,
                }
            )


_STEPS = {
    ImportState.CHECKING: _check,
    ImportState.QUEUED: _begin,
    ImportState.RUNNING: _run,
    ImportState.UNDOING: _undo,
}
