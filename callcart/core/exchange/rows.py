"""The rows of an import in the database, in few statements for many: staged, put together to units, marked wrong, done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.core.database import raw
from callcart.core.exchange.declare import Did, Done, Importer, Outcome, Row, Unit
from callcart.core.tenancy import current_tenant

Staged = dict[str, Any]
_PORTION = 20_000

_STAGE = """
INSERT INTO exchange_importrow (tenant_id, its_import_id, source, sheet, number, unit, lead, data, problems)
SELECT %s, %s, r.source, r.sheet, r.number, r.unit, r.lead, r.data, r.problems
  FROM json_to_recordset(%s::json) AS r (source int, sheet text, number int, unit text, lead boolean, data jsonb, problems jsonb)
"""
_CLEAR = """
DELETE FROM exchange_importrow WHERE id IN (SELECT id FROM exchange_importrow WHERE its_import_id = %s LIMIT %s) RETURNING 1
"""
_AGAIN = """
WITH seen AS (
  SELECT id, unit, row_number() OVER w AS place, first_value(number) OVER w AS first_row
    FROM exchange_importrow WHERE its_import_id = %(import)s AND unit <> '' AND lead WINDOW w AS (PARTITION BY unit ORDER BY id)
)
UPDATE exchange_importrow r SET {change} FROM seen WHERE r.id = seen.id AND seen.place > 1
"""
_ORPHANS = """
UPDATE exchange_importrow r SET problems = coalesce(r.problems, '[]'::jsonb) || jsonb_build_array(jsonb_build_array('', %(said)s::text))
 WHERE r.its_import_id = %(import)s AND r.sheet <> %(main)s AND NOT EXISTS (
       SELECT 1 FROM exchange_importrow l WHERE l.its_import_id = %(import)s AND l.unit = r.unit AND l.lead)
"""
_LEADS = """
SELECT id, sheet, number, unit, data, problems IS NOT NULL FROM exchange_importrow
 WHERE its_import_id = %s AND lead AND id > %s ORDER BY id LIMIT %s
"""
_MEMBERS = """
SELECT id, sheet, number, unit, data, problems IS NOT NULL FROM exchange_importrow
 WHERE its_import_id = %s AND unit = ANY(%s) AND NOT lead ORDER BY id
"""
_WRONG = """
UPDATE exchange_importrow r SET problems = coalesce(r.problems, '[]'::jsonb) || w.problems
  FROM json_to_recordset(%s::json) AS w (id bigint, problems jsonb) WHERE r.id = w.id
"""
_DONE = """
INSERT INTO exchange_importdone (tenant_id, its_import_id, row_id, outcome, subject_id, before, after)
SELECT %s, %s, r.row_id, r.outcome, r.subject, r.before, r.after
  FROM json_to_recordset(%s::json) AS r (row_id bigint, outcome text, subject uuid, before jsonb, after jsonb)
"""
_LAST_DONE = """
SELECT id, outcome, subject_id, before, after FROM exchange_importdone
 WHERE its_import_id = %s AND row_id > 0 ORDER BY id DESC LIMIT %s FOR UPDATE
