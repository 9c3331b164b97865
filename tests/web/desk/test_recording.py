"""Recordings in the desk: to those who may hear them, in pieces, each listening in the audit."""

from __future__ import annotations

import io
import wave
from uuid import UUID

from callcart.contact.conversations import public as conversations
from callcart.contact.recordings import public as recordings
from callcart.core.models import AuditEntry
from tests.web.desk.stage import Stage


def _sound(seconds: int = 2) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(0, 200, 2)) * 160 * seconds)
    return out.getvalue()


def _recorded(desk: Stage, login: str = "amy") -> tuple[UUID, UUID, bytes]:
    talk, sound = desk.wrapping(login=login), _sound()
    with desk.transaction():
        row = conversations.start_recording(talk)
        put = recordings.seal_sound([sound], key=recordings.key_in_use())
        kept = recordings.Kept(put.file_key, put.sealed_with, 2000, put.size, [[10, 90, 40], [5, 0, 60]])
        recordings.keep(row.id, kept)
    return talk, row.id, sound


def _heard(desk: Stage, recording: UUID) -> int:
    with desk.transaction():
        return AuditEntry.objects.filter(action="recordings.listen", subject_id=recording).count()


def test_the_agent_sees_the_waveform_and_hears_it(desk: Stage) -> None:
    talk, recording, sound = _recorded(desk)
    page = desk.client().get(f"/desk/c/{talk}").content.decode()
    assert 'data-peaks="[[10, 90, 40], [5, 0, 60]]"' in page
    answer = desk.client().get(f"/desk/recording/{recording}")
    assert b"".join(answer) == sound
    assert _heard(desk, recording) == 1


def test_a_piece_is_given_as_a_piece(desk: Stage) -> None:
    _talk, recording, sound = _recorded(desk)
    answer = desk.client().get(f"/desk/recording/{recording}", headers={"range": "bytes=100-199"})
    assert answer.status_code == 206
    assert b"".join(answer) == sound[100:200]
    assert answer["Content-Range"] == f"bytes 100-199/{len(sound)}"


def test_no_copy_stays_in_the_browser_and_odd_pieces_are_the_whole(desk: Stage) -> None:
    _talk, recording, sound = _recorded(desk)
    for asked, status in (("bytes=0-9", 206), ("", 200), (f"bytes=0-{'9' * 5000}", 200)):
        answer = desk.client().get(f"/desk/recording/{recording}", headers={"range": asked})
        assert answer.status_code == status
        assert answer["Cache-Control"] == "private, no-store"
        assert b"".join(answer) == (sound[:10] if status == 206 else sound)


def test_a_colleague_neither_sees_nor_hears_it(desk: Stage) -> None:
    talk, recording, _sound = _recorded(desk)
    page = desk.client("ben").get(f"/desk/c/{talk}").content.decode()
    assert "data-waveform" not in page
    assert desk.client("ben").get(f"/desk/recording/{recording}").status_code == 404
    assert _heard(desk, recording) == 0


def test_a_supervisor_hears_everybodys(desk: Stage) -> None:
    _talk, recording, sound = _recorded(desk)
    assert b"".join(desk.client("super").get(f"/desk/recording/{recording}")) == sound


def test_next_door_it_does_not_exist(desk: Stage, other: Stage) -> None:
    _talk, recording, _sound = _recorded(other)
    assert desk.client("owner").get(f"/desk/recording/{recording}").status_code == 404
