"""Callbacks in the office: the list of all that are and were owed, and the rules of a queue."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.callbacks import public as contact
from callcart.contact.routing import public as routing
from callcart.core.errors import Invalid
from callcart.people.customers import public as people
from callcart.web.callback_words import source_labels, state_labels, state_tone
from callcart.web.http import Attempt, actor_of, attempt, go, page, requires, version_seen
from callcart.web.jinja import url
from callcart.web.names import customer_names, staff_names
from callcart.web.office.customers import masked
from callcart.web.office.listing import PAGE, Chip, Cursor, choice, time_cursor_of
from callcart.web.office.refusal import refusal
from callcart.web.reader import reader

NUMBERS = ("attempts", "minutes_apart", "per_day", "owner_minutes")
SWITCHES = ("offered", "customer_first", "missed")


@requires("callbacks.work")
def callbacks(request: HttpRequest) -> HttpResponse:
    """All callbacks, newest first, by state, queue, how they came about, and number; below them what each queue does."""
    actor, language = actor_of(request), reader().language
    queues = routing.queues()
    names = {str(each.id): each.name_in(language) for each in queues}
    choices = {
        "state": {"open": _("Open"), **state_labels()},
        "queue": names,
        "source": source_labels(),
    }
    wanted, chips = _filters(request, choices)
    rows, after = contact.callbacks(actor, wanted), time_cursor_of(request)
    if after:
        rows = rows.filter(
            Q(made_at__lt=after.key) | Q(made_at=after.key, id__lt=after.id), made_at__lte=after.key
        )
    found = list(rows.order_by("-made_at", "-id")[: PAGE + 1])
    more = found[PAGE - 1] if len(found) > PAGE else None
    found = found[:PAGE]
    shown_rules = actor.can("callbacks.setup")
    return page(
        request, "office/callbacks/list.html", callbacks=found, chips=chips, choices=choices, names=names, tone=state_tone, masked=masked,
        customers=customer_names(each.customer_id for each in found), staff=staff_names(each.owner_id for each in found),
        next=Cursor(more.made_at.isoformat(), str(more.id)).text() if more else "",
        queues=queues if shown_rules else [],
        rules=contact.rules_by_queue([each.id for each in queues]) if shown_rules else {},
    )  # fmt: skip


def _filters(request: HttpRequest, choices: dict[str, dict[str, str]]) -> tuple[contact.Filters, list[Chip]]:
    labels = {"state": _("State"), "queue": _("Queue"), "source": _("Came about")}
    chosen = {name: choice(request, name, choices[name]) for name in choices}
    chips = [Chip(name, labels[name], choices[name][value]) for name, value in chosen.items() if value]
    number = ""
    if query := request.GET.get("q", "").strip()[:40]:
        with suppress(Invalid):
            number = people.normalise_phone(query).e164
        number = number or "-"
        chips.append(Chip("q", _("Search"), query))
    queue_id = UUID(chosen["queue"]) if chosen["queue"] else None
    return contact.Filters(chosen["state"], queue_id, chosen["source"], number), chips


@requires("callbacks.setup")
def rules(request: HttpRequest, queue_id: UUID) -> HttpResponse:
    """By which rules one queue makes callbacks."""
    queue = routing.queue_in_use(queue_id)
    if request.method != "POST":
        return _rules_page(request, queue)
    with attempt() as tried:
        contact.save_rules(actor_of(request), queue_id, _read(request), version=version_seen(request))
    if tried:
        return go(request, url("office:callbacks"), toast=_("Saved. It holds from the next callback on."))
    return _rules_page(request, queue, tried)


def _rules_page(request: HttpRequest, queue: Any, tried: Attempt | None = None) -> HttpResponse:
    kept, refused = contact.rules_of(queue.id), refusal(tried)
    typed: dict[str, Any] = {
        each.name: "" if getattr(kept, each.name) is None else getattr(kept, each.name)
        for each in fields(kept)
    }
    if tried is not None:
        typed |= request.POST.dict() | {name: name in request.POST for name in SWITCHES}
    return page(
        request, "office/callbacks/rules.html", queue=queue, typed=typed, kept=kept, errors=refused.fields,
        message=refused.message, stale=refused.stale, status=refused.status,
    )  # fmt: skip


def _read(request: HttpRequest) -> contact.Rules:
    """The form; a number that is none is out of every range, so that it is refused with all else that is wrong."""
    posted = request.POST
    values: dict[str, Any] = {name: _number(posted.get(name, "")) for name in NUMBERS}
    values |= {name: name in posted for name in SWITCHES}
    seconds = posted.get("abandoned_s", "").strip()
    return contact.Rules(**values, abandoned_s=_number(seconds) if seconds else None)


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else -1
