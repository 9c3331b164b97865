"""The limits of a queue's figures on the live board: one row a queue, one for all that have none, and what ships where neither is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.contact.supervision.models import Limit
from callcart.contact.supervision.states import BOUNDS, LOW_IS_BAD, MEASURES, SHIPPED, Limits
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Conflict, Invalid, NotFound

NAMES = tuple(field.name for field in fields(Limits))


class ChangedMeanwhile(Conflict):
    """Somebody else has changed these limits meanwhile. Look at theirs, then set yours again."""

    code = "supervision.changed"


def limits_by_queue() -> dict[UUID | None, Limits]:
    """The limits of each queue that has its own, and under None what holds for the others."""
    found = {row.queue_id: _of(row) for row in Limit.objects.all()}
    return {None: SHIPPED} | found


def own_limits(queue_id: UUID | None) -> tuple[Limits, int]:
    """The limits in force for a queue (None: for those without their own), and the version to change them by; 0: it has none of its own yet."""
    row = Limit.objects.filter(queue_id=queue_id).first()
    if row is not None:
        return _of(row), row.version
    return limits_by_queue()[None], 0


def set_limits(
    actor: Actor, queue_id: UUID | None, *, version: int, values: Mapping[str, int | str | None]
) -> Limits:
    """Set a queue's limits (None: of those without their own), all of them; None for never. Raises Invalid, NotFound, ChangedMeanwhile."""
    actor.require("supervision.limits")
    if queue_id is not None:
        routing.queue_in_use(queue_id)
    wanted = _checked(values)
    row = Limit.objects.select_for_update().filter(queue_id=queue_id).first()
    if (row.version if row else 0) != version:
        raise ChangedMeanwhile
    before = {name: getattr(row, name) for name in NAMES} if row else {}
    row = row or Limit(queue_id=queue_id, version=0)
    for name, value in wanted.items():
        setattr(row, name, value)
    row.version += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # two made the first ones at once
        raise ChangedMeanwhile from None
    _told(actor, queue_id, before=before, after=wanted)
    return _of(row)


def drop_limits(actor: Actor, queue_id: UUID) -> None:
    """The queue has no limits of its own any more: those for all hold."""
    actor.require("supervision.limits")
    row = Limit.objects.filter(queue_id=queue_id).first()
    if row is None:
        raise NotFound
    before = {name: getattr(row, name) for name in NAMES}
    row.delete()
    _told(actor, queue_id, before=before, after={})


def _told(
    actor: Actor, queue_id: UUID | None, *, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    subject = ("queue", queue_id) if queue_id else None
    audit.record(actor, "supervision.limits", subject=subject, before=before, after=after)
    events.emit("queue.changed", subject=subject, audience="board", data={"queue_id": queue_id})


def _checked(values: Mapping[str, int | str | None]) -> dict[str, int | None]:
    wrong: dict[str, str] = {}
    found: dict[str, int | None] = {}
    for name in NAMES:
        low, high = BOUNDS[name.rpartition("_")[0]]
        value = values.get(name)
        if value is None or (isinstance(value, int) and low <= value <= high):
            found[name] = value
        else:
            wrong[name] = _("From %(low)s to %(high)s.") % {"low": low, "high": high}
    for measure in MEASURES:
        warn, alarm = found.get(f"{measure}_warn"), found.get(f"{measure}_alarm")
        if warn is None or alarm is None:
            continue
        if measure in LOW_IS_BAD and alarm > warn:
            wrong[f"{measure}_alarm"] = _("At most where it is coloured.")
        if measure not in LOW_IS_BAD and alarm < warn:
            wrong[f"{measure}_alarm"] = _("At least where it is coloured.")
    if wrong:
        raise Invalid(fields=wrong)
    return found


def _of(row: Limit) -> Limits:
    return Limits(**{name: getattr(row, name) for name in NAMES})
