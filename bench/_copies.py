"""Copies of a prepared database, and which of them Django is connected to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from callcart.core.dsn import connection_parameters


@contextmanager
def copy(name: str) -> Iterator[str]:
    """A copy of the prepared database under a name; nobody may be connected to it while it is copied."""
    owner = connection_parameters("owner")
    disconnect()
    with psycopg.connect(**{**owner, "dbname": "postgres"}, autocommit=True) as admin:  # type: ignore[arg-type]
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{owner["dbname"]}"'.encode())
    try:
        yield name
    finally:
        disconnect()
        with psycopg.connect(**{**owner, "dbname": "postgres"}, autocommit=True) as admin:  # type: ignore[arg-type]
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


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
