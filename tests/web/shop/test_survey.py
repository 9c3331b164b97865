"""A survey answered by its link in the shop."""

from __future__ import annotations

from callcart.contact.conversations.models import Step
from callcart.contact.conversations.public import open_conversation
from callcart.engage.survey import public as survey
from callcart.engage.survey.asking import CHANGES_AN_HOUR
from callcart.engage.survey.models import Asked
from tests.web.shop.visitor import Shop

QUESTIONS = [{"en": "Was it quick?", "zh-hans": "快吗？"}, {"en": "Was it right?", "zh-hans": "对吗？"}]


def asked(shop: Shop, language: str = "en") -> tuple[Asked, str]:
    with shop.acting():
        if not survey.surveys():
            survey.save_survey(shop.boss, survey.SurveyDraft("After", questions=QUESTIONS))
        made = survey.ask(open_conversation(shop.boss, channel="mail", language=language).id)
        assert made is not None
        return made, f"/survey/{survey.token_of(made)}"


def test_answers_and_words_are_kept_and_may_be_changed(harbor: Shop) -> None:
    made, path = asked(harbor)
    guest = harbor.visitor()
    assert "Was it quick?" in guest.get(path).words
    done = guest.post(path, score_0="4", score_1="5", words="Good")
    assert "Thank you for your answer." in done.words
    again = guest.post(path, score_0="3")
    assert again.status == 200
    with harbor.acting():
        kept = Asked.objects.get(id=made.id)
    assert (kept.total, kept.count, kept.words) == (8, 2, "Good")


def test_it_speaks_the_language_of_the_conversation(harbor: Shop) -> None:
    _one, path = asked(harbor, "zh-hans")
    assert "快吗？" in harbor.visitor().get(path).words


def test_what_is_no_answer_is_refused_and_a_wrong_link_is_none(harbor: Shop) -> None:
    made, path = asked(harbor)
    guest = harbor.visitor()
    assert guest.post(path, score_0="9").status == 422
    with harbor.acting():
        assert Asked.objects.get(id=made.id).count == 0
    assert guest.get(path[:-3]).status == 404
    assert guest.get("/survey/x").status == 404


def test_whoever_changes_his_mind_without_end_is_asked_to_wait(harbor: Shop) -> None:
    made, path = asked(harbor)
    guest = harbor.visitor()
    statuses = [guest.post(path, score_0=str(1 + turn % 2)).status for turn in range(CHANGES_AN_HOUR + 2)]
    assert statuses == [200] * CHANGES_AN_HOUR + [429] * 2
    with harbor.acting():
        assert (
            Step.objects.filter(conversation_id=made.conversation_id, kind="survey.answered").count()
            == CHANGES_AN_HOUR
        )
