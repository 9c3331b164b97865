"""A message at the desk: in the inbox, heard by who has it, called back, put off, dealt with."""

from __future__ import annotations

import io
import wave
from uuid import UUID

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.contact.messaging import public as messaging
from callcart.contact.recordings import public as recordings
from callcart.contact.recordings.models import Sound
from callcart.contact.routing import public as routing
from callcart.core.clock import now
from callcart.web.desk import keys_written
from tests.web.desk.stage import GRACE, Stage


def spoken(desk: Stage, number: str = GRACE) -> UUID:
    """A message that was kept and waits, as `voicemail.keeping` leaves it."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000 * 3))
    with desk.transaction():
        talk = conversations.open_conversation(
            desk.boss, channel="voicemail", caller_e164=number, peer=number
        )
        Conversation.objects.filter(id=talk.id).update(queue_id=routing.queues()[0].id)
        put = recordings.seal_sound([out.getvalue()], key=recordings.key_in_use())
        kept = recordings.Kept(put.file_key, put.sealed_with, 3000, put.size, [[20, 60, 10]])
        recordings.keep(conversations.start_recording(talk.id).id, kept)
        conversations.heard(conversations.locked(talk.id), now())
    messaging.enqueue(desk.tenant_id, talk.id)
    return talk.id


def taken(desk: Stage, number: str = GRACE) -> UUID:
    talk = spoken(desk, number)
    assert desk.send(f"c/{talk}/take").status_code == 200
    return talk


def test_it_is_in_the_inbox_and_heard_by_who_takes_it(desk: Stage) -> None:
    talk = spoken(desk)
    assert str(talk) in desk.client().get("/desk/inbox").content.decode()
    before = desk.client().get(f"/desk/c/{talk}").content.decode()
    assert "Take it" in before and "data-peaks" not in before, (
        "who only hears his own hears it once it is his"
    )
    assert desk.send(f"c/{talk}/take").status_code == 200
    page = desk.client().get(f"/desk/c/{talk}").content.decode()
    assert 'data-peaks="[[20, 60, 10]]"' in page and "data-reply-text" not in page
    with desk.transaction():
        sound = Sound.objects.get(conversation_id=talk)
    assert len(b"".join(desk.client().get(f"/desk/recording/{sound.recording_id}"))) > 48_000
    assert desk.client(login="ben").get(f"/desk/recording/{sound.recording_id}").status_code == 404


def test_the_caller_is_called_back_by_key(desk: Stage) -> None:
    talk = taken(desk)
    page = desk.client().get(f"/desk/c/{talk}").content.decode()
    assert f'data-dial data-talk="{talk}" data-key="alt+b"' in page
    assert "alt+b" in [key["name"] for key in keys_written.listed()]


def test_a_hidden_number_cannot_be_called_and_that_is_said(desk: Stage) -> None:
    page = desk.client().get(f"/desk/c/{taken(desk, '')}").content.decode()
    assert "data-dial data-talk" not in page and "nobody can be called back" in page


def test_dealt_with_it_ends_and_is_found_as_his(desk: Stage) -> None:
    talk = taken(desk)
    answer = desk.send(f"c/{talk}/finish", {"seen": 0})
    assert answer.status_code == 200, answer.content
    row = desk.record(talk)
    assert (row.state, row.end_reason, row.agent_id) == ("closed", "completed", desk.staff["amy"].id)


def test_put_off_it_sleeps(desk: Stage) -> None:
    talk = taken(desk)
    assert desk.send(f"c/{talk}/aside", {"seen": 0, "until": "60"}).status_code == 200
    assert desk.record(talk).state == "pending"


def test_nobody_writes_into_it(desk: Stage) -> None:
    talk = taken(desk)
    body = {"text": "Hello", "message_id": str(talk), "seen": 0, "serial": 1, "then": ""}
    assert desk.send(f"c/{talk}/reply", body).json()["code"] == "messaging.not_written"
    assert desk.record(talk).state == "active"
