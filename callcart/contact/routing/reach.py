"""What waits for an agent is within his reach, also where he sees his own conversations only: how else could he choose to take it? Who sees
those of his team sees what waits in the queues that it serves.
"""

from __future__ import annotations

from django.db.models import Q

from callcart.contact.conversations.scope import also_within_reach
from callcart.contact.routing.models import Agent, LaneCrew, Ticket
from callcart.contact.routing.serving import queues_served
from callcart.contact.routing.states import TicketState
from callcart.core.actor import Actor
from callcart.people.staff.public import staff_within


@also_within_reach
def waiting_for(actor: Actor) -> Q:
    """The written conversations that wait in a lane his crew serves; of his team, all that wait in its queues."""
    team = staff_within(actor, "conversations.view") or frozenset()
    if team - {actor.id}:
        waiting = Ticket.objects.filter(state=TicketState.WAITING, queue_id__in=queues_served(team))
        return Q(id__in=waiting.values("conversation_id"))
    if actor.id is None or not actor.can("routing.work"):
        return Q(pk__in=[])
    crews = Agent.objects.filter(staff_id=actor.id).values("crew_id")
    lanes = LaneCrew.objects.filter(crew_id__in=crews).exclude(channel=0).values("lane_id")
    waiting = Ticket.objects.filter(state=TicketState.WAITING, lane_id__in=lanes).exclude(channel=0)
    return Q(id__in=waiting.values("conversation_id"))