"""
_DONE_AFTER = """
SELECT id, outcome, subject_id, before, after FROM exchange_importdone WHERE its_import_id = %s AND id > %s ORDER BY id LIMIT %s
"""


def stage(import_id: UUID, staged: Sequence[Staged]) -> None:
    """Keep rows as they were read."""
    if staged:
        raw.run(_STAGE, (current_tenant(), import_id, json.dumps(staged)))


def clear_some(import_id: UUID) -> bool:
    """Delete a portion of what was staged before; whether there was any."""
    return bool(raw.all(_CLEAR, (import_id, _PORTION)))


def close_reading(import_id: UUID, its: Importer) -> tuple[int, int]:
    """Put rows together to units once all are read; how many rows are wrong, and how many units there are."""
    if its.grouped:
        raw.run(_AGAIN.format(change="lead = false"), {"import": import_id})
        said = _("No row of “%(sheet)s” has this number.") % {"sheet": its.sheets[0].label}
        raw.run(_ORPHANS, {"import": import_id, "main": its.sheets[0].key, "said": said})
    else:
        change = (
            "problems = coalesce(r.problems, '[]'::jsonb) ||"
            " jsonb_build_array(jsonb_build_array('', replace(%(said)s::text, '#', seen.first_row::text)))"
        )
        said = _("The same stands in row # already.")
        raw.run(_AGAIN.format(change=change), {"import": import_id, "said": said})
    units = raw.value(
        "SELECT count(*) FROM exchange_importrow WHERE its_import_id = %s AND lead", (import_id,)
    )
    return count_wrong(import_id), int(units)


def count_wrong(import_id: UUID) -> int:
    statement = "SELECT count(*) FROM exchange_importrow WHERE its_import_id = %s AND problems IS NOT NULL"
    return int(raw.value(statement, (import_id,)))


def next_units(import_id: UUID, its: Importer, after: int, limit: int) -> tuple[list[tuple[Unit, bool]], int]:
    """The next units whose lead comes after a row, each with whether one of its rows is wrong; and the last lead (0 at the
    end)."""
    leads = raw.all(_LEADS, (import_id, after, limit))
    if not leads:
        return [], 0
    members: dict[str, list[Any]] = {}
    if its.grouped:
        for row in raw.all(_MEMBERS, (import_id, list({lead[3] for lead in leads if lead[3]}))):
            members.setdefault(row[3], []).append(row)
    found = []
    for lead in leads:
        all_rows = [lead, *members.get(lead[3], [])]
        rows = tuple(Row(each[0], each[1], each[2], _loaded(each[4])) for each in all_rows)
        found.append((Unit(lead[3], rows), any(each[5] for each in all_rows)))
    return found, int(leads[-1][0])


def note_problems(pairs: Sequence[tuple[Unit, Outcome]]) -> None:
    """Mark the rows of refused units with what is wrong."""
    wrong: dict[int, list[list[str]]] = {}
    for unit, outcome in pairs:
        if outcome.did is Did.REFUSED:
            for problem in outcome.problems:
                row_id = problem.row_id or unit.lead.id
                wrong.setdefault(row_id, []).append([problem.column, problem.text])
    if wrong:
        rows = [{"id": row_id, "problems": problems} for row_id, problems in wrong.items()]
        raw.run(_WRONG, (json.dumps(rows),))


def note_done(import_id: UUID, pairs: Sequence[tuple[Unit, Outcome]]) -> None:
    """Keep what units did, for undoing."""
    rows = [
        {
            "row_id": unit.lead.id,
            "outcome": outcome.did,
            "subject": str(outcome.subject),
            "before": outcome.before or {},
            "after": outcome.after or {},
        }
        for unit, outcome in pairs
        if outcome.did in (Did.MADE, Did.CHANGED) and outcome.subject is not None
    ]
    if rows:
        raw.run(_DONE, (current_tenant(), import_id, json.dumps(rows, default=str)))


def last_done(import_id: UUID, limit: int) -> list[tuple[int, Done]]:
    """The last things an import did that are not undone."""
    return [(int(row[0]), _done(row)) for row in raw.all(_LAST_DONE, (import_id, limit))]


def done_after(import_id: UUID, after: int, limit: int) -> tuple[list[Done], int]:
    found = raw.all(_DONE_AFTER, (import_id, after, limit))
    return [_done(row) for row in found], int(found[-1][0]) if found else 0


def forget_done(ids: Sequence[int]) -> None:
    raw.run("DELETE FROM exchange_importdone WHERE id = ANY(%s)", (list(ids),))


def keep_done(ids: Sequence[int]) -> None:
    """Pass over these while the rest is undone: their row's sign is turned."""
    raw.run("UPDATE exchange_importdone SET row_id = -abs(row_id) WHERE id = ANY(%s)", (list(ids),))


def release_kept(import_id: UUID) -> int:
    """Turn the signs back; how many stayed."""
    statement = "UPDATE exchange_importdone SET row_id = abs(row_id) WHERE its_import_id = %s AND row_id < 0 RETURNING 1"
    return len(raw.all(statement, (import_id,)))


def _done(row: Any) -> Done:
    return Done(Did(row[1]), row[2], _loaded(row[3]) or {}, _loaded(row[4]) or {})


def _loaded(value: Any) -> Any:
    """Django's cursors give JSON as text, psycopg's own as values."""
    return json.loads(value) if isinstance(value, str) else value
