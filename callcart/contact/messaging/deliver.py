"""What leaves: claimed in one transaction, handed over outside of any, its end written in another. Of a conversation one at a time
and in order; every tenant in its turn, so that nobody's campaign holds up another's reply; live replies before campaigns; of a
slow line only a few at once, so that it never takes all hands; and some hands are for live words alone.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import structlog
from prometheus_client import Counter as Metric

from callcart.contact.messaging import compose
from callcart.contact.messaging.lines import facts_of
from callcart.contact.messaging.models import Delivery
from callcart.contact.messaging.states import DeliveryState
from callcart.contact.messaging.stopping import has_stopped
from callcart.contact.messaging.transport import (
    Channel,
    LineFacts,
    NotTaken,
    Outgoing,
    Refused,
    Unknown,
    channel_of,
    kinds,
)
from callcart.core.database import parameters, raw, sql
from callcart.core.tenancy import tenant_transaction

log = structlog.get_logger(__name__)
_handed = Metric(
    "callcart_messages_handed_over_total", "Messages handed to providers, by outcome", ["outcome"]
)

Submit = Callable[..., object]

HANDS = 16
FOR_BULK = (
    8  # hands that may hold what is not live: those of a campaign's slow providers are not missing to a reply
)
OF_ONE_LINE = 3
LIVE, ALL = 1, 9  # lowest priority that is claimed: live words and codes, or everything
AT_ONCE = 2  # of one tenant in one turn
CLAIM_SECONDS = 120
POLL_SECONDS = 0.1
AGAIN_AFTER_SECONDS = (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600)

_CLAIM = (
    "SELECT id, tenant_id, line_id, tries, priority"
    " FROM messaging_claim(%s::int, %s::int, %s::uuid[], %s::text[], %s::uuid[], %s::int, %s::int)"
)
_ENDED = "SELECT messaging_ended(%s::int, %s::bigint, %s::int, %s::text, %s::text, %s::text, %s::int)"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in hand. `attempt` is its number: an answer to an earlier one is not listened to."""

    id: int
    tenant_id: int
    line_id: UUID
    attempt: int
    priority: int = 0

    @property
    def is_live(self) -> bool:
        return self.priority <= LIVE


class Held:
    """The lines this process listens on: `bound` channels send from here only where it does."""

    def __init__(self) -> None:
        self._lines: set[UUID] = set()
        self._lock = threading.Lock()

    def add(self, line_id: UUID) -> None:
        with self._lock:
            self._lines.add(line_id)

    def discard(self, line_id: UUID) -> None:
        with self._lock:
            self._lines.discard(line_id)

    def all(self) -> list[UUID]:
        with self._lock:
            return sorted(self._lines)


