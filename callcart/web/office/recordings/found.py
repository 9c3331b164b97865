"""The list of recordings: by time, agent, queue, outcome, length, direction, channel, comments, hold, and what is typed: a call's,
an order's or a telephone number, a customer. Newest first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.commerce.orders import public as orders
from callcart.contact.conversations import public as conversations
from callcart.contact.recordings import public as recordings
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Agent
from callcart.core import clock
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound, PermissionDenied
from callcart.people.customers import public as people
from callcart.people.staff import public as staff
from callcart.web.http import actor_of, page, requires
from callcart.web.names import customer_names, queue_names, staff_names
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
from callcart.web.reader import reader


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter with fixed values: its label, its icon, and value to label."""

    label: str
    icon: str
    options: dict[str, str] = field(default_factory=dict)


def length_labels() -> dict[str, str]:
    texts = (_("Under 30 s"), _("30 s to 2 min"), _("2 to 10 min"), _("10 to 30 min"), _("Over 30 min"))
    return {str(each.value): text for each, text in zip(recordings.LengthClass, texts, strict=True)}


def kept_labels() -> dict[str, str]:
    return {"hold": _("On legal hold"), "deleted": _("Deleted")}


@requires("recordings.listen")
def recordings_list(request: HttpRequest) -> HttpResponse:
    """The recordings within the reader's reach that fit."""
    actor = actor_of(request)
    filters = _filters()
    chosen = {name: choice(request, name, each.options) for name, each in filters.items()}
    chips = [
        Chip(name, filters[name].label, filters[name].options[value])
        for name, value in chosen.items()
        if value
    ]
    query = request.GET.get("q", "").strip()[:200]
    if query:
        chips.append(Chip("q", _("Search"), query))
    said = request.GET.get("said", "").strip()[:200]
    moments = recordings.said_in(said) if said else {}
    if said:
        chips.append(Chip("said", _("Words said"), said))
    cursor = time_cursor_of(request)
    after = (datetime.fromisoformat(cursor.key), UUID(cursor.id)) if cursor else None
    wanted = _wanted(request, actor, chosen, query)
    if said:
        wanted = replace(wanted, among=tuple(moments))
    found = recordings.find(actor, wanted, after=after, limit=PAGE + 1)
    more = found[PAGE - 1] if len(found) > PAGE else None
    found = found[:PAGE]
    return page(
        request,
        "office/recordings/list.html",
        found=found,
        moments=moments,
        filters=filters,
        chosen=chosen,
        chips=[*chips, *day_chips(request)],
        periods=periods(clock.today(actor.timezone)),
        trouble=recordings.trouble_now(),
        masked=masked,
        staff=staff_names({each.agent_id for each in found}),
        queues=queue_names({each.queue_id for each in found}),
        customers=customer_names({each.customer_id for each in found}),
        outcomes=filters["outcome"].options,
        next=Cursor(more.started_at.isoformat(), str(more.recording_id)).text() if more else "",
    )


def _filters() -> dict[str, Filter]:
    language, agents = reader().language, set(Agent.objects.values_list("staff_id", flat=True))
    people_here = [each for each in staff.list_staff(active=None) if each.id in agents]
    return {
        "agent": Filter(
            _("Agent"), "headset", {str(each.id): each.name_in(language) for each in people_here}
        ),
        "queue": Filter(
            _("Queue"), "route", {str(each.id): each.name_in(language) for each in routing.queues()}
        ),
        "outcome": Filter(_("Outcome"), "list-check", outcome_labels()),
        "length": Filter(_("Duration"), "clock", length_labels()),
        "direction": Filter(
            _("Direction"), "arrows-exchange", {"inbound": _("Inbound"), "outbound": _("Outbound")}
        ),
        "with": Filter(
            _("With"), "message", {"comments": _("Comments"), "on_hold": _("Customer put on hold")}
        ),
        "kept": Filter(_("Keeping"), "lock", kept_labels()),
    }


def outcome_labels() -> dict[str, str]:
    """Call outcomes by id, those under another with its name before."""
    found = {}
    for node in conversations.all_dispositions(reader().language):
        found[str(node.id)] = node.name
        found |= {str(child.id): f"{node.name}: {child.name}" for child in node.children}
    return found


def _wanted(request: HttpRequest, actor: Actor, chosen: dict[str, str], query: str) -> recordings.Wanted:
    first, end = between(request, actor.timezone)

    def id_of(name: str) -> UUID | None:
        return UUID(chosen[name]) if chosen[name] else None

    return recordings.Wanted(
        first=first,
        end=end,
        agent_id=id_of("agent"),
        queue_id=id_of("queue"),
        disposition_id=id_of("outcome"),
        length_class=int(chosen["length"]) if chosen["length"] else None,
        channel="voice" if chosen["direction"] else "",
        direction=chosen["direction"],
        commented=chosen["with"] == "comments",
        on_hold=chosen["with"] == "on_hold",
        legal_hold=chosen["kept"] == "hold",
        deleted=chosen["kept"] == "deleted",
        any_of=_typed(actor, query) if query else None,
    )


def _typed(actor: Actor, query: str) -> Q:
    """What was typed, as far as the reader may see what it leads to: customers by name, orders by number."""
    digits = "".join(c for c in query if c.isdecimal())[:20]
    known: dict[str, Any] = {"number": digits}
    if actor.can("customers.view"):
        known["customers"] = [each.customer.id for each in people.search_customers(actor, query, limit=200)]
    else:
        people.count_number_tried(actor, query)
    with suppress(Invalid):  # no telephone number; then it is a name
        known["caller"] = people.normalise_phone(query).e164
    if digits:
        with suppress(NotFound, PermissionDenied):
            order = orders.order_by_number(actor, digits).order
            known["conversations"] = [each.id for each in conversations.linked_to("order", order.id)]
    return recordings.named(**known)
