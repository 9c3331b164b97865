"""Calls of the demo's past: who phoned, who answered, what was written down."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import PastTalk, record_past
from callcart.contact.routing.public import is_agent, queues
from callcart.core.actor import Actor
from callcart.core.clock import midnight
from callcart.demo.data.staff import DISPOSITIONS, NOTES
from callcart.people.staff.public import actor_of, list_staff
from callcart.people.tenants.public import Tenant, list_service_numbers

ABANDONED = 0.12


class Caller(Protocol):
    """Who phones."""

    @property
    def id(self) -> UUID: ...
    @property
    def number(self) -> str: ...
    @property
    def language(self) -> str: ...


class CallBook:
    """Writes calls of one shop."""

    def __init__(self, tenant: Tenant, dice: random.Random) -> None:
        self.tenant, self.dice = tenant, dice
        self.system = Actor.system(tenant.id, "demo")
        self.agents = [actor_of(staff, channel="desk") for staff in list_staff() if is_agent(staff.id)]
        self.queues = queues()
        self.service_number = next(iter(list_service_numbers(tenant.id))).number
        self.kinds = [child[0] for _code, _name, _zh, children in DISPOSITIONS for child in children]

    def order_call(self, caller: Caller, placed_at: datetime) -> tuple[Conversation, Actor]:
        """The call an order was taken in: it begins some minutes before and ends soon after."""
        agent = self.dice.choice(self.agents)
        answered = placed_at - timedelta(seconds=self.dice.randrange(100, 280))
        ended = placed_at + timedelta(seconds=self.dice.randrange(15, 60))
        return self._talk(caller, answered, ended, agent, "order.placed"), agent

    def other_call(self, caller: Caller, moment: datetime) -> Conversation:
        """A call about something else, or one that nobody answered in time."""
        if self.dice.random() < ABANDONED:
            queued = moment + timedelta(seconds=22)
            ended = queued + timedelta(seconds=self.dice.randrange(3, 150))
            return record_past(self.system, self._values(caller, moment, queued, ended))
        ended = moment + timedelta(seconds=self.dice.randrange(70, 420))
        about = self.dice.choice([kind for kind in self.kinds if kind != "order.placed"])
        return self._talk(caller, moment, ended, self.dice.choice(self.agents), about)

    def moments(self, count: int, now: datetime, *, days: int) -> list[datetime]:
        """Moments of the last days within business hours, a third of them today, none within the last ten minutes."""
        zone = ZoneInfo(self.tenant.timezone)
        start = midnight(now.astimezone(zone).date(), zone)
        latest = max(int((now - start).total_seconds()) - 600, 60)
        made = [start + timedelta(seconds=self.dice.randrange(30, latest)) for _each in range(count // 3)]
        while len(made) < count:
            day = start - timedelta(days=self.dice.randrange(1, days))
            made.append(day + timedelta(minutes=self.dice.randrange(9 * 60, 20 * 60)))
        return [moment for moment in made if moment < now - timedelta(minutes=9)]

    def _talk(
        self, caller: Caller, answered: datetime, ended: datetime, agent: Actor, about: str
    ) -> Conversation:
        queued = answered - timedelta(seconds=self.dice.choice((3, 4, 6, 9, 14, 18, 35, 60)))
        closed = ended + timedelta(seconds=self.dice.randrange(10, 50))
        notes = NOTES.get(about, {}).get("zh-hans" if self.tenant.language == "zh-hans" else "en", ("",))
        values = self._values(caller, queued - timedelta(seconds=24), queued, ended)
        talk = replace(
            values,
            answered_at=answered,
            closed_at=closed,
            agent_id=agent.id,
            disposition=about,
            note=self.dice.choice(notes),
        )
        return record_past(self.system, talk)

    def _values(self, caller: Caller, started: datetime, queued: datetime, ended: datetime) -> PastTalk:
        return PastTalk(
            started_at=started,
            queued_at=queued,
            ended_at=ended,
            caller_e164=caller.number,
            service_number=self.service_number,
            language=caller.language,
            customer_id=caller.id,
            queue_id=self.dice.choice(self.queues).id,
        )