class Dispatcher:
    """Hands out what is due to a few threads. `run` is its loop."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._busy: Counter[UUID] = Counter()
        self._bulk = 0
        self._lock = threading.Lock()
        self._free = threading.Semaphore(HANDS)
        self._freed = threading.Event()  # a hand is free: there may be more for its line
        self._turn = 0

    def run(self, stop: threading.Event) -> None:
        """Until told to stop; survives a restart of the database."""
        with ThreadPoolExecutor(HANDS, thread_name_prefix="deliver") as hands:
            while not stop.is_set():
                try:
                    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
                        while not stop.is_set():
                            if not self.once(connection, hands.submit):
                                self._freed.wait(POLL_SECONDS)
                                self._freed.clear()
                except psycopg.Error as error:
                    log.warning("messaging.deliver.database", error=type(error).__name__)
                    stop.wait(1.0)

    def once(self, connection: psycopg.Connection[Any], submit: Submit) -> int:
        """One turn over all tenants that have something to send, the next time beginning with the next one; how many were begun."""
        tenants = [
            row[0] for row in connection.execute(sql("callcart.contact.messaging", "tenants_due")).fetchall()
        ]
        begun = 0
        if tenants:
            first = self._turn % len(tenants)
            self._turn += 1
            for tenant_id in tenants[first:] + tenants[:first]:
                begun += self._some_of(tenant_id, submit)
        return begun

    def _some_of(self, tenant_id: int, submit: Submit) -> int:
        """One by one: each counts for the next, so that no line and no campaign gets more hands than it may have."""
        begun = 0
        while begun < AT_ONCE and self._free.acquire(blocking=False):
            claimed = None
            try:
                claimed = self._claim(tenant_id)
            finally:  # also where the database is away: a hand that holds nothing is free
                if claimed is None:
                    self._free.release()
            if claimed is None:
                break
            submit(self._one, claimed)
            begun += 1
        return begun

    def _claim(self, tenant_id: int) -> Claimed | None:
        with self._lock:
            full = [line_id for line_id, count in self._busy.items() if count >= OF_ONE_LINE]
            lowest = ALL if self._bulk < FOR_BULK else LIVE
        claimed = claim(tenant_id, full=full, held=self._held.all(), lowest=lowest)
        if not claimed:
            return None
        with self._lock:
            self._busy[claimed[0].line_id] += 1
            self._bulk += not claimed[0].is_live
        return claimed[0]

    def _one(self, claimed: Claimed) -> None:
        try:
            hand_over(claimed)
        except Exception as error:
            # The claim runs out, and then it is in doubt: nothing is sent twice.
            log.exception("messaging.deliver", delivery=claimed.id, error=type(error).__name__)
        finally:
            with self._lock:
                self._busy[claimed.line_id] -= 1
                self._bulk -= not claimed.is_live
            self._free.release()
            self._freed.set()


def claim(
    tenant_id: int,
    *,
    most: int = 1,
    full: list[UUID] | None = None,
    held: list[UUID] | None = None,
    lowest: int = ALL,
) -> list[Claimed]:
    """Take up to so many messages of a tenant that may go now, down to a priority, in a transaction of its own."""
    bound = [kind for kind in kinds() if channel_of(kind).bound]
    arguments = (tenant_id, most, full or [], bound, held or [], CLAIM_SECONDS, lowest)
    with raw.autocommit() as connection:
        return [Claimed(*row) for row in connection.execute(_CLAIM, arguments).fetchall()]


def hand_over(claimed: Claimed) -> DeliveryState:
    """Hand one over and write how it ended."""
    with tenant_transaction(claimed.tenant_id):
        delivery = Delivery.objects.select_related("line", "message").get(id=claimed.id)
        channel, line = channel_of(delivery.line.kind), facts_of(delivery.line)
        outgoing = compose.outgoing(delivery)
        # whoever asks for a code wants that one
        asked = delivery.message.data.get("asked", False)
        stopped = not asked and has_stopped(delivery.line.channel, outgoing.to)
    if stopped:
        return _end(claimed, DeliveryState.FAILED, "", "STOP")
    return _end(claimed, *_tried(channel, line, outgoing))


def _tried(channel: Channel, line: LineFacts, outgoing: Outgoing) -> tuple[DeliveryState, str, str]:
    try:
        return DeliveryState.SENT, channel.send(line, outgoing), ""
    except NotTaken as error:
        return DeliveryState.WAITING, "", str(error)
    except Refused as error:
        return DeliveryState.FAILED, "", str(error)
    except Unknown as error:
        return DeliveryState.IN_DOUBT, "", str(error)


def _end(claimed: Claimed, state: DeliveryState, reference: str, words: str) -> DeliveryState:
    again = 0
    if state is DeliveryState.WAITING:
        if claimed.attempt > len(AGAIN_AFTER_SECONDS):
            state = DeliveryState.FAILED
        else:
            again = AGAIN_AFTER_SECONDS[claimed.attempt - 1]
    raw.autocommit_one(
        _ENDED,
        (claimed.tenant_id, claimed.id, claimed.attempt, state, reference[:500], words[:300], again),
    )
    _handed.labels(state).inc()
    return state
