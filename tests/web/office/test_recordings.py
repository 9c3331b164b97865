"""Recordings in the office: found by anything, heard and taken away by permission, commented, held, and kept by rule."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Recording
from callcart.contact.recordings import public as recordings
from callcart.contact.recordings.models import Comment, RetentionRule, Sound, Trouble
from callcart.core import files
from callcart.core.models import AuditEntry
from tests.contact.recordings.conftest import keep_sound
from tests.web.office.office import Office, words

DATA = b"RIFF" + bytes(range(256)) * 8000  # two megabytes


def kept(office: Office, **talk: object) -> Sound:
    return keep_sound(office.shop.tenant_id, DATA, **talk)


def heard(row: Sound, action: str = "recordings.listen") -> list[str]:
    rows = AuditEntry.objects.filter(action=action, subject_id=row.recording_id)
    return [str(entry.after["from"]) for entry in rows]


def test_what_was_said_about_it_finds_it(office: Office) -> None:
    customer = office.customer(name="王小明")
    office.shop.goods("TEA", west=9)
    order = office.shop.place(("TEA", 1), customer_id=customer.id)
    row = kept(office, customer_id=customer.id, caller_e164="+12125550142", agent_id=office.staff["agent"].id)
    conversations.link(row.conversation_id, "order", order.id)
    other = kept(office)
    client = office.client()
    for query in (row.number, order.number, "(212) 555-0142", "王小明", "xiaoming"):
        page = client.get("/office/recordings", {"q": query}).content.decode()
        assert f"/office/recordings/{row.recording_id}" in page, query
        assert f"/office/recordings/{other.recording_id}" not in page, query
    page = words(client.get("/office/recordings", {"q": "nobody at all"}))
    assert "No recording fits these filters" in page


def test_each_chip_narrows_and_a_broken_address_does_no_harm(office: Office) -> None:
    row = kept(office, direction="outbound")
    client = office.client()
    path = f"/office/recordings/{row.recording_id}"
    assert path in client.get("/office/recordings", {"direction": "outbound", "length": "0"}).content.decode()
    assert path not in client.get("/office/recordings", {"direction": "inbound"}).content.decode()
    assert path not in client.get("/office/recordings", {"kept": "deleted"}).content.decode()
    odd = {"agent": "x", "queue": "\x00", "length": "99", "after": "!!", "from": "yesterday", "with": "<b>"}
    assert path in client.get("/office/recordings", odd).content.decode()


def test_pages_go_on_where_the_last_one_ended(office: Office) -> None:
    made = {str(kept(office).recording_id) for _each in range(3)}
    seen, address = set[str](), "/office/recordings"
    from unittest.mock import patch

    with patch("callcart.web.office.recordings.found.PAGE", 2):
        for _page in range(2):
            page = office.client().get(address).content.decode()
            seen |= set(re.findall(r"/office/recordings/([0-9a-f-]{36})", page))
            found = re.search(r"after=([\w-]+)", page)
            address = f"/office/recordings?after={found[1]}" if found else ""
    assert seen == made


def test_an_agent_finds_and_hears_his_own_only(office: Office) -> None:
    mine, other = kept(office, agent_id=office.staff["agent"].id), kept(office)
    client = office.client("agent")
    page = client.get("/office/recordings").content.decode()
    assert str(mine.recording_id) in page and str(other.recording_id) not in page
    for address in ("", "/sound"):
        assert client.get(f"/office/recordings/{mine.recording_id}{address}").status_code == 200
        assert client.get(f"/office/recordings/{other.recording_id}{address}").status_code == 404
    assert heard(other) == []


def test_the_page_shows_both_sides_and_whom_it_was_with(office: Office) -> None:
    row = kept(office)
    page = office.client().get(f"/office/recordings/{row.recording_id}").content.decode()
    assert 'data-peaks="[[1, 50, 100], [0, 20, 3]]"' in page
    assert f"/office/recordings/{row.recording_id}/download" in page


def test_a_player_gets_pieces_that_are_each_whole(office: Office) -> None:
    row, client = kept(office), office.client()
    address = f"/office/recordings/{row.recording_id}/sound"
    start, got = 0, b""
    while start < len(DATA):
        answer = client.get(address, headers={"range": f"bytes={start}-"})
        assert answer.status_code == 206
        piece = answer.content
        assert len(piece) <= 1024 * 1024
        assert answer["Content-Range"] == f"bytes {start}-{start + len(piece) - 1}/{len(DATA)}"
        assert answer["Cache-Control"] == "private, no-store"
        got, start = got + piece, start + len(piece)
    assert got == DATA
    assert heard(row) == ["127.0.0.1 office"], "one listening, however many pieces"
    gone = client.get(address, headers={"range": f"bytes={len(DATA)}-"})
    assert (gone.status_code, gone["Content-Range"]) == (416, f"bytes */{len(DATA)}")
    assert client.get(address, headers={"range": "bytes=-10"}).content == DATA[-10:]


def test_taking_away_needs_its_own_permission_and_is_written_down(office: Office) -> None:
    row = kept(office, agent_id=office.staff["agent"].id)
    address = f"/office/recordings/{row.recording_id}/download"
    assert office.client("agent").get(address).status_code == 403
    assert (
        "/download"
        not in office.client("agent").get(f"/office/recordings/{row.recording_id}").content.decode()
    )
    answer = office.client("supervisor").get(address)
    assert b"".join(answer) == DATA
    assert answer["Content-Disposition"] == f'attachment; filename="{row.number}.wav"'
    assert answer["Cache-Control"] == "private, no-store" and answer["Content-Type"] == "audio/wav"
    assert heard(row, "recordings.download") == ["127.0.0.1 office"]


@pytest.mark.parametrize("headers", [{}, {"range": "bytes=0-"}])
def test_what_was_changed_on_the_disk_is_words_and_never_noise(
    office: Office, headers: dict[str, str]
) -> None:
    row = kept(office)
    path = files.path(Recording.objects.get(id=row.recording_id).file_key)
    data = bytearray(path.read_bytes())
    data[100_000] ^= 1
    path.write_bytes(data)
    address = f"/office/recordings/{row.recording_id}"
    said = office.client().get(f"{address}/sound", headers={"accept": "application/json", **headers})
    assert said.status_code == 500 and said.json()["code"] == "files.damaged"
    assert "Restore it from a backup" in said.json()["message"]
    assert office.client().get(f"{address}/download").status_code == 500


def test_a_comment_is_made_changed_and_taken_back_at_its_second(office: Office) -> None:
    row, client = kept(office), office.client("supervisor")
    address = f"/office/recordings/{row.recording_id}/comments"
    page = client.post(address, {"at": "3000", "text": "Well <b>said</b>"}).content.decode()
    assert (
        'data-seek="3000"' in page and "Well &lt;b&gt;said&lt;/b&gt;" in page and "Supervisor Example" in page
    )
    comment = Comment.objects.get()
    changed = client.post(f"/office/recordings/comments/{comment.id}", {"text": "Better"}).content.decode()
    assert "Better" in changed and "changed" in changed
    other = office.client("owner")
    assert (
        f"comments/{comment.id}" not in other.get(f"/office/recordings/{row.recording_id}").content.decode()
    )
    assert other.post(f"/office/recordings/comments/{comment.id}/remove").status_code == 403
    assert client.post(f"/office/recordings/comments/{comment.id}/remove").status_code == 200
    assert not Comment.objects.exists()
    for at in ("", "-1", "4001", "x", "9" * 40):
        assert client.post(address, {"at": at, "text": "x"}).status_code == 422
    assert not Comment.objects.exists()


def test_a_hold_is_placed_and_lifted_with_a_reason(office: Office) -> None:
    row, client = kept(office), office.client("supervisor")
    address = f"/office/recordings/{row.recording_id}"
    assert "Say why." in words(client.post(f"{address}/hold", {"reason": " "}))
    assert client.post(f"{address}/hold", {"reason": "Case 7"}).status_code == 303
    assert "Case 7" in words(client.get(address))
    assert client.post(f"{address}/lift", {"reason": "settled"}).status_code == 303
    assert not Sound.objects.get().legal_hold
    assert office.client("agent").post(f"{address}/hold", {"reason": "x"}).status_code == 403


def test_rules_are_made_changed_and_taken_away(office: Office) -> None:
    client = office.client()
    assert "Recordings are kept for ever" in words(client.get("/office/recordings/retention"))
    assert "From 1 to" in words(client.post("/office/recordings/retention/new", {"days": "never"}))
    assert client.post("/office/recordings/retention/new", {"days": "90"}).status_code == 303
    rule = RetentionRule.objects.get()
    assert "90 days" in words(client.get("/office/recordings/retention"))
    address = f"/office/recordings/retention/{rule.id}"
    assert client.post(address, {"days": "100", "version": "7"}).status_code == 409
    assert client.post(address, {"days": "100", "version": "1", "channel": "voice"}).status_code == 303
    assert "Telephone" in words(client.get("/office/recordings/retention"))
    assert client.post(f"{address}/remove", {"version": "2"}).status_code == 303
    assert not RetentionRule.objects.exists()
    for role in ("supervisor", "agent"):
        assert office.client(role).get("/office/recordings/retention").status_code == 403


def test_a_full_disk_is_said_at_the_top(office: Office) -> None:
    Trouble.objects.create(reason="disk_full")
    assert "Recordings cannot be kept at present" in words(office.client().get("/office/recordings"))
    recordings.trouble_over()
    assert "cannot be kept" not in words(office.client().get("/office/recordings"))


def test_a_deleted_one_says_so_and_has_no_sound(office: Office) -> None:
    row = kept(office)
    Sound.objects.update(deleted_at=row.started_at, deleted_rule="30d")
    conversations.delete_recording(row.recording_id, data={})
    client, address = office.client(), f"/office/recordings/{row.recording_id}"
    assert "Its sound was deleted" in words(client.get(address))
    assert client.get(f"{address}/sound").status_code == 404
    assert client.get(f"/office/recordings/{UUID(int=7)}").status_code == 404


def test_words_that_were_said_find_it_at_their_moment_and_reading_them_is_written_down(
    office: Office,
) -> None:
    from callcart.contact.recordings.models import Passage, Transcript
    from callcart.core import search

    row, other = kept(office, agent_id=office.staff["agent"].id), kept(office)
    for sound in (row, other):
        kept_text = search.document("where is my 快递 parcel", aloud=False)
        Passage.objects.create(
            recording_id=sound.recording_id, side=0, at_ms=3100, end_ms=3900, text="where is my 快递 parcel",
            search_text=kept_text.text, search_grams=kept_text.grams,
        )  # fmt: skip
        Transcript.objects.create(recording_id=sound.recording_id, engine="fake", language="en")
    client = office.client("agent")
    for typed in ("parcel", "快递"):
        page = client.get("/office/recordings", {"said": typed}).content.decode()
        assert f"/office/recordings/{row.recording_id}#t=3" in page
        assert str(other.recording_id) not in page, "within the reader's reach"
    assert "No recording fits" in words(client.get("/office/recordings", {"said": "pigeon"}))
    address = f"/office/recordings/{row.recording_id}"
    assert f"{address}/words" in client.get(address).content.decode()
    assert heard(row, "recordings.read") == []
    read = client.get(f"{address}/words").content.decode()
    assert "where is my 快递 parcel" in read and 'data-seek="3100"' in read
    assert heard(row, "recordings.read") == ["127.0.0.1 office"]
    assert client.get(f"/office/recordings/{other.recording_id}/words").status_code == 404
