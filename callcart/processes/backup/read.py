"""Restoring a shop from its backup: first every part is held against its checksum, then all rows go in as one transaction. Whatever
goes wrong, or whoever ends the process, there is either the whole shop or nothing.

Ids stay as they are. Where the shop they came from is still here, each id (UUID version 7) becomes another that keeps its place in
time, wherever it stands; texts that may exist only once in all shops get the new shop's number behind them.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from callcart.config import config
from callcart.core import keyring
from callcart.core.ids import new_id
from callcart.processes.backup.tables import DIRECTORY, FOLLOWS, Table, migrations, once_in_all, tables
from callcart.processes.backup.write import FORMAT, JOBS, MANIFEST, Say

_CHUNK = 1024 * 1024
_V7 = re.compile(rb"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
_RANDOM = (1 << 62) - 1
_FILE = re.compile(r"files/[a-z]+/[0-9a-f]{2}/[0-9a-f]{64}(\.[a-z0-9]{1,8})?")
_MOST_MANIFEST = 64 * 1024**2
# Sign-ins and addresses a shop is reached at: a copy beside the original has none of the original's.
_ADDRESSES = {"tenants_host": "host", "tenants_servicenumber": "number"}


class CannotRestore(RuntimeError):
    """This backup cannot be restored; the text says why."""


@dataclass(slots=True)
class Restored:
    """What came of it. `left_out`: host names and service numbers that are another shop's; `keys_missing`: fingerprints of keys that
    sealed files need and that are not here (yet)."""

    tenant_id: int
    slug: str
    rows: int
    files: int
    renewed: bool
    left_out: list[str] = field(default_factory=list)
    keys_missing: list[str] = field(default_factory=list)


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of a backup whose every part is as it was written. Raises CannotRestore."""
    try:
        with zipfile.ZipFile(path) as archive:
            info = archive.getinfo(MANIFEST)
            if info.file_size > _MOST_MANIFEST:
                raise CannotRestore("the manifest is too large")
            manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
            if manifest.get("format") != FORMAT:
                raise CannotRestore("the backup is of a format this version does not know")
            parts = manifest["parts"]
            if set(archive.namelist()) != {*parts, MANIFEST}:
                raise CannotRestore("parts of the backup are missing or were added")
            for name, part in parts.items():
                if _digest(archive, name) != part["sha256"]:
                    raise CannotRestore(f"{name} is damaged")
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        OSError,
        KeyError,
        ValueError,
        EOFError,
    ) as error:
        raise CannotRestore("the file is damaged or no backup") from error
    return manifest


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def restore_backup(path: Path, parameters: dict[str, Any], *, slug: str = "", say: Say) -> Restored:
    """Restore a shop, under another short name if given. `parameters` lead to the database as its owner. Raises
    CannotRestore."""
    manifest = read_manifest(path)
    wanted = slug or manifest["tenant"]["slug"]
    _sweep()
    with zipfile.ZipFile(path) as archive, psycopg.connect(**parameters, autocommit=False) as connection:
        try:
            return _Restore(archive, manifest, connection, wanted, say).run()
        except psycopg.Error as error:
            raise CannotRestore(f"the database refused it: {str(error).splitlines()[0]}") from error


def _sweep() -> None:
    """What a restore that was killed left in the folder of files."""
    root = config().home / "files"
    for leftover in root.glob(".restoring-*") if root.exists() else ():
        shutil.rmtree(leftover, ignore_errors=True)


