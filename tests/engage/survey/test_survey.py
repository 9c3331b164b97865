"""Asked once about a conversation; each answer kept at once; the results add up and open down to conversations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from callcart.contact.conversations.models import Conversation, Step
from callcart.contact.conversations.public import open_conversation
from callcart.contact.routing.models import Queue
from callcart.contact.routing.public import NoSuchQueue, add_queue
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.core.tenancy import acting_for
from callcart.engage.survey import public as survey
from callcart.engage.survey.models import Answer, Asked, Rule, Survey
from callcart.people.tenants.models import Tenant
from tests.contact.recordings.conftest import person

ONE = {"en": "Was it quick?", "zh-hans": "快吗？"}
TWO = {"en": "Was it right?", "zh-hans": "对吗？"}


@pytest.fixture
def boss(tenant: Tenant) -> Actor:
    return Actor.system(tenant.id)


@pytest.fixture
def queue(boss: Actor) -> Queue:
    return add_queue(boss, "letters", name="Letters")


@pytest.fixture
def made(boss: Actor) -> Survey:
    return survey.save_survey(boss, survey.SurveyDraft("After a call", questions=[ONE, TWO, {}]))


def talk(boss: Actor, queue: Queue | None = None, **more: Any) -> Conversation:
    row = open_conversation(boss, channel=more.pop("channel", "voice"), language="zh-hans")
    Conversation.objects.filter(id=row.id).update(queue_id=queue.id if queue else None, **more)
    return Conversation.objects.get(id=row.id)


def test_a_conversation_is_asked_about_once(boss: Actor, made: Survey, queue: Queue) -> None:
    agent = uuid4()
    about = talk(boss, queue, agent_id=agent)
    asked = survey.ask(about.id)
    assert asked is not None and survey.ask(about.id) == asked
    assert (asked.questions, asked.language, asked.channel) == ([ONE, TWO], "zh-hans", "voice")
    assert (asked.queue_id, asked.agent_id, asked.survey_id) == (queue.id, agent, made.id)
    survey.answer(asked.id, place=0, score=5)
    survey.answer(asked.id, place=1, score=2)
    assert survey.ask(about.id) is None, "all of it was answered"
    assert Step.objects.filter(conversation_id=about.id, kind="survey.asked").count() == 1


def test_an_answer_is_kept_at_once_and_given_twice_counts_once(boss: Actor, made: Survey) -> None:
    asked = survey.ask(talk(boss).id)
    assert asked is not None
    for score in (4, 4, 3):
        survey.answer(asked.id, place=0, score=score)
    kept = Asked.objects.get(id=asked.id)
    assert (kept.total, kept.count) == (3, 1)
    assert kept.answered_at is not None
    assert list(Answer.objects.values_list("place", "score")) == [(0, 3)]


@pytest.mark.parametrize(
    ("place", "score", "wrong"), [(0, 0, "score"), (0, 6, "score"), (2, 3, "place"), (-1, 3, "place")]
)
def test_what_is_no_answer_changes_nothing(
    boss: Actor, made: Survey, place: int, score: int, wrong: str
) -> None:
    asked = survey.ask(talk(boss).id)
    assert asked is not None
    with pytest.raises(Invalid) as raised:
        survey.answer(asked.id, place=place, score=score)
    assert set(raised.value.fields) == {wrong}
    assert not Answer.objects.exists() and Asked.objects.get().answered_at is None


def test_the_queues_rule_says_which_and_when(boss: Actor, made: Survey, queue: Queue) -> None:
    other = survey.save_survey(boss, survey.SurveyDraft("Of letters", questions=[ONE]))
    about = talk(boss, queue)
    assert not survey.follows_call(about.id) and not survey.may_pass_on(queue.id)
    for calls, follows, may in (("asked", False, True), ("always", True, True), ("never", False, False)):
        version = survey.rules()[queue.id].version if survey.rules() else 0
        survey.save_rule(boss, queue.id, survey.RuleDraft(other.id, calls=calls), version=version)
        assert (survey.follows_call(about.id), survey.may_pass_on(queue.id)) == (follows, may)
    asked = survey.ask(about.id)
    assert asked is not None and asked.survey_id == other.id
    survey.save_rule(boss, queue.id, survey.RuleDraft(other.id, calls="always"), version=3)
    assert not survey.follows_call(about.id), "it was asked about already"
    survey.switch_survey(boss, other.id, on=False, version=1)
    assert not survey.follows_call(talk(boss, queue).id)


def test_no_survey_in_use_asks_nobody(boss: Actor, made: Survey) -> None:
    survey.switch_survey(boss, made.id, on=False, version=1)
    assert survey.ask(talk(boss).id) is None
    assert survey.ask(talk(boss).id, survey_id=made.id) is None
    assert not Asked.objects.exists()


def test_a_changed_survey_changes_no_result(boss: Actor, made: Survey) -> None:
    asked = survey.ask(talk(boss).id)
    survey.save_survey(
        boss, survey.SurveyDraft("After a call", questions=[TWO]), survey_id=made.id, version=1
    )
    assert asked is not None and Asked.objects.get(id=asked.id).questions == [ONE, TWO]


def test_of_two_who_change_it_the_second_is_told(boss: Actor, made: Survey, queue: Queue) -> None:
    with pytest.raises(survey.SurveyChanged):
        survey.save_survey(boss, survey.SurveyDraft("Other", questions=[ONE]), survey_id=made.id, version=7)
    with pytest.raises(survey.RuleChanged):
        survey.save_rule(boss, queue.id, survey.RuleDraft(made.id), version=7)
    assert Survey.objects.get().name == "After a call" and not Rule.objects.exists()


def test_every_wrong_field_is_named(boss: Actor, made: Survey, queue: Queue) -> None:
    with pytest.raises(Invalid) as raised:
        survey.save_survey(boss, survey.SurveyDraft("", questions=[{"en": "Only one"}]))
    assert set(raised.value.fields) == {"name", "question_1_zh-hans"}
    with pytest.raises(Invalid) as raised:
        survey.save_survey(boss, survey.SurveyDraft("Empty"))
    assert set(raised.value.fields) == {"question_1_en"}
    with pytest.raises(Invalid) as raised:
        survey.save_survey(boss, survey.SurveyDraft("After a call", questions=[ONE]))
    assert set(raised.value.fields) == {"name"}
    with pytest.raises(Invalid) as raised:
        survey.save_rule(boss, queue.id, survey.RuleDraft(uuid4(), calls="often"), version=0)
    assert set(raised.value.fields) == {"calls", "survey_id"}
    with pytest.raises(NoSuchQueue):
        survey.save_rule(boss, uuid4(), survey.RuleDraft(made.id), version=0)


def test_a_link_is_for_one_conversation_of_one_shop(boss: Actor, made: Survey, tenant: Tenant) -> None:
    asked = survey.ask(talk(boss).id)
    assert asked is not None
    token = survey.token_of(asked)
    assert survey.asked_by(token) == asked
    for forged in ("", "x", token[:-2], str(asked.id), token + "é"):
        with pytest.raises(NotFound):
            survey.asked_by(forged)
    other = Tenant.objects.exclude(id=tenant.id).order_by("id").first()
    if other is not None:
        with acting_for(other.id), pytest.raises(NotFound):
            survey.asked_by(token)


def test_means_add_up_and_lists_page_and_narrow(boss: Actor, made: Survey, queue: Queue) -> None:
    first, second = uuid4(), uuid4()
    for agent, scores in ((first, (5, 4)), (first, (1, 1)), (second, (3,)), (second, ())):
        asked = survey.ask(talk(boss, queue, agent_id=agent).id)
        assert asked is not None
        for place, score in enumerate(scores):
            survey.answer(asked.id, place=place, score=score)
    means = {each.key: each for each in survey.means(boss, survey.Wanted(), survey.By.AGENT)}
    assert means[str(first)] == survey.Mean(str(first), 2, 2, 2.75)
    assert means[str(second)] == survey.Mean(str(second), 2, 1, 3.0)
    assert [each.key for each in survey.means(boss, survey.Wanted(), survey.By.QUEUE)] == [str(queue.id)]
    assert survey.means(boss, survey.Wanted(first=now() + timedelta(days=1)), survey.By.CHANNEL) == []
    every = survey.answered(boss, survey.Wanted())
    assert len(every) == 3
    head = survey.answered(boss, survey.Wanted(), most=2)
    assert head[-1].answered_at is not None
    rest = survey.answered(boss, survey.Wanted(), after=(head[-1].answered_at, head[-1].id))
    assert [*head, *rest] == every
    assert [each.agent_id for each in survey.answered(boss, survey.Wanted(low=True))] == [first]
    assert len(survey.answered(boss, survey.Wanted(agent_id=second))) == 1


def test_who_may_not_changes_and_sees_nothing(tenant: Tenant, made: Survey, queue: Queue) -> None:
    nobody = person(tenant)
    for act in (
        lambda: survey.save_survey(nobody, survey.SurveyDraft("X", questions=[ONE])),
        lambda: survey.switch_survey(nobody, made.id, on=False, version=1),
        lambda: survey.save_rule(nobody, queue.id, survey.RuleDraft(made.id), version=0),
        lambda: survey.answered(nobody, survey.Wanted()),
        lambda: survey.means(nobody, survey.Wanted(), survey.By.QUEUE),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert Survey.objects.get().is_active and not Rule.objects.exists()


def test_words_are_kept_and_bounded(boss: Actor, made: Survey) -> None:
    asked = survey.ask(talk(boss).id)
    assert asked is not None
    survey.say_more(asked.id, "Quick!")
    with pytest.raises(Invalid):
        survey.say_more(asked.id, "x" * 2001)
    assert Asked.objects.get().words == "Quick!"
    with pytest.raises(NotFound):
        survey.say_more(UUID(int=1), "x")
