"""Voicemail and surveys in the office: set up, two people at once, messages and answers that open down to their conversations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import open_conversation
from callcart.contact.routing.models import Queue
from callcart.contact.routing.public import add_queue
from callcart.contact.voicemail.models import Box, Voicemail
from callcart.core.clock import now
from callcart.engage.survey import public as survey
from callcart.engage.survey.models import Rule, Survey
from tests.web.office.office import Office, field_error, words

QUESTION = {"en": "Was it quick?", "zh-hans": "快吗？"}


@pytest.fixture
def queue(office: Office) -> Queue:
    return add_queue(office.boss, "letters", name="Letters", name_zh="来信")


def left(office: Office, queue: Queue, ago: int, caller: str = "+12025550177") -> Voicemail:
    """A message that was kept so many minutes ago."""
    talk = open_conversation(office.boss, channel="voicemail", caller_e164=caller)
    Conversation.objects.filter(id=talk.id).update(queue_id=queue.id)
    made = now() - timedelta(minutes=ago)
    return Voicemail.objects.create(
        id=talk.id, call_id=talk.id, queue_id=queue.id, state="kept", most_s=60, silence_s=5, until=made,
        began_at=made, duration_ms=42_000,
    )  # fmt: skip


def test_messages_newest_first_by_queue_with_masked_numbers(office: Office, queue: Queue) -> None:
    other = add_queue(office.boss, "night", name="Night")
    rows = [left(office, queue, 5), left(office, other, 1, "")]
    client = office.client("agent")
    page = client.get("/office/voicemail")
    text = page.content.decode()
    assert text.index(f"/office/calls/{rows[1].id}") < text.index(f"/office/calls/{rows[0].id}")
    said = words(page)
    assert "Number withheld" in said and "0:42" in said and "5550177" not in text
    narrowed = client.get(f"/office/voicemail?queue={queue.id}").content.decode()
    assert str(rows[0].id) in narrowed and str(rows[1].id) not in narrowed
    assert "Greetings and length" not in said


def test_pages_go_on_where_the_last_one_ended(office: Office, queue: Queue, monkeypatch: Any) -> None:
    rows = [left(office, queue, ago) for ago in range(3)]
    monkeypatch.setattr("callcart.web.office.voicemail.messages.PAGE", 2)
    client = office.client("supervisor")
    first = client.get("/office/voicemail").content.decode()
    assert str(rows[2].id) not in first
    after = first.split("after=")[1].split('"')[0].split("&")[0]
    second = client.get(f"/office/voicemail?after={after}").content.decode()
    assert str(rows[2].id) in second and str(rows[1].id) not in second


def test_a_greeting_is_set_up_and_the_second_person_told(office: Office, queue: Queue) -> None:
    client, path = office.client("supervisor"), f"/office/voicemail/queues/{queue.id}"
    assert "As shipped" in words(client.get("/office/voicemail/queues"))
    sent = {
        "version": "0",
        "text": "Speak.",
        "text_zh": "请讲。",
        "most_s": "90",
        "silence_s": "6",
        "is_on": "1",
    }
    assert client.post(path, sent).status_code == 303
    box = Box.objects.get()
    assert (box.text, box.text_zh, box.most_s, box.silence_s, box.is_on) == ("Speak.", "请讲。", 90, 6, True)
    late = client.post(path, sent | {"text": "Other."})
    assert late.status_code == 409 and "What you typed is kept below" in words(late)
    assert "Other." in late.content.decode()
    wrong = client.post(path, {"version": "1", "most_s": "long", "silence_s": "99"})
    assert wrong.status_code == 422 and field_error(wrong, "most_s") and field_error(wrong, "silence_s")
    assert Box.objects.get().text == "Speak."
    assert "请讲。" in words(office.client("supervisor", language="zh-hans").get("/office/voicemail/queues"))
    for page in (path, "/office/voicemail/queues"):
        assert office.client("agent").get(page).status_code == 403


def test_a_survey_and_its_rule(office: Office, queue: Queue) -> None:
    client = office.client("supervisor")
    assert "No survey yet" in words(client.get("/office/surveys/setup"))
    wrong = client.post("/office/surveys/setup/new", {"name": "", "question_1_en": "Half"})
    assert field_error(wrong, "name") and field_error(wrong, "question_1_zh-hans")
    assert "Half" in wrong.content.decode()
    sent = {"name": "After", "question_1_en": QUESTION["en"], "question_1_zh-hans": QUESTION["zh-hans"]}
    assert client.post("/office/surveys/setup/new", sent).status_code == 303
    made = Survey.objects.get()
    assert made.questions == [QUESTION]
    path = f"/office/surveys/queues/{queue.id}"
    assert client.get(path).status_code == 200
    rule = {"version": "0", "survey_id": str(made.id), "calls": "always", "mails": "1"}
    assert client.post(path, rule).status_code == 303
    kept = Rule.objects.get()
    assert (kept.calls, kept.chats, kept.mails) == ("always", False, True)
    assert client.post(path, rule).status_code == 409
    assert "Also when the agent hangs up first" in words(client.get("/office/surveys/setup"))
    client.post(f"/office/surveys/setup/{made.id}/switch", {"on": "0", "version": "1"})
    assert not Survey.objects.get().is_active
    for page in (path, "/office/surveys/setup", "/office/surveys"):
        assert office.client("agent").get(page).status_code == 403


def test_answers_by_queue_open_down_to_the_conversation(office: Office, queue: Queue) -> None:
    survey.save_survey(office.boss, survey.SurveyDraft("After", questions=[QUESTION]))
    for score in (5, 2):
        talk = open_conversation(office.boss)
        Conversation.objects.filter(id=talk.id).update(queue_id=queue.id)
        asked = survey.ask(talk.id)
        assert asked is not None
        survey.answer(asked.id, place=0, score=score)
    client = office.client("supervisor")
    page = client.get("/office/surveys")
    assert "Letters 2 2 3.5" in words(page)
    assert f"/office/calls/{talk.id}" in page.content.decode()
    low = client.get("/office/surveys?score=low&by=agent")
    assert low.content.decode().count("/office/calls/") == 1
    assert "Nobody has answered yet" not in words(low)
    assert "来信" in words(office.client("supervisor", language="zh-hans").get("/office/surveys"))
