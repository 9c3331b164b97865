"""Writing a backup: one snapshot of all rows of a shop, its files, and a manifest with a checksum of each part.

The snapshot lasts as long as the rows take to be read and blocks nobody; for a large shop it is better read from a replica. Files
are never changed once they are written, so they need no snapshot. The backup is complete only when it carries its name: until then
it is a `.part` beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from psycopg import IsolationLevel, sql

from callcart.config import config
from callcart.processes.backup.tables import Table, migrations, tables

FORMAT = 1
MANIFEST = "manifest.json"
JOBS = "jobs.jsonl"
_CHUNK = 1024 * 1024
Say = Callable[[str], None]

_JOBS = """
SELECT json_build_object('queue', queue_name, 'task', task_name, 'priority', priority, 'args', args, 'at', scheduled_at)::text
  FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND (args->>'tenant_id')::int = %s ORDER BY id
"""

_KEYS = "SELECT DISTINCT wrapped_by FROM recordings_datakey WHERE tenant_id = %s ORDER BY 1"


class NoSuchShop(RuntimeError):
    """There is no shop of this name."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a backup holds. `keys`: fingerprints of the keys of this installation without which its sealed files open as nothing."""

    path: Path
    rows: int
    files: int
    size: int
    keys: list[str] = field(default_factory=list)


def write_backup(slug: str, target: Path, parameters: dict[str, Any], *, say: Say) -> Written:
    """Write the shop's backup to a file. `parameters` lead to the database as the system role. Raises NoSuchShop, OSError."""
    draft = target.with_name(f".{target.name}.part")
    try:
        with psycopg.connect(**parameters, autocommit=False) as connection:
            _one_long_look(connection)
            found = connection.execute("SELECT id FROM tenants_tenant WHERE slug = %s", [slug]).fetchone()
            if found is None:
                raise NoSuchShop
            written = _write(connection, slug, int(found[0]), draft, say)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return Written(target, written[0], written[1], target.stat().st_size, written[2])


def _one_long_look(connection: psycopg.Connection[Any]) -> None:
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    connection.execute(
        "SELECT set_config(name, '0', true) FROM pg_settings"
        " WHERE name IN ('transaction_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout')"
    )


def _write(
    connection: psycopg.Connection[Any], slug: str, tenant_id: int, draft: Path, say: Say
) -> tuple[int, int, list[str]]:
    parts: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for table in tables(connection):
            parts[f"tables/{table.name}"] = _part(
                archive, f"tables/{table.name}", _rows(connection, table, tenant_id)
            ) | {"columns": list(table.columns)}
            say(f"{table.name}: {parts[f'tables/{table.name}']['rows']:,} rows")
        jobs = (f"{row[0]}\n".encode() for row in connection.execute(_JOBS, [tenant_id]))
        parts[JOBS] = _part(archive, JOBS, jobs)
        schema = migrations(connection)
        keys = [str(row[0]) for row in connection.execute(_KEYS, [tenant_id])]
        connection.rollback()  # the snapshot is no longer needed
        files = 0
        for path, name in _files(tenant_id):
            try:
                found = path.open("rb")
            except FileNotFoundError:
                continue  # its time was over a moment ago
            with found:
                parts[name] = _part(archive, name, _chunks(found), counted=False)
            files += 1
        say(f"files: {files:,}")
        manifest = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(),
            "tenant": {"id": tenant_id, "slug": slug},
            "schema": schema,
            "keys": keys,
            "parts": parts,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    return sum(part["rows"] for part in parts.values()), files, keys


def _rows(connection: psycopg.Connection[Any], table: Table, tenant_id: int) -> Iterator[bytes]:
    statement = sql.SQL("COPY (SELECT {} FROM {} WHERE {} = {}) TO STDOUT").format(
        sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        sql.Identifier(table.name),
        sql.Identifier(table.owner),
        sql.Literal(tenant_id),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for chunk in copy:
            yield bytes(chunk)


def _part(
    archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes], *, counted: bool = True
) -> dict[str, Any]:
    digest, size, rows = hashlib.sha256(), 0, 0
    with archive.open(name, "w", force_zip64=True) as out:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            rows += chunk.count(b"\n") if counted else 0
            out.write(chunk)
    return {"sha256": digest.hexdigest(), "size": size, "rows": rows}


def _files(tenant_id: int) -> Iterator[tuple[Path, str]]:
    root = config().home / "files" / str(tenant_id)
    for path in sorted(root.rglob("*")) if root.exists() else ():
        if path.is_file() and "." not in path.name[:1] and len(path.stem) == 64:
            yield path, f"files/{path.relative_to(root).as_posix()}"


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
