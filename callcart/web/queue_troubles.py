"""What is wrong with a queue just now, in words: no agent at all, nobody at work, who waits for nobody. For pages and the board."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callcart.contact.hours.public import calendars
from callcart.contact.routing import public as routing
from callcart.core.clock import now


def troubles_by_queue() -> dict[UUID, list[str]]:
    """The warnings of each queue that has some. One that is out of its hours needs nobody, unless somebody waits in it."""
    staffing, stranded = routing.staffing(), routing.stranded()
    hours, moment = calendars(list(staffing)), now()
    found: dict[UUID, list[str]] = {}
    for queue_id, there in staffing.items():
        if not there.agents:
            found[queue_id] = [_("No agent serves this queue. Give it to a group.")]
        elif not there.at_work and hours[queue_id].is_open(moment):
            found[queue_id] = [_("It is open, and nobody is at work.")]
        elif not there.ready and hours[queue_id].is_open(moment):
            found[queue_id] = [_("All its agents are paused.")]
    for each in stranded:
        found.setdefault(each.queue_id, []).append(_waits(each))
    return found


def _waits(each: routing.Stranded) -> str:
    if each.needs:
        words = ngettext(
            "%(count)s waits for a skill that nobody at work has: %(skills)s.",
            "%(count)s wait for a skill that nobody at work has: %(skills)s.",
            each.waiting,
        )
        return words % {"count": each.waiting, "skills": _(", ").join(each.needs)}
    words = ngettext("%(count)s waits for nobody.", "%(count)s wait for nobody.", each.waiting)
    return words % {"count": each.waiting}
