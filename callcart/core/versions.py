"""Two people who edit the same thing at once: the second is told, nothing is written over. Each form carries the version it was
made from; each change adds one."""

from __future__ import annotations

from typing import Protocol, TypeVar, cast
from uuid import UUID

from django.db.models import Model, QuerySet

from callcart.core.errors import Conflict, NotFound

Row = TypeVar("Row", bound=Model)


class Versioned(Protocol):
    version: int


def seen_row(
    rows: QuerySet[Row], row_id: UUID, version: int | None, *, stale: type[Conflict] = Conflict
) -> Row:
    """The row of an id, of rows that are locked as they are read (`select_for_update`). Raises NotFound; `stale` where it is not the
    version that was seen (None: any)."""
    found = rows.filter(pk=row_id).first()
    if found is None:
        raise NotFound
    if version is not None and cast(Versioned, found).version != version:
        raise stale
    return found
