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
from callcart.core.tokens import digest

KEPT = timedelta(days=1)
_SWEPT = 200  # old rows taken away with each attempt

_COUNT = """
SELECT core_count_attempt(%s::int, %s::timestamptz, %s::uuid[], %s::text[], %s::text[], %s::int[], %s::interval[], %s::timestamptz, %s::int)"""


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
    moment = now()
    counted = sorted(
        (limit.kind, digest(network_of(limit.key)), limit.most, limit.span) for limit in limits if limit.key
    )
    if not counted:
        return
    columns = [list(column) for column in zip(*counted, strict=True)]
    ids = [new_id() for _each in counted]
    (wait,) = raw.autocommit_one(_COUNT, [tenant_id, moment, ids, *columns, moment - KEPT, _SWEPT])
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
