"""What a domain declares so that its things can be imported and exported: sheets, their columns, and the verbs that apply,
undo and give out. The engine around it knows files, rows and progress only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from callcart.core.actor import Actor
from callcart.core.errors import NotFound

Text = str | Promise
BATCH = 1000
PIECE = 1000
Stored = TypeVar("Stored", bound=Model)


class Kind(StrEnum):
    """How a cell is read: `money` becomes minor units, `day` an ISO date, `moment` an ISO moment with its zone."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    MONEY = "money"
    DAY = "day"
    MOMENT = "moment"
    YES_NO = "yes_no"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of ours. `names`: headings of other systems, in any language, that mean it. `choices`: word → stored value; a
    stored value is a word too. `leading`: needed in the first row of each unit, which its domain checks. A hidden column is exported under `permission` only."""

    key: str
    label: Text
    kind: Kind = Kind.TEXT
    names: tuple[str, ...] = ()
    required: bool = False
    leading: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    most: int = 200
    least_value: int | None = None
    most_value: int | None = None
    permission: str = ""
    example: str = ""
    lines: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The shop a file is read for."""

    currency: str
    timezone: str
    country: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table a kind is made of. `unit`: the columns whose first filled value names what a row belongs to (several joined by
    `+` count together). `prepare(values, place)` makes values what the domain compares, and gives (column, problem) pairs."""

    key: str
    label: Text
    columns: tuple[Column, ...]
    unit: tuple[str, ...]
    prepare: Callable[[dict[str, Any], Place], list[list[str]]] | None = None

    def column(self, key: str) -> Column:
        return next(each for each in self.columns if each.key == key)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was read."""

    id: int
    sheet: str
    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unit:
    """All rows of one thing, the leading one first."""

    key: str
    rows: tuple[Row, ...]

    @property
    def lead(self) -> Row:
        return self.rows[0]

    @property
    def values(self) -> Mapping[str, Any]:
        return self.rows[0].values

    def of(self, sheet: str) -> list[Row]:
        return [row for row in self.rows if row.sheet == sheet]


class Did(StrEnum):
    MADE = "made"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a column of a row (none of either: with the unit as a whole)."""

    text: str
    column: str = ""
    row_id: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became (or, in a trial, would become) of a unit. `changes`: column → (before, after), for the preview."""

    did: Did
    subject: UUID | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def refused(text: str, column: str = "", row_id: int | None = None) -> Outcome:
    """A unit that cannot be taken, for one reason."""
    return Outcome(Did.REFUSED, problems=(Problem(text, column, row_id),))


@dataclass(frozen=True, slots=True)
class Done:
    """What a unit did, for whoever undoes it."""

    did: Did
    subject: UUID
    before: Mapping[str, Any]
    after: Mapping[str, Any]


Apply = Callable[[Actor, Sequence[Unit], Place, bool], Sequence[Outcome]]
BuiltOn = Callable[[Sequence[Done]], Mapping[UUID, str]]
Undo = Callable[[Actor, Sequence[Done]], None]
Export = Callable[[Actor, str, Mapping[str, str], str], "Page"]


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of an export: rows by column key, and where the next begins (empty at the end)."""

    rows: Sequence[Mapping[str, Any]]
    cursor: str = ""


def piece(rows: QuerySet[Stored], cursor: str, size: int = PIECE) -> tuple[list[Stored], str]:
    """The rows by id that follow a cursor, and the cursor of the piece after them."""
    ordered = rows.order_by("id")
    found = list((ordered.filter(id__gt=UUID(cursor)) if cursor else ordered)[:size])
    return found, str(found[-1].pk) if len(found) == size else ""


@dataclass(frozen=True, slots=True)
class Importer:
    """A kind of thing that files hold. The first sheet leads; the others join it by their unit.

    `apply(actor, units, place, trial)` gives one outcome a unit, in their order, and writes nothing in a trial.
    `built_on(done)` says of each subject that cannot be undone what stands in the way. `undo(actor, done)` takes back.
    `export(actor, sheet, filters, cursor)` gives a page of rows; `by_day`: its filters `from` and `to` mean something."""

    kind: str
    label: Text
    sheets: tuple[Sheet, ...]
    permissions: tuple[str, ...]
    apply: Apply
    built_on: BuiltOn
    undo: Undo
    export: Export | None = None
    see: tuple[str, ...] = ()
    grouped: bool = False
    by_day: bool = False
    batch: int = BATCH
    icon: str = "file-import"
    about: Text = ""

    def sheet(self, key: str) -> Sheet:
        for each in self.sheets:
            if each.key == key:
                return each
        raise NotFound

    def may_import(self, actor: Actor) -> bool:
        return actor.can("exchange.run") and all(actor.can(each) for each in self.permissions)

    def may_export(self, actor: Actor) -> bool:
        return (
            self.export is not None
            and actor.can("exchange.export")
            and all(actor.can(each) for each in self.see)
        )


_known: dict[str, Importer] = {}


def register(importer: Importer) -> Importer:
    """Make a kind known; called by its domain when the process starts."""
    _known[importer.kind] = importer
    return importer


Standing = Callable[[Sequence[UUID]], Mapping[UUID, str]]
_standing: dict[str, list[Standing]] = {}


def stands_on(kind: str) -> Callable[[Standing], Standing]:
    """Mark a function of a higher domain that says which of these subjects something of its own stands on: those cannot be
    undone any more."""

    def mark(function: Standing) -> Standing:
        _standing.setdefault(kind, []).append(function)
        return function

    return mark


def obstacles(its: Importer, done: Sequence[Done]) -> dict[UUID, str]:
    """What stands in the way of undoing, by subject, in words."""
    found = dict(its.built_on(done))
    made = [each.subject for each in done if each.did is Did.MADE]
    for function in _standing.get(its.kind, ()):
        found |= function(made)
    return found


def importer(kind: str) -> Importer:
    """The declaration of a kind. Raises NotFound."""
    if kind not in _known:
        raise NotFound
    return _known[kind]


def importers() -> Iterator[Importer]:
    """All kinds, in the order in which one would fill an empty shop."""
    order = ("customers", "products", "stock", "orders", "payments", "parcels")
    yield from sorted(_known.values(), key=lambda each: order.index(each.kind) if each.kind in order else 99)
