"""Agents of the harbor shop. A process of the installation that is being killed: prints the accounts of their telephones as a line of
JSON, works until it is told a line, and prints what it has said and which calls it has asked to end.

One look a moment at all that is in their hands, and a few threads that do it: what each does stands in `handling`.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import django

django.setup()

from callcart.contact.conversations.models import Conversation  # noqa: E402
from callcart.contact.routing import public as routing  # noqa: E402
from callcart.contact.routing.models import Agent as Row  # noqa: E402
from callcart.contact.voice import public as voice  # noqa: E402
from callcart.core.actor import Actor, ActorKind, Grant  # noqa: E402
from callcart.core.ids import new_id  # noqa: E402
from callcart.core.tenancy import tenant_transaction  # noqa: E402
from callcart.people.staff.models import Session  # noqa: E402
from callcart.people.staff.public import create_staff, start_session  # noqa: E402
from callcart.people.tenants.public import tenant_by_slug  # noqa: E402
from chaos.handling import Agent, Talk, stop, until_done  # noqa: E402

HANDS = 12
LOOK_SECONDS = 0.15
WRAP_SECONDS = 10
GRANTS = {
    name: Grant()
    for name in (
        "messaging.write", "conversations.view", "conversations.handle", "routing.work", "voice.phone",
    )
}  # fmt: skip


class Floor:
    """All agents, and what is in their hands."""

    def __init__(self, tenant_id: int, agents: list[Agent]) -> None:
        self._tenant_id = tenant_id
        self.agents = {agent.id: agent for agent in agents}
        self._busy: set[UUID] = set()
        self._lock = threading.Lock()

    def run(self) -> None:
        with ThreadPoolExecutor(HANDS) as hands:
            while not stop.wait(LOOK_SECONDS):
                for who, what in until_done(self._look) or []:
                    self._hand(hands, who, what)

    def _hand(self, hands: ThreadPoolExecutor, who: Agent, what: Talk | None) -> None:
        """To a free hand; one thing of an agent's at a time, or, of what he has at once, one of each."""
        key = what.id if what is not None else who.id
        with self._lock:
            if key in self._busy:
                return
            self._busy.add(key)
        hands.submit(self._do, who, what, key)

    def _do(self, who: Agent, what: Talk | None, key: UUID) -> None:
        try:
            if what is None:
                who.begin()
            else:
                who.handle(what)
        finally:
            with self._lock:
                self._busy.discard(key)

    def _look(self) -> list[tuple[Agent, Talk | None]]:
        with tenant_transaction(self._tenant_id):
            away = Row.objects.filter(staff_id__in=self.agents).exclude(state="ready")
            idle = [(self.agents[each], None) for each in away.values_list("staff_id", flat=True)]
            rows = Conversation.objects.filter(
                agent_id__in=self.agents, closed_at=None, state__in=["offered", "active", "wrap_up"]
            ).values_list("agent_id", "id", "channel", "state")
            return [
                *idle,
                *((self.agents[who], Talk(talk, *rest)) for who, talk, *rest in rows if who is not None),
            ]


def _hire(tenant_id: int, count: int, *, telephones: bool) -> tuple[list[Agent], list[dict[str, str]]]:
    """Half of them for everything, half for the telephone alone (a chat keeps calls away); and their telephones' accounts."""
    boss, session = Actor.system(tenant_id, "chaos"), None
    with tenant_transaction(tenant_id):
        queues = {each.code: each.id for each in routing.queues()}
        everything = routing.save_profile(
            boss, "chaos", name="Chaos", queues=dict.fromkeys(queues.values(), 1)
        )
        calls = routing.save_profile(
            boss,
            "chaos-calls",
            name="Chaos, calls",
            queues=dict.fromkeys(queues.values(), 1),
            capacity=routing.Capacity(chat=0, mail=0, sms=0),
        )
        for queue_id in queues.values():
            routing.update_queue(boss, queue_id, wrap_s=WRAP_SECONDS, sticky_s=2)
        if telephones:
            login = create_staff(boss, email="chaos@harbor.example", name="Chaos", password="callcart-demo-1")
            start_session(login)
            session = Session.objects.get(staff=login).id
    agents, accounts = [], []
    for number in range(count):
        profile = calls if telephones and number % 2 else everything
        actor = Actor(
            tenant_id, ActorKind.STAFF, id=new_id(), name=f"Agent {number}", grants=GRANTS, session=session
        )
        assert actor.id is not None
        with tenant_transaction(tenant_id):
            routing.set_agent_profile(boss, actor.id, profile_id=profile.id, skills=["lang:en"])
            if telephones:
                login_data = voice.softphone_credentials(actor)
                accounts.append({"username": login_data.username, "password": login_data.password})
        agents.append(Agent(actor, number, queues["orders"]))
    return agents, accounts


def main(count: int, *, telephones: bool) -> None:
    # A database that is away is what this is about.
    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    threading.Thread(target=_until_told, daemon=True).start()
    tenant = tenant_by_slug("harbor")
    assert tenant is not None
    agents, accounts = _hire(tenant.id, count, telephones=telephones)
    _tell({"accounts": accounts})
    floor = Floor(tenant.id, agents)
    for agent in agents:
        agent.colleagues = [each.id for each in agents]
    floor.run()
    said: dict[str, str] = {}
    ended: list[str] = []
    for agent in agents:
        said |= agent.said
        ended += [str(each) for each in agent.ended]
    _tell({"said": said, "ended": ended})


def _until_told() -> None:
    sys.stdin.readline()
    stop.set()


def _tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), telephones=sys.argv[2:] == ["calls"])
