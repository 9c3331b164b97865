"""Counting what may be done only so often (looking up orders, say). Each attempt is counted on a connection of its own
before the work is done, so neither a refused request nor a hundred at once escape the count. Keys are kept as digests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.utils.translation import ngettext

from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import TooMany
from callcart.core.ids import new_id
from callcart.core.tenancy import enter
from callcart.core.tokens import digest

KEPT = timedelta(days=1)
_SWEPT = 200  # old rows taken away with each attempt

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))"
_OLDEST = """
SELECT at FROM core_throttlehit WHERE kind = %s AND key = %s AND at > %s ORDER BY at DESC OFFSET %s LIMIT 1
"""
_SWEEP = """
DELETE FROM core_throttlehit WHERE id IN (SELECT id FROM core_throttlehit WHERE at < %s LIMIT %s FOR UPDATE SKIP LOCKED)
"""


class TriedTooOften(TooMany):
    """Too many attempts. Try again in %(wait)s."""

    code = "throttle.tried_too_often"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts of a kind for one key within `span` (a day at the longest)."""

    kind: str
    key: str
    most: int
    span: timedelta


def count(tenant_id: int, limits: Sequence[Limit], *, refusal: type[TriedTooOften] = TriedTooOften) -> None:
    """Count one attempt against every limit; TriedTooOften, or the `refusal` that says it better, (with `retry_after`,
    seconds) where one of them is reached, and then nothing is counted. Limits with an empty key are left out."""
    moment, wait = now(), 0
    counted = sorted(
        ((limit, digest(network_of(limit.key))) for limit in limits if limit.key),
        key=lambda each: (each[0].kind, each[1]),
    )
    with raw.autocommit() as connection, connection.transaction():
        enter(connection, tenant_id)
        for limit, key in counted:
            connection.execute(_LOCK, [f"{limit.kind}:{key}", tenant_id])
            row = connection.execute(
                _OLDEST, [limit.kind, key, moment - limit.span, limit.most - 1]
            ).fetchone()
            if row is not None:
                wait = max(wait, int((row[0] + limit.span - moment).total_seconds()) + 1)
        if not wait:
            for limit, key in counted:
                connection.execute(
                    "INSERT INTO core_throttlehit (id, tenant_id, kind, key, at) VALUES (%s, %s, %s, %s, %s)",
                    [new_id(), tenant_id, limit.kind, key, moment],
                )
        connection.execute(_SWEEP, [moment - KEPT, _SWEPT])
    if wait:
        raise refusal(retry_after=wait, wait=_in_words(wait))


def network_of(key: str) -> str:
    """What a network address is counted as; any other key is itself. Of IPv6 whoever has one address has all of its /64."""
    try:
        found = ip_address(key)
    except ValueError:
        return key
    if not isinstance(found, IPv6Address):
        return str(found)
    inner = found.ipv4_mapped
    return str(inner) if inner is not None else str(ip_network((found.packed[:8] + bytes(8), 64)))


def _in_words(seconds: int) -> str:
    minutes = max(1, -(-seconds // 60))
    return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
