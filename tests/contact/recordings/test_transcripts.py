"""What was said: in passages with times, found by words in both languages, read with a trace, gone with the sound."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.conf import settings

from callcart.contact.recordings import delete
from callcart.contact.recordings import public as recordings
from callcart.contact.recordings.fake import FakeTranscriber
from callcart.contact.recordings.models import Passage, Sound, Transcript
from callcart.contact.recordings.transcribe import EngineBusy, Word, engine
from callcart.contact.recordings.transcripts import LONGEST, joined, passages
from callcart.core.database import raw
from callcart.core.errors import NotFound, PermissionDenied
from callcart.core.models import AuditEntry
from callcart.people.tenants.models import Tenant
from tests.contact.recordings.conftest import Make, person
from tests.contact.recordings.test_retention import ago, rule

CALLER = [
    Word("where", 1000, 1200),
    Word("is", 1200, 1300),
    Word("my", 1300, 1400),
    Word("parcel", 1400, 2000),
]
AGENT = [Word("它", 3000, 3200), Word("明天", 3200, 3600), Word("送到", 3600, 4000), Word("再见", 9000, 9500)]


def said(words: str) -> dict[UUID, int]:
    return recordings.said_in(words)


def stereo(seconds: int = 2) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(4)) * 8000 * seconds)
    return out.getvalue()


@pytest.fixture
def engine_there(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeTranscriber]]:
    monkeypatch.setattr(settings, "CALLCART_TRANSCRIBER", f"{FakeTranscriber.__module__}.FakeTranscriber")
    monkeypatch.setattr(FakeTranscriber, "script", (CALLER, AGENT))
    monkeypatch.setattr(FakeTranscriber, "heard", [])
    yield FakeTranscriber


@pytest.fixture
def written(engine_there: type[FakeTranscriber], make: Make) -> Callable[..., Sound]:
    def one(**more: object) -> Sound:
        row = make(stereo(), **more)
        recordings.write_down(recording_id=str(row.recording_id))
        return row

    return one


def test_each_side_is_written_down_in_passages(
    written: Callable[..., Sound], engine_there: type[FakeTranscriber]
) -> None:
    row = written()
    found = Passage.objects.filter(recording_id=row.recording_id).order_by("at_ms")
    assert [(each.side, each.at_ms, each.end_ms, each.text) for each in found] == [
        (0, 1000, 2000, "where is my parcel"),
        (1, 3000, 4000, "它明天送到"),
        (1, 9000, 9500, "再见"),
    ]
    assert found[0].words[3] == ["parcel", 1400, 2000]
    assert engine_there.heard == [(8000, 16_000), (8000, 16_000)]
    recordings.write_down(recording_id=str(row.recording_id))  # again: nothing is there twice
    assert Passage.objects.count() == 3 and Transcript.objects.get().engine == "fake"


def test_it_is_found_by_words_of_both_languages_with_the_moment(written: Callable[..., Sound]) -> None:
    row = written()
    for words, moment in (
        ("parcel", 1000),
        ("PARCEL where", 1000),
        ("明天", 3000),
        ("天送", 3000),
        ("再见", 9000),
    ):
        assert said(words) == {row.recording_id: moment}, words
    for words in ("pigeon", "parcel 明天", "昨天", "tomorrow"):
        assert said(words) == {}, words


def test_a_kept_sound_is_written_down_by_itself_where_an_engine_is_installed(
    engine_there: type[FakeTranscriber], make: Make
) -> None:
    make(stereo())
    assert raw.value("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%%write_down'") == 1


def test_without_an_engine_nothing_is_tried(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("", "no.such.Engine"):
        monkeypatch.setattr(settings, "CALLCART_TRANSCRIBER", path)
        assert engine() is None
    row = make(stereo())
    recordings.write_down(recording_id=str(row.recording_id))
    assert not Transcript.objects.exists()
    assert raw.value("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%%write_down'") == 0


def test_an_engine_at_work_is_asked_again_later(
    engine_there: type[FakeTranscriber], make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object, **_more: object) -> None:
        raise EngineBusy

    monkeypatch.setattr(FakeTranscriber, "transcribe", busy)
    recordings.write_down(recording_id=str(make(stereo()).recording_id))
    assert not Transcript.objects.exists()
    assert raw.value("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%%write_down'") == 2


def test_reading_is_hearing_by_permission_and_with_a_trace(
    tenant: Tenant, written: Callable[..., Sound]
) -> None:
    row = written()
    for who, error in ((person(tenant), PermissionDenied), (person(tenant, listen="own"), NotFound)):
        with pytest.raises(error):
            recordings.read_transcript(who, row.recording_id, whence="")
    assert not AuditEntry.objects.filter(action="recordings.read").exists()
    found = recordings.read_transcript(person(tenant, listen=""), row.recording_id, whence="192.0.2.7 office")
    assert [each.side for each in found] == [0, 1, 1]
    assert AuditEntry.objects.get(action="recordings.read").after["from"] == "192.0.2.7 office"


def test_it_goes_with_the_sound(written: Callable[..., Sound]) -> None:
    rule(30)
    row = written(started=ago(31))
    delete.delete_due()
    assert not Passage.objects.exists() and not Transcript.objects.exists()
    recordings.write_down(recording_id=str(row.recording_id))  # a late job finds nothing to do
    assert not Transcript.objects.exists()


def test_a_long_speech_is_cut_where_it_is_read_at_a_look() -> None:
    words = [Word("word", at * 100, at * 100 + 90) for at in range(200)]
    found = [joined(part) for part in passages(words)]
    assert sum(len(text.split()) for text in found) == 200
    assert all(len(text) <= LONGEST + 10 for text in found) and len(found) > 3
