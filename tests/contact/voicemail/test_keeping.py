"""From a file to a conversation that waits: sealed, once, whoever dies meanwhile and whatever the disk does."""

from __future__ import annotations

import errno
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

from callcart.contact.conversations.models import Conversation, Link, Recording, Step
from callcart.contact.conversations.public import close_conversation, enter_menu
from callcart.contact.messaging.queueing import enqueue
from callcart.contact.recordings.audio import open_sound
from callcart.contact.recordings.models import Sound, Trouble
from callcart.contact.routing.models import Queue, Ticket
from callcart.contact.routing.public import add_queue
from callcart.contact.voice.jobs import sweep_recordings
from callcart.contact.voicemail import public as voicemail
from callcart.contact.voicemail.keeping import keep_message, keep_what_was_left
from callcart.contact.voicemail.models import Voicemail
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.models import Tenant
from tests.contact.voicemail.conftest import call_in, hang_up, write


def spoken(
    tenant: Tenant, queue: Queue, folder: Path, seconds: float = 4, **more: Any
) -> tuple[UUID, Voicemail, Path]:
    """A caller has spoken after the tone, and the file is closed."""
    call = call_in(tenant_id=tenant.id, caller_e164="+12025550177", **more)
    taking = voicemail.begin(call, language="en", queue_id=queue.id)
    assert taking is not None
    path = folder / f"{taking.name}.wav"
    write(path, seconds)
    return call, Voicemail.objects.get(call_id=call), path


def keep(row: Voicemail) -> str:
    keep_message(voicemail_id=str(row.id))
    return str(Voicemail.objects.get(id=row.id).state)


def jobs_of(row: Voicemail) -> int:
    statement = "SELECT count(*) FROM procrastinate_jobs WHERE args->>'voicemail_id' = %s AND status = 'todo'"
    return int(raw.value(statement, (str(row.id),)))


def test_it_is_a_conversation_with_its_sound_that_somebody_is_to_answer(
    tenant: Tenant, queue: Queue, folder: Path
) -> None:
    call, row, path = spoken(tenant, queue, folder, language="zh-hans", service_number="+12025550100")
    written = path.read_bytes()
    hang_up(call)
    assert keep(row) == "kept"
    talk = Conversation.objects.get(id=row.id)
    assert (talk.channel, talk.state, talk.queue_id, talk.language) == (
        "voicemail",
        "new",
        queue.id,
        "zh-hans",
    )
    assert (talk.caller_e164, talk.service_number) == ("+12025550177", "+12025550100")
    assert talk.heard_at is not None, "the timers queue it, should we die before we do"
    recording = Recording.objects.get(conversation_id=talk.id)
    sound = Sound.objects.get(recording_id=recording.id)
    assert (recording.state, sound.channel, sound.channels, sound.duration_ms) == (
        "ready",
        "voicemail",
        1,
        4000,
    )
    assert sound.sealed_with
    with open_sound(recording.file_key) as kept:
        assert kept.read_all(0, kept.size) == written
    assert not list(folder.iterdir())
    assert Link.objects.get(conversation_id=talk.id).object_id == call
    step = Step.objects.get(conversation_id=call, kind="voicemail.kept")
    assert step.data == {"conversation_id": str(talk.id), "ms": 4000}


def test_keeping_twice_is_keeping_once(tenant: Tenant, queue: Queue, folder: Path) -> None:
    call, row, path = spoken(tenant, queue, folder)
    hang_up(call)
    assert keep(row) == "kept"
    write(path, 4)
    assert keep(row) == "kept"
    assert Conversation.objects.filter(channel="voicemail").count() == Sound.objects.count() == 1


def test_while_the_caller_speaks_it_is_left_alone(tenant: Tenant, queue: Queue, folder: Path) -> None:
    _call, row, path = spoken(tenant, queue, folder)
    before = jobs_of(row)
    assert (keep(row), jobs_of(row)) == ("taking", before + 1)
    assert path.exists()


def test_a_file_that_is_still_written_is_waited_for_but_not_for_ever(
    tenant: Tenant, queue: Queue, folder: Path
) -> None:
    call, row, path = spoken(tenant, queue, folder)
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + bytes(4) + whole[44:])  # as a recorder has it that has not closed it
    hang_up(call)
    assert keep(row) == "taking"
    hang_up(call, ago=61)
    assert keep(row) == "kept", "a killed engine closes nothing, and what was said is there"


