"""Each line that listens is listened to by one worker of all: whoever holds its advisory lock, until it dies or the line changes.
A way that breaks is tried again, slower and slower, and the line says meanwhile why it does not work.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import structlog
from django.db import DatabaseError

from callcart.contact.messaging.deliver import Held
from callcart.contact.messaging.lines import facts_of
from callcart.contact.messaging.models import Line
from callcart.contact.messaging.sink import LineSink
from callcart.contact.messaging.transport import channel_of, kinds
from callcart.core.database import parameters
from callcart.core.errors import AppError
from callcart.core.tenancy import tenant_transaction

log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
PAUSES = (1, 2, 5, 15, 30, 60)
_SPACE = 7104  # of the advisory locks
_WANTED = """
SELECT id, tenant_id, version, hashtext(id::text) FROM messaging_line WHERE is_active AND kind = ANY(%s) ORDER BY id
"""


@dataclass
class _Ear:
    """One line being listened to."""

    tenant_id: int
    version: int
    lock: int
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


class Listening:
    """All lines that this process listens on. `run` is its loop."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._ears: dict[UUID, _Ear] = {}

    def run(self, stop: threading.Event) -> None:
        """Until told to stop. With the connection that holds the locks everything ends: another worker has them then."""
        while not stop.is_set():
            try:
                with psycopg.connect(**parameters("system"), autocommit=True) as connection:
                    while not stop.is_set():
                        self.look(connection)
                        stop.wait(LOOK_SECONDS)
            except psycopg.Error as error:
                log.warning("messaging.listen.database", error=type(error).__name__)
                stop.wait(1.0)
            finally:
                self._end(*self._ears)

    def look(self, connection: psycopg.Connection[Any]) -> None:
        """Begin with lines that nobody listens to, end with those that are gone or changed."""
        listens = [kind for kind in kinds() if channel_of(kind).listens]
        wanted = {row[0]: row[1:] for row in connection.execute(_WANTED, (listens,)).fetchall()}
        for line_id, ear in list(self._ears.items()):
            alive = ear.thread is not None and ear.thread.is_alive()
            if line_id not in wanted or wanted[line_id][1] != ear.version or not alive:
                self._end(line_id)
                connection.execute("SELECT pg_advisory_unlock(%s::int, %s::int)", (_SPACE, ear.lock))
        for line_id, (tenant_id, version, lock) in wanted.items():
            if line_id not in self._ears:
                row = connection.execute(
                    "SELECT pg_try_advisory_lock(%s::int, %s::int)", (_SPACE, lock)
                ).fetchone()
                if row is not None and row[0]:
                    self._begin(line_id, _Ear(tenant_id, version, lock))

    def _begin(self, line_id: UUID, ear: _Ear) -> None:
        self._ears[line_id] = ear
        self._held.add(line_id)
        ear.thread = threading.Thread(
            target=_listen, args=(line_id, ear), name=f"line-{line_id}", daemon=True
        )
        ear.thread.start()

    def _end(self, *line_ids: UUID) -> None:
        ears = {line_id: self._ears.pop(line_id) for line_id in line_ids if line_id in self._ears}
        for line_id, ear in ears.items():
            self._held.discard(line_id)
            ear.stop.set()
        for ear in ears.values():
            if ear.thread is not None:
                ear.thread.join(5)


def _listen(line_id: UUID, ear: _Ear) -> None:
    sink, failures = LineSink(ear.tenant_id, line_id), 0
    while not ear.stop.is_set():
        try:
            with tenant_transaction(ear.tenant_id):
                line = Line.objects.get(id=line_id)
                channel, facts = channel_of(line.kind), facts_of(line)
            channel.listen(facts, sink, ear.stop)
            failures = 0
        except Exception as error:  # noqa: BLE001  whatever a provider's library raises: the edge of a thread
            log.warning("messaging.listen", line=str(line_id), error=type(error).__name__)
            said = error.message if isinstance(error, AppError) else str(error)
            _say_down(sink, said or type(error).__name__)
            failures += 1
        ear.stop.wait(PAUSES[min(failures, len(PAUSES) - 1)])


def _say_down(sink: LineSink, why: str) -> None:
    try:
        sink.down(why[:300])
    except (psycopg.Error, DatabaseError):
        log.warning("messaging.listen.state", line=str(sink.line_id))
