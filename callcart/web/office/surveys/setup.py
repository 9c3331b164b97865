"""Setting surveys up: the list, one with its questions, and when each queue asks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.routing import public as routing
from callcart.core.ids import read_id
from callcart.engage.survey import public as survey
from callcart.web.http import actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader


@requires("survey.setup")
def surveys(request: HttpRequest) -> HttpResponse:
    """Every survey, and when each queue asks which."""
    return page(
        request,
        "office/surveys/surveys.html",
        surveys=survey.surveys(),
        queues=routing.queues(),
        rules=survey.rules(),
        when=when_labels(),
    )


@requires("survey.setup")
def one(request: HttpRequest, survey_id: UUID | None = None) -> HttpResponse:
    """One survey, or a new one."""
    found = survey.Survey() if survey_id is None else survey.get_survey(survey_id)
    tried = None
    if request.method == "POST":
        with attempt() as tried:
            survey.save_survey(
                actor_of(request), _draft(request), survey_id=survey_id, version=version_seen(request)
            )
        if tried:
            return go(request, url("office:surveys_setup"), toast=_("Saved."))
    said = refusal(tried)
    return page(
        request,
        "office/surveys/survey.html",
        status=said.status,
        said=said,
        stale=isinstance(said.error, survey.SurveyChanged),
        survey=found,
        new=survey_id is None,
        shown=_shown(request, found),
        places=range(1, survey.MOST_QUESTIONS + 1),
    )


@requires("survey.setup")
@require_POST
def switch(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Ask it, or nobody any more."""
    on = request.POST.get("on") == "1"
    with attempt() as tried:
        survey.switch_survey(actor_of(request), survey_id, on=on, version=version_seen(request))
    toast = (_("Switched on.") if on else _("Switched off.")) if tried else tried.message
    return go(request, url("office:surveys_setup"), toast=toast, kind="success" if tried else "error")


@requires("survey.setup")
def rule(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """When a queue asks, and what."""
    queue = routing.queue_in_use(queue_id)
    found, tried = survey.rules().get(queue_id), None
    if request.method == "POST":
        with attempt() as tried:
            survey.save_rule(actor_of(request), queue_id, _rule(request), version=version_seen(request))
        if tried:
            return go(request, url("office:surveys_setup"), toast=_("Saved."))
    said, language = refusal(tried), reader().language
    stored: dict[str, Any] = {
        "survey_id": str(found.survey_id) if found else "",
        "calls": found.calls if found else str(survey.AfterCall.ASKED),
        "chats": bool(found and found.chats),
        "mails": bool(found and found.mails),
    }
    typed = {**request.POST.dict(), "chats": "chats" in request.POST, "mails": "mails" in request.POST}
    return page(
        request,
        "office/surveys/rule.html",
        status=said.status,
        said=said,
        stale=isinstance(said.error, survey.RuleChanged),
        queue=queue,
        version=found.version if found else 0,
        shown=typed if request.method == "POST" else stored,
        surveys=[(str(each.id), each.name_in(language)) for each in survey.surveys(active=True)],
        when=list(when_labels().items()),
    )


def when_labels() -> dict[str, str]:
    """When callers are asked, in words."""
    return {
        "never": _("Callers are not asked"),
        "asked": _("When the agent passes them on"),
        "always": _("Also when the agent hangs up first"),
    }


def _draft(request: HttpRequest) -> survey.SurveyDraft:
    posted = request.POST
    return survey.SurveyDraft(
        name=posted.get("name", ""),
        name_zh=posted.get("name_zh", ""),
        questions=[
            {language: posted.get(f"question_{place}_{language}", "") for language in survey.LANGUAGES}
            for place in range(1, survey.MOST_QUESTIONS + 1)
        ],
    )


def _rule(request: HttpRequest) -> survey.RuleDraft:
    posted = request.POST
    return survey.RuleDraft(
        survey_id=read_id(posted["survey_id"]) if posted.get("survey_id") else None,
        calls=posted.get("calls", ""),
        chats="chats" in posted,
        mails="mails" in posted,
    )


def _shown(request: HttpRequest, found: survey.Survey) -> dict[str, Any]:
    """What was typed, else what is stored."""
    stored = {"name": found.name, "name_zh": found.name_zh}
    for place, texts in enumerate(found.questions, 1):
        stored |= {f"question_{place}_{language}": text for language, text in texts.items()}
    return stored | request.POST.dict()
