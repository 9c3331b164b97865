"""Reading what came raw (a mail as bytes). One that cannot be read is kept as it came, says why, and may be tried again by hand; one
whose files the disk does not take is tried again until it does."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import structlog
from django.db import transaction

from callcart.contact.messaging import arrive
from callcart.contact.messaging.lines import facts_of
from callcart.contact.messaging.models import Arrival
from callcart.contact.messaging.states import ArrivalState
from callcart.contact.messaging.transport import channel_of
from callcart.core import events, files, jobs
from callcart.core.clock import now
from callcart.core.database import delete_in_portions, parameters
from callcart.core.forget import forget_older
from callcart.core.tenancy import acting_for, tenant_transaction
from callcart.people.tenants.public import list_tenants

log = structlog.get_logger(__name__)

NO_ROOM_SECONDS = 60  # until a disk that takes nothing is tried again
LEFT_AFTER = timedelta(minutes=10)  # its job has given up by then
RECEIPTS_KEPT = timedelta(days=3)
RAW_KEPT = timedelta(days=30)
PORTION = 500
VISITS_KEPT = timedelta(days=1)  # where a visitor was last
TRANSCRIPTS_KEPT = timedelta(days=30)  # to which address somebody had it sent
NOTICES_KEPT = timedelta(days=90)  # that they went, and whether they arrived; the words are forgotten at once

_DONE = (ArrivalState.FILED, ArrivalState.IGNORED)
_FORGET_NOTICES = """
WITH old AS MATERIALIZED (
       SELECT id FROM messaging_message WHERE kind = 'notice' AND at < %(before)s ORDER BY at LIMIT %(portion)s),
     gone AS (DELETE FROM messaging_delivery WHERE message_id IN (SELECT id FROM old))
DELETE FROM messaging_message WHERE id IN (SELECT id FROM old)
"""
_LEFT = """
SELECT tenant_id, id FROM messaging_arrival WHERE state = 'received' AND file_key <> '' AND at < %(before)s ORDER BY at LIMIT %(portion)s"""
_FORGET_VISITS = """
UPDATE messaging_visitor SET page = '', page_title = '', page_at = NULL, cart_id = NULL WHERE id IN (
  SELECT id FROM messaging_visitor WHERE page_at < %(before)s ORDER BY page_at LIMIT %(portion)s)
"""


@jobs.job(queue="messages", retry=5)
def read_arrival(*, arrival_id: int) -> None:
    """Make a message of what came raw, once."""
    arrival = Arrival.objects.select_for_update().select_related("line").filter(id=arrival_id).first()
    if arrival is None or arrival.state != ArrivalState.RECEIVED:
        return
    arrival.tries += 1
    content = files.path(arrival.file_key).read_bytes()
    try:
        incoming = channel_of(arrival.line.kind).read(facts_of(arrival.line), content)
    except ValueError as error:
        _end(arrival, ArrivalState.DEAD, str(error))
        return
    except RecursionError:
        _end(arrival, ArrivalState.DEAD, "nested too deep")
        return
    except Exception as error:
        # Whatever a stranger can make a parser raise: it is kept, and somebody looks at it.
        log.exception("messaging.reading", arrival=arrival.id, error=type(error).__name__)
        _end(arrival, ArrivalState.DEAD, type(error).__name__)
        return
    if incoming is None:
        _end(arrival, ArrivalState.IGNORED, "")
        return
    try:
        with transaction.atomic():
            arrive.file(arrival.line, arrival, incoming)
    except files.NoRoom:  # what was written of it is undone; as it came it is kept
        jobs.defer_in(NO_ROOM_SECONDS, read_arrival, arrival_id=arrival.id)


def _end(arrival: Arrival, state: ArrivalState, words: str) -> None:
    arrival.state, arrival.words = state, words[:300]
    arrival.save(update_fields=["state", "words", "tries"])
    if state is ArrivalState.DEAD:
        log.warning("messaging.unreadable", line=str(arrival.line_id), arrival=arrival.id)
        events.emit("arrival.dead", subject=("line", arrival.line_id), data={"arrival_id": arrival.id})


@jobs.periodic(cron="*/10 * * * *")
def read_left() -> None:
    """What came and was never read, because the database or the disk was away for longer than its job went on trying."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        left = connection.execute(_LEFT, {"before": now() - LEFT_AFTER, "portion": PORTION}).fetchall()
    for tenant_id, arrival_id in left:
        with tenant_transaction(tenant_id):
            jobs.defer(read_arrival, arrival_id=arrival_id)
    if left:
        log.warning("messaging.raw.left", count=len(left))


@jobs.periodic(cron="43 3 * * *")
def forget_raw() -> None:
    """What came raw and was made a message of is kept for a while, in case it was read wrongly. What could not be read stays."""
    count = 0
    for tenant in list_tenants():
        while gone := _forget_raw(tenant.id):
            count += gone
    log.info("messaging.raw.forgotten", count=count)


def _forget_raw(tenant_id: int) -> int:
    """A portion of one tenant; how many. Rows first: a file without a row is only waste."""
    with tenant_transaction(tenant_id):
        old = Arrival.objects.filter(state__in=_DONE, at__lt=now() - RAW_KEPT).exclude(file_key="")
        rows = dict(old.order_by("at").values_list("id", "file_key")[:PORTION])
        Arrival.objects.filter(id__in=rows).update(file_key="")
        shared = Arrival.objects.filter(file_key__in=rows.values()).values_list("file_key", flat=True)
        unnamed = set(rows.values()) - set(shared)
    with acting_for(tenant_id):
        files.remove(unnamed)
    return len(rows)


@jobs.periodic(cron="33 3 * * *")
def forget_notices() -> None:
    """What was said outside of conversations is forgotten in the end."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        count = delete_in_portions(connection, _FORGET_NOTICES, {"before": now() - NOTICES_KEPT})
    log.info("messaging.notices.forgotten", count=count)


@jobs.periodic(cron="13 * * * *")
def forget_visits() -> None:
    """Where the visitor of a chat was, and to which address he had a transcript sent, is nobody's business for long."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        count = delete_in_portions(connection, _FORGET_VISITS, {"before": now() - VISITS_KEPT})
    sent = forget_older("messaging_transcript", "at", kept=TRANSCRIPTS_KEPT)
    log.info("messaging.visits.forgotten", count=count, transcripts=sent)


@jobs.periodic(cron="23 3 * * *")
def forget_receipts() -> None:
    """Receipts of messages that are nobody's here are not kept for ever."""
    log.info(
        "messaging.receipts.forgotten", count=forget_older("messaging_earlyreceipt", "at", kept=RECEIPTS_KEPT)
    )
