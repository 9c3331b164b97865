"""What the telephone journeys share: calling in, listening, and reading how a call went."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from tests.journeys.browser_phone import BrowserPhone, open_page
from tests.journeys.caller import Caller, call
from tests.journeys.system import SERVICE_NUMBERS, System, eventually

KNOWN = "+12025550123"  # has an order on its way
STRANGER = "+12025550199"
LOUD = 150.0  # of a voice or music; silence of the line is below 20


@dataclass(slots=True)
class Lines:
    """Callers of one test."""

    system: System
    folder: Path
    callers: list[Caller] = field(default_factory=list)

    def __call__(self, number: str = STRANGER, *, answered: bool = True, **more: Any) -> Caller:
        """A caller to the first shop, answered unless said otherwise."""
        chosen = {"service": SERVICE_NUMBERS["harbor"], "number": number, **more}
        place = self.folder / f"caller{len(self.callers)}"
        made = call(place, sip_port=self.system.port("sip"), **chosen)
        self.callers.append(made)
        if answered:
            made.wait_answered()
        return made

    def close(self) -> None:
        for each in self.callers:
            each.close()


def hears_something(caller: Caller, what: str, *, seconds: float = 1.0) -> None:
    """From now on."""
    caller.heard.forget()
    eventually(lambda: caller.heard.loudness(seconds) > LOUD, f"the caller hears {what}", timeout=30)


def latest(system: System) -> dict[str, Any]:
    """The newest conversation that came by telephone."""
    return system.rows(
        "SELECT c.*, v.state AS call_state, v.ended_at AS call_ended FROM conversations_conversation c"
        " JOIN voice_call v ON v.conversation_id = c.id ORDER BY v.started_at DESC LIMIT 1"
    )[0]


def in_state(system: System, state: str, *, timeout: float = 30) -> dict[str, Any]:
    """The newest conversation, once it is in this state."""
    eventually(lambda: latest(system)["state"] == state, f"the conversation is {state}", timeout=timeout)
    return latest(system)


def is_told(system: System, words: str) -> None:
    """The newest caller is told this."""

    def told() -> bool:
        found = system.rows(
            "SELECT data ->> 'text' AS text FROM conversations_step"
            " WHERE conversation_id = %(id)s AND kind = 'prompt.played'",
            {"id": latest(system)["id"]},
        )
        return any(words in row["text"] for row in found)

    eventually(told, f"the caller is told: {words}", timeout=30)


RING = """
from callcart.contact.routing.models import Queue
from callcart.core.tenancy import tenant_transaction
from callcart.people.tenants.public import tenant_by_slug
with tenant_transaction(tenant_by_slug("harbor").id):
    answer = {code: seconds for code, seconds in Queue.objects.values_list("code", "ring_s")}
    for code in answer:
        Queue.objects.filter(code=code).update(ring_s=wanted.get(code, wanted.get("")))
"""
LET_RING = 5  # seconds, where somebody is to be away for longer than that


@contextmanager
def ringing_shortly(system: System) -> Iterator[None]:
    """The first shop's queues let a telephone ring no longer than a test has to wait; afterwards as before."""
    before = system.shell.run(RING, wanted={"": LET_RING})
    try:
        yield
    finally:
        system.shell.run(RING, wanted=before)


@dataclass(slots=True)
class Desk:
    """An agent with a telephone that registers and rings as a page's does, and is never answered."""

    system: System
    login: str
    staff_id: str
    phone: BrowserPhone

    def ready(self) -> None:
        _as_staff(self.system, self.login, "routing.agent_ready(actor)", in_transaction=False)

    def leave(self) -> None:
        _as_staff(self.system, self.login, "routing.agent_offline(actor)", in_transaction=False)

    def lane(self) -> dict[str, Any]:
        """The agent's row as routing has it."""
        return self.system.rows("SELECT * FROM routing_agent WHERE staff_id = %(id)s", {"id": self.staff_id})[
            0
        ]


@contextmanager
def desk(system: System, login: str = "amy@harbor.example", *, decline: bool = False) -> Iterator[Desk]:
    """An agent at work; offline again at the end."""
    told = json.loads(
        _as_staff(
            system,
            login,
            "found = voice.softphone_credentials(actor); "
            "print(json.dumps([str(actor.id), found.username, found.password]))",
        )
    )
    url = f"ws://127.0.0.1:{system.port('asterisk_http')}/ws"
    eventually(lambda: _has_account(system, told[1]), "the exchange knows the account")
    phone = open_page(url, told[1], told[2], decline=decline)
    made = Desk(system, login, told[0], phone)
    try:
        yield made
    finally:
        made.leave()
        phone.vanish()


def _has_account(system: System, username: str) -> bool:
    try:
        ask_asterisk(system, f"endpoints/PJSIP/{username}")
    except HTTPError:
        return False
    return True


def ask_asterisk(system: System, path: str) -> Any:
    """A GET to ARI of the system."""
    token = b64encode(f"callcart:{system.secret('ari')}".encode()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{system.port('asterisk_http')}/ari/{path}",
        headers={"Authorization": f"Basic {token}"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def _as_staff(system: System, login: str, code: str, *, in_transaction: bool = True) -> str:
    """Run code as a signed-in member of staff of the first shop."""
    act = f"""
import json
from callcart.contact.routing import public as routing
from callcart.contact.voice import public as voice
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Session, Staff
from callcart.people.staff.public import resolve_session, start_session
from callcart.people.tenants.public import tenant_by_slug
tenant = tenant_by_slug("harbor")
with tenant_transaction(tenant.id):
    actor = resolve_session(start_session(Staff.objects.get(email="{login}")))
"""
    body = f"with tenant_transaction(tenant.id):\n    {code}" if in_transaction else code
    return system.python(act + body)
