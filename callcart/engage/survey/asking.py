"""Asking a customer about a conversation, once, and keeping each answer as it comes. A link in a mail or a chat carries a seal of this
installation, so nobody answers for somebody else.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.conversations import public as conversations
from callcart.core import events, throttle, tokens
from callcart.core.clock import now
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.ids import read_id
from callcart.core.tenancy import current_tenant
from callcart.engage.survey.models import SCORES, AfterCall, Answer, Asked, Rule, Survey

MOST_WORDS = 2000
_SEAL = "survey_links"
CHANGES_AN_HOUR = 30


def ask(conversation_id: UUID, *, survey_id: UUID | None = None) -> Asked | None:
    """Ask the customer of a conversation: this survey, else the queue's, else the shop's own. None where none is in use, or all of it
    was answered. Asked again it is the same asking. Raises NotFound."""
    talk = conversations.get_conversation(conversation_id)
    found = Asked.objects.filter(conversation_id=conversation_id).first()
    if found is not None:
        return None if found.count >= len(found.questions) else found
    survey = _survey_for(talk.queue_id, survey_id)
    if survey is None:
        return None
    asked, made = Asked.objects.get_or_create(
        conversation_id=conversation_id,
        defaults={
            "survey": survey,
            "questions": survey.questions,
            "language": talk.language,
            "channel": talk.channel,
            "queue_id": talk.queue_id,
            "agent_id": talk.agent_id,
            "customer_id": talk.customer_id,
        },
    )
    if made:
        conversations.add_step(conversation_id, "survey.asked", data={"asked_id": str(asked.id)})
    return asked


def answer(asked_id: UUID, *, place: int, score: int) -> Asked:
    """Keep one answer at once; another one for the same question takes its place. Raises Invalid (score, place), NotFound."""
    asked = Asked.objects.select_for_update().filter(id=asked_id).first()
    if asked is None:
        raise NotFound
    wrong = {}
    if not SCORES[0] <= score <= SCORES[1]:
        wrong["score"] = _("Choose a number from 1 to 5.")
    if not 0 <= place < len(asked.questions):
        wrong["place"] = _("There is no such question.")
    if wrong:
        raise Invalid(fields=wrong)
    before = Answer.objects.filter(asked=asked, place=place).first()
    if before is not None and before.score == score:
        return asked
    Answer.objects.update_or_create(asked=asked, place=place, defaults={"score": score})
    asked.total += score - (before.score if before else 0)
    asked.count += 0 if before else 1
    first, asked.answered_at = asked.answered_at is None, asked.answered_at or now()
    asked.save(update_fields=["total", "count", "answered_at"])
    conversations.add_step(asked.conversation_id, "survey.answered", data={"place": place, "score": score})
    events.emit(
        "survey.answered",
        subject=("conversation", asked.conversation_id),
        audience="board",
        data={"conversation_id": asked.conversation_id, "asked_id": asked.id, "place": place, "first": first},
    )
    return asked


def say_more(asked_id: UUID, words: str) -> Asked:
    """What the customer writes besides. Raises Invalid (words), NotFound."""
    asked = Asked.objects.select_for_update().filter(id=asked_id).first()
    if asked is None:
        raise NotFound
    form = Fields()
    asked.words = form.block("words", words, most=MOST_WORDS)
    form.done()
    asked.answered_at = asked.answered_at or (now() if asked.words else None)
    asked.save(update_fields=["words", "answered_at"])
    return asked


def count_change(asked: Asked) -> None:
    """Whoever answers may think again, some times an hour: each is on the path. Raises TriedTooOften."""
    limit = throttle.Limit("survey.link", str(asked.id), CHANGES_AN_HOUR, timedelta(hours=1))
    throttle.count(asked.tenant_id, [limit])


def questions_of(asked: Asked) -> list[str]:
    """The questions in the language in which they are asked, else in one there is."""
    return [each.get(asked.language) or next(iter(each.values())) for each in asked.questions]


def asked_of(conversation_id: UUID) -> Asked | None:
    """What was asked about a conversation."""
    return Asked.objects.filter(conversation_id=conversation_id).first()


def answers_of(asked: Asked) -> dict[int, int]:
    """Score by place."""
    return dict(Answer.objects.filter(asked=asked).values_list("place", "score"))


def follows_call(conversation_id: UUID) -> bool:
    """Whether a caller whose agent has hung up first is asked now: the queue's rule says so, and nobody has asked yet."""
    talk = conversations.find_conversation(conversation_id)
    if talk is None or talk.queue_id is None or Asked.objects.filter(conversation_id=talk.id).exists():
        return False
    return Rule.objects.filter(
        queue_id=talk.queue_id, calls=AfterCall.ALWAYS, survey__is_active=True
    ).exists()


def may_pass_on(queue_id: UUID | None) -> bool:
    """Whether an agent of this queue may pass callers on to a survey."""
    if queue_id is None:
        return False
    rules = Rule.objects.filter(queue_id=queue_id, survey__is_active=True)
    return rules.exclude(calls=AfterCall.NEVER).exists()


def token_of(asked: Asked) -> str:
    """What a link carries."""
    return tokens.seal(_SEAL, f"{current_tenant()}/{asked.id}")


def asked_by(token: str) -> Asked:
    """The asking a link is for. Raises NotFound for one that was not made here, or for another shop."""
    try:
        tenant, _slash, asked_id = tokens.unseal(_SEAL, token[:400]).partition("/")
    except (ValueError, UnicodeEncodeError):
        raise NotFound from None
    known = read_id(asked_id)
    found = Asked.objects.filter(id=known).first() if known and tenant == str(current_tenant()) else None
    if found is None:
        raise NotFound
    return found


def _survey_for(queue_id: UUID | None, survey_id: UUID | None) -> Survey | None:
    if survey_id is not None:
        return Survey.objects.filter(id=survey_id, is_active=True).first()
    rule = Rule.objects.filter(queue_id=queue_id).select_related("survey").first() if queue_id else None
    if rule is not None and rule.survey.is_active:
        return rule.survey
    return Survey.objects.filter(is_active=True).order_by("id").first()
