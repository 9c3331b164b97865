"""What a queue does with those who cannot wait in it, or not any longer: set up as data, one rule for each occasion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.routing.models import Queue, QueueRule
from callcart.contact.routing.states import Instead, Occasion
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound

# One who has waited too long, or whose queue is full, is not told to wait. Out of hours nobody waits for the morning on the telephone.
ALLOWED: Mapping[Occasion, tuple[Instead, ...]] = {
    Occasion.CLOSED: (Instead.MESSAGE, Instead.VOICEMAIL, Instead.CALLBACK, Instead.QUEUE),
    Occasion.NOBODY: tuple(Instead),
    Occasion.FULL: (Instead.MESSAGE, Instead.VOICEMAIL, Instead.CALLBACK, Instead.QUEUE),
    Occasion.LATE: (Instead.MESSAGE, Instead.VOICEMAIL, Instead.CALLBACK, Instead.QUEUE),
}
USUAL: Mapping[Occasion, Instead] = {
    Occasion.CLOSED: Instead.MESSAGE,
    Occasion.NOBODY: Instead.WAIT,
    Occasion.FULL: Instead.MESSAGE,
    Occasion.LATE: Instead.MESSAGE,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done on an occasion; `to_queue` where one waits in another."""

    action: Instead
    to_queue: UUID | None = None


def set_rules(actor: Actor, queue_id: UUID, rules: Mapping[Occasion, Rule]) -> None:
    """Set the rules of these occasions; with effect for the next one who comes or is asked after. Raises Invalid, NotFound."""
    actor.require("routing.setup")
    queue = Queue.objects.select_for_update().filter(id=queue_id).first()
    if queue is None:
        raise NotFound
    wrong = {
        str(occasion): problem
        for occasion, rule in rules.items()
        if (problem := _problem(queue_id, occasion, rule))
    }
    if wrong:
        raise Invalid(fields=wrong)
    before = {str(occasion): rule.action for occasion, rule in rules_of(queue_id).items()}
    for occasion, rule in rules.items():
        to_queue = rule.to_queue if rule.action is Instead.QUEUE else None
        QueueRule.objects.update_or_create(
            queue=queue, occasion=occasion, defaults={"action": rule.action, "to_queue_id": to_queue}
        )
    after = {str(occasion): str(rule.action) for occasion, rule in rules.items()}
    audit.record(actor, "routing.setup", subject=("queue", queue_id), before=before, after=after)
    events.emit("queue.changed", subject=("queue", queue_id), audience="board", data={"queue_id": queue_id})


def rules_of(queue_id: UUID) -> dict[Occasion, Rule]:
    """The rule of every occasion, the usual one where nothing is set."""
    found = {occasion: Rule(action) for occasion, action in USUAL.items()}
    for row in QueueRule.objects.filter(queue_id=queue_id):
        found[Occasion(row.occasion)] = Rule(Instead(row.action), row.to_queue_id)
    return found


def _problem(queue_id: UUID, occasion: Occasion, rule: Rule) -> str:
    if rule.action not in ALLOWED[occasion]:
        return _("Choose one of the values offered.")
    other = rule.to_queue not in (None, queue_id) and Queue.objects.filter(id__in=[rule.to_queue]).exists()
    if rule.action is Instead.QUEUE and not other:
        return _("Choose another queue.")
    return ""
