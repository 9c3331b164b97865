"""Live feed: events committed to the database until they are in the hands of 1,000 open pages, against a bare asyncio server
that writes the same bytes to as many sockets. Pass: p99 under 100 ms at 10 broadcasts a second, none missed, none twice.

Clients run in processes of their own; the live process is the real one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from bench import Figure, say
from bench._installation import own_installation

CLIENTS = 1000
PROCESSES = 2
PEOPLE = 20
PER_SECOND = 10
SECONDS = 20
WARM_UP = 20  # broadcasts not counted
MOST_P99_MS = 100.0
HOST = "harbor.localhost"


@dataclass(frozen=True)
class Measured:
    """Milliseconds from sending to each delivery, and what went wrong."""

    times: list[float]
    missed: int
    doubled: int
    cpu_ms: float

    def at(self, share: float) -> float:
        return self.times[min(len(self.times) - 1, int(len(self.times) * share))]


def run() -> list[Figure]:
    """The bench."""
    with own_installation(tls="false"):
        return _figures(*_measure())


def _figures(live: Measured, bare: Measured) -> list[Figure]:
    floor = "bare server"
    rate = f"{CLIENTS:,} pages, {PER_SECOND}/s"
    deliveries = len(live.times)
    return [
        Figure(f"live feed p50, {rate}", live.at(0.5), "ms", floor=bare.at(0.5), floor_name=floor),
        Figure(f"live feed p99, {rate}", live.at(0.99), "ms", floor=bare.at(0.99), floor_name=floor, most=MOST_P99_MS),
        Figure("live feed slowest delivery", live.times[-1], "ms", floor=bare.times[-1], floor_name=floor),
        Figure(f"live feed missed or twice, of {deliveries:,}", live.missed + live.doubled, "deliveries", most=0),
        Figure("live feed CPU per 1,000 deliveries", 1000 * live.cpu_ms / max(1, deliveries), "ms",
               floor=1000 * bare.cpu_ms / max(1, len(bare.times)), floor_name=floor),
    ]  # fmt: skip


def _measure() -> tuple[Measured, Measured]:
    from callcart.config import config

    tenant_id, sessions = _shop()
    origin = f"http://{HOST}:{config().web_port}"
    requests = [
        f"GET /feed HTTP/1.1\r\nHost: {HOST}:{config().live_port}\r\nOrigin: {origin}\r\nCookie: staff={session}\r\n\r\n"
        for session in sessions
    ]
    with _live_process() as process, _clients(config().live_port, requests) as clients:
        say(f"{CLIENTS:,} pages are open")
        live = _broadcast(_writer(tenant_id), process, clients)
    sample = _sample(tenant_id)
    with _bare_process() as (process, port), _clients(port, requests) as clients:
        bare = _broadcast(_teller(process, sample), psutil.Process(process.pid), clients)
    return live, bare


def _shop() -> tuple[int, list[str]]:
    """A tenant and its signed-in browsers."""
    from callcart.core.actor import Actor
    from callcart.core.tenancy import tenant_transaction
    from callcart.people.staff.public import create_role, create_staff, start_session
    from tests.shops import make_harbor

    tenant = make_harbor()
    system = Actor.system(tenant.id)
    with tenant_transaction(tenant.id):
        role = create_role(system, name="Bench", wanted={"desk.use": {}, "board.view": {}})
    sessions: list[str] = []
    for n in range(PEOPLE):
        with tenant_transaction(tenant.id):
            who = create_staff(
                system,
                email=f"bench{n}@harbor.example",
                name=f"Bench {n}",
                password="bench-password-1",
                role_ids=[role.id],
            )
            sessions += [start_session(who) for _each in range(CLIENTS // PEOPLE)]
    return tenant.id, sessions


@contextmanager
def _live_process() -> Iterator[psutil.Process]:
    from callcart.config import config

    process = subprocess.Popen([sys.executable, "-m", "callcart.cli", "live"])
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{config().live_port}/readyz", timeout=5):
                    break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _bare_process() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench._bare_feed"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


@contextmanager
def _clients(port: int, requests: Sequence[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes of listeners, all of them connected."""
    found: list[subprocess.Popen[str]] = []
    try:
        for n in range(PROCESSES):
            process = subprocess.Popen(
                [sys.executable, "-m", "bench._feed_clients"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            found.append(process)
            assert process.stdin is not None
            plan = {"port": port, "requests": requests[n::PROCESSES], "first": "event: ping"}
            process.stdin.write(json.dumps(plan) + "\n")
            process.stdin.flush()
        for process in found:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("listeners could not connect")
        yield found
    finally:
        for process in found:
            process.kill()
            process.wait()


def _broadcast(
    send: Callable[[int], float], server: psutil.Process, clients: Sequence[subprocess.Popen[str]]
) -> Measured:
    """Send at an even pace, then gather what was heard."""
    sent: dict[int, float] = {}
    total = WARM_UP + PER_SECOND * SECONDS
    began, used = time.monotonic(), 0.0
    for number in range(total):
        time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
        if number == WARM_UP:
            used = sum(server.cpu_times()[:2])
        sent[number] = send(number)
    time.sleep(2)
    cpu_ms = 1000 * (sum(server.cpu_times()[:2]) - used)
    heard = _gather(clients)
    times, missed, doubled = [], 0, 0
    for number in range(WARM_UP, total):
        moments = heard.get(number, [])
        missed += max(0, CLIENTS - len(moments))
        doubled += max(0, len(moments) - CLIENTS)
        times += [1000 * (moment - sent[number]) for moment in moments]
    return Measured(sorted(times), missed, doubled, cpu_ms)


def _gather(clients: Sequence[subprocess.Popen[str]]) -> dict[int, list[float]]:
    heard: dict[int, list[float]] = {}
    for process in clients:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("stop\n")
        process.stdin.flush()
        for number, moments in json.loads(process.stdout.readline()).items():
            heard.setdefault(int(number), []).extend(moments)
    return heard


def _writer(tenant_id: int) -> Callable[[int], float]:
    """Commits one event; the moment before its commit."""
    import psycopg

    from callcart.core.dsn import connection_parameters

    connection = psycopg.connect(**connection_parameters("system"))  # type: ignore[arg-type]

    def send(number: int) -> float:
        connection.execute(
            "SELECT core_emit(%s, 'order.placed', 'order', uuidv7(), NULL, 'staff', jsonb_build_object('n', %s::int))",
            (tenant_id, number),
        )
        moment = time.monotonic()
        connection.commit()
        return moment

    return send


def _sample(tenant_id: int) -> str:
    """A message as the live process writes it, with `{n}` for the number, on one line."""
    import psycopg

    from callcart.core import feed
    from callcart.core.dsn import connection_parameters
    from callcart.web.live import messages

    with psycopg.connect(**connection_parameters("system"), autocommit=True) as connection:  # type: ignore[arg-type]
        token = feed.present_token(connection)
        connection.execute(
            "SELECT core_emit(%s, 'order.placed', 'order', uuidv7(), NULL, 'staff', '{\"n\": 0}')",
            (tenant_id,),
        )
        step = feed.read_since(connection, token)
    text = messages.happened(step.token, step.events).decode()
    return text.replace('"n":0', '"n":{n}').replace("\n", "\\n")


def _teller(process: subprocess.Popen[Any], sample: str) -> Callable[[int], float]:
    """Has the bare server write one message; the moment before."""

    def send(number: int) -> float:
        assert process.stdin is not None
        moment = time.monotonic()
        process.stdin.write(sample.replace("{n}", str(number)).encode() + b"\n")
        process.stdin.flush()
        return moment

    return send
