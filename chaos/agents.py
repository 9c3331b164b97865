"""Agents of the harbor shop, by the same verbs the desk calls: ready, accept, answer a few times, then set aside or end. Run as a process
of the installation that is being killed; what broke is done again, with the same ids. Prints what it has said, as JSON, at its end.
"""

from __future__ import annotations

import json
import logging
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

import django

django.setup()

import psycopg  # noqa: E402
from django.db import DatabaseError, close_old_connections, connections  # noqa: E402
from psycopg_pool import PoolTimeout  # noqa: E402

from callcart.contact.conversations.models import Conversation  # noqa: E402
from callcart.contact.messaging import public as messaging  # noqa: E402
from callcart.contact.messaging.models import Message  # noqa: E402
from callcart.contact.routing import public as routing  # noqa: E402
from callcart.contact.routing.models import Profile  # noqa: E402
from callcart.core.actor import Actor, ActorKind, Grant  # noqa: E402
from callcart.core.errors import AppError  # noqa: E402
from callcart.core.ids import new_id  # noqa: E402
from callcart.core.tenancy import tenant_transaction  # noqa: E402
from callcart.people.tenants.public import tenant_by_slug  # noqa: E402

T = TypeVar("T")
TROUBLE = (psycopg.Error, DatabaseError, PoolTimeout, OSError)
GRANTS = {
    name: Grant()
    for name in ("messaging.write", "conversations.view", "conversations.handle", "routing.work")
}
said: dict[str, str] = {}
stop = threading.Event()


def until_done(work: Callable[[], T]) -> T | None:
    """As a desk does: again, until it went through or we stop. A refusal is an answer."""
    while not stop.is_set():
        close_old_connections()
        try:
            return work()
        except AppError as error:
            if not error.retryable:
                return None
        except TROUBLE:
            connections.close_all()
        stop.wait(0.1)
    return None


class Agent(threading.Thread):
    """One agent."""

    def __init__(self, tenant_id: int, number: int, profile_id: UUID) -> None:
        super().__init__(daemon=True)
        self.tenant_id, self.chance = tenant_id, random.Random(1000 + number)
        self.actor = Actor(tenant_id, ActorKind.STAFF, id=new_id(), name=f"Agent {number}", grants=GRANTS)
        self.profile_id = profile_id
        self.answers: dict[UUID, int] = {}

    def run(self) -> None:
        until_done(self._arrive)
        while not stop.is_set():
            until_done(self._ready)
            for talk, state in until_done(self._mine) or []:
                if state == "offered":
                    until_done(lambda talk=talk: routing.accept(talk, self._me, tenant_id=self.tenant_id))  # type: ignore[misc]
                elif state == "active":
                    self._serve(talk)
            stop.wait(0.1)

    @property
    def _me(self) -> UUID:
        assert self.actor.id is not None
        return self.actor.id

    def _arrive(self) -> None:
        with tenant_transaction(self.tenant_id):
            routing.set_agent_profile(
                Actor.system(self.tenant_id), self._me, profile_id=self.profile_id, skills=["lang:en"]
            )

    def _ready(self) -> None:
        with tenant_transaction(self.tenant_id):
            state = routing.agent_state(self._me).choice
        if state != "ready":
            routing.agent_ready(self.actor)

    def _mine(self) -> list[tuple[UUID, str]]:
        with tenant_transaction(self.tenant_id):
            rows = Conversation.objects.filter(
                agent_id=self._me, closed_at=None, state__in=["offered", "active"]
            )
            return list(rows.values_list("id", "state"))

    def _serve(self, talk: UUID) -> None:
        number = self.answers[talk] = self.answers.get(talk, 0) + 1
        if number <= 3:
            message_id, text = uuid4(), f"answer {number}"
            if until_done(lambda: self._reply(talk, text, message_id)) is not None:
                said[str(message_id)] = text
        elif self.chance.random() < 0.5:
            until_done(lambda: messaging.finish(self.actor, talk))
            self.answers.pop(talk, None)
        else:
            until_done(lambda: messaging.set_aside(self.actor, talk, seen=self._newest(talk)))
            self.answers.pop(talk, None)

    def _reply(self, talk: UUID, text: str, message_id: UUID) -> bool:
        with tenant_transaction(self.tenant_id):
            messaging.reply(self.actor, talk, messaging.Words(text), message_id=message_id)
        return True

    def _newest(self, talk: UUID) -> int:
        with tenant_transaction(self.tenant_id):
            newest = Message.objects.filter(conversation_id=talk).order_by("-place").first()
            return newest.place if newest is not None else 0


def main(count: int) -> None:
    # A database that is away is what this is about.
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_rest: stop.set())
    tenant = tenant_by_slug("harbor")
    assert tenant is not None
    with tenant_transaction(tenant.id):
        profile_id = Profile.objects.get(code="everything").id
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    agents = [Agent(tenant.id, number, profile_id) for number in range(count)]
    for agent in agents:
        agent.start()
    while not stop.is_set():
        time.sleep(0.1)
    for agent in agents:
        agent.join(10)
    result: dict[str, Any] = {"said": said}
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
