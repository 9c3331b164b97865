"""A database that a test has written into, put back to what its template is: some hundredths of a second, where a copy of a template of
nearly three thousand files takes half of one. Whatever cannot be put back (a changed schema, a table too large) is said, and the
database is done with.

By the superuser of a server of the run's own; rows go by DELETE without triggers, for TRUNCATE makes all files of a table anew.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

LARGE = 2 << 20  # bytes of a table from which on a copy is the quicker way
PATIENCE = 5.0

# A change of the schema makes a row of one of these, newer than all that the template has, or takes one away; of relations, which hold
# figures besides, what they are is compared.
_SCHEMA = "SELECT " + ", ".join(
    f"(SELECT (count(*), max(xmin::text::bigint))::text FROM {catalog})"
    for catalog in (
        "pg_attribute", "pg_attrdef", "pg_proc", "pg_constraint", "pg_trigger", "pg_policy", "pg_index", "pg_type",
        "pg_namespace", "pg_enum", "pg_depend", "pg_extension", "pg_statistic_ext", "pg_db_role_setting", "pg_default_acl",
    )
) + (
    ", (SELECT md5(string_agg(concat_ws(' ', oid, relname, relkind, relowner, relacl::text, reloptions::text, relrowsecurity,"
    " relforcerowsecurity, relpersistence), ',' ORDER BY oid)) FROM pg_class WHERE oid >= 16384)"
)  # fmt: skip
_TABLES = (
    "SELECT n.nspname, c.relname, pg_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%'"
)
_SEQUENCES = (
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'S' AND n.nspname NOT LIKE 'pg\\_t%' ORDER BY 1, 2"
)
_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_PREPARED = "SELECT FROM pg_prepared_xacts WHERE database = current_database()"
# What the planner knows of tables and indexes: nothing, where nobody has counted.
_FIGURES = "SELECT oid::bigint, relpages, reltuples, relallvisible FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'i') AND reltuples <> -1"
_NOTHING = (0, -1.0, 0)

Connection = psycopg.Connection[Any]
Name = tuple[str, str]


@dataclass(frozen=True)
class Origin:
    """What a template holds: its schema by a fingerprint, the rows of the tables that have any, how far its sequences are, what the
    planner knows by the id of a relation (copies have the same ids)."""

    schema: tuple[Any, ...]
    rows: dict[Name, tuple[bytes, ...]]
    sequences: dict[Name, tuple[int, bool]]
    figures: dict[int, tuple[int, float, int]]


def look_at(connection: Connection) -> Origin:
    """The database of this connection as an origin; in autocommit, as its superuser."""
    schema = connection.execute(_SCHEMA).fetchone()
    assert schema is not None
    rows = {name: _rows(connection, name) for name, size in _sizes(connection).items() if size}
    return Origin(schema, rows, _sequences(connection), _figures(connection))


def put_back(connection: Connection, origin: Origin) -> bool:
    """Make this database what `origin` was looked at; False where that cannot be done. Whoever is connected is put out."""
    if not _alone(connection) or connection.execute(_SCHEMA).fetchone() != origin.schema:
        return False
    sizes = {name: size for name, size in _sizes(connection).items() if size}
    if max(sizes.values(), default=0) > LARGE:
        return False
    written = [name for name in sizes if name not in origin.rows]
    changed = [name for name, rows in origin.rows.items() if sorted(_rows(connection, name)) != sorted(rows)]
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        _delete(connection, [*written, *changed])
        for name in changed:
            _write(connection, name, origin.rows[name])
        _set(connection, origin.sequences)
    if written:
        gone = sql.SQL(", ").join(_named(written))
        connection.execute(sql.SQL("VACUUM (TRUNCATE, SKIP_DATABASE_STATS) {}").format(gone))
    _unlearn(connection, origin.figures)
    connection.execute("SELECT pg_stat_reset()")
    return True


def _alone(connection: Connection) -> bool:
    deadline = time.monotonic() + PATIENCE
    while connection.execute(_OTHERS).fetchall():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return not connection.execute(_PREPARED).fetchone()


def _sizes(connection: Connection) -> dict[Name, int]:
    return {(schema, name): size for schema, name, size in connection.execute(_TABLES)}


def _rows(connection: Connection, name: Name) -> tuple[bytes, ...]:
    with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(*name))) as copy:
        return tuple(bytes(row) for row in copy)


def _write(connection: Connection, name: Name, rows: Iterable[bytes]) -> None:
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(*name))) as copy:
        for row in rows:
            copy.write(row)


def _delete(connection: Connection, names: list[Name]) -> None:
    if names:
        statements = (sql.SQL("DELETE FROM {}").format(each) for each in _named(names))
        connection.execute(sql.SQL("; ").join(statements))


def _sequences(connection: Connection) -> dict[Name, tuple[int, bool]]:
    names = [(schema, name) for schema, name in connection.execute(_SEQUENCES)]
    looks = (sql.SQL("SELECT last_value, is_called FROM {}").format(each) for each in _named(names))
    return dict(zip(names, connection.execute(sql.SQL(" UNION ALL ").join(looks)).fetchall(), strict=True))


def _set(connection: Connection, wanted: dict[Name, tuple[int, bool]]) -> None:
    for name, now in _sequences(connection).items():
        if now != wanted[name]:
            connection.execute(
                "SELECT setval(%s::regclass, %s, %s)", (f'"{name[0]}"."{name[1]}"', *wanted[name])
            )


def _figures(connection: Connection) -> dict[int, tuple[int, float, int]]:
    return {oid: (pages, rows, visible) for oid, pages, rows, visible in connection.execute(_FIGURES)}


def _unlearn(connection: Connection, wanted: dict[int, tuple[int, float, int]]) -> None:
    now = _figures(connection)
    for oid, figures in now.items():
        if figures != (known := wanted.get(oid, _NOTHING)):
            connection.execute("SET allow_system_table_mods = on")
            connection.execute("DELETE FROM pg_statistic WHERE starelid = %s", (oid,))
            connection.execute(
                "UPDATE pg_class SET relpages = %s, reltuples = %s, relallvisible = %s WHERE oid = %s",
                (*known, oid),
            )


def _named(names: Iterable[Name]) -> list[sql.Identifier]:
    return [sql.Identifier(*each) for each in names]
