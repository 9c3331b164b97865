"""From a file to a conversation: once the caller has done, what he said is measured, sealed, and waits for an agent, once.

A job looks every few seconds from the tone on, so nothing rests on who tells of the end: the flow, a hang-up, or nobody because our
processes died. A disk that takes nothing is waited for; until then the sound stays where the engine wrote it.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import structlog
from django.conf import settings
from django.db import transaction

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.contact.messaging import public as messaging
from callcart.contact.recordings import public as recordings
from callcart.contact.voice.jobs import file_of
from callcart.contact.voice.models import Call
from callcart.contact.voice.waves import Joined, NotASound, is_whole, read_track
from callcart.contact.voicemail.models import FILES, Voicemail
from callcart.contact.voicemail.sounding import says_something
from callcart.contact.voicemail.states import VoicemailState
from callcart.core import jobs
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import parameters
from callcart.core.ids import read_id
from callcart.core.tenancy import current_tenant, tenant_transaction

log = structlog.get_logger(__name__)

CHANNEL = "voicemail"
LOOK_SECONDS = 4
PATIENCE = timedelta(seconds=60)  # for a file that nobody closes
LEFT_ALONE = timedelta(minutes=10)
OLD_SECONDS = 86_400
_LEFT = """
SELECT v.tenant_id, v.id FROM voicemail_voicemail v WHERE v.state = 'taking' AND v.until < %s AND NOT EXISTS (
  SELECT 1 FROM procrastinate_jobs j WHERE j.task_name = %s AND j.status IN ('todo', 'doing')
     AND j.args->>'voicemail_id' = v.id::text) ORDER BY v.until LIMIT 500"""
_TAKING = "SELECT id FROM voicemail_voicemail WHERE state = 'taking' AND id = ANY(%s)"


@jobs.job(queue="recordings", retry=5, atomic=False)
def keep_message(*, voicemail_id: str) -> None:
    """Keep one message, once the caller has done. Twice does no harm."""
    with tenant_transaction(current_tenant()):
        row = Voicemail.objects.filter(id=UUID(voicemail_id), state=VoicemailState.TAKING).first()
        if row is None:
            return
        path = file_of(row.file_name)
        over = _over_since(row)
        if over is None or not (_is_closed(path) or now() - over > PATIENCE):
            jobs.defer_in(LOOK_SECONDS, keep_message, voicemail_id=voicemail_id)
            return
    if _taken(row, path):
        path.unlink(missing_ok=True)


@jobs.periodic(cron="*/10 * * * *")
def keep_what_was_left() -> None:
    """Every ten minutes: messages whose job has given up get another one; files that no message names any more are deleted."""
    task = jobs.queue_and_name(keep_message)[1]
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        left = connection.execute(_LEFT, [now() - LEFT_ALONE, task]).fetchall()
        old = _old_files()
        taking = {row[0] for row in connection.execute(_TAKING, [list(old)])} if old else set()
    for tenant_id, voicemail_id in left:
        with tenant_transaction(tenant_id):
            jobs.defer(keep_message, voicemail_id=str(voicemail_id))
    for voicemail_id, path in old.items():
        if voicemail_id not in taking:
            path.unlink(missing_ok=True)


def _over_since(row: Voicemail) -> datetime | None:
    """Since when nobody speaks into it; None while somebody may."""
    if row.ended_at is not None:
        return row.ended_at
    ended = Call.objects.filter(conversation_id=row.call_id).values_list("ended_at", flat=True).first()
    return ended or (row.until if row.until < now() else None)


def _is_closed(path: Path) -> bool:
    """Whether the engine has done with it, or never began it."""
    try:
        return is_whole(path)
    except FileNotFoundError:
        return True


def _taken(row: Voicemail, path: Path) -> bool:
    """Whether nothing more is to be had of the file."""
    try:
        track = read_track(path)
    except FileNotFoundError:
        return _end(row, VoicemailState.EMPTY, "nothing_said")
    except NotASound:
        return _end(row, VoicemailState.LOST, "unreadable")
    if not says_something(track):
        return _end(row, VoicemailState.EMPTY, "too_short")
    sound = Joined([track])
    with tenant_transaction(current_tenant()):
        key = recordings.key_in_use()
    try:
        put = recordings.seal_sound(sound.pieces(), key=key)
    except OSError as error:
        return _later(row, recordings.reason_of(error))
    kept = recordings.Kept(put.file_key, put.sealed_with, sound.duration_ms, put.size, sound.peaks)
    with tenant_transaction(current_tenant()):
        if _locked(row):
            _file(row, kept)
        else:  # the job of a worker that was thought dead was quicker
            recordings.forget_files([put.file_key])
    return True


def _file(row: Voicemail, kept: recordings.Kept) -> None:
    """The conversation with its sound; it waits for an agent after the commit, and the timers see to it where we die before that."""
    tenant_id, call = current_tenant(), conversations.get_conversation(row.call_id)
    talk = conversations.open_conversation(
        Actor.system(tenant_id, CHANNEL),
        channel=CHANNEL,
        caller_e164=call.caller_e164,
        caller_raw=call.caller_raw,
        service_number=call.service_number,
        language=call.language,
        customer_id=call.customer_id,
        conversation_id=row.id,
        peer=call.caller_e164,
    )
    Conversation.objects.filter(id=talk.id).update(queue_id=row.queue_id)
    recording = conversations.start_recording(talk.id)
    recordings.keep(recording.id, kept)
    recordings.trouble_over()
    recordings.count_kept()
    conversations.link(talk.id, "conversation", call.id)
    conversations.add_step(
        call.id, "voicemail.kept", data={"conversation_id": str(talk.id), "ms": kept.duration_ms}
    )
    conversations.left_message(call.id)
    Voicemail.objects.filter(id=row.id).update(state=VoicemailState.KEPT, duration_ms=kept.duration_ms)
    conversations.heard(conversations.locked(talk.id), now())
    transaction.on_commit(lambda: messaging.enqueue(tenant_id, talk.id))


def _end(row: Voicemail, state: VoicemailState, why: str) -> bool:
    with tenant_transaction(current_tenant()):
        if _locked(row):
            Voicemail.objects.filter(id=row.id).update(state=state)
            conversations.add_step(row.call_id, f"voicemail.{state}", data={"why": why})
            if state is VoicemailState.LOST:
                log.warning("voicemail.lost", voicemail=str(row.id), why=why)
                recordings.count_lost(why)
    return True


def _later(row: Voicemail, reason: str) -> bool:
    """The disk takes nothing: it is said, and tried again until it does."""
    with tenant_transaction(current_tenant()):
        recordings.note_trouble(reason)
        jobs.defer_in(recordings.AGAIN_SECONDS, keep_message, voicemail_id=str(row.id))
    return False


def _locked(row: Voicemail) -> bool:
    """Whether it is still to be kept; nobody else keeps it until the transaction ends."""
    rows = Voicemail.objects.select_for_update().filter(id=row.id, state=VoicemailState.TAKING)
    return rows.first() is not None


def _old_files() -> dict[UUID, Path]:
    """Files of messages of a day ago and older."""
    folder, limit = Path(settings.CALLCART_RECORDINGS), time.time() - OLD_SECONDS
    found = {}
    for path in folder.glob(f"{FILES}*.wav") if folder.is_dir() else ():
        with suppress(FileNotFoundError):
            message_id = read_id(path.stem.removeprefix(FILES))
            if message_id is not None and path.stat().st_mtime < limit:
                found[message_id] = path
    return found
