"""`python -m chaos`: the load, the blows, the verdict. Ends with 1 where anything was lost, doubled or slow.

python -m chaos                         12 kills under 40 conversations, about five minutes
python -m chaos --full                  a hundred kills under 200 conversations
python -m chaos --kills 30 --seed 7     the same plan each time
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from chaos import figures
from chaos.crowd import Load, Told
from chaos.judge import routing_findings
from chaos.judge_calls import call_findings, conversations, outlived, sorry
from chaos.judge_written import Row, in_doubt, messages, written_findings
from chaos.kills import Kill, strike
from chaos.plan import Crowd, plan
from tests.journeys.system import System, running

MOST_SECONDS = 5.0  # from the database's (or the process's) return to the next thing that is routed
QUIET_SECONDS = 8
DRAINED_WITHIN = 150  # what died while being sent is in doubt after two minutes
PAGE = Path(__file__).parents[1] / "docs" / "chaos.md"
_UNSENT = "SELECT count(*) AS n FROM messaging_delivery WHERE state IN ('waiting', 'sending')"


def say(text: str) -> None:
    sys.stderr.write(f"  {datetime.now(UTC):%H:%M:%S} {text}\n")
    sys.stderr.flush()


def main() -> int:
    options = _options()
    kills, talks, agents = (100, 200, 60) if options.full else (options.kills, options.talks, options.agents)
    crowd = Crowd.of(talks, calls=not options.no_calls)
    say("starting an installation of its own")
    with running(_main=("chaos.installation",), web_workers="2", trusted_proxies="127.0.0.1") as system:
        with Load(system, crowd, agents) as load:
            say(f"{crowd.chats} chats, {crowd.mails} mails, {crowd.texts} SMS, {crowd.calls} calls; {agents} agents; {kills} kills")  # fmt: skip
            time.sleep(15)
            struck = _strike(system, load, kills, options.seed)
            say("nobody says anything new")
            load.stop()
            settle(system)
            told = load.told()
        return _tell(system, struck, told, [*_head(crowd, agents, options.seed)], keep=options.keep)


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(
        prog="python -m chaos", description="Kill processes under load and count what is lost."
    )
    asked.add_argument("--kills", type=int, default=12)
    asked.add_argument("--talks", type=int, default=40, help="conversations at once, over all channels")
    asked.add_argument("--agents", type=int, default=24)
    asked.add_argument("--seed", type=int, default=1, help="gives the same plan again")
    asked.add_argument("--full", action="store_true", help="100 kills, 200 conversations, 60 agents")
    asked.add_argument("--no-calls", action="store_true", help="written conversations only")
    asked.add_argument("--keep", action="store_true", help=f"write the figures into {PAGE.name}")
    return asked.parse_args()


def _strike(system: System, load: Load, kills: int, seed: int) -> list[Kill]:
    struck: list[Kill] = []
    for number, blow in enumerate(plan(kills, seed), 1):
        kill = strike(system, blow, after=load.after)
        struck.append(kill)
        routed = "nothing routed" if kill.routed is None else f"routed after {kill.routed:.2f} s"
        say(f"{number}: {kill.process} at {kill.moment} {kill.victim[-12:]}: back after {kill.away:.2f} s, {routed}")  # fmt: skip
    return struck


def settle(system: System) -> None:
    """Until what is to leave has left."""
    time.sleep(QUIET_SECONDS)
    end = time.monotonic() + DRAINED_WITHIN
    while time.monotonic() < end and system.rows(_UNSENT)[0]["n"]:
        time.sleep(1)


def _tell(system: System, struck: list[Kill], told: Told, head: list[str], *, keep: bool) -> int:
    rows, calls = messages(system), conversations(system)
    deaths = [(kill.killed_at, kill.back_at) for kill in struck if kill.process == "asterisk"]
    found = [
        *written_findings(rows, told.visitors, told.said, told.answers),
        *call_findings(calls, told.calls, deaths),
        *_patiently(lambda: routing_findings(system)),
        *_slow(struck),
        *_integrity(system),
    ]
    verdict = "nothing lost, nothing doubled" if not found else f"{len(found)} findings"
    lines = [*head, "", *_counted(rows, calls, told, struck), figures.moments(struck) + f". **{verdict}**.", "", *figures.table(struck)]  # fmt: skip
    sys.stdout.write("\n".join(lines) + "\n")
    for each in found:
        sys.stdout.write(f"WRONG: {each}\n")
    if found:
        kept = shutil.copy(system.log, Path(tempfile.gettempdir()) / "callcart-chaos.log")
        sys.stdout.write(f"what the processes have written: {kept}\n")
    if keep:
        PAGE.write_text(figures.keep(PAGE.read_text(encoding="utf-8"), lines), encoding="utf-8")
    return 1 if found else 0


def _head(crowd: Crowd, agents: int, seed: int) -> list[str]:
    live = crowd.chats + crowd.mails + crowd.texts + crowd.calls
    return [
        f"{datetime.now(UTC):%Y-%m-%d}, 2 cores, everything on one machine, {live} conversations at once ({crowd.chats} chats, {crowd.mails} mails, "
        f"{crowd.texts} SMS, {crowd.calls} calls), {agents} agents, seed {seed}."
    ]


def _counted(rows: list[Row], calls: list[Row], told: Told, struck: list[Kill]) -> list[str]:
    said = sum(len(each.said.keys) for each in told.visitors)
    answered = sum(call.answered_at is not None for call in told.calls.seen)
    talked = [call for call in told.calls.seen if call.talked]
    silence = max((call.silence for call in talked), default=0.0)
    others = [(kill.killed_at, kill.back_at) for kill in struck if kill.process != "asterisk"]
    return [
        f"Acknowledged: {said:,} chat messages, {len(told.said.mails):,} mails, {len(told.said.texts):,} SMS of customers, "
        f"{len(told.answers):,} answers of agents ({in_doubt(rows)} of them in doubt, as they say). "
        f"Calls: {len(told.calls.seen):,} dialled, {answered:,} answered, {len(talked):,} with an agent, "
        f"{sorry(calls, told.calls)} told after ten seconds that nobody can answer; "
        f"{outlived(told.calls, others):,} times a call went on while another process than Asterisk was dead; "
        f"longest silence in a talk {silence:.1f} s. Conversations were "
    ]


def _patiently(look: Callable[[], list[str]]) -> list[str]:
    """The last timers may be at work: what is wrong is wrong a few seconds later too."""
    for _attempt in range(5):
        found = look()
        if not found:
            break
        time.sleep(3)
    return found


def _slow(struck: list[Kill]) -> list[str]:
    found = [f"{kill.process} at {kill.moment}: nothing was routed again" for kill in struck if kill.routed is None]  # fmt: skip
    slow = [kill for kill in struck if kill.routed is not None and kill.routed > MOST_SECONDS]
    return found + [f"{kill.process} at {kill.moment}: {kill.routed:.1f} s until something was routed again" for kill in slow]  # fmt: skip


def _integrity(system: System) -> list[str]:
    try:
        system.callcart("integrity")
    except subprocess.CalledProcessError as error:
        return [f"integrity: {line}" for line in str(error.stdout).splitlines()[:5]]
    except psycopg.Error as error:
        return [f"integrity: {type(error).__name__}"]
    return []


if __name__ == "__main__":
    sys.exit(main())
