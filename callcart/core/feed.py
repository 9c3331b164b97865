"""Reading the outbox of events in the order they became visible, skipping none that committed late.

The reader's position is a snapshot token, the text of `pg_current_snapshot()` at its last look. A plain `id > N` loses
events of transactions that took their id early and committed late; waiting for the oldest transaction stalls every
reader behind one slow writer. The token does neither. It belongs to one database cluster: after a restore into another
cluster a reader begins anew and sends the state again.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

import psycopg

from callcart.core.database import delete_in_portions, raw, sql
from callcart.core.events import Event

KEPT = timedelta(days=7)
_TOKEN = re.compile(r"(\d{1,19}):(\d{1,19}):((?:\d{1,19}(?:,\d{1,19})*)?)")
_LONGEST = 16_000  # characters; a token names every transaction that was open
_HIGHEST = 2**63


class UnreadableToken(ValueError):
    """This is not a token of the feed."""


class TooFarBehind(Exception):
    """Too much happened since this token, or what happened is forgotten: begin anew and read the state again."""


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


def token_of_page() -> str:
    """The same by the request's own connection: nothing that commits after the page was made is missed."""
    return str(raw.value("SELECT pg_current_snapshot()::text"))


def read_since(
    connection: psycopg.Connection[Any],
    token: str,
    *,
    most: int | None = None,
    kinds: Collection[str] | None = None,
) -> Step:
    """Every event (of these `kinds`, where they are given) that became visible after the look that gave `token`, in order of
    id. The connection must be in autocommit and of the system role to see all tenants. Raises UnreadableToken;
    TooFarBehind where there are more than `most`."""
    values = {
        "token": checked(token),
        "most": None if most is None else most + 1,
        "kinds": None if kinds is None else list(kinds),
    }
    rows = connection.execute(sql("callcart.core", "feed_events"), values).fetchall()
    if most is not None and len(rows) > most:
        raise TooFarBehind
    return Step(str(rows[0][0]), tuple(Event(*row[1:]) for row in rows if row[1] is not None))


def read_between(
    connection: psycopg.Connection[Any], since: str, until: str, *, tenant_id: int, most: int
) -> tuple[Event, ...]:
    """One tenant's events that the look `until` saw and the look `since` did not, in order of id. Raises
    UnreadableToken; TooFarBehind where there are more than `most`, where some may be forgotten already, or where
    `since` is of another cluster."""
    if _bounds(since)[1] > _bounds(until)[1]:
        raise TooFarBehind
    if is_forgotten(connection, since):
        raise TooFarBehind
    values = {"since": since, "until": until, "tenant": tenant_id, "most": most + 1}
    rows = connection.execute(sql("callcart.core", "feed_missed"), values).fetchall()
    if len(rows) > most:
        raise TooFarBehind
    return tuple(Event(*row) for row in rows)


def is_forgotten(connection: psycopg.Connection[Any], token: str) -> bool:
    """Whether events after this token may be deleted already. `forget_old` always leaves the last one it might have
    deleted: none newer than that is gone."""
    row = connection.execute(
        "SELECT at < now() - %s AND xid >= pg_snapshot_xmin(%s::pg_snapshot) FROM core_event ORDER BY xid, id LIMIT 1",
        (KEPT, checked(token)),
    ).fetchone()
    return bool(row and row[0])


def is_foreign(connection: psycopg.Connection[Any], token: str) -> bool:
    """Whether the token is ahead of this database: taken in another cluster, before a restore, or made up."""
    return _bounds(token)[1] > _bounds(present_token(connection))[1]


def forget_old(connection: psycopg.Connection[Any], *, kept: timedelta = KEPT) -> int:
    """Delete events older than their keeping time but for the last of them; how many. Short transactions: the
    connection must be in autocommit and of the system role."""
    return delete_in_portions(
        connection,
        "DELETE FROM core_event WHERE id IN (SELECT id FROM core_event"
        " WHERE at < now() - %(kept)s AND xid <"
        " (SELECT xid FROM core_event WHERE at < now() - %(kept)s ORDER BY at DESC LIMIT 1)"
        " ORDER BY xid, id LIMIT %(portion)s)",
        {"kept": kept},
    )


def checked(token: str) -> str:
    """The token, or UnreadableToken where it cannot be one (it comes from browsers)."""
    _bounds(token)
    return token


def _bounds(token: str) -> tuple[int, int]:
    """The first transaction that was open and the first that had not begun. As strict as PostgreSQL's own reading."""
    found = _TOKEN.fullmatch(token) if len(token) <= _LONGEST and token.isascii() else None
    if found is None:
        raise UnreadableToken
    first, after = int(found[1]), int(found[2])
    open_ones = [int(each) for each in found[3].split(",")] if found[3] else []
    in_order = all(one <= other for one, other in pairwise(open_ones))
    if not 0 < first <= after < _HIGHEST or not in_order:
        raise UnreadableToken
    if open_ones and not (first <= open_ones[0] and open_ones[-1] < after):
        raise UnreadableToken
    return first, after
