"""A message on the line: whether one is taken, for whom, into which file."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from callcart.contact.conversations.models import Step
from callcart.contact.recordings.models import Trouble
from callcart.contact.routing.models import Queue
from callcart.contact.routing.public import NoSuchQueue, add_queue
from callcart.contact.voicemail import public as voicemail
from callcart.contact.voicemail.models import Box, Voicemail
from callcart.contact.voicemail.taking import MOST_OF_NUMBER
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, PermissionDenied
from callcart.core.models import AuditEntry
from callcart.people.tenants.models import Tenant
from tests.contact.recordings.conftest import person
from tests.contact.voicemail.conftest import call_in, write


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id)


def test_it_is_begun_once_however_often_it_is_asked_for(tenant: Tenant, queue: Queue, folder: Path) -> None:
    call = call_in(tenant_id=tenant.id)
    first = voicemail.begin(call, language="en", queue_id=queue.id)
    assert first is not None
    assert (first.seconds, first.silence, first.texts) == (120, 5, {})
    assert voicemail.begin(call, language="en", queue_id=queue.id) == first
    row = Voicemail.objects.get()
    assert (row.file_name, row.queue_id, row.state) == (first.name, queue.id, "taking")


def test_of_a_number_that_calls_again_and_again_only_some_are_taken(
    tenant: Tenant, queue: Queue, folder: Path
) -> None:
    def taken(number: str) -> bool:
        call = call_in(tenant_id=tenant.id, caller_e164=number)
        return voicemail.begin(call, language="en", queue_id=queue.id) is not None

    assert [taken("+12025550133") for _time in range(MOST_OF_NUMBER + 2)] == [True] * MOST_OF_NUMBER + [
        False
    ] * 2
    assert taken("+12025550134") and taken(""), "nobody else's messages are fewer for it"
    assert Voicemail.objects.count() == MOST_OF_NUMBER + 2


def test_the_box_says_how_and_for_whom(tenant: Tenant, queue: Queue, boss: Actor, folder: Path) -> None:
    other = add_queue(boss, "night", name="Night")
    draft = voicemail.BoxDraft(text="Speak.", text_zh="请讲。", most_s=30, silence_s=8, to_queue_id=other.id)
    voicemail.save_box(boss, queue.id, draft, version=0)
    taking = voicemail.begin(call_in(tenant_id=tenant.id), language="en", queue_id=queue.id)
    assert taking is not None
    assert (taking.seconds, taking.silence) == (30, 8)
    assert taking.texts == {"en": "Speak.", "zh-hans": "请讲。"}
    assert Voicemail.objects.get().queue_id == other.id


def test_a_queue_that_gets_them_and_is_switched_off_gets_none(
    tenant: Tenant, queue: Queue, boss: Actor, folder: Path
) -> None:
    other = add_queue(boss, "night", name="Night")
    voicemail.save_box(boss, queue.id, voicemail.BoxDraft(to_queue_id=other.id), version=0)
    Queue.objects.filter(id=other.id).update(is_active=False)
    voicemail.begin(call_in(tenant_id=tenant.id), language="en", queue_id=queue.id)
    assert Voicemail.objects.get().queue_id == queue.id


def test_without_a_queue_named_it_is_the_one_the_call_would_wait_in(
    tenant: Tenant, queue: Queue, folder: Path
) -> None:
    Queue.objects.exclude(id=queue.id).update(is_active=False)
    voicemail.begin(call_in(tenant_id=tenant.id), language="en")
    assert Voicemail.objects.get().queue_id == queue.id


def test_none_is_taken_where_it_is_switched_off_or_there_is_no_queue(
    tenant: Tenant, queue: Queue, boss: Actor, folder: Path
) -> None:
    voicemail.save_box(boss, queue.id, voicemail.BoxDraft(is_on=False), version=0)
    call = call_in(tenant_id=tenant.id)
    assert voicemail.begin(call, language="en", queue_id=queue.id) is None
    Queue.objects.update(is_active=False)
    assert voicemail.begin(call, language="en") is None
    assert not Voicemail.objects.exists()


def test_a_full_disk_is_known_before_anybody_speaks(
    tenant: Tenant, queue: Queue, folder: Path, monkeypatch: Any
) -> None:
    call = call_in(tenant_id=tenant.id)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=50_000_000))
    assert voicemail.begin(call, language="en", queue_id=queue.id) is None
    assert not Voicemail.objects.exists()
    assert Trouble.objects.get().reason == "disk_full"


def test_three_are_taken_in_a_call_and_no_more(tenant: Tenant, queue: Queue, folder: Path) -> None:
    call = call_in(tenant_id=tenant.id)
    for _each in range(3):
        assert voicemail.begin(call, language="en", queue_id=queue.id)
        voicemail.failed(call)
    assert voicemail.begin(call, language="en", queue_id=queue.id) is None


def test_what_the_engine_could_not_write_is_nothing(tenant: Tenant, queue: Queue, folder: Path) -> None:
    call = call_in(tenant_id=tenant.id)
    taking = voicemail.begin(call, language="en", queue_id=queue.id)
    assert taking is not None
    write(folder / f"{taking.name}.wav", 4)
    voicemail.failed(call)
    voicemail.failed(call)
    assert Voicemail.objects.get().state == "lost"
    assert not list(folder.iterdir()), "half of it is not kept"
    assert Step.objects.filter(conversation_id=call, kind="voicemail.lost").count() == 1


@pytest.mark.parametrize(
    ("sound", "said"),
    [
        ({"seconds": 1.9}, False),
        ({"seconds": 2.0}, True),
        ({"seconds": 20, "loudness": 0.005}, False),  # the noise of a line
        ({"seconds": 20, "from_s": 3, "until_s": 4.8}, False),
        ({"seconds": 20, "from_s": 3, "until_s": 5.1}, True),
    ],
)
def test_two_seconds_of_sound_are_a_message(
    tenant: Tenant, queue: Queue, folder: Path, sound: dict[str, Any], said: bool
) -> None:
    call = call_in(tenant_id=tenant.id)
    taking = voicemail.begin(call, language="en", queue_id=queue.id)
    assert taking is not None
    write(folder / f"{taking.name}.wav", **sound)
    assert voicemail.ended(call) is said


def test_nothing_was_said_where_there_is_no_file(tenant: Tenant, queue: Queue, folder: Path) -> None:
    call = call_in(tenant_id=tenant.id)
    assert not voicemail.ended(call)
    voicemail.begin(call, language="en", queue_id=queue.id)
    assert not voicemail.ended(call)


def test_every_wrong_field_of_a_box_is_named_and_nothing_is_changed(boss: Actor, queue: Queue) -> None:
    draft = voicemail.BoxDraft(most_s=5, silence_s=60, to_queue_id=uuid4(), text="x" * 601)
    with pytest.raises(Invalid) as raised:
        voicemail.save_box(boss, queue.id, draft, version=0)
    assert set(raised.value.fields) == {"most_s", "silence_s", "to_queue_id", "text"}
    assert not Box.objects.exists()
    with pytest.raises(NoSuchQueue):
        voicemail.save_box(boss, uuid4(), voicemail.BoxDraft(), version=0)


def test_of_two_who_change_a_box_the_second_is_told(boss: Actor, queue: Queue) -> None:
    voicemail.save_box(boss, queue.id, voicemail.BoxDraft(most_s=60), version=0)
    with pytest.raises(voicemail.BoxChanged):
        voicemail.save_box(boss, queue.id, voicemail.BoxDraft(most_s=90), version=0)
    assert Box.objects.get().most_s == 60
    assert AuditEntry.objects.filter(action="voicemail.setup", subject_id=queue.id).count() == 1


def test_only_who_may_sets_a_box_up(tenant: Tenant, queue: Queue) -> None:
    with pytest.raises(PermissionDenied):
        voicemail.save_box(person(tenant), queue.id, voicemail.BoxDraft(), version=0)
    assert not Box.objects.exists()
