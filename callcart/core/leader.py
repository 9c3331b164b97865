"""Work that one process of all does at a time: whoever holds the advisory lock leads, the others stand by and follow when it dies
(its connection, and with it the lock, ends with it)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
from django.db import DatabaseError

from callcart.core.database import parameters

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0

Connection = psycopg.Connection[Any]


def lead(
    name: str, key: int, every: float, work: Callable[[Connection], object], stop: threading.Event
) -> None:
    """Do `work` each `every` seconds while leading, until told to stop. It gets the leader's connection (the system role,
    autocommit). Survives a restart of the database; `name` is for the log."""
    while not stop.is_set():
        try:
            with psycopg.connect(**parameters("system"), autocommit=True) as connection:
                _lead(connection, key, every, work, stop)
        except (psycopg.Error, DatabaseError) as error:
            log.warning("leader.database", work=name, error=type(error).__name__)
            stop.wait(PAUSE_SECONDS)


def _lead(
    connection: Connection,
    key: int,
    every: float,
    work: Callable[[Connection], object],
    stop: threading.Event,
) -> None:
    while not stop.is_set():
        leading = connection.execute("SELECT pg_try_advisory_lock(%s::bigint)", (key,)).fetchone()
        if leading and leading[0]:
            break
        stop.wait(PAUSE_SECONDS)
    while not stop.is_set():
        begun = time.monotonic()
        work(connection)
        stop.wait(max(0.0, every - (time.monotonic() - begun)))
