"""Talks that colleagues have parked: in everybody's inbox by number, and picked up by a press."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.contact.voice import public as voice
from callcart.core.actor import Actor
from callcart.people.staff import public as staff
from callcart.web.desk.bodies import answer
from callcart.web.http import actor_of, requires


@dataclass(frozen=True, slots=True)
class ParkedItem:
    """One of them, as the inbox shows it. `mine`: its agent is who reads."""

    orbit: int
    by: str
    until: datetime | None
    mine: bool


def parked_now(actor: Actor) -> list[ParkedItem]:
    """Within the actor's reach, by number; nothing for who has no telephone."""
    found = voice.parked(actor) if actor.can("voice.phone") and actor.can("conversations.view") else []
    names = staff.staff_names({each.staff_id for each in found if each.staff_id}) if found else {}
    return [
        ParkedItem(
            each.orbit,
            names.get(each.staff_id, "") if each.staff_id else "",
            each.until,
            each.staff_id == actor.id,
        )
        for each in found
    ]


@requires("desk.use", "routing.work")
@require_POST
def pick_up(request: HttpRequest, orbit: int) -> HttpResponse:
    """Take a parked talk over: this desk's telephone rings."""
    voice.pick_up(actor_of(request), orbit)
    return answer(message=_("Your phone rings: answer, and the call is yours."))
