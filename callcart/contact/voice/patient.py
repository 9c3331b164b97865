"""Asking a database that may be away for a while: again and again, from the event loop or in a thread, until it answers or one's patience
is at its end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import django.db
import psycopg
import structlog
from django.db import connections

from callcart.contact.routing import public as routing
from callcart.contact.voice.flow import CallFacts
from callcart.core.database import LoopConnections
from callcart.core.tenancy import tenant_transaction

log = structlog.get_logger(__name__)

PATIENCE = 30.0  # seconds
_AWAY = (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError)

Result = TypeVar("Result")


class DatabaseAway(Exception):
    """The database does not answer."""


class Patient:
    """Connections of the event loop, and two pools of threads: `_slow` for what may take its time, so that it keeps no call waiting.
    What is asked may be asked twice."""

    def __init__(self, *, threads: int) -> None:
        self._threads = threads
        self._connections = LoopConnections(threads)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="ledger")
        self._slow = ThreadPoolExecutor(max(2, threads), thread_name_prefix="ledger-slow")

    async def close(self) -> None:
        await self._connections.close()
        for pool in (self._pool, self._slow):
            pool.shutdown(wait=False, cancel_futures=True)

    # ---- the event loop ----

    async def _act(
        self, tenant_id: int, call: str, arguments: Sequence[Any], *, more: str = "NULL"
    ) -> tuple[routing.Hit, Any]:
        return await self._ask(
            lambda: routing.act_async(self._connections, tenant_id, call, arguments, more=more)
        )

    async def _ask(self, question: Callable[[], Awaitable[Result]], *, patience: float = PATIENCE) -> Result:
        """While the database is away, again and again for `patience` seconds."""
        begun, pause = time.monotonic(), 0.05
        while True:
            try:
                return await question()
            except (DatabaseAway, psycopg.OperationalError) as error:
                if time.monotonic() - begun > patience:
                    raise DatabaseAway from error
                log.warning("ledger.database", error=type(error.__cause__ or error).__name__)
            await asyncio.sleep(pause)
            pause = min(1.0, pause * 2)

    # ---- threads ----

    async def _in(self, facts: CallFacts, verb: Callable[[], Result]) -> Result:
        """In a thread, in a transaction of the call's tenant."""

        def run() -> Result:
            with tenant_transaction(facts.tenant_id):
                return verb()

        return await self._run(run)

    async def _run(
        self,
        verb: Callable[[], Result],
        *,
        pool: ThreadPoolExecutor | None = None,
        patience: float = PATIENCE,
    ) -> Result:
        """In a thread, patiently."""
        loop = asyncio.get_running_loop()
        return await self._ask(
            lambda: loop.run_in_executor(pool or self._pool, _fresh, verb), patience=patience
        )


def _fresh(verb: Callable[[], Result]) -> Result:
    """A thread keeps its connection; one that broke is put away, so that the next try makes a new one."""
    try:
        return verb()
    except (django.db.Error, psycopg.Error) as error:
        if not isinstance(error, _AWAY) and not _is_broken():
            raise
        connections.close_all()
        raise DatabaseAway from error


def _is_broken() -> bool:
    """Whether this thread's connection is dead, whatever the error was called."""
    connection = connections["default"].connection
    return connection is not None and connection.closed
