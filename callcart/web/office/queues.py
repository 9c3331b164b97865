"""Queues in the office: what waits now, and how each queue works."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Profile, Queue
from callcart.contact.routing.public import Instead, Occasion, Rule
from callcart.contact.routing.rules import USUAL
from callcart.core.errors import Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.ids import read_id, read_ids
from callcart.people.customers.public import Tier
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.queue_troubles import troubles_by_queue
from callcart.web.reader import reader

NUMBERS = ("priority", "ring_s", "wrap_s", "sticky_s", "target_s")
OR_NONE = ("relax_s", "overflow_s", "level_s", "urgent_s", "urgent_written_s", "max_wait_s", "max_waiting")
WITHOUT = ("relax_s", "overflow_s")  # not in the form: none
ACTIONS = routing.ALLOWED


@requires("routing.setup")
def queues(request: HttpRequest) -> HttpResponse:
    now = {each.id: each for each in routing.queues_now(reader().language)}
    profiles = list(Profile.objects.filter(lent_from=None).prefetch_related("serves__queue").order_by("code"))
    return page(
        request, "office/queues.html", queues=routing.queues(), now=now, profiles=profiles, troubles=troubles_by_queue(),
    )  # fmt: skip


@requires("routing.setup")
def queue(request: HttpRequest, queue_id: UUID | None = None) -> HttpResponse:
    """One queue, or a new one."""
    errors, message = dict[str, str](), ""
    found = None
    if queue_id is not None:
        found = Queue.objects.filter(id=queue_id).first()
        if found is None:
            raise NotFound
    if request.method == "POST":
        with attempt() as tried:
            _save(request, found)
        if tried:
            return go(request, url("office:queues"), toast=_("Saved. It holds from the next offer on."))
        errors, message = tried.fields, tried.message
    others = {
        str(each.id): each.name_in(reader().language) for each in routing.queues() if each.id != queue_id
    }
    return page(
        request, "office/queue.html", queue=found or Queue(), new=found is None, errors=errors, message=message,
        posted=request.POST, others=others, rules=_rules_shown(request, found), actions=ACTIONS,
        boosts=_boosts_shown(request, found), status=422 if message else 200,
    )  # fmt: skip


def _save(request: HttpRequest, found: Queue | None) -> None:
    """The queue and its rules, or neither; all that is wrong is said at once."""
    actor, form, made = actor_of(request), Fields(), found
    with transaction.atomic():
        with form.part():
            values = _values(request)
            if found is None:
                made = routing.add_queue(actor, request.POST.get("code", "").strip(), **values)
            else:
                made = routing.update_queue(actor, found.id, is_active="is_active" in request.POST, **values)
        with form.part():
            if made is not None and "rule_late" in request.POST:
                routing.set_rules(actor, made.id, _rules(request))
        form.done()


def _rules(request: HttpRequest) -> dict[Occasion, Rule]:
    """The rules of the form: an action, or `queue:` and the id of another queue."""
    found = {}
    for occasion in Occasion:
        action, _colon, queue_id = request.POST.get(f"rule_{occasion}", "").partition(":")
        if action not in set(Instead):
            raise Invalid(fields={str(occasion): _("Choose one of the values offered.")})
        found[occasion] = Rule(Instead(action), read_id(queue_id))
    return found


def _rules_shown(request: HttpRequest, found: Queue | None) -> list[tuple[Occasion, str, str]]:
    """Each occasion with its question and the value chosen."""
    rules = (
        routing.rules_of(found.id) if found is not None else {each: Rule(USUAL[each]) for each in Occasion}
    )
    kept = {
        each: f"queue:{rule.to_queue}" if rule.action is Instead.QUEUE else str(rule.action)
        for each, rule in rules.items()
    }
    asked = {
        Occasion.CLOSED: _("Out of hours"), Occasion.NOBODY: _("Nobody at work who could answer"),
        Occasion.FULL: _("Too many waiting"), Occasion.LATE: _("Waited the longest time allowed"),
    }  # fmt: skip
    return [(each, words, request.POST.get(f"rule_{each}", kept[each])) for each, words in asked.items()]


def _boosts_shown(request: HttpRequest, found: Queue | None) -> list[tuple[str, str, str]]:
    kept = found.tier_boost if found is not None else {}
    return [
        (tier.value, str(tier.label), request.POST.get(f"boost_{tier.value}", str(kept.get(tier.value, 0))))
        for tier in Tier
        if tier is not Tier.STANDARD
    ]


def _values(request: HttpRequest) -> dict[str, Any]:
    """The form, numbers read; what is none stays text, so that the verb refuses it with all else that is wrong."""
    posted = request.POST
    values: dict[str, Any] = {name: posted.get(name, "") for name in ("name", "name_zh")}
    values |= {name: _number(posted.get(name, "")) for name in NUMBERS}
    for name in (each for each in OR_NONE if each in posted or each in WITHOUT):
        seconds = _number(posted.get(name, ""))
        values[name] = None if seconds == "" else seconds
    if "boost_vip" in posted:
        boost = {tier.value: _number(posted.get(f"boost_{tier.value}", "0") or "0") for tier in Tier}
        values["tier_boost"] = {tier: points for tier, points in boost.items() if points}
    return values | {"overflow_queue_id": next(iter(read_ids([posted.get("overflow_queue", "")])), None)}


def _number(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= 6 else text
