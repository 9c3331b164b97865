"""Agents of the shared system with plain SIP telephones: staff of the first shop, ready, whose accounts take SIPp instead of a
browser. What the product makes for a browser is replaced in Asterisk before the telephone registers."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64encode
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.journeys.agent import Account, noted, sit_down
from tests.journeys.caller import Telephone
from tests.journeys.phones import Lines, ask_asterisk
from tests.journeys.system import System, eventually

PLAIN = {  # what differs; `webrtc` has set the five in the middle as well
    "webrtc": "no",
    **dict.fromkeys(
        ("rtcp_mux", "use_avpf", "ice_support", "media_use_received_transport", "media_encryption"), "no"
    ),
    "transport": "transport-udp",
    "allow": "!all,ulaw",
}
MAKE = """
import json
from callcart.contact.routing import public as routing
from callcart.contact.routing.models import Profile
from callcart.contact.voice import public as voice
from callcart.core.actor import Actor
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.models import Role, Staff
from callcart.people.staff.public import create_staff, resolve_session, start_session
from callcart.people.tenants.public import tenant_by_slug
tenant = tenant_by_slug("harbor")
boss = Actor.system(tenant.id, "journey")
found = []
for number in range(COUNT):
    # A transaction each: that of twenty passwords lasts longer than one may.
    with tenant_transaction(tenant.id):
        profile = Profile.objects.get(code="everything")
        role = Role.objects.get(key="agent")
        email = f"plain{number}@harbor.example"
        who = Staff.objects.filter(email=email).first() or create_staff(
            boss, email=email, name=f"Plain {number}", password="callcart-demo", role_ids=[role.id]
        )
        routing.set_agent_profile(boss, who.id, profile_id=profile.id, skills=["lang:en"])
        login = voice.softphone_credentials(resolve_session(start_session(who)))
        found.append([str(who.id), login.username, login.password])
print(json.dumps(found))
"""
STATE = """
from callcart.contact.routing import public as routing
from callcart.core.actor import Actor
from callcart.people.tenants.public import tenant_by_slug
from uuid import UUID
boss = Actor.system(tenant_by_slug("harbor").id, "journey")
for staff_id in IDS:
    routing.VERB(boss, UUID(staff_id))
"""


@dataclass(slots=True)
class PlainAgents:
    """`with plain_agents(system, folder, count) as agents`: sitting, registered, not ready yet."""

    system: System
    staff_ids: list[str]
    telephones: list[Telephone]

    def ready(self) -> None:
        self._all("agent_ready")

    def leave(self) -> None:
        self._all("agent_offline")

    def _all(self, verb: str) -> None:
        self.system.python(STATE.replace("VERB", verb).replace("IDS", repr(self.staff_ids)))


def one_talk(
    system: System, folder: Path, dial_in: Lines, stack: ExitStack
) -> tuple[PlainAgents, Telephone, Telephone, str]:
    """A caller has asked for a person by key, and the one agent there is has answered: all agents, that agent, the customer, the talk."""
    agents = seat(system, folder, 1, stack)
    [agent] = agents.telephones
    customer = dial_in()
    customer.press("10")
    agents.ready()
    agent.wait_answered(60)
    talk = noted(agent, "conversation")
    noted(agent, "call")
    return agents, agent, customer, talk


def seat(system: System, folder: Path, count: int, stack: ExitStack) -> PlainAgents:
    """So many of them; `stack` ends their telephones and takes them out of the queues again."""
    made = json.loads(system.python(MAKE.replace("COUNT", str(count))))
    agents = PlainAgents(system, [staff_id for staff_id, _name, _password in made], [])
    stack.callback(agents.leave)
    for number, (_staff_id, username, password) in enumerate(made):
        _make_plain(system, username)
        account = Account(username, password, system.port("sip"))
        agents.telephones.append(sit_down(folder / f"agent{number}", account))
        stack.callback(agents.telephones[-1].close)
    for _staff_id, username, _password in made:
        eventually(partial(_is_online, system, username), "the exchange can ring the account")
    return agents


def _is_online(system: System, username: str) -> bool:
    return bool(ask_asterisk(system, f"endpoints/PJSIP/{username}")["state"] == "online")


def _make_plain(system: System, username: str) -> None:
    def known() -> bool:
        return any(each["resource"] == username for each in ask_asterisk(system, "endpoints/PJSIP"))

    eventually(known, "the exchange knows the account")
    token = b64encode(f"callcart:{system.secret('ari')}".encode()).decode()
    fields = [{"attribute": name, "value": value} for name, value in PLAIN.items()]
    request = urllib.request.Request(
        f"http://127.0.0.1:{system.port('asterisk_http')}/ari/asterisk/config/dynamic/res_pjsip/endpoint/{username}",
        method="PUT",
        data=json.dumps({"fields": fields}).encode(),
        headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10):
        pass
