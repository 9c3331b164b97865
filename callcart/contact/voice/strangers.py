"""Who knocks at the telephones without being known: scanners that try numbers and passwords. They are turned away by the engine; here
they are counted by hour and address, kept for a month, and too many within a minute are an alarm.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import Counter

from callcart.contact.voice.models import Stranger
from callcart.core import clock, events, jobs
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import list_tenants

MOST_ADDRESSES = 200  # of an hour; a flood may write any address into its packets
MINUTE = 60.0
QUIET = 600.0  # seconds between two alarms
KEPT = timedelta(days=30)
_NAMED = 5
_COUNT = """
INSERT INTO voice_stranger AS s (hour, address, count, last_at)
SELECT date_trunc('hour', %(now)s::timestamptz), f.address, f.count, %(now)s FROM unnest(%(addresses)s::text[], %(counts)s::int[]) AS f (address, count)
ON CONFLICT (hour, address) DO UPDATE SET count = least(s.count::bigint + excluded.count, 2000000000), last_at = excluded.last_at"""
_KNOWN = "SELECT address FROM voice_stranger WHERE hour = date_trunc('hour', %s::timestamptz)"

_turned_away = Counter(
    "callcart_voice_strangers_total", "Requests of strangers that the telephone engine turned away"
)


class Rate:
    """How many came within the last minute; says once in a while that they are too many."""

    def __init__(self, most_a_minute: int) -> None:
        self._most = most_a_minute
        self._seen: deque[tuple[float, int]] = deque()
        self._said = float("-inf")

    def add(self, count: int, moment: float) -> int:
        """`moment` in seconds of any clock that only rises. How many they are, where that is an alarm, else 0."""
        self._seen.append((moment, count))
        while self._seen[0][0] <= moment - MINUTE:
            self._seen.popleft()
        total = sum(each for _at, each in self._seen)
        if total <= self._most or moment - self._said < QUIET:
            return 0
        self._said = moment
        return total


@dataclass(frozen=True, slots=True)
class Knocking:
    """What strangers tried since the hour began and since it began a day ago; `addresses`: the busiest of that day, with how often."""

    hour: int
    day: int
    last_at: datetime | None
    addresses: tuple[tuple[str, int], ...]


def count(found: Mapping[str, int]) -> None:
    """Add what was turned away, by address. Beyond `MOST_ADDRESSES` an hour they are one."""
    if not found:
        return
    _turned_away.inc(sum(found.values()))
    now = clock.now()
    known = {row[0] for row in raw.all(_KNOWN, [now])}
    kept: dict[str, int] = {}
    for address, times in sorted(found.items(), key=lambda item: -item[1]):
        name = address if address in known or len(known) < MOST_ADDRESSES else ""
        known.add(name)
        kept[name] = kept.get(name, 0) + times
    names = sorted(kept)  # one order, so that two nodes never wait for each other
    raw.run(_COUNT, {"now": now, "addresses": names, "counts": [kept[name] for name in names]})


def alarm(found: int) -> None:
    """Tell everybody who watches a floor that the telephones are being tried: `found` within a minute."""
    for tenant in list_tenants():
        with tenant_transaction(tenant.id):
            events.emit("voice.alarm", audience="board", data={"limit": "strangers", "count": found})


def knocking(actor: Actor) -> Knocking:
    """Raises PermissionDenied."""
    actor.require("voice.limits")
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    rows = list(
        Stranger.objects.filter(hour__gte=hour - timedelta(days=1)).values_list(
            "address", "count", "last_at", "hour"
        )
    )
    by_address: dict[str, int] = {}
    for address, times, _last, _hour in rows:
        by_address[address] = by_address.get(address, 0) + times
    busiest = sorted(((a, n) for a, n in by_address.items() if a), key=lambda item: (-item[1], item[0]))
    return Knocking(
        hour=sum(times for _a, times, _last, at in rows if at == hour),
        day=sum(by_address.values()),
        last_at=max((last for _a, _n, last, _hour in rows), default=None),
        addresses=tuple(busiest[:_NAMED]),
    )


@jobs.periodic(cron="53 3 * * *")
def forget_strangers() -> None:
    """Nightly: what is older than a month."""
    Stranger.objects.filter(hour__lt=clock.now() - KEPT).delete()
