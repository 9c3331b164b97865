"""Who else could take a conversation at once: asked when somebody gives one away, so that it does not come straight back to him."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from callcart.contact.routing.models import Agent, Crew, ProfileQueue
from callcart.contact.routing.states import RoutingChannel

_LOAD = ("load_voice", "load_chat", "load_mail", "load_sms")
_TAKES = ("takes_voice", "takes_chat", "takes_mail", "takes_sms")


def who_else(queue_id: UUID, channel: str, *, skills: Sequence[str], but: UUID) -> UUID | None:
    """The one of a queue's own agents who would be asked next, were this one not there: ready, with room for one more of a channel and the
    skills that are needed. None where nobody is."""
    number = RoutingChannel(channel).number
    serving = (
        ProfileQueue.objects.filter(queue_id=queue_id).order_by("level").values_list("profile_id", "level")
    )
    by_level: dict[int, list[UUID]] = {}
    for profile_id, level in serving:
        by_level.setdefault(level, []).append(profile_id)
    for _level, profiles in sorted(by_level.items()):
        crews = Crew.objects.filter(profile_id__in=profiles, skills__contains=sorted(skills)).values("id")
        free = Agent.objects.filter(crew_id__in=crews, **{_TAKES[number]: True}).exclude(staff_id=but)
        found = free.order_by(_LOAD[number], "free_since", "id").values_list("staff_id", flat=True).first()
        if found is not None:
            return found
    return None
