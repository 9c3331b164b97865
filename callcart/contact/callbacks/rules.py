"""By which rules a queue makes callbacks. What is changed holds for the next one; it is in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.callbacks.models import QueueRules
from callcart.contact.routing import public as routing
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid

LIMITS: Mapping[str, tuple[int, int]] = {
    "attempts": (1, 10),
    "minutes_apart": (1, 1440),
    "abandoned_s": (0, 3600),
    "per_day": (1, 20),
    "owner_minutes": (0, 480),
}
_MAY_BE_NONE = ("abandoned_s",)


@dataclass(frozen=True, slots=True)
class Rules:
    """As `QueueRules` says; these are those of a queue that has said nothing."""

    offered: bool = False
    customer_first: bool = False
    attempts: int = 3
    minutes_apart: int = 30
    abandoned_s: int | None = None
    missed: bool = False
    per_day: int = 3
    owner_minutes: int = 15
    version: int = 0


_NAMES = tuple(each.name for each in fields(Rules) if each.name != "version")


def rules_of(queue_id: UUID) -> Rules:
    """The rules of one queue."""
    return rules_by_queue([queue_id])[queue_id]


def rules_by_queue(queue_ids: list[UUID]) -> dict[UUID, Rules]:
    """The rules of several queues, in one look."""
    rows = {row.queue_id: row for row in QueueRules.objects.filter(queue_id__in=queue_ids)}
    return {each: _plain(rows[each]) if each in rows else Rules() for each in queue_ids}


def queue_that_calls(wanted: UUID | None = None) -> UUID | None:
    """The queue that calls back who asks on the web: this one, or of all that do the most general; None where none does."""
    queues = [each for each in routing.queues() if wanted in (None, each.id)]
    rules = rules_by_queue([each.id for each in queues])
    found = routing.most_general(each for each in queues if rules[each.id].offered)
    return None if found is None else found.id


def save_rules(actor: Actor, queue_id: UUID, rules: Rules, *, version: int | None = None) -> Rules:
    """Say by which rules a queue makes callbacks, from now on. Raises Invalid, NoSuchQueue, Conflict (somebody was faster)."""
    actor.require("callbacks.setup")
    wrong: dict[str, str] = {}
    for name, (low, high) in LIMITS.items():
        value = getattr(rules, name)
        if not (value is None and name in _MAY_BE_NONE) and not low <= value <= high:
            wrong[name] = _("From %(low)s to %(high)s.") % {"low": low, "high": high}
    if wrong:
        raise Invalid(fields=wrong)
    routing.queue_in_use(queue_id)
    row = QueueRules.objects.select_for_update().filter(queue_id=queue_id).first()
    before = _plain(row) if row is not None else Rules()
    if version is not None and version != before.version:
        raise Conflict
    row = row or QueueRules(queue_id=queue_id)
    for name in _NAMES:
        setattr(row, name, getattr(rules, name))
    row.version = before.version + 1
    row.save()
    after = _plain(row)
    audit.record(
        actor, "callbacks.rules", subject=("queue", queue_id), before=_shown(before), after=_shown(after)
    )
    return after


def _plain(row: QueueRules) -> Rules:
    return Rules(**{each.name: getattr(row, each.name) for each in fields(Rules)})


def _shown(rules: Rules) -> dict[str, Any]:
    return {name: value for name, value in asdict(rules).items() if name != "version"}
