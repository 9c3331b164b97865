"""What was said in a chat is sent to whoever asks for it: once each time, as plain text, never a note, and only so often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from callcart.contact.conversations.public import write_note
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Transcript
from callcart.contact.messaging.public import transcripts, visitors
from callcart.core import events
from callcart.core import models as core
from callcart.core.clock import frozen, now
from callcart.core.tenancy import tenant_session, tenant_transaction
from callcart.engage.notices import chats, jobs, transport
from callcart.engage.notices import public as notices
from callcart.engage.notices.models import Notice
from callcart.web.office.work.told import told
from tests.engage.notices.conftest import Post
from tests.web.chat.conftest import Chat


@pytest.fixture(autouse=True)
def mail() -> Iterator[Post]:
    before, made = transport._mail_in_use, Post()
    transport.use_mail(made)
    yield made
    transport.use_mail(before)


def answered(chat: Chat, reply: str = "Yes, we do.", **who: Any) -> tuple[Client, str, UUID]:
    client, token, _told = chat.begin(name="Ann", **who)
    with tenant_transaction(chat.floor.tenant_id):
        talk = visitors.visitor_of(token).conversation_id
        assert talk is not None
        messaging.reply(chat.floor.boss, talk, messaging.Words(reply))
    return client, token, talk


def ask(chat: Chat, client: Client, token: str, email: str = "ann@there.example", key: str = "") -> Any:
    return chat.post(client, "transcript", {"email": email, "key": key or chat.key()}, token)


def sent(chat: Chat, talk: UUID, mail: Post) -> Notice:
    """The worker does what was asked for, twice as it may, and the one mail goes."""
    with tenant_transaction(chat.floor.tenant_id):
        row = core.Event.objects.filter(kind="chat.transcript_wanted", subject_id=talk).latest("id")
        event = events.Event(
            row.id, row.tenant_id, row.at, row.kind, row.subject_kind, talk, None, "staff", row.data
        )
        for _time in range(2):
            chats.on_transcript_wanted(event)
        [notice] = Notice.objects.filter(key=f"chat_transcript:{row.data['transcript_id']}")
    with tenant_session(chat.floor.tenant_id):
        jobs.send_notice(notice_id=str(notice.id))
    with tenant_transaction(chat.floor.tenant_id):
        return Notice.objects.get(id=notice.id)


def test_it_holds_what_the_visitor_saw_and_no_note(chat: Chat, mail: Post) -> None:
    client, token, talk = answered(chat, "<b>Yes</b>, we do.", text="Do you ship <script>alert(1)</script>?")
    chat.say(client, token, "", file=SimpleUploadedFile("room.txt", b"x", "text/plain"))
    with tenant_transaction(chat.floor.tenant_id):
        write_note(chat.floor.boss, talk, text="Difficult person")
    asked = ask(chat, client, token)
    assert (asked.status_code, asked.json()) == (200, {"address": "ann@there.example"})
    sent(chat, talk, mail)
    [found] = mail.sent
    assert (found.address, found.subject, found.language) == (
        "ann@there.example",
        "Your chat with Harbor & Pine",
        "en",
    )
    assert "Ann, " in found.text and "Do you ship <script>alert(1)</script>?" in found.text
    assert "<b>Yes</b>, we do." in found.text and "File: room.txt" in found.text
    assert found.text.index("Do you ship") < found.text.index("Yes</b>") and "Difficult" not in found.text


def test_in_chinese(chat: Chat, mail: Post) -> None:
    client, token, talk = answered(chat)
    with tenant_transaction(chat.floor.tenant_id):
        visitor = visitors.visitor_of(token)
        type(visitor).objects.filter(id=visitor.id).update(language="zh-hans")
    ask(chat, client, token)
    sent(chat, talk, mail)
    assert "聊天记录" in mail.sent[0].subject and "以下是您与我们的聊天记录" in mail.sent[0].text


def test_its_words_are_gone_once_it_has_gone(chat: Chat, mail: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "only_shown", lambda: False)
    client, token, talk = answered(chat)
    ask(chat, client, token)
    row = sent(chat, talk, mail)
    assert (row.state, row.text) == ("sent", "")
    with tenant_transaction(chat.floor.tenant_id):
        Notice.objects.filter(id=row.id).update(text="secret", state="dead")
        [shown] = told([Notice.objects.get(id=row.id)])
    assert shown.text == "What it says is not shown here."


def test_asked_twice_by_one_press_it_is_sent_once(chat: Chat) -> None:
    client, token, talk = answered(chat)
    assert [ask(chat, client, token, key="same").status_code for _time in range(2)] == [200, 200]
    with tenant_transaction(chat.floor.tenant_id):
        assert Transcript.objects.filter(conversation_id=talk).count() == 1
        assert core.Event.objects.filter(kind="chat.transcript_wanted", subject_id=talk).count() == 1


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "a@b.example\nBcc: c@d.example", "x" * 300 + "@b.example", "a b@c.example"]
)
def test_an_address_that_is_none(chat: Chat, email: str) -> None:
    client, token, talk = answered(chat)
    refused = ask(chat, client, token, email)
    assert refused.status_code == 422 and set(refused.json()["fields"]) == {"email"}
    with tenant_transaction(chat.floor.tenant_id):
        assert not Transcript.objects.filter(conversation_id=talk).exists()


def test_before_anybody_answered_nothing_is_sent(chat: Chat) -> None:
    client, token, _told = chat.begin(text="Buy my pills")
    assert ask(chat, client, token).json()["code"] == "chat.nothing_said"


def test_nobody_is_written_to_over_and_over(chat: Chat) -> None:
    moment = now()
    with frozen(moment):
        client, token, _talk = answered(chat)
        answers = [
            ask(chat, client, token, f"v{n}@there.example").status_code
            for n in range(transcripts.OF_A_VISITOR + 1)
        ]
        assert answers == [200] * transcripts.OF_A_VISITOR + [429]
        for _n in range(transcripts.TO_AN_ADDRESS):
            other, key, _talk = answered(chat)
            assert ask(chat, other, key, "victim@there.example").status_code == 200
        other, key, _talk = answered(chat)
        refused = ask(chat, other, key, "victim@there.example")
        assert (refused.status_code, refused.json()["code"]) == (429, "chat.transcripts")
    with frozen(moment + timedelta(hours=1, seconds=1)):
        assert ask(chat, client, token).status_code == 200


def test_where_the_shop_sends_none_there_is_no_button(chat: Chat) -> None:
    client, token, _talk = answered(chat)
    assert 'id="mail"' in client.get(chat.url()).content.decode()
    with tenant_transaction(chat.floor.tenant_id):
        notices.set_way(chat.floor.boss, "chat_transcript", "off")
    try:
        assert 'id="mail"' not in client.get(chat.url()).content.decode()
        assert ask(chat, client, token).status_code == 404
    finally:
        with tenant_transaction(chat.floor.tenant_id):
            notices.set_way(chat.floor.boss, "chat_transcript", "mail_first")


def test_of_a_long_talk_the_oldest_is_left_out_and_that_is_said(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    _client, token, talk = answered(chat, text="First words")
    monkeypatch.setattr(chats, "MOST_TEXT", 60)
    with tenant_transaction(chat.floor.tenant_id):
        row = Transcript.objects.create(
            visitor=visitors.visitor_of(token), conversation_id=talk, key="k", address="a@b.example", place=2
        )
        found = transcripts.wanted(row.id)
        assert found is not None
        text = chats.written(found, "en")
    assert "Yes, we do." in text and "First words" not in text and "(1 earlier message is left out)" in text
