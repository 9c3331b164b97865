"""A small call-centre floor for tests: one tenant's queues, profiles and agents, with real commits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import open_conversation
from callcart.contact.routing import public as routing
from callcart.core.actor import Actor
from callcart.core.database import parameters
from callcart.core.ids import new_id
from callcart.core.tenancy import acting_for, tenant_transaction


@contextmanager
def system() -> Iterator[psycopg.Connection[Any]]:
    """Sees all tenants, commits each statement."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        yield connection


@dataclass
class Floor:
    """`queues` and `profiles` by code. Skills `lang:en` and `lang:zh` exist."""

    tenant_id: int
    queues: dict[str, UUID] = field(default_factory=dict)
    profiles: dict[str, UUID] = field(default_factory=dict)

    @property
    def boss(self) -> Actor:
        return Actor.system(self.tenant_id, "test")

    def queue(self, code: str, **settings: Any) -> UUID:
        with tenant_transaction(self.tenant_id):
            self.queues[code] = routing.add_queue(self.boss, code, name=code.title(), **settings).id
        return self.queues[code]

    def profile(self, code: str, **levels: int) -> UUID:
        with tenant_transaction(self.tenant_id):
            queues = {self.queues[queue]: level for queue, level in levels.items()}
            self.profiles[code] = routing.save_profile(self.boss, code, name=code, queues=queues).id
        return self.profiles[code]

    def agent(self, profile: str = "all", skills: Sequence[str] = (), *, ready: bool = True) -> UUID:
        staff_id = new_id()
        self.place(staff_id, profile, skills)
        if ready:
            self.ready(staff_id)
        return staff_id

    def place(self, staff_id: UUID, profile: str, skills: Sequence[str] = ()) -> None:
        with tenant_transaction(self.tenant_id):
            for code in skills:
                routing.save_skill(self.boss, code, name=code)
            routing.set_agent_profile(self.boss, staff_id, profile_id=self.profiles[profile], skills=skills)

    def ready(self, staff_id: UUID) -> routing.Hit:
        return routing.agent_ready(self.boss, staff_id)

    def conversation(self) -> UUID:
        with tenant_transaction(self.tenant_id):
            return open_conversation(self.boss).id

    def call(self, queue: str = "sales", **options: Any) -> tuple[UUID, routing.Hit]:
        conversation_id = self.conversation()
        return conversation_id, self.enqueue(conversation_id, queue, **options)

    def enqueue(self, conversation_id: UUID, queue: str = "sales", **options: Any) -> routing.Hit:
        return routing.enqueue(self.tenant_id, conversation_id, self.queues[queue], **options)

    def accept(self, hit: routing.Hit) -> bool:
        assert hit.conversation_id and hit.staff_id
        return routing.accept(hit.conversation_id, hit.staff_id, tenant_id=self.tenant_id)

    def finish(self, conversation_id: UUID, **options: Any) -> routing.Hit:
        return routing.finish(conversation_id, tenant_id=self.tenant_id, **options)

    def unoffer(self, hit: routing.Hit, reason: str = "timed_out") -> routing.Hit:
        assert hit.offer_id
        return routing.unoffer(hit.offer_id, reason, tenant_id=self.tenant_id)

    def view(self, staff_id: UUID) -> routing.AgentView:
        with tenant_transaction(self.tenant_id):
            return routing.agent_state(staff_id)

    def state(self, conversation_id: UUID) -> str:
        return str(self.record(conversation_id).state)

    def record(self, conversation_id: UUID) -> Conversation:
        with tenant_transaction(self.tenant_id):
            return Conversation.objects.get(id=conversation_id)

    def place_and_wait(self, conversation_id: UUID) -> tuple[int | None, float | None]:
        with acting_for(self.tenant_id):
            return routing.position_and_wait(conversation_id)


def build(tenant_id: int) -> Floor:
    """Two queues (vip before sales), agents of the profile `all` serve both."""
    floor = Floor(tenant_id)
    floor.queue("sales", priority=100, ring_s=20, wrap_s=30)
    floor.queue("vip", priority=500, ring_s=20, wrap_s=30)
    floor.profile("all", sales=1, vip=1)
    return floor
