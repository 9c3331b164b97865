"""A customer is asked after the talk: on the telephone the agent passes them on, in writing a link goes before the end, once."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from callcart.contact.conversations.models import Conversation
from callcart.engage.survey import public as survey
from callcart.engage.survey.models import Asked, Rule
from tests.web.desk.letters import Letters
from tests.web.desk.stage import Stage
from tests.web.desk.test_passing import on_the_phone, shown, wishes

QUESTION = {"en": "Was it quick?", "zh-hans": "快吗？"}


@pytest.fixture
def asks(desk: Stage) -> Iterator[object]:
    """Puts a rule on the queue of a conversation, for as long as the test."""

    def put(talk: UUID, **when: object) -> None:
        with desk.transaction():
            found = survey.surveys(active=True)
            draft = survey.SurveyDraft(f"After {uuid4()}", questions=[QUESTION])
            made = found[0] if found else survey.save_survey(desk.boss, draft)
            queue = Conversation.objects.get(id=talk).queue_id
            assert queue is not None
            rule = survey.rules().get(queue)
            draft_rule = survey.RuleDraft(made.id, **when)  # type: ignore[arg-type]
            survey.save_rule(desk.boss, queue, draft_rule, version=rule.version if rule else 0)

    yield put
    with desk.transaction():
        Rule.objects.all().delete()


def test_the_agent_passes_a_caller_on_to_it(desk: Stage, asks: object) -> None:
    talk = on_the_phone(desk)
    asks(talk, calls="never")  # type: ignore[operator]
    assert 'data-to="survey"' not in desk.client().get(f"/desk/c/{talk}/pass-on").content.decode()
    refused = desk.send(f"c/{talk}/pass-on/to", {"to": "survey"})
    assert refused.json()["code"] == "survey.none"
    asks(talk, calls="asked")  # type: ignore[operator]
    assert 'data-to="survey"' in desk.client().get(f"/desk/c/{talk}/pass-on").content.decode()
    before = len(wishes(desk))
    assert desk.send(f"c/{talk}/pass-on/to", {"to": "survey"}).status_code == 200
    assert [each["request"] for each in wishes(desk)[before:]] == ["survey"]
    assert shown(desk, talk)


def test_a_mail_that_is_ended_asks_by_a_link_once(desk: Stage, letters: Letters, asks: object) -> None:
    talk = letters.taken()
    asks(talk, mails=True)  # type: ignore[operator]
    assert desk.send(f"c/{talk}/reply", {
        "text": "It is on its way.", "message_id": str(uuid4()), "seen": 1, "serial": 10, "then": "finish",
    }).status_code == 200  # fmt: skip
    texts = letters.texts(talk)
    assert texts[-2] == "It is on its way." and "/survey/" in texts[-1]
    assert letters.record(talk).state == "closed"
    with desk.transaction():
        asked = Asked.objects.get(conversation_id=talk)
        assert (asked.channel, asked.agent_id) == ("mail", desk.staff["amy"].id)
        assert survey.asked_by(texts[-1].split("/survey/")[1]) == asked


def test_without_a_rule_nobody_is_asked(desk: Stage, letters: Letters, asks: object) -> None:
    talk = letters.taken()
    asks(talk, mails=False, chats=True)  # type: ignore[operator]
    assert desk.send(f"c/{talk}/finish", {"seen": 1}).status_code == 200
    assert letters.record(talk).state == "closed"
    assert not any("/survey/" in text for text in letters.texts(talk))


def test_a_link_that_cannot_be_sent_keeps_nobody_from_ending(
    desk: Stage, letters: Letters, asks: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from callcart.contact.messaging.write import LineOff
    from callcart.engage.survey import closing

    def off(*_arguments: object, **_more: object) -> None:
        raise LineOff

    talk = letters.taken()
    asks(talk, mails=True)  # type: ignore[operator]
    monkeypatch.setattr(closing.messaging, "reply", off)
    assert desk.send(f"c/{talk}/finish", {"seen": 1}).status_code == 200
    assert letters.record(talk).state == "closed"
    with desk.transaction():
        assert not Asked.objects.filter(conversation_id=talk).exists()
