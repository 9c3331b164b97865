"""`python -m chaos`: the load, the kills, the verdict. Ends with 1 where anything was lost, doubled or slow."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass

import httpx
import psycopg

from chaos.judge import findings
from chaos.visitors import Visitor
from tests.journeys.system import NotInTime, System, running

KILLED = ("web", "live", "worker", "postgres", "voice", "asterisk")
MOST_SECONDS = 5.0  # from the database's (or the process's) return to the next thing that is routed
SETTLE_SECONDS = 8
_ROUTED = """
SELECT extract(epoch FROM min(made_at))::float8 AS at FROM routing_offer WHERE made_at > to_timestamp(%(after)s)
"""


@dataclass
class Kill:
    """One kill: when the process was back, and when the next conversation was offered to somebody."""

    name: str
    killed_at: float
    back_at: float


def say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()


def main() -> int:
    asked = argparse.ArgumentParser(
        prog="python -m chaos", description="Kill processes under load and count what is lost."
    )
    asked.add_argument("--kills", type=int, default=100)
    asked.add_argument("--visitors", type=int, default=200)
    asked.add_argument("--agents", type=int, default=40)
    asked.add_argument("--seed", type=int, default=1)
    options = asked.parse_args()
    say("starting an installation of its own")
    with running(web_workers="2", trusted_proxies="127.0.0.1") as system:
        return _storm(system, options)


def _storm(system: System, options: argparse.Namespace) -> int:
    agents = _agents(system, options.agents)
    line = system.rows("SELECT l.id FROM messaging_line l JOIN tenants_tenant t ON t.id = l.tenant_id WHERE l.channel = 'chat' AND t.slug = 'harbor'")  # fmt: skip
    stop = threading.Event()
    base = f"https://127.0.0.1:{system.port('web')}/chat/{line[0]['id']}/"
    visitors = [
        Visitor(number, base, f"harbor.localhost:{system.port('web')}", stop)
        for number in range(options.visitors)
    ]
    for visitor in visitors:
        visitor.start()
    say(f"{options.visitors} visitors, {options.agents} agents; {options.kills} kills")
    kills = _kill(system, options)
    stop.set()
    for visitor in visitors:
        visitor.join(20)
    time.sleep(SETTLE_SECONDS)
    agents.terminate()
    answers = json.loads(agents.communicate(timeout=60)[0] or "{}").get("said", {})
    return _tell(system, kills, visitors, answers)


def _agents(system: System, count: int) -> subprocess.Popen[str]:
    agents = subprocess.Popen(
        [sys.executable, "-m", "chaos.agents", str(count)],
        env=system.environment,
        cwd=system.home,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert agents.stdout is not None
    assert agents.stdout.readline() == "ready\n", "the agents did not come"
    return agents


def _kill(system: System, options: argparse.Namespace) -> list[Kill]:
    chance, kills = random.Random(options.seed), []
    time.sleep(5)
    for number in range(options.kills):
        name = chance.choice(KILLED)
        killed_at = time.time()
        former = system.kill(name)
        try:
            system.wait_back(name, former)
        except NotInTime:
            say(f"{name} did not come back")
            raise
        if name == "postgres":
            _wait_database(system)
        elif name == "web":
            _wait_web(system)
        kills.append(Kill(name, killed_at, time.time()))
        if number % 10 == 9:
            say(f"{number + 1} kills")
        time.sleep(chance.uniform(0.5, 3.0))
    return kills


def _wait_database(system: System) -> None:
    for _attempt in range(600):
        try:
            system.rows("SELECT 1")
        except psycopg.Error:
            time.sleep(0.05)
        else:
            return
    raise NotInTime("the database did not come back")


def _wait_web(system: System) -> None:
    """Back is a web process that answers; the pages wait as long as it starts."""
    for _attempt in range(600):
        try:
            answer = httpx.get(f"https://127.0.0.1:{system.port('web')}/readyz", verify=False, timeout=2)
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            if answer.status_code == 200:
                return
            time.sleep(0.05)
    raise NotInTime("no page is answered")


def _tell(system: System, kills: list[Kill], visitors: list[Visitor], answers: dict[str, str]) -> int:
    found = findings(system, visitors, answers)
    times: dict[str, list[float]] = defaultdict(list)
    for kill in kills:
        at = system.rows(_ROUTED, {"after": kill.back_at})[0]["at"]
        if at is not None:
            times[kill.name].append(max(0.0, at - kill.back_at))
    said = sum(len(each.said.keys) for each in visitors)
    sys.stdout.write(
        f"{said} messages of visitors acknowledged in {sum(each.tries for each in visitors)} attempts, {len(answers)} answers\n"
    )
    sys.stdout.write(f"{'killed':<10} {'times':>6} {'routed again, s: median':>24} {'worst':>7}\n")
    for name in KILLED:
        each = sorted(times[name])
        if each:
            sys.stdout.write(f"{name:<10} {len(each):>6} {each[len(each) // 2]:>24.2f} {each[-1]:>7.2f}\n")
            if each[-1] > MOST_SECONDS:
                found.append(f"{name}: {each[-1]:.1f} s until something was routed again")
    for each_found in found:
        sys.stdout.write(f"WRONG: {each_found}\n")
    sys.stdout.write("nothing lost, nothing doubled\n" if not found else f"{len(found)} findings\n")
    sys.stdout.write(system.callcart("integrity"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
