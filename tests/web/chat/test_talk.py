"""A visitor sees his own chat and nothing else, says each thing once, and cannot flood."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import write_note
from callcart.contact.messaging import public as messaging
from callcart.contact.messaging.models import Attachment, Message, Visitor
from callcart.contact.messaging.public import visitors
from callcart.core.clock import frozen, now
from callcart.core.tenancy import tenant_transaction
from callcart.core.tokens import new_token
from tests.web.chat.conftest import Chat

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 30


def _talk(chat: Chat, token: str) -> Conversation:
    with tenant_transaction(chat.floor.tenant_id):
        return Conversation.objects.get(id=visitors.visitor_of(token).conversation_id)


def _answer(chat: Chat, token: str, text: str) -> None:
    with tenant_transaction(chat.floor.tenant_id):
        messaging.reply(chat.floor.boss, visitors.visitor_of(token).conversation_id, messaging.Words(text))  # type: ignore[arg-type]


def test_the_first_words_wait_in_the_queue_and_say_how_long(chat: Chat) -> None:
    client, token, told = chat.begin(
        text="Do you ship to Oregon?", name="Ann", page="https://shop.example/p/lamp?secret=1", title="Lamp"
    )
    assert [(each["text"], each["mine"]) for each in told["messages"]] == [("Do you ship to Oregon?", True)]
    assert (told["state"], token != "") == ("new", True)
    assert chat.heard(client, token)["state"] == "waiting" and chat.heard(client, token)["place"] >= 1
    talk = _talk(chat, token)
    assert (talk.channel, talk.queue_id) == ("chat", chat.floor.queues["sales"])
    with tenant_transaction(chat.floor.tenant_id):
        visitor = visitors.visitor_of(token)
        assert (visitor.name, visitor.page, visitor.page_title) == (
            "Ann",
            "https://shop.example/p/lamp",
            "Lamp",
        )
        assert token not in visitor.token


def test_said_twice_it_is_kept_once(chat: Chat) -> None:
    client, token, _told = chat.begin()
    for _time in range(2):
        assert chat.say(client, token, "Again", key="same").status_code == 200
    assert [each["text"] for each in chat.heard(client, token)["messages"]] == ["Hello", "Again"]
    assert [each["text"] for each in chat.heard(client, token, after=1)["messages"]] == ["Again"]


def test_begun_twice_because_the_answer_did_not_come_it_is_one_chat(chat: Chat) -> None:
    token, body = new_token(), {"text": "Hello?", "key": "first"}
    told = [chat.post(chat.client(), "begin", body, token).json() for _time in range(2)]  # type: ignore[attr-defined]
    assert [[each["text"] for each in one["messages"]] for one in told] == [["Hello?"], ["Hello?"]]
    with tenant_transaction(chat.floor.tenant_id):
        visitor = visitors.visitor_of(token)
        assert Conversation.objects.filter(peer=str(visitor.id)).count() == 1


@pytest.mark.parametrize("token", ["", "short", "x" * 44, "a b" + "x" * 40])
def test_a_token_that_can_be_guessed_is_refused(chat: Chat, token: str) -> None:
    headers = {"X-Chat-Token": token}
    body = '{"text": "x", "key": "k"}'
    answer = chat.client().post(chat.url("begin"), body, content_type="application/json", headers=headers)
    assert answer.status_code == 422 and set(answer.json()["fields"]) == {"token"}


def test_the_answer_is_heard_and_known_to_be_read(chat: Chat) -> None:
    client, token, _told = chat.begin()
    _answer(chat, token, "Yes, we do.")
    heard = chat.heard(client, token, after=1)["messages"]
    assert [(each["text"], each["mine"], each["read"]) for each in heard] == [("Yes, we do.", False, False)]
    assert chat.post(client, "page", {"seen": 2}, token).status_code == 200
    with tenant_transaction(chat.floor.tenant_id):
        ours = Message.objects.get(conversation_id=_talk(chat, token).id, place=2)
        assert ours.seen_at is not None and ours.delivery.state == "delivered"


def test_notes_of_staff_are_never_heard(chat: Chat) -> None:
    client, token, _told = chat.begin()
    with tenant_transaction(chat.floor.tenant_id):
        write_note(chat.floor.boss, _talk(chat, token).id, text="Difficult person")
    assert "Difficult" not in str(chat.heard(client, token))


@pytest.mark.parametrize("token", ["", "x", "x" * 500, "a" * 43])
@pytest.mark.parametrize("path", ["heard", "say", "typing", "page", "end"])
def test_without_the_token_there_is_nothing(chat: Chat, token: str, path: str) -> None:
    chat.begin()
    client = chat.client()
    headers = {"X-Chat-Token": token}
    answer = (
        client.get(chat.url(path), headers=headers)
        if path == "heard"
        else client.post(chat.url(path), {"text": "x", "key": "k"}, headers=headers)
    )
    assert answer.status_code in (401, 422) and "Hello" not in answer.content.decode()


def test_of_another_visitor_one_sees_nothing(chat: Chat) -> None:
    one, first, _told = chat.begin(text="One")
    two, second, _told = chat.begin(text="Two")
    sent = chat.say(one, first, "", file=SimpleUploadedFile("cat.png", PNG, "image/png"))
    [file] = sent.json()["messages"][-1]["files"]  # type: ignore[attr-defined]
    assert one.get(chat.url(f"files/{file['id']}"), headers={"X-Chat-Token": first}).content == PNG
    for token in (second, ""):
        assert two.get(chat.url(f"files/{file['id']}"), headers={"X-Chat-Token": token}).status_code in (
            401,
            404,
        )
    assert "One" not in str(chat.heard(two, second))
    with tenant_transaction(chat.floor.tenant_id):
        talk = Visitor.objects.get(id=visitors.visitor_of(first).id)
        assert talk.conversation_id != visitors.visitor_of(second).conversation_id


def test_a_file_is_given_to_be_saved_unless_it_is_a_picture(chat: Chat) -> None:
    client, token, _told = chat.begin()
    page = SimpleUploadedFile("x.png", b"<script>alert(1)</script>", "image/png")
    [file] = chat.say(client, token, "", file=page).json()["messages"][-1]["files"]  # type: ignore[attr-defined]
    answer = client.get(chat.url(f"files/{file['id']}"), headers={"X-Chat-Token": token})
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (
        "application/octet-stream",
        "attachment",
    )
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff" and not file["picture"]


@pytest.mark.parametrize(
    "body",
    [
        {"text": ""},
        {"text": "x" * 4001},
        {"text": "a\x00b"},
        {"text": "x", "key": ""},
        {"text": "x", "email": "nobody"},
        {"text": "x", "name": "n" * 81},
    ],
)
def test_bad_words_are_refused_and_leave_no_visitor(chat: Chat, body: dict[str, Any]) -> None:
    with tenant_transaction(chat.floor.tenant_id):
        before = Visitor.objects.count()
    answer = chat.post(chat.client(), "begin", {"key": "k", **body}, new_token())
    assert answer.status_code == 422 and answer.json()["fields"]  # type: ignore[attr-defined]
    with tenant_transaction(chat.floor.tenant_id):
        assert Visitor.objects.count() == before


@pytest.mark.parametrize("raw", ["", "[]", "{", "null", '"x"', "\xff"])
def test_what_is_no_json_is_told_so(chat: Chat, raw: str) -> None:
    answer = chat.client().post(chat.url("begin"), raw, content_type="application/json")
    assert answer.status_code == 422


def test_a_flood_is_stopped_and_ends(chat: Chat) -> None:
    moment = now()
    with frozen(moment):
        client, token, _told = chat.begin()
        said = [chat.say(client, token, f"{n}").status_code for n in range(visitors.A_MINUTE)]
        assert said == [200] * (visitors.A_MINUTE - 1) + [429]
        assert chat.say(client, token, "more").json()["code"] == "chat.flood"  # type: ignore[attr-defined]
    with frozen(moment + timedelta(seconds=61)):
        assert chat.say(client, token, "calm").status_code == 200


def _kept(chat: Chat) -> tuple[int, int]:
    with tenant_transaction(chat.floor.tenant_id):
        return Message.objects.count(), Attachment.objects.count()


def test_of_fifty_files_thirty_are_taken_and_the_rest_leaves_nothing(chat: Chat) -> None:
    moment = now()
    with frozen(moment):
        client, token, _told = chat.begin()
    answers = []
    for n in range(50):
        with frozen(moment + timedelta(seconds=10 * n)):  # slowly enough for the limit of a minute
            file = SimpleUploadedFile(f"{n}.txt", b"x", "text/plain")
            answers.append(chat.say(client, token, "", file=file).status_code)
            if n == visitors.FILES_AN_HOUR - 1:
                before = _kept(chat)
    assert answers == [200] * visitors.FILES_AN_HOUR + [429] * (50 - visitors.FILES_AN_HOUR)
    assert _kept(chat) == before
    with frozen(moment + timedelta(seconds=510)):
        assert chat.say(client, token, "Words still go").status_code == 200


def test_a_hundred_messages_at_once_leave_forty_and_nobody_else_is_kept_out(chat: Chat) -> None:
    with frozen(now()):
        client, token, _told = chat.begin()
        said = [chat.say(client, token, f"{n}").status_code for n in range(99)]
        assert (said.count(200), said.count(429)) == (visitors.A_MINUTE - 1, 100 - visitors.A_MINUTE)
        assert len(chat.heard(client, token)["messages"]) == visitors.A_MINUTE
        other, key, _told = chat.begin(text="Me too")
        assert chat.say(other, key, "And more").status_code == 200


def test_four_thousand_characters_are_taken_and_one_more_is_not(chat: Chat) -> None:
    client, token, _told = chat.begin(text="字" * visitors.MOST_TEXT)
    before = _kept(chat)
    assert chat.say(client, token, "字" * (visitors.MOST_TEXT + 1)).status_code == 422
    assert chat.heard(client, token)["messages"][0]["text"] == "字" * visitors.MOST_TEXT
    huge = SimpleUploadedFile("big.bin", b"\0" * (visitors.MOST_FILE + 1), "application/octet-stream")
    refused = chat.say(client, token, "", file=huge)
    assert (refused.status_code, set(refused.json()["fields"])) == (422, {"file"})  # type: ignore[attr-defined]
    assert _kept(chat) == before


def test_a_full_disk_is_said_to_the_visitor_and_his_words_still_go(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, token, _told = chat.begin()
    before = _kept(chat)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _no_space)
        file = SimpleUploadedFile("a.png", PNG + bytes(7), "image/png")
        refused = chat.say(client, token, "Look", file=file)
    assert (refused.status_code, refused.json()["code"]) == (503, "files.no_room")  # type: ignore[attr-defined]
    assert _kept(chat) == before
    assert chat.say(client, token, "Then without it").status_code == 200


def _no_space(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "no space")


def test_a_shop_is_not_drowned_in_chats_from_everywhere(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "NEW_OF_SHOP", 3)
    with frozen(now() + timedelta(days=2)):
        body = {"text": "x", "key": "k"}
        begun = [chat.post(chat.client(), "begin", body, new_token()).status_code for _n in range(5)]
        assert begun == [200] * 3 + [429] * 2


def test_a_page_of_another_site_may_not_speak_for_the_visitor(chat: Chat) -> None:
    """What the frame asks is answered to no other origin: a browser asks first because of the header, and gets no leave."""
    client, token, _told = chat.begin()
    asked = client.options(
        chat.url("say"),
        headers={"Origin": "https://evil.example", "Access-Control-Request-Headers": "x-chat-token"},
    )
    assert "Access-Control-Allow-Origin" not in asked and asked.status_code == 405
    answer = client.get(chat.url("heard"), headers={"X-Chat-Token": token, "Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer


def test_one_address_does_not_begin_a_hundred_chats(chat: Chat) -> None:
    with frozen(now()):
        client = chat.client()
        begun = [
            chat.post(client, "begin", {"text": "x", "key": chat.key()}, new_token()).status_code
            for _n in range(visitors.NEW_AN_HOUR + 2)
        ]
    assert begun == [200] * visitors.NEW_AN_HOUR + [429, 429]


def test_ended_by_the_visitor_and_begun_anew(chat: Chat) -> None:
    client, token, _told = chat.begin()
    first = _talk(chat, token)
    assert chat.post(client, "end", {}, token).status_code == 200
    assert chat.post(client, "end", {}, token).status_code == 200
    assert chat.heard(client, token)["state"] == "closed"
    assert chat.say(client, token, "One more thing").status_code == 200
    again = _talk(chat, token)
    assert again.id != first.id and again.state == "waiting"
    assert [each["text"] for each in chat.heard(client, token)["messages"]] == ["One more thing"]


def test_the_frame_may_be_shown_by_the_sites_that_are_named(chat: Chat) -> None:
    answer = chat.client().get(chat.url())
    assert "frame-ancestors 'self' https://blog.example" in answer["Content-Security-Policy"]
    assert "Ahoy!" in answer.content.decode()
    assert chat.client().get(f"/chat/{UUID(int=1)}/").status_code == 404
    script = chat.client().get("/chat/widget.js")
    assert script["Content-Type"].startswith("text/javascript") and b"callcartChat" in script.content


@pytest.mark.parametrize(
    "origins",
    [
        "http://blog.example",
        "https://*.example",
        "https://a.example/path",
        "javascript:x",
        "https://u:p@a.example",
    ],
)
def test_sites_that_cannot_be_named(origins: str) -> None:
    with pytest.raises(ValueError):
        visitors.read_origins(origins)


def test_switched_off_there_is_no_chat(chat: Chat) -> None:
    client, token, _told = chat.begin()
    for on in (False, True):
        with tenant_transaction(chat.floor.tenant_id):
            messaging.switch_line(chat.floor.boss, chat.line_id, on=on)
        assert chat.client().get(chat.url()).status_code == (200 if on else 404)
        assert chat.say(client, token, "x").status_code == (200 if on else 401)
