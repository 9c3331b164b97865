"""The rows that could not be imported, as a file to be mended and sent again: the original cells, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from callcart.core import files
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import NotFound
from callcart.core.exchange import sources
from callcart.core.exchange.declare import Importer, importer
from callcart.core.exchange.models import Import, ImportRow
from callcart.core.exchange.sheets import Cell
from callcart.core.tenancy import tenant_transaction

_PORTION = 5_000
_FIELDS = tuple(sources.Table.__dataclass_fields__)
# Of a unit that is refused all rows are given back: it can only be sent again as a whole.
_REFUSED = """
SELECT r.number, r.problems FROM exchange_importrow r
 WHERE r.its_import_id = %s AND r.source = %s AND r.number > %s AND (r.problems IS NOT NULL OR (r.unit <> '' AND %s AND EXISTS (
       SELECT 1 FROM exchange_importrow w WHERE w.its_import_id = r.its_import_id AND w.unit = r.unit AND w.problems IS NOT NULL)))
 ORDER BY r.number LIMIT %s
"""


def problems_of(found: Import, *, limit: int = 100) -> list[tuple[str, int, str, str]]:
    """The first problems: (sheet, row, column's label, sentence), as the reader reads them."""
    its = importer(found.kind)
    rows = ImportRow.objects.filter(its_import=found, problems__isnull=False).order_by("source", "number")
    return [
        (str(its.sheet(row.sheet).label), row.number, label(its, row.sheet, column), text)
        for row in rows[:limit]
        for column, text in row.problems or ()
    ][:limit]


def label(its: Importer, sheet: str, column: str) -> str:
    """The name of a column; empty for none."""
    found = next((each for each in its.sheet(sheet).columns if each.key == column), None)
    return str(found.label) if found else ""


def wrong_rows(actor: Actor, found: Import, source: int) -> Iterator[list[Cell]]:
    """A heading, then the wrong rows of one of the tables with what is wrong. The rows open transactions of their own: they may
    be read after the caller's is over. Raises NotFound."""
    if not 0 <= source < len(found.tables) or not found.tables[source]["sheet"]:
        raise NotFound
    return _wrong_rows(actor, found, source, files.path(found.tables[source]["key"]))


def _wrong_rows(actor: Actor, found: Import, source: int, path: Path) -> Iterator[list[Cell]]:
    table, its = found.tables[source], importer(found.kind)
    with override(actor.language):
        yield [_("Row"), _("What is wrong"), *table["headings"]]
        wanted = _refused(actor.tenant_id, found, its, source)
        number, problems = next(wanted, (0, []))
        for row_number, cells in sources.open_table(
            sources.Table(**{name: table[name] for name in _FIELDS}), path
        ):
            if not number:
                return
            if row_number == number:
                said = "; ".join(
                    f"{name}: {text}" if (name := label(its, table["sheet"], column)) else text
                    for column, text in problems
                )
                yield [row_number, said, *cells]
                number, problems = next(wanted, (0, []))


def _refused(
    tenant_id: int, found: Import, its: Importer, source: int
) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    after = 0
    while True:
        with tenant_transaction(tenant_id):
            rows = raw.all(_REFUSED, (found.id, source, after, its.grouped, _PORTION))
        for number, problems in rows:
            yield int(number), _pairs(problems)
        if len(rows) < _PORTION:
            return
        after = int(rows[-1][0])


def _pairs(stored: object) -> list[tuple[str, str]]:
    loaded = json.loads(stored) if isinstance(stored, str) else stored or []
    return [(str(column), str(text)) for column, text in loaded] if isinstance(loaded, list) else []


def tables_with_problems(import_id: UUID) -> list[int]:
    """The numbers of the tables in which rows are wrong."""
    rows = raw.all(
        "SELECT DISTINCT source FROM exchange_importrow WHERE its_import_id = %s AND problems IS NOT NULL ORDER BY 1",
        (import_id,),
    )
    return [int(row[0]) for row in rows]
