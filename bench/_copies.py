"""Copies of a prepared database, and which of them Django is connected to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from callcart.core.dsn import connection_parameters


@contextmanager
def copy(name: str) -> Iterator[str]:
    """A copy of the prepared database under a name; nobody may be connected to it while it is copied."""
    make_copy(name)
    try:
        yield name
    finally:
        disconnect()
        _administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def make_copy(name: str) -> None:
    """A copy that stays."""
    disconnect()
    _administer(f'CREATE DATABASE "{name}" TEMPLATE "{connection_parameters("owner")["dbname"]}"')


def has(name: str) -> bool:
    """Whether there is a database of this name."""
    return bool(_administer("SELECT 1 FROM pg_database WHERE datname = %s", name))


def _administer(statement: str, *arguments: str) -> list[tuple[object, ...]]:
    owner = {**connection_parameters("owner"), "dbname": "postgres"}
    with psycopg.connect(**owner, autocommit=True) as admin:  # type: ignore[arg-type]
        cursor = admin.execute(statement.encode(), arguments)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Django's connections lead to the copy inside."""
    from django.db import connections

    disconnect()
    before = {alias: connections[alias].settings_dict["NAME"] for alias in ("default", "owner", "system")}
    for alias in before:
        connections[alias].settings_dict["NAME"] = name
    try:
        yield
    finally:
        disconnect()
        for alias, usual in before.items():
            connections[alias].settings_dict["NAME"] = usual


def disconnect() -> None:
    """Close what this process holds open, and forget what it read."""
    from django.db import connections

    from callcart.core import ids
    from callcart.core.database import raw

    connections.close_all()
    raw.close()
    ids.forget_blocks()
