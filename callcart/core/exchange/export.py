"""Giving out what could be imported: the same kinds, sheets and columns, as a stream of rows.

Each page is a transaction of its own, so that a long export holds no snapshot; what changes meanwhile may show or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision
from django.utils.translation import gettext, override

from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.exchange.declare import Column, Importer, Kind, Place, importer
from callcart.core.exchange.sheets import Cell
from callcart.core.tenancy import tenant_transaction

MOST_ROWS = 5_000_000


def export_rows(
    actor: Actor, kind: str, sheet: str, place: Place, filters: Mapping[str, str] | None = None
) -> Iterator[list[Cell]]:
    """A heading in the actor's language, then a row each. Columns the actor may not see are left out. Audited at once; the
    rows open transactions of their own. Raises PermissionDenied, NotFound, Invalid."""
    its = importer(kind)
    if not its.may_export(actor):
        raise PermissionDenied(permission="exchange.export")
    columns = visible_columns(actor, its, sheet)
    wanted = {key: value for key, value in (filters or {}).items() if value}
    for key in ("from", "to"):
        if key in wanted:
            _check_day(key, wanted[key])
    audit.record(actor, "exchange.export", after={"kind": kind, "sheet": sheet, "filters": wanted})
    return _rows(actor, its, sheet, columns, place, wanted)


def visible_columns(actor: Actor, its: Importer, sheet: str) -> list[Column]:
    """The columns of a sheet that this actor may see."""
    columns = its.sheet(sheet).columns
    return [column for column in columns if not column.permission or actor.can(column.permission)]


def _check_day(key: str, text: str) -> None:
    try:
        datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError as error:
        raise Invalid(fields={key: gettext("This is not a date.")}) from error


def _rows(
    actor: Actor, its: Importer, sheet: str, columns: list[Column], place: Place, filters: Mapping[str, str]
) -> Iterator[list[Cell]]:
    with override(actor.language):
        yield [str(column.label) for column in columns]
    cursor, given, export = "", 0, its.export
    while export is not None and given < MOST_ROWS:
        with tenant_transaction(actor.tenant_id), override(actor.language):
            page = export(actor, sheet, filters, cursor)
        for row in page.rows:
            yield [_cell(column, row.get(column.key), place) for column in columns]
        given += len(page.rows)
        cursor = page.cursor
        if not cursor:
            return


def _cell(column: Column, value: Any, place: Place) -> Cell:
    """As the import reads it again."""
    if value is None or value == "":
        return ""
    if column.kind is Kind.YES_NO:
        return "yes" if value else "no"
    if column.kind is Kind.MONEY:
        return Decimal(value).scaleb(-get_currency_precision(place.currency))
    if column.kind is Kind.MOMENT:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return f"{moment.astimezone(ZoneInfo(place.timezone)):%Y-%m-%d %H:%M:%S}"
    return value if isinstance(value, int | Decimal) else str(value)
