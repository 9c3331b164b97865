"""Conversations in the office: the list, and one conversation with its whole path, recording and wrap-up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.web.http import actor_of, page, requires
from callcart.web.names import customer_names, order_numbers, queue_names, staff_names
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, cursor_of, day, start_of
from callcart.web.ranges import ranged
from callcart.web.steps import exact_time, icon_of, words_of

STATES = ("new", "ivr", "waiting", "offered", "active", "wrap_up", "closed")


def state_labels() -> dict[str, str]:
    return {
        "new": _("Ringing in"),
        "ivr": _("In the menu"),
        "waiting": _("Waiting"),
        "offered": _("Ringing an agent"),
        "active": _("Talking"),
        "wrap_up": _("Wrap-up"),
        "closed": _("Ended"),
    }


def reason_labels() -> dict[str, str]:
    return {
        "completed": _("Handled"),
        "abandoned": _("Abandoned"),
        "hung_up_in_menu": _("Left in the menu"),
        "self_served": _("Served by the menu"),
        "rejected": _("Rejected"),
        "telephony_lost": _("Telephony failed"),
        "failed": _("Failed"),
        "": "",
    }


@requires("conversations.view")
def calls(request: HttpRequest) -> HttpResponse:
    """All conversations, newest first, by state, day, agent and outcome."""
    actor, labels, reasons = actor_of(request), state_labels(), reason_labels()
    rows = Conversation.objects.all()
    if actor.require("conversations.view").scope == "own":
        rows = rows.filter(agent_id=actor.id)
    chips: list[Chip] = []
    state, reason, on = (
        choice(request, "state", STATES),
        choice(request, "reason", reasons),
        day(request, "day"),
    )
    if state:
        rows = rows.filter(state=state)
        chips.append(Chip("state", _("State"), labels[state]))
    if reason:
        rows = rows.filter(end_reason=reason)
        chips.append(Chip("reason", _("Outcome"), reasons[reason]))
    if on:
        start = start_of(on, actor.timezone)
        rows = rows.filter(started_at__gte=start, started_at__lt=start + timedelta(days=1))
        chips.append(Chip("day", _("Day"), on.isoformat()))
    after = cursor_of(request)
    if after:
        rows = rows.extra(
            where=["(started_at, id) < (%s::timestamptz, %s::uuid)"], params=[after.key, after.id]
        )
    found = list(rows.order_by("-started_at", "-id")[: PAGE + 1])
    more = found[PAGE - 1] if len(found) > PAGE else None
    found = found[:PAGE]
    return page(
        request,
        "office/calls.html",
        calls=found,
        chips=chips,
        states=labels,
        reasons=reasons,
        staff=staff_names({each.agent_id for each in found}),
        customers=customer_names({each.customer_id for each in found}),
        queues=queue_names({each.queue_id for each in found}),
        next=Cursor(more.started_at.isoformat(), str(more.id)).text() if more else "",
    )


@requires("conversations.view")
def call(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One conversation from the first ring to the end of wrap-up."""
    actor = actor_of(request)
    found = conversations.get_conversation(conversation_id, actor)
    steps = conversations.path_of(found.id)
    links = list(found.links.all())
    return page(
        request,
        "office/call.html",
        call=found,
        states=state_labels(),
        reasons=reason_labels(),
        steps=steps,
        notes=list(found.notes.order_by("at")),
        wrap_up=conversations.wrap_up_of(found.id),
        words_of=words_of,
        icon_of=icon_of,
        exact_time=exact_time,
        recordings=conversations.recordings_of(actor, found.id) if actor.can("recordings.listen") else [],
        orders=order_numbers({each.object_id for each in links if each.kind == "order"}),
        staff=staff_names({found.agent_id, *(step.staff_id for step in steps)}),
        customers=customer_names({found.customer_id}),
        queues=queue_names({found.queue_id}),
        waited=_seconds(found.queued_at, found.answered_at or found.ended_at),
        talked=_seconds(found.answered_at, found.ended_at),
    )


@requires("recordings.listen")
def recording(request: HttpRequest, recording_id: UUID) -> HttpResponse | FileResponse:
    """The sound itself; every listening is in the audit."""
    found = conversations.open_recording(actor_of(request), recording_id)
    return ranged(request, found.path, "audio/wav")


def _seconds(start: Any, end: Any) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()
