"""Conversations in the office: the list, and one conversation with its whole path, recording and wrap-up."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation, Step
from callcart.contact.recordings import public as recordings
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Agent
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.ids import read_ids
from callcart.people.customers import public as people
from callcart.people.staff import public as staff
from callcart.web.desk.labels import step as step_mark
from callcart.web.http import actor_of, page, requires
from callcart.web.names import customer_names, order_numbers, queue_names, staff_names
from callcart.web.office.customers import masked
from callcart.web.office.listing import (
    PAGE,
    Chip,
    Cursor,
    between,
    choice,
    day_chips,
    periods,
    time_cursor_of,
)
from callcart.web.players import of_conversation
from callcart.web.reader import reader


def state_labels() -> dict[str, str]:
    return {
        "new": _("Ringing in"),
        "ivr": _("In the menu"),
        "waiting": _("Waiting"),
        "offered": _("Ringing an agent"),
        "active": _("Talking"),
        "pending": _("Waits for the customer"),
        "wrap_up": _("Wrap-up"),
        "closed": _("Ended"),
    }


def reason_labels() -> dict[str, str]:
    return {
        "completed": _("Handled"),
        "abandoned": _("Abandoned"),
        "hung_up_in_menu": _("Left in the menu"),
        "self_served": _("Served by the menu"),
        "left_message": _("Left a message"),
        "rejected": _("Rejected"),
        "callback": _("Will be called back"),
        "withdrawn": _("Not needed any more"),
        "not_reached": _("Not reached"),
        "telephony_lost": _("Telephony failed"),
        "failed": _("Failed"),
    }


@requires("conversations.view")
def calls(request: HttpRequest) -> HttpResponse:
    """All conversations, newest first, by state, outcome, queue, agent, day, and number or customer."""
    actor = actor_of(request)
    choices = _choices()
    rows, chips = _filtered(request, actor, choices)
    after = time_cursor_of(request)
    if after:
        rows = rows.filter(
            Q(started_at__lt=after.key) | Q(started_at=after.key, id__lt=after.id), started_at__lte=after.key
        )
    found = list(rows.order_by("-started_at", "-id")[: PAGE + 1])
    more = found[PAGE - 1] if len(found) > PAGE else None
    found = found[:PAGE]
    return page(
        request, "office/calls.html", calls=found, chips=chips, choices=choices, states=choices["state"], trouble=recordings.trouble_now(),
        reasons=choices["reason"], masked=masked, periods=periods(clock.today(actor.timezone)),
        staff=staff_names({each.agent_id for each in found}), queues=queue_names({each.queue_id for each in found}),
        customers=customer_names({each.customer_id for each in found}),
        next=Cursor(more.started_at.isoformat(), str(more.id)).text() if more else "",
    )  # fmt: skip


def _choices() -> dict[str, dict[str, str]]:
    language, agents = reader().language, set(Agent.objects.values_list("staff_id", flat=True))
    return {
        "state": state_labels(),
        "reason": reason_labels(),
        "queue": {str(each.id): each.name_in(language) for each in routing.queues()},
        "agent": {
            str(each.id): each.name_in(language)
            for each in staff.list_staff(active=None)
            if each.id in agents
        },
    }


def _filtered(
    request: HttpRequest, actor: Actor, choices: dict[str, dict[str, str]]
) -> tuple[QuerySet[Conversation], list[Chip]]:
    """The conversations the address line asks for, as far as the reader may see any, and its chips."""
    rows, chips = conversations.visible(actor), list[Chip]()
    columns = {"state": "state", "reason": "end_reason", "queue": "queue_id", "agent": "agent_id"}
    labels = {"state": _("State"), "reason": _("Outcome"), "queue": _("Queue"), "agent": _("Agent")}
    for name, column in columns.items():
        if value := choice(request, name, choices[name]):
            rows = rows.filter(**{column: value})
            if column == "state" and value != "closed":  # few of very many, by an index of those
                rows = rows.filter(closed_at=None)
            chips.append(Chip(name, labels[name], choices[name][value]))
    if query := request.GET.get("q", "").strip()[:200]:
        rows = rows.filter(_found_by(actor, query))
        chips.append(Chip("q", _("Search"), query))
    first, end = between(request, actor.timezone)
    rows = rows.filter(started_at__gte=first) if first else rows
    rows = rows.filter(started_at__lt=end) if end else rows
    return rows, [*chips, *day_chips(request)]


def _found_by(actor: Actor, query: str) -> Q:
    """Calls of this number, or of customers found by it, their name or number."""
    wanted = Q(number="".join(c for c in query if c.isdecimal())[:20] or "-")
    if actor.can("customers.view"):
        wanted |= Q(
            customer_id__in=[each.customer.id for each in people.search_customers(actor, query, limit=200)]
        )
    else:
        people.count_number_tried(actor, query)
    with suppress(Invalid):  # no telephone number; then it is a name
        wanted |= Q(caller_e164=people.normalise_phone(query).e164)
    return wanted


@requires("conversations.view")
def call(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One conversation from the first ring to the end of wrap-up."""
    actor = actor_of(request)
    found = conversations.get_conversation(conversation_id, actor)
    if found.caller_e164:
        people.record_number_seen(actor, ("conversation", found.id), customer_id=found.customer_id)
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
        mark=step_mark,
        recordings=of_conversation(actor, found.id),
        orders=order_numbers({each.object_id for each in links if each.kind == "order"}),
        staff=staff_names({found.agent_id, *(step.staff_id for step in steps)}),
        customers=customer_names({found.customer_id}),
        queues=queue_names({found.queue_id}),
        step_queues=_queues_of(steps),
        waited=_seconds(found.queued_at, found.answered_at or found.ended_at),
        talked=_seconds(found.answered_at, found.ended_at),
    )


def _queues_of(steps: list[Step]) -> dict[str, str]:
    """The names of the queues that steps name."""
    named = queue_names(read_ids([str(step.data.get("queue_id", "")) for step in steps]))
    return {str(each): name for each, name in named.items()}


def _seconds(start: Any, end: Any) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()
