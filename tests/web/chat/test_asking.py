"""After a chat the visitor answers in the chat itself: the same asking as by the link, his own only, and kept at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from callcart.contact.messaging.public import visitors
from callcart.core.tenancy import tenant_transaction
from callcart.engage.survey import public as survey
from callcart.engage.survey.asking import CHANGES_AN_HOUR
from callcart.engage.survey.models import Answer, Asked
from tests.web.chat.conftest import Chat

QUESTIONS = [{"en": "Was it quick?", "zh-hans": "快吗？"}, {"en": "Was it right?", "zh-hans": "对吗？"}]


@pytest.fixture
def asked(chat: Chat) -> Iterator[tuple[Chat, Client, str, Asked]]:
    """A visitor whose chat is over and who is asked."""
    client, token, _told = chat.begin()
    with tenant_transaction(chat.floor.tenant_id):
        made = survey.save_survey(chat.floor.boss, survey.SurveyDraft("After a chat", questions=QUESTIONS))
        talk = visitors.visitor_of(token).conversation_id
        assert talk is not None
        found = survey.ask(talk, survey_id=made.id)
        assert found is not None
    assert chat.post(client, "end", {}, token).status_code == 200
    yield chat, client, token, found
    with tenant_transaction(chat.floor.tenant_id):
        Asked.objects.filter(survey=made).delete()
        made.delete()


def told(chat: Chat, client: Client, token: str) -> Any:
    return client.get(chat.url("survey"), headers={"X-Chat-Token": token}).json()["survey"]


def test_each_click_is_kept_and_may_be_changed(asked: tuple[Chat, Client, str, Asked]) -> None:
    chat, client, token, made = asked
    assert told(chat, client, token) == {
        "id": str(made.id),
        "questions": ["Was it quick?", "Was it right?"],
        "answers": {},
    }
    for place, score in ((0, 4), (1, 5), (0, 3)):
        answer = chat.post(client, "survey/answer", {"place": place, "score": score}, token)
        assert answer.status_code == 200
    assert told(chat, client, token)["answers"] == {"0": 3, "1": 5}
    with tenant_transaction(chat.floor.tenant_id):
        kept = Asked.objects.get(id=made.id)
        assert (kept.total, kept.count) == (8, 2)
        assert survey.asked_by(survey.token_of(kept)).id == made.id  # by the link it is the same


@pytest.mark.parametrize(
    "body",
    [{"place": 0, "score": 0}, {"place": 0, "score": 6}, {"place": 2, "score": 3}, {"place": "0", "score": "3"}, {"score": True, "place": 0}, {}],
)  # fmt: skip
def test_what_is_no_answer_is_refused(asked: tuple[Chat, Client, str, Asked], body: dict[str, Any]) -> None:
    chat, client, token, made = asked
    assert chat.post(client, "survey/answer", body, token).status_code == 422
    with tenant_transaction(chat.floor.tenant_id):
        assert not Answer.objects.filter(asked=made).exists()


def test_others_are_not_asked_and_do_not_answer(asked: tuple[Chat, Client, str, Asked]) -> None:
    chat, client, token, made = asked
    other, theirs, _told = chat.begin()
    assert told(chat, other, theirs) is None
    assert chat.post(other, "survey/answer", {"place": 0, "score": 1}, theirs).status_code == 404
    assert chat.post(other, "survey/answer", {"place": 0, "score": 1}).status_code == 401
    assert chat.post(client, "survey/answer", {"place": 0, "score": 1}, token[:-1] + "x").status_code == 401
    with tenant_transaction(chat.floor.tenant_id):
        assert not Answer.objects.filter(asked=made).exists()


def test_whoever_changes_his_mind_without_end_is_asked_to_wait(
    asked: tuple[Chat, Client, str, Asked],
) -> None:
    chat, client, token, _made = asked
    found = [
        chat.post(client, "survey/answer", {"place": 0, "score": 1 + turn % 2}, token).status_code
        for turn in range(CHANGES_AN_HOUR + 1)
    ]
    assert found == [200] * CHANGES_AN_HOUR + [429]
