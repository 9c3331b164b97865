"""Reading the outbox of events in the order they became visible, skipping none that committed late.

The reader's position is a snapshot token, the text of `pg_current_snapshot()` at its last look. A plain `id > N` loses
events of transactions that took their id early and committed late; waiting for the oldest transaction stalls every
reader behind one slow writer. The token does neither. It belongs to one database cluster: after a restore into another
cluster a reader begins anew and sends the state again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import psycopg

from callcart.core.database import sql
from callcart.core.events import Event

_TOKEN = re.compile(r"\d{1,20}:\d{1,20}:(\d{1,20}(,\d{1,20})*)?")


class UnreadableToken(ValueError):
    """This is not a token of the feed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one look gave: the events newly visible, and the token for the next look."""

    token: str
    events: tuple[Event, ...]


def present_token(connection: psycopg.Connection[Any]) -> str:
    """The token of this moment: everything visible now is in the past."""
    row = connection.execute("SELECT pg_current_snapshot()::text").fetchone()
    assert row is not None
    return str(row[0])


def read_since(connection: psycopg.Connection[Any], token: str) -> Step:
    """Every event that became visible after the look that gave `token`, in order of id. The connection must be in
    autocommit and of the system role to see all tenants. Raises UnreadableToken."""
    checked(token)
    rows = connection.execute(sql("callcart.core", "feed_events"), {"token": token}).fetchall()
    return Step(str(rows[0][0]), tuple(Event(*row[1:]) for row in rows if row[1] is not None))


def checked(token: str) -> str:
    """The token, or UnreadableToken where it cannot be one (it comes from browsers)."""
    if len(token) > 4000 or not _TOKEN.fullmatch(token):
        raise UnreadableToken
    return token
