"""What customers answered: the means by queue, agent or channel, and each answer with the conversation it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.conversations.models import Conversation
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Agent
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.ids import read_id
from callcart.engage.survey import public as survey
from callcart.people.staff import public as staff
from callcart.web.http import actor_of, page, requires
from callcart.web.names import queue_names, staff_names
from callcart.web.office.listing import (
    PAGE,
    Chip,
    Cursor,
    between,
    choice,
    day_chips,
    periods,
    start_of,
    time_cursor_of,
)
from callcart.web.office.recordings.retention import channel_labels
from callcart.web.reader import reader

DAYS = 30  # counted where no time is chosen


@requires("survey.results")
def results(request: HttpRequest) -> HttpResponse:
    """Figures above, answers below, both by the same filters."""
    actor = actor_of(request)
    filters = _filters()
    chosen = {name: choice(request, name, options) for name, (_label, _icon, options) in filters.items()}
    chips = [Chip(name, filters[name][0], filters[name][2][value]) for name, value in chosen.items() if value]
    wanted = _wanted(request, actor, chosen)
    by = survey.By(choice(request, "by", list(survey.By)) or survey.By.QUEUE)
    cursor = time_cursor_of(request)
    after = (datetime.fromisoformat(cursor.key), UUID(cursor.id)) if cursor else None
    found = survey.answered(actor, wanted, after=after, most=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    found = found[:PAGE]
    return page(
        request,
        "office/surveys/results.html",
        found=found,
        means=survey.means(actor, _counted(actor, wanted), by),
        days="" if wanted.first else DAYS,
        by=by,
        groups=_group_labels(),
        names=_names(by),
        filters=filters,
        chosen=chosen,
        chips=[*chips, *day_chips(request)],
        periods=periods(clock.today(actor.timezone)),
        queues=queue_names({each.queue_id for each in found}),
        agents=staff_names({each.agent_id for each in found}),
        channels=channel_labels(),
        numbers=_numbers(found),
        opens=actor.can("conversations.view"),
        next=Cursor(last.answered_at.isoformat(), str(last.id)).text() if last and last.answered_at else "",
    )


def _filters() -> dict[str, tuple[str, str, dict[str, str]]]:
    """Label, icon and values by name."""
    language, agents = reader().language, set(Agent.objects.values_list("staff_id", flat=True))
    people = {
        str(each.id): each.name_in(language) for each in staff.list_staff(active=None) if each.id in agents
    }
    queues = {str(each.id): each.name_in(language) for each in routing.queues()}
    surveys = {str(each.id): each.name_in(language) for each in survey.surveys()}
    return {
        "queue": (_("Queue"), "route", queues),
        "agent": (_("Agent"), "headset", people),
        "channel": (_("Channel"), "messages", channel_labels()),
        "survey": (_("Survey"), "star", surveys),
        "score": (_("Score"), "mood-sad", {"low": _("Two or less")}),
    }


def _wanted(request: HttpRequest, actor: Actor, chosen: dict[str, str]) -> survey.Wanted:
    first, end = between(request, actor.timezone)
    return survey.Wanted(
        first=first,
        end=end,
        queue_id=read_id(chosen["queue"]) if chosen["queue"] else None,
        agent_id=read_id(chosen["agent"]) if chosen["agent"] else None,
        channel=chosen["channel"],
        survey_id=read_id(chosen["survey"]) if chosen["survey"] else None,
        low=chosen["score"] == "low",
    )


def _counted(actor: Actor, wanted: survey.Wanted) -> survey.Wanted:
    """Without a time chosen, the last thirty days."""
    if wanted.first is not None:
        return wanted
    return replace(
        wanted, first=start_of(clock.today(actor.timezone) - timedelta(days=DAYS - 1), actor.timezone)
    )


def _group_labels() -> dict[str, str]:
    return {"queue": _("By queue"), "agent": _("By agent"), "channel": _("By channel")}


def _names(by: survey.By) -> dict[str, str]:
    if by is survey.By.CHANNEL:
        return channel_labels()
    return _filters()[str(by)][2]


def _numbers(found: list[Any]) -> dict[UUID, str]:
    ids = {each.conversation_id for each in found}
    return dict(Conversation.objects.filter(id__in=ids).values_list("id", "number"))
