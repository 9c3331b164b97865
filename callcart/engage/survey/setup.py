"""Setting surveys up: their questions, and which queue asks them when. What is changed holds for whoever is asked next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.versions import seen_row
from callcart.engage.survey.models import MOST_QUESTIONS, AfterCall, Rule, Survey

LANGUAGES = ("en", "zh-hans")
MOST_NAME, MOST_QUESTION = 80, 300


class SurveyChanged(Conflict):
    """Somebody changed this survey meanwhile. Look again, then save."""

    code = "survey.changed"


class RuleChanged(Conflict):
    """Somebody changed meanwhile when this queue asks. Look again, then save."""

    code = "survey.rule_changed"


@dataclass(frozen=True, slots=True)
class SurveyDraft:
    """A survey as it shall be. `questions`: words by language; one without any is left out."""

    name: str
    name_zh: str = ""
    questions: Sequence[Mapping[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """When a queue asks. Without a survey it does not."""

    survey_id: UUID | None = None
    calls: str = AfterCall.ASKED
    chats: bool = False
    mails: bool = False


def surveys(*, active: bool | None = None) -> list[Survey]:
    """Those in use first, the oldest of them first: that one is the shop's own."""
    rows = Survey.objects.order_by("-is_active", "id")
    return list(rows if active is None else rows.filter(is_active=active))


def get_survey(survey_id: UUID) -> Survey:
    """One survey. Raises NotFound."""
    found = Survey.objects.filter(id=survey_id).first()
    if found is None:
        raise NotFound
    return found


def save_survey(
    actor: Actor, draft: SurveyDraft, *, survey_id: UUID | None = None, version: int = 0
) -> Survey:
    """Add a survey, or change the one seen in this version. Raises Invalid, NotFound, SurveyChanged, PermissionDenied."""
    actor.require("survey.setup")
    row = Survey() if survey_id is None else _seen(survey_id, version)
    before = {} if survey_id is None else _plain(row)
    form = Fields()
    row.name = form.line("name", draft.name, most=MOST_NAME, required=True)
    row.name_zh = form.line("name_zh", draft.name_zh, most=MOST_NAME)
    row.questions = _questions(form, draft.questions)
    form.done()
    row.version += 1 if survey_id else 0
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "survey_name_once" not in str(error):
            raise
        raise Invalid(fields={"name": _("Another survey has this name.")}) from None
    audit.record(actor, "survey.setup", subject=("survey", row.id), before=before, after=_plain(row))
    return row


def switch_survey(actor: Actor, survey_id: UUID, *, on: bool, version: int) -> Survey:
    """Ask it, or nobody any more; what was answered stays. Raises NotFound, SurveyChanged, PermissionDenied."""
    actor.require("survey.setup")
    row = _seen(survey_id, version)
    if row.is_active != on:
        row.is_active, row.version = on, row.version + 1
        row.save(update_fields=["is_active", "version"])
        audit.record(actor, "survey.switch", subject=("survey", row.id), after={"on": on})
    return row


def rules() -> dict[UUID, Rule]:
    """By queue."""
    return {rule.queue_id: rule for rule in Rule.objects.select_related("survey")}


def save_rule(actor: Actor, queue_id: UUID, draft: RuleDraft, *, version: int) -> Rule | None:
    """Say when a queue asks; `version` is the one that was seen (0: none). Raises Invalid, RuleChanged, NoSuchQueue,
    PermissionDenied."""
    actor.require("survey.setup")
    routing.queue_in_use(queue_id)
    row = Rule.objects.select_for_update().filter(queue_id=queue_id).first()
    if version != (row.version if row else 0):
        raise RuleChanged
    before = _plain_rule(row)
    form = Fields()
    calls = form.choice("calls", draft.calls, [str(each) for each in AfterCall])
    if draft.survey_id is not None and not Survey.objects.filter(id=draft.survey_id, is_active=True).exists():
        form.refuse("survey_id", _("Choose a survey that is in use."))
    form.done()
    if draft.survey_id is None:
        Rule.objects.filter(queue_id=queue_id).delete()
        row = None
    else:
        row = row or Rule(queue_id=queue_id, version=0)
        row.survey_id, row.calls, row.chats, row.mails = draft.survey_id, calls, draft.chats, draft.mails
        row.version += 1
        row.save()
    audit.record(actor, "survey.rule", subject=("queue", queue_id), before=before, after=_plain_rule(row))
    return row


def _questions(form: Fields, given: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    found = []
    for place, words in enumerate(given[:MOST_QUESTIONS], 1):
        texts = {
            language: form.line(f"question_{place}_{language}", words.get(language, ""), most=MOST_QUESTION)
            for language in LANGUAGES
        }
        if not any(texts.values()):
            continue
        for language, text in texts.items():
            if not text:
                form.refuse(f"question_{place}_{language}", _("Write it in both languages."))
        found.append(texts)
    if not found:
        form.refuse("question_1_en", _("Write one question at least."))
    return found


def _seen(survey_id: UUID, version: int) -> Survey:
    return seen_row(Survey.objects.select_for_update(), survey_id, version, stale=SurveyChanged)


def _plain(row: Survey) -> dict[str, Any]:
    return {"name": row.name, "name_zh": row.name_zh, "questions": row.questions}


def _plain_rule(row: Rule | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {"survey_id": row.survey_id, "calls": row.calls, "chats": row.chats, "mails": row.mails}
