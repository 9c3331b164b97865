"""Chat: a visitor's word until it is told on the agent's page, and the answer until the visitor's page has read it, with 1,000 chats open
over the real web and live processes; against a bare server that writes a row into the same database for each word and tells one
connection of it. Clients are a process of their own on the same machine and take their share of it.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bench import Figure, say
from bench._calls_watch import cpu_seconds
from bench._installation import own_installation

CHATS = 1000
AGENTS = 50  # each with as many chats as one may have at once
HOST = "harbor.localhost"
AT_ONCE = 16  # exchanges, flat out
SECONDS = 15.0
WARM_SECONDS = 5.0
CALM_SHARE = 0.5  # of what it carries: where times are looked at
LEAST_MESSAGES = 240.0
MOST_P99_MS = 200.0


@dataclass(frozen=True)
class Measured:
    """Milliseconds there and back, sorted; messages a second, both ways counted."""

    there: list[float]
    back: list[float]
    failed: int
    rate: float
    cpu_ms: float  # of the servers, for each message

    @classmethod
    def of(cls, told: dict[str, Any], cpu: float) -> Measured:
        done = len(told["there"]) + len(told["back"])
        rate = done / told["took"]
        return cls(
            sorted(told["there"]), sorted(told["back"]), told["failed"], rate, 1000 * cpu / max(1, done)
        )

    def at(self, share: float) -> float:
        """Of both ways."""
        times = sorted([*self.there, *self.back])
        return times[min(len(times) - 1, int(len(times) * share))] if times else 0.0


def run() -> list[Figure]:
    """The bench."""
    with own_installation(tls="false", web_workers="2", trusted_proxies="127.0.0.1"):
        return _figures(*_measure())


def _figures(flat: Measured, calm: Measured, bare: Measured, bare_calm: Measured) -> list[Figure]:
    floor, words = "bare server", f"{CHATS:,} open chats"
    return [
        Figure(f"chat: messages there and back, {words}", flat.rate, "/s", floor=bare.rate, floor_name=floor, least=LEAST_MESSAGES),
        Figure("chat: p99 flat out", flat.at(0.99), "ms", floor=bare.at(0.99), floor_name=floor),
        Figure(f"chat: p50 at {calm.rate:.0f}/s", calm.at(0.5), "ms", floor=bare_calm.at(0.5), floor_name=floor),
        Figure(f"chat: p99 at {calm.rate:.0f}/s", calm.at(0.99), "ms", floor=bare_calm.at(0.99), floor_name=floor, most=MOST_P99_MS),
        Figure("chat: processor time a message, of all servers", flat.cpu_ms, "ms", floor=bare.cpu_ms, floor_name=floor),
        Figure("chat: words that did not arrive", flat.failed + calm.failed, "words", most=0),
    ]  # fmt: skip


def _measure() -> tuple[Measured, Measured, Measured, Measured]:
    from bench._calls_place import postgres_pid
    from callcart.config import config

    began = time.monotonic()
    line_id, chats = _open_chats()
    say(f"{CHATS:,} chats begun in {time.monotonic() - began:.0f} s")
    ports = {"web_port": config().web_port, "live_port": config().live_port}
    with _process("web", config().web_port) as web, _process("live", config().live_port) as live:
        plan = {**ports, "host": HOST, "line": str(line_id), "chats": chats, "bare": False}
        flat, calm = _talk(plan, [web, live, postgres_pid()])
    with _bare() as (port, pid):
        talks = [(talk, talk, session) for talk, _token, session in chats]
        plan = {"web_port": port, "live_port": port, "host": HOST, "line": "x", "chats": talks, "bare": True}
        bare, bare_calm = _talk(plan, [pid, postgres_pid()], rate=calm.rate)
    return flat, calm, bare, bare_calm


def _talk(plan: dict[str, Any], servers: list[int], *, rate: float = 0.0) -> tuple[Measured, Measured]:
    """Flat out, and calmly: at half of that, or at a rate."""
    clients = subprocess.Popen(
        [sys.executable, "-m", "bench._chat_clients"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert clients.stdin is not None and clients.stdout is not None

    def tell(what: object) -> str:
        assert clients.stdin is not None and clients.stdout is not None
        clients.stdin.write(json.dumps(what) + "\n")
        clients.stdin.flush()
        return clients.stdout.readline()

    try:
        if tell(plan) != "ready\n":
            raise RuntimeError("the pages could not connect")
        say(f"{CHATS:,} chats are open")
        tell({"seconds": WARM_SECONDS, "at_once": AT_ONCE, "pause": 0})
        used = cpu_seconds(servers)
        told = json.loads(tell({"seconds": SECONDS, "at_once": AT_ONCE, "pause": 0}))
        flat = Measured.of(told, cpu_seconds(servers) - used)
        # So many people who each wait so long between two exchanges make so many messages a second.
        pause = 200 * 2 / (rate or CALM_SHARE * flat.rate)
        calm = Measured.of(json.loads(tell({"seconds": SECONDS, "at_once": 200, "pause": pause})), 0.0)
    finally:
        clients.kill()
        clients.wait()
    say(
        f"{flat.rate:.0f} messages a second, {flat.cpu_ms:.1f} ms of CPU each; calmly {calm.rate:.0f}/s, p99 {calm.at(0.99):.0f} ms"
    )
    return flat, calm


def _open_chats() -> tuple[UUID, list[tuple[str, str, str]]]:
    """A shop with agents who have as many chats as they may: conversation, the visitor's token, the agent's session."""
    from callcart.contact.conversations.models import Conversation
    from callcart.contact.messaging import public as messaging
    from callcart.contact.routing import public as routing
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction
    from callcart.people.staff.public import create_role
    from tests.shops import make_harbor

    tenant = make_harbor()
    boss = Actor.system(tenant.id, "bench")
    with tenant_transaction(tenant.id):
        queue = routing.add_queue(boss, "en", name="Bench", ring_s=300)
        profile = routing.save_profile(
            boss, "bench", name="Bench", queues={queue.id: 1}, capacity=routing.Capacity(chat=CHATS // AGENTS)
        )
        names = ("desk.use", "conversations.view", "conversations.handle", "routing.work", "messaging.write")
        role = create_role(boss, name="Bench", wanted={name: {} for name in names})
        line = messaging.add_line(
            boss, "web", name="Chat", address="shop", queue_id=queue.id, values={"greeting": "Hello!"}
        )
    sessions = _agents(boss, profile.id, role.id)
    tokens = {}
    for n in range(CHATS):
        token = secrets.token_urlsafe(32)
        with tenant_transaction(tenant.id):
            visitor = messaging.visitors.begin(
                line, token=token, name=f"V{n}", email="", language="en", address=f"10.0.{n // 200}.{n % 200}"
            )
            message = messaging.visitors.says(visitor, "hello", key="first")
        assert message is not None
        tokens[message.conversation_id] = token
    return line.id, [
        (str(talk), tokens[talk], sessions[who])
        for talk, who in _accept_all(tenant.id, Conversation, routing).items()
    ]


def _agents(boss: Any, profile_id: UUID, role_id: UUID) -> dict[UUID, str]:
    """All of them, ready; the session of each one's browser."""
    from callcart.contact.routing import public as routing
    from callcart.core.tenancy import tenant_transaction
    from callcart.people.staff.public import create_staff, start_session

    sessions = {}
    for n in range(AGENTS):
        with tenant_transaction(boss.tenant_id):
            who = create_staff(
                boss, email=f"bench{n}@harbor.example", name=f"Bench {n}", password="bench-password-1", role_ids=[role_id]
            )  # fmt: skip
            routing.set_agent_profile(boss, who.id, profile_id=profile_id)
            sessions[who.id] = start_session(who)
        routing.agent_ready(boss, who.id)
    return sessions


def _accept_all(tenant_id: int, conversation: Any, routing: Any) -> dict[UUID, UUID]:
    """Each agent accepts what is offered, until all chats are with somebody."""
    from callcart.core.tenancy import tenant_transaction

    while True:
        with tenant_transaction(tenant_id):
            rows = list(conversation.objects.values_list("id", "agent_id", "state"))
        if all(state == "active" for _talk, _who, state in rows):
            return {talk: who for talk, who, _state in rows}
        for talk, who, state in rows:
            if state == "offered":
                routing.accept(talk, who, tenant_id=tenant_id)


@contextmanager
def _process(name: str, port: int) -> Iterator[int]:
    """One of the product's, ready; its pid."""
    process = subprocess.Popen([sys.executable, "-m", "callcart.cli", name])
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10):
                    break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _bare() -> Iterator[tuple[int, int]]:
    """Its port and pid."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench._bare_chat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process.pid
    finally:
        process.kill()
        process.wait()