class _Restore:
    """One restore: a transaction, a folder, and the maps from old numbers to new ones."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        manifest: dict[str, Any],
        connection: psycopg.Connection[Any],
        slug: str,
        say: Say,
    ) -> None:
        self._archive, self._manifest, self._connection = archive, manifest, connection
        self._slug, self._say = slug, say
        self._mask = 0
        self._tenant_id = 0
        self._left_out: list[str] = []

    def run(self) -> Restored:
        known = {table.name: table for table in tables(self._connection)}
        self._refuse_other_schema(known)
        self._place()
        order = sorted(known, key=lambda name: (name != DIRECTORY, name in {t for t, _c in FOLLOWS}, name))
        once = once_in_all(self._connection)
        rows = sum(self._table(known[name], once.get(name, [])) for name in order)
        self._jobs()
        folder, files = self._files()
        self._connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        target = config().home / "files" / str(self._tenant_id)
        if folder is not None:
            folder.rename(target)
        try:
            self._connection.commit()
        except psycopg.Error:
            shutil.rmtree(target, ignore_errors=True)
            raise
        here = {key.fingerprint for key in keyring.ring()}
        missing = [key for key in self._manifest.get("keys", []) if key not in here]
        renewed = bool(self._mask)
        return Restored(self._tenant_id, self._slug, rows, files, renewed, self._left_out, missing)

    def _refuse_other_schema(self, known: dict[str, Table]) -> None:
        theirs, ours = set(self._manifest["schema"]), set(migrations(self._connection))
        if theirs - ours:
            raise CannotRestore(
                "the backup was made by a newer version of Callcart: upgrade this installation first"
            )
        if ours - theirs:
            raise CannotRestore(
                "the backup was made by an older version of Callcart: restore it with that version, then upgrade"
            )
        for name, table in known.items():
            part = self._manifest["parts"].get(f"tables/{name}")
            if part is None or set(part["columns"]) != set(table.columns):
                raise CannotRestore(f"the table {name} is not as it was when the backup was made")

    def _place(self) -> None:
        """Where the shop goes: its old number if that is free; new ids if the old ones are here."""
        old = int(self._manifest["tenant"]["id"])
        if self._value("SELECT 1 FROM tenants_tenant WHERE slug = %s", self._slug):
            raise CannotRestore(f"there is a shop {self._slug} already: restore it as another one (--as)")
        if (
            self._value("SELECT 1 FROM tenants_tenant WHERE id = %s", old)
            or (config().home / "files" / str(old)).exists()
        ):
            self._tenant_id = int(
                self._value("SELECT nextval(pg_get_serial_sequence('tenants_tenant', 'id'))")
            )
        else:
            self._tenant_id = old
            advance = "SELECT setval(pg_get_serial_sequence('tenants_tenant', 'id'), greatest(max(id), %s)) FROM tenants_tenant"
            self._value(advance, old)
        if self._are_here():
            self._mask = new_id().int & _RANDOM | 1

    def _are_here(self) -> bool:
        """Whether ids of the backup are taken: those of the staff, of whom every shop has one, and of customers and orders."""
        for name in ("staff_staff", "customers_customer", "orders_order", "core_auditentry"):
            if f"tables/{name}" not in self._manifest["parts"]:
                continue
            with self._archive.open(f"tables/{name}") as file:
                first = [match.decode() for line in (file.readline(),) for match in _V7.findall(line)]
            if first and self._value(f"SELECT 1 FROM {name} WHERE id = ANY(%s::uuid[])", first):  # noqa: S608  names of ours
                return True
        return False

    def _table(self, table: Table, once: list[str]) -> int:
        part = self._manifest["parts"][f"tables/{table.name}"]
        if not part["rows"]:
            return 0
        columns = sql.SQL(", ").join(map(sql.Identifier, part["columns"]))
        staged = sql.Identifier(f"restored_{table.name}"[:63])
        source = sql.Identifier(table.name)
        self._run(
            "CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA", staged, columns, source
        )
        with self._connection.cursor() as cursor:
            into = sql.SQL("COPY {} ({}) FROM STDIN").format(staged, columns)
            with cursor.copy(into) as copy:
                for chunk in self._renewed(f"tables/{table.name}"):
                    copy.write(chunk)
        if table.numbered:
            self._run("ALTER TABLE {} ADD COLUMN new_id bigint", staged)
            numbering = "UPDATE {} SET new_id = nextval(pg_get_serial_sequence({}, {}))"
            self._run(numbering, staged, sql.Literal(table.name), sql.Literal(table.numbered))
        self._leave_out(table, staged)
        values = sql.SQL(", ").join(self._value_of(table, column, once) for column in part["columns"])
        count = self._run("INSERT INTO {} ({}) SELECT {} FROM {} AS s", source, columns, values, staged)
        self._say(f"{table.name}: {count:,} rows")
        return count

    def _value_of(self, table: Table, column: str, once: list[str]) -> sql.Composable:
        name = sql.SQL("s.{}").format(sql.Identifier(column))
        if column == table.owner:
            return sql.Literal(self._tenant_id)
        if table.name == DIRECTORY and column == "slug":
            return sql.Literal(self._slug)
        if column == table.numbered:
            return sql.SQL("s.new_id")
        if (table.name, column) in FOLLOWS:
            other = sql.Identifier(f"restored_{FOLLOWS[table.name, column]}"[:63])
            if not self._manifest["parts"][f"tables/{FOLLOWS[table.name, column]}"]["rows"]:
                return name
            return sql.SQL("coalesce((SELECT o.new_id FROM {} o WHERE o.id = {}), {})").format(
                other, name, name
            )
        if self._mask and column in once and table.name not in _ADDRESSES:
            return sql.SQL("nullif({}, '') || {}").format(name, sql.Literal(f"~{self._tenant_id}"))
        return name

    def _leave_out(self, table: Table, staged: sql.Identifier) -> None:
        """Host names and service numbers that are another shop's stay with it."""
        column = _ADDRESSES.get(table.name)
        if column is None:
            return
        taken = sql.SQL("DELETE FROM {} s USING {} t WHERE t.{} = s.{} RETURNING s.{}").format(
            staged, sql.Identifier(table.name), *[sql.Identifier(column)] * 3
        )
        self._left_out += [str(row[0]) for row in self._connection.execute(taken)]

    def _renewed(self, name: str) -> Iterator[bytes]:
        """A part of the backup, its ids renewed where that is needed. Cut at the ends of lines: no id is broken."""
        with self._archive.open(name) as file:
            rest = b""
            while chunk := file.read(_CHUNK):
                if not self._mask:
                    yield chunk
                    continue
                whole, _sign, rest = (rest + chunk).rpartition(b"\n")
                yield _V7.sub(self._other, whole + _sign)
            if rest:
                yield _V7.sub(self._other, rest)

    def _other(self, match: re.Match[bytes]) -> bytes:
        return str(UUID(int=UUID(match.group().decode()).int ^ self._mask)).encode()

    def _jobs(self) -> None:
        """Work that waited goes on waiting; what is about an event follows it to its new number."""
        events = bool(self._manifest["parts"].get("tables/core_event", {}).get("rows"))
        for line in b"".join(self._renewed(JOBS)).splitlines():
            job = json.loads(line)
            args = job["args"] | {"tenant_id": self._tenant_id}
            if "event_id" in args:
                found = "SELECT new_id FROM restored_core_event WHERE id = %s"
                args["event_id"] = self._value(found, args["event_id"]) if events else None
                if args["event_id"] is None:
                    continue
            self._connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, scheduled_at) VALUES (%s, %s, %s, %s, %s)",
                (job["queue"], job["task"], job["priority"], json.dumps(args), job["at"]),
            )

    def _files(self) -> tuple[Path | None, int]:
        """The files, in a folder beside their place until all rows are in."""
        names = [name for name in self._manifest["parts"] if name.startswith("files/")]
        if not names:
            return None, 0
        root = config().home / "files"
        root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".restoring-", dir=root))
        for name in names:
            if not _FILE.fullmatch(name):
                raise CannotRestore(f"{name} is no file of a shop")
            target = folder / name.removeprefix("files/")
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._archive.open(name) as file, target.open("wb") as out:
                shutil.copyfileobj(file, out, _CHUNK)
        folder.chmod(0o755)
        return folder, len(names)

    def _value(self, statement: str, *arguments: Any) -> Any:
        row = self._connection.execute(statement.encode(), arguments or None).fetchone()
        return None if row is None else row[0]

    def _run(self, text: str, *parts: sql.Composable) -> int:
        return self._connection.execute(sql.SQL(text).format(*parts)).rowcount