def test_nobody_needs_to_tell_of_the_end(tenant: Tenant, queue: Queue, folder: Path) -> None:
    """The voice process died and never came back: past its greatest length a message is over."""
    _call, row, _path = spoken(tenant, queue, folder)
    Voicemail.objects.filter(id=row.id).update(until=clock.now() - timedelta(seconds=1))
    assert keep(row) == "kept"


@pytest.mark.parametrize("seconds", [None, 0, 1.5])
def test_too_little_is_nothing(tenant: Tenant, queue: Queue, folder: Path, seconds: float | None) -> None:
    call, row, path = spoken(tenant, queue, folder, seconds or 0)
    if seconds is None:
        path.unlink()
    hang_up(call, ago=90)
    assert keep(row) == "empty"
    assert not Conversation.objects.filter(channel="voicemail").exists()
    assert not Recording.objects.exists() and not list(folder.iterdir())


def test_what_is_no_sound_is_lost_and_said_so(tenant: Tenant, queue: Queue, folder: Path) -> None:
    call, row, path = spoken(tenant, queue, folder)
    path.write_bytes(b"x" * 100_000)
    hang_up(call, ago=90)
    assert keep(row) == "lost"
    assert Step.objects.filter(conversation_id=call, kind="voicemail.lost").exists()


def test_a_full_disk_keeps_nothing_by_halves_and_all_once_there_is_room(
    tenant: Tenant, queue: Queue, folder: Path
) -> None:
    call, row, path = spoken(tenant, queue, folder)
    hang_up(call)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with patch.object(os, "fsync", full):
        assert keep(row) == "taking"
    assert path.exists() and not Conversation.objects.filter(channel="voicemail").exists()
    assert Trouble.objects.get().reason == "disk_full"
    os.utime(path, (0, 0))
    sweep_recordings()
    assert path.exists(), "what waits for room is nobody's to sweep"
    assert keep(row) == "kept"
    assert not Trouble.objects.exists()


def test_who_only_seemed_to_hang_up_has_left_a_message(tenant: Tenant, queue: Queue, folder: Path) -> None:
    call, row, _path = spoken(tenant, queue, folder)
    actor = Actor.system(tenant.id)
    enter_menu(actor, call)
    close_conversation(actor, call, reason="hung_up_in_menu")
    hang_up(call)
    keep(row)
    assert Conversation.objects.get(id=call).end_reason == "left_message"


def test_it_waits_as_a_mail_does_and_is_queued_once(fresh_db: str, folder: Path) -> None:
    """Real commits: the queue follows the commit; a job that died before is made up for by the timers."""
    tenant = Tenant.objects.get(slug="harbor")
    with tenant_transaction(tenant.id):
        queue = add_queue(Actor.system(tenant.id), "letters", name="Letters")
        call, row, _path = spoken(tenant, queue, folder)
        hang_up(call)
    with tenant_transaction(tenant.id):
        jobs = jobs_of(row)
    _keep_as(tenant.id, row)
    enqueue(tenant.id, row.id)
    with tenant_transaction(tenant.id):
        ticket = Ticket.objects.get(conversation_id=row.id)
        assert (ticket.channel, ticket.queue_id) == (2, queue.id)
        assert jobs == 1
        left = call_in(tenant_id=tenant.id)
        taking = voicemail.begin(left, language="en", queue_id=queue.id)
        assert taking is not None
        Voicemail.objects.filter(call_id=left).update(until=clock.now() - timedelta(hours=1))
        other = Voicemail.objects.get(call_id=left)
        raw.run("DELETE FROM procrastinate_jobs WHERE args->>'voicemail_id' = %s", (str(other.id),))
    strays = [folder / f"message-{other.id}.wav", folder / "message-00000000-0000-7000-8000-000000000001.wav"]
    for stray in strays:
        write(stray, 3)
        os.utime(stray, (time.time() - 90_000,) * 2)
    keep_what_was_left()
    keep_what_was_left()
    with tenant_transaction(tenant.id):
        assert jobs_of(other) == 1, "a job that gave up is followed by one other"
    assert [stray.exists() for stray in strays] == [True, False]


def _keep_as(tenant_id: int, row: Voicemail) -> None:
    from callcart.core.tenancy import tenant_session

    with tenant_session(tenant_id):
        keep_message(voicemail_id=str(row.id))
