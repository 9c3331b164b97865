"""Deleting what is due, in bounded portions. Row and file are two steps: first the row says that it is deleted, when and by which
rule, then the file goes. Killed between them, the file is one that nobody names, and is swept."""

from __future__ import annotations

import psycopg
import structlog
from prometheus_client import Counter

from callcart.contact.conversations import public as conversations
from callcart.contact.recordings import transcripts
from callcart.contact.recordings.jobs import remove_unnamed
from callcart.contact.recordings.models import RetentionRule, Sound
from callcart.contact.recordings.retention import due_of, rule_for, rules
from callcart.core import audit, clock, jobs
from callcart.core.actor import Actor
from callcart.core.database import parameters
from callcart.core.tenancy import current_tenant, tenant_transaction

log = structlog.get_logger(__name__)

PORTION = 100
MOST_PORTIONS = 20  # of one job; then another goes on
_DUE = """
SELECT DISTINCT t.id FROM tenants_tenant t WHERE EXISTS (
  SELECT 1 FROM recordings_sound s WHERE s.tenant_id = t.id AND s.due_at <= %s AND NOT s.legal_hold AND s.deleted_at IS NULL)"""
_deleted = Counter("callcart_recordings_deleted_total", "Recordings deleted because their time was over")


@jobs.periodic(cron="41 * * * *")
def look_for_due() -> None:
    """Every hour: the shops that have recordings whose time is over delete them."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        shops = [int(row[0]) for row in connection.execute(_DUE, [clock.now()])]
    for tenant_id in shops:
        with tenant_transaction(tenant_id):
            jobs.defer(delete_due)


@jobs.job(queue="recordings", retry=5, atomic=False)
def delete_due() -> None:
    """Delete what is due, a portion a transaction."""
    for _portion in range(MOST_PORTIONS):
        with tenant_transaction(current_tenant()):
            seen, file_keys = _portion_deleted()
        with tenant_transaction(current_tenant()):
            remove_unnamed(file_keys)
        if seen < PORTION:
            return
    with tenant_transaction(current_tenant()):
        jobs.defer(delete_due)


def _portion_deleted() -> tuple[int, list[str]]:
    """How many rows were due, and the files of those that are deleted now. The rules of this moment decide, whatever a row says."""
    now, among = clock.now(), rules()
    due = Sound.objects.select_for_update(skip_locked=True).filter(
        due_at__lte=now, legal_hold=False, deleted_at=None
    )
    rows = list(due.order_by("due_at")[:PORTION])
    file_keys, entries = [], []
    for sound in rows:
        when, rule = due_of(sound, among), rule_for(sound, among)
        if when is None or rule is None or when > now:
            Sound.objects.filter(recording_id=sound.recording_id).update(due_at=when)
            continue
        said = said_of(rule)
        key = conversations.delete_recording(sound.recording_id, data={"rule": said, "rule_id": str(rule.id)})
        file_keys += [key] if key else []
        Sound.objects.filter(recording_id=sound.recording_id).update(
            deleted_at=now, deleted_rule=said, peaks_left=b"", peaks_right=b"", sealed_with=""
        )
        transcripts.forget(sound.recording_id)
        entries.append(
            audit.Entry(("recording", sound.recording_id), after={"rule": said, "rule_id": rule.id})
        )
    audit.record_many(Actor.system(current_tenant()), "recordings.delete", entries)
    if entries:
        log.info("recordings.deleted", count=len(entries))
        _deleted.inc(len(entries))
    return len(rows), file_keys


def said_of(rule: RetentionRule) -> str:
    """A rule in the row of what it deleted: days, and what it was for."""
    parts = {"queue": rule.queue_id, "channel": rule.channel, "disposition": rule.disposition_id}
    return " ".join([f"{rule.days}d", *(f"{name}={value}" for name, value in parts.items() if value)])
