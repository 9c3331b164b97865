"""Slowing down whoever guesses. Attempts are counted before the password is looked at, on a connection of their own,
so neither a refused request nor a hundred at once escape the count. Each lock lasts twice as long as the one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import TooMany
from callcart.core.ids import new_id
from callcart.core.tenancy import enter
from callcart.core.throttle import network_of
from callcart.core.tokens import digest

FORGET_AFTER = timedelta(hours=24)
FIRST_LOCK_SECONDS = 30
LONGEST_LOCK_SECONDS = 3600


class LockedOut(TooMany):
    """Too many failed attempts. Try again in %(wait)s."""

    code = "staff.locked_out"


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted: `kind` account or address; `free` failures cost nothing."""

    kind: str
    key: str
    free: int


def counters(email: str, ip: str) -> list[Counter]:
    """An account gets 5 free failures; an address 30, since an office shares one. Accounts come first: one order of
    locks for all."""
    found = [Counter("account", digest(email), 5)]
    return [*found, Counter("address", digest(network_of(ip)), 30)] if ip else found


def attempt(tenant_id: int, counted: list[Counter]) -> None:
    """Count an attempt; LockedOut where one of the counters is locked (then nothing is counted)."""
    moment = now()
    with raw.autocommit() as connection, connection.transaction():
        enter(connection, tenant_id)
        states = [_lock(connection, tenant_id, counter, moment) for counter in counted]
        ends = [until for _failures, until in states if until is not None and until > moment]
        if not ends:
            for counter, (failures, _until) in zip(counted, states, strict=True):
                _count(connection, counter, failures + 1, moment)
    if ends:
        seconds = max(1, round((max(ends) - moment).total_seconds()))
        raise LockedOut(seconds=seconds, wait=in_words(seconds))


def succeeded(tenant_id: int, counted: list[Counter]) -> None:
    """The account starts afresh. Its address is given back this one attempt only: one known password must not buy
    guesses at others."""
    _settle(tenant_id, counted, forget_account=True)


def give_back(tenant_id: int, counted: list[Counter]) -> None:
    """The attempt was neither right nor wrong (the second factor is still to come)."""
    _settle(tenant_id, counted, forget_account=False)


def forget(tenant_id: int, email: str) -> None:
    """Unlock an account (its password was set anew)."""
    with raw.autocommit() as connection, connection.transaction():
        enter(connection, tenant_id)
        connection.execute(
            "DELETE FROM staff_loginattempt WHERE kind = 'account' AND key = %s", [digest(email)]
        )


def lock_seconds(failures: int, free: int) -> int:
    """How long the next attempt must wait after so many failures."""
    if failures < free:
        return 0
    return int(min(LONGEST_LOCK_SECONDS, FIRST_LOCK_SECONDS * 2 ** min(failures - free, 12)))


def in_words(seconds: int) -> str:
    """`45 seconds`, `12 minutes`, in the active language."""
    if seconds < 90:
        return ngettext("%(count)s second", "%(count)s seconds", seconds) % {"count": seconds}
    minutes = -(-seconds // 60)
    if minutes < 60:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    return _("an hour")


def _settle(tenant_id: int, counted: list[Counter], *, forget_account: bool) -> None:
    with raw.autocommit() as connection, connection.transaction():
        enter(connection, tenant_id)
        for counter in counted:
            if forget_account and counter.kind == "account":
                connection.execute(
                    "DELETE FROM staff_loginattempt WHERE kind = %s AND key = %s", [counter.kind, counter.key]
                )
            else:
                connection.execute(
                    "UPDATE staff_loginattempt SET failures = greatest(failures - 1, 0), locked_until = NULL"
                    " WHERE kind = %s AND key = %s",
                    [counter.kind, counter.key],
                )


def _lock(
    connection: psycopg.Connection[Any], tenant_id: int, counter: Counter, moment: datetime
) -> tuple[int, datetime | None]:
    row = connection.execute(
        "INSERT INTO staff_loginattempt (id, tenant_id, kind, key, failures, last_at) VALUES (%s, %s, %s, %s, 0, %s)"
        " ON CONFLICT (tenant_id, kind, key) DO UPDATE SET kind = EXCLUDED.kind"
        " RETURNING failures, last_at, locked_until",
        [new_id(), tenant_id, counter.kind, counter.key, moment],
    ).fetchone()
    if row is None:
        raise LookupError("the statement gave no row")
    failures, last_at, until = row
    return (0, None) if moment - last_at > FORGET_AFTER else (failures, until)


def _count(connection: psycopg.Connection[Any], counter: Counter, failures: int, moment: datetime) -> None:
    seconds = lock_seconds(failures, counter.free)
    connection.execute(
        "UPDATE staff_loginattempt SET failures = %s, last_at = %s, locked_until = %s WHERE kind = %s AND key = %s",
        [
            failures,
            moment,
            moment + timedelta(seconds=seconds) if seconds else None,
            counter.kind,
            counter.key,
        ],
    )
