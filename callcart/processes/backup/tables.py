"""Which tables hold a shop's rows, read from the database itself so that a new table cannot be forgotten; and what of them cannot be
kept as it is: numbers that one sequence gives to all shops, and texts that may stand only once in all shops together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

DIRECTORY = "tenants_tenant"
# A column that holds the number of a row of another table without the database knowing.
FOLLOWS = {("exchange_importdone", "row_id"): "exchange_importrow"}

_TABLES = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum), array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum),
       max(CASE WHEN i.indisprimary AND format_type(a.atttypid, NULL) IN ('bigint', 'integer') THEN a.attname::text END)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
  LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY(i.indkey)
 WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname NOT LIKE 'procrastinate%'
   AND (c.relname = 'tenants_tenant' OR EXISTS (
        SELECT 1 FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped))
 GROUP BY c.relname ORDER BY c.relname
"""
_ONCE_IN_ALL = """
SELECT c.relname, a.attname FROM pg_index i
  JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
 WHERE n.nspname = 'public' AND i.indisunique AND a.atttypid = 'text'::regtype AND c.relname NOT LIKE 'procrastinate%'
   AND NOT EXISTS (SELECT 1 FROM pg_attribute k WHERE k.attrelid = c.oid AND k.attnum = ANY(i.indkey)
                      AND (k.attname = 'tenant_id' OR (k.atttypid = 'uuid'::regtype AND NOT i.indisprimary)))
 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the columns that are kept; `numbered` is a key that a sequence of all shops gives."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    numbered: str = ""

    @property
    def owner(self) -> str:
        """The column that says whose a row is."""
        return "id" if self.name == DIRECTORY else "tenant_id"


def tables(connection: psycopg.Connection[Any]) -> list[Table]:
    """The tables that hold rows of shops, by name."""
    found = []
    for name, columns, types, numbered in connection.execute(_TABLES):
        # ids of transactions belong to one cluster
        kept = [(c, t) for c, t in zip(columns, types, strict=True) if t != "xid8"]
        of_directory = name == DIRECTORY
        found.append(
            Table(
                name,
                tuple(c for c, _t in kept),
                tuple(t for _c, t in kept),
                "" if of_directory else numbered or "",
            )
        )
    return found


def once_in_all(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """Columns of texts that may stand only once in all shops together, by table."""
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(_ONCE_IN_ALL):
        found.setdefault(table, []).append(column)
    return found


def migrations(connection: psycopg.Connection[Any]) -> list[str]:
    """The steps of the schema that this database has taken."""
    rows = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
    return [str(row[0]) for row in rows]
