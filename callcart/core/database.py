"""The way to PostgreSQL beside the ORM: raw statements, the autocommit pool, migration, and row-level security.

`raw` runs named SQL on the request's own transaction, or on a separate pool whose every statement is its own
transaction (routing, counters). `migrate()` is the one command that changes the schema: migrations, each
domain's `functions.sql`, then policies and grants on every table, so that a new table cannot be forgotten.
"""

from __future__ import annotations

import asyncio
import re
import select
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connections, transaction
from psycopg.pq import TransactionStatus
from psycopg.sql import Composed
from psycopg_pool import ConnectionPool

APP_ROLE = "callcart_app"
SYSTEM_ROLE = "callcart_system"
_NEVER_BY_ITSELF = 1_000_000

_TAKE = re.compile(r"^-- take (\w+)$", re.MULTILINE)

Row = Sequence[Any]


@cache
def sql(package: str, name: str) -> str:
    """The text of `<name>.sql` lying in a package. A line `-- take <other>` stands for the text of `<other>.sql` beside it."""
    text = resources.files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return _TAKE.sub(lambda found: sql(package, found[1]), text)


def parameters(alias: str = "default") -> dict[str, Any]:
    """psycopg connection parameters of a Django database alias."""
    settings = connections[alias].settings_dict
    return {
        "host": settings["HOST"],
        "port": settings["PORT"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "dbname": settings["NAME"],
    }


def _autocommit() -> dict[str, Any]:
    return {**parameters(), "autocommit": True, "prepare_threshold": 1, "application_name": "callcart"}


class Raw:
    """Statements without the ORM, on the transaction in hand or on the autocommit pool."""

    def __init__(self) -> None:
        self._pool: ConnectionPool[psycopg.Connection[Any]] | None = None
        self._lock = threading.Lock()

    def one(self, statement: str, arguments: Any = ()) -> Row | None:
        """The first row, on the transaction in hand."""
        with connections["default"].cursor() as cursor:
            cursor.execute(statement, arguments)
            row: Row | None = cursor.fetchone()
            return row

    def all(self, statement: str, arguments: Any = ()) -> list[Row]:
        """All rows, on the transaction in hand."""
        with connections["default"].cursor() as cursor:
            cursor.execute(statement, arguments)
            return list(cursor.fetchall())

    def value(self, statement: str, arguments: Any = ()) -> Any:
        """The first column of the first row (None where there is no row), on the transaction in hand."""
        row = self.one(statement, arguments)
        return None if row is None else row[0]

    def one_prepared(self, statement: str, arguments: Any = ()) -> Row | None:
        """The first row of a statement of a hot path, on the transaction in hand; see `all_prepared`."""
        rows = self.all_prepared(statement, arguments)
        return rows[0] if rows else None

    def all_prepared(self, statement: str, arguments: Any = ()) -> list[Row]:
        """All rows of a statement of a hot path, on the transaction in hand: the driver's own cursor has the server parse and
        plan it once a connection. Parameters are bound by the server, so casts may have to be written out."""
        wrapper = connections["default"]
        wrapper.ensure_connection()
        if wrapper.connection.prepare_threshold is None:
            # Django's default forbids even the preparing that is asked for below.
            wrapper.connection.prepare_threshold = _NEVER_BY_ITSELF
        with wrapper.wrap_database_errors, psycopg.Cursor(wrapper.connection) as cursor:
            cursor.execute(statement, arguments, prepare=True)
            return list(cursor.fetchall()) if cursor.description else []

    def run_prepared(self, statement: str, arguments: Any = ()) -> None:
        """A statement of a hot path without rows, on the transaction in hand; see `all_prepared`."""
        self.all_prepared(statement, arguments)

    def run(self, statement: str, arguments: Any = ()) -> None:
        """A statement without rows, on the transaction in hand."""
        with connections["default"].cursor() as cursor:
            cursor.execute(statement, arguments)

    @contextmanager
    def autocommit(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection of the application role on which every statement commits by itself. Its statements see
        no tenant unless they name one: the routing functions do so as their first act."""
        with self.pool().connection() as connection:
            yield connection

    def autocommit_one(self, statement: str, arguments: Any = ()) -> Row:
        """The one row of a statement that is a transaction of its own."""
        with self.autocommit() as connection:
            row = connection.execute(statement, arguments).fetchone()
        if row is None:
            raise LookupError("the statement gave no row")
        return tuple(row)

    def pool(self) -> ConnectionPool[psycopg.Connection[Any]]:
        """The autocommit pool of this process, opened at first use."""
        with self._lock:
            if self._pool is None:
                self._pool = ConnectionPool(
                    kwargs=_autocommit(),
                    min_size=1,
                    max_size=16,
                    timeout=10,
                    name="autocommit",
                    check=_still_open,
                    open=True,
                )
            return self._pool

    def close(self) -> None:
        """Close the pool; the next use opens a new one."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()


class LoopConnections:
    """Connections of the application role for the one event loop that uses them; every statement commits by itself and sees
    no tenant unless it names one. Opened as they are needed, `size` of them at most, and kept."""

    def __init__(self, size: int) -> None:
        self._free: list[psycopg.AsyncConnection[Any]] = []
        self._size, self._room = size, asyncio.Semaphore(size)

    async def one(self, statement: str, arguments: Any = ()) -> Row:
        """The one row of a statement that is a transaction of its own. Raises psycopg's errors, LookupError without a row."""
        async with self._room:
            connection = self._free.pop() if self._free else await self._connect()
            try:
                cursor = await connection.execute(statement, arguments)
                row = await cursor.fetchone()
            except BaseException:
                await self._put_away(connection)
                raise
            self._free.append(connection)
        if row is None:
            raise LookupError("the statement gave no row")
        return tuple(row)

    async def warm(self, statement: str, arguments: Any = ()) -> None:
        """Open them all, each having run this."""
        await asyncio.gather(*(self.one(statement, arguments) for _each in range(self._size)))

    async def close(self) -> None:
        connections, self._free = self._free, []
        for connection in connections:
            await connection.close()

    async def _put_away(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """After an error: one that is fit for the next statement is kept. A server that went away took the idle ones along."""
        if connection.info.transaction_status is TransactionStatus.IDLE:
            self._free.append(connection)
            return
        if connection.broken:
            await self.close()
        await connection.close()

    @staticmethod
    async def _connect() -> psycopg.AsyncConnection[Any]:
        return await psycopg.AsyncConnection.connect(**_autocommit())


def _still_open(connection: psycopg.Connection[Any]) -> None:
    """Costs no round trip: a server that went away has closed the socket, and a closed socket can be read."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        ConnectionPool.check_connection(connection)


raw = Raw()


class OutOfPatience(TimeoutError):
    """A statement took longer than it may inside `patience`."""


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Inside a transaction: statements that take longer are broken off (OutOfPatience), and nothing of the block was done. For
    what is worth telling only where it costs little."""
    ask = "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)"
    try:
        with transaction.atomic():
            row = raw.one(ask, (str(round(seconds * 1000)),))
            yield
            raw.one(ask, (row[0] if row else "0",))
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            raise OutOfPatience from error
        raise


def delete_in_portions(
    connection: psycopg.Connection[Any],
    statement: LiteralString | Composed,
    arguments: Mapping[str, Any],
    *,
    portion: int = 5000,
) -> int:
    """Run a DELETE of at most `%(portion)s` rows until fewer are found; how many in all. Short transactions: the connection
    must be in autocommit."""
    total = 0
    while True:
        deleted = connection.execute(statement, {**arguments, "portion": portion}).rowcount
        total += deleted
        if deleted < portion:
            return total


def migrate(*, verbosity: int = 1) -> None:
    """Bring the schema up to date as the owner: migrations, functions, policies, grants. Repeatable."""
    call_command("migrate", database="owner", verbosity=verbosity, interactive=False)
    apply_functions()
    apply_policies()


def apply_functions() -> None:
    """(Re)create every domain's functions from its `functions.sql`."""
    with connections["owner"].cursor() as cursor:
        for app in apps.get_app_configs():
            path = Path(app.path) / "functions.sql"
            if app.name.startswith("callcart.") and path.exists():
                cursor.execute(sql(app.name, "functions").replace("%", "%%"), [])


def apply_policies() -> None:
    """Force row-level security on every table that has a tenant, and grant the roles what they need."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql("callcart.core", "policies").replace("%", "%%"), [])
