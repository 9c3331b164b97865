"""`python -m chaos.soak --minutes 30`, or `make soak`: nobody is killed. People are let in until the machine is as busy as is asked, and then it
goes on for so long: what fails stays below a thousandth, memory stays as it is, and at the end nothing is lost or doubled.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import median

import psutil

from chaos.__main__ import say, settle
from chaos.crowd import Load, Told
from chaos.judge import routing_findings
from chaos.judge_calls import call_findings, conversations
from chaos.judge_written import messages, written_findings
from chaos.plan import Crowd
from tests.journeys.system import System, running

MOST_FAILED = 0.001
MOST_GROWTH, LEAST_GROWTH_MB = 0.10, 24.0  # what a process may grow by, the larger of the two
FIRST = 32  # conversations at the beginning
MORE, MORE_EVERY, MOST = 6, 4.0, 400
SAMPLE_SECONDS = 5.0


@dataclass
class Memory:
    """Megabytes that only a process and those below it hold, by name, over time."""

    samples: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def look(self, system: System) -> None:
        for name, pid, _mark in json.loads((system.home / "run/up.json").read_text()):
            with suppress(psutil.NoSuchProcess):
                root = psutil.Process(int(pid))
                held = 0
                for process in (root, *root.children(recursive=True)):
                    with suppress(psutil.NoSuchProcess):
                        held += process.memory_full_info().uss
                self.samples[name].append(held / 2**20)

    def ends(self) -> dict[str, tuple[float, float]]:
        """The middle of the second fifth, when all is warm, and of the last one."""
        found = {}
        for name, taken in self.samples.items():
            fifth = len(taken) // 5
            if fifth:
                found[name] = (median(taken[fifth : 2 * fifth]), median(taken[-fifth:]))
        return found


def grown(ends: dict[str, tuple[float, float]]) -> list[str]:
    """Processes whose memory is not flat."""
    return [
        f"{name} has grown from {before:.0f} to {after:.0f} MB"
        for name, (before, after) in ends.items()
        if after - before > max(MOST_GROWTH * before, LEAST_GROWTH_MB)
    ]


def failures(told: Told, undelivered: int) -> tuple[int, int]:
    """What failed, and of how many: attempts to say something, calls to be answered, words to leave."""
    tries = sum(each.tries for each in told.visitors)
    said = sum(len(each.said.keys) for each in told.visitors)
    unanswered = sum(call.answered_at is None for call in told.calls.seen)
    # One attempt of each may be under way when all is stopped.
    broken = max(0, tries - said - len(told.visitors))
    return broken + unanswered + undelivered, tries + len(told.calls.seen) + len(told.answers)


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m chaos.soak", description="A long run at an even load.")
    asked.add_argument("--minutes", type=float, default=30.0)
    asked.add_argument("--busy", type=float, default=60.0, help="how busy the machine is to be, in percent")
    asked.add_argument("--agents", type=int, default=40)
    options = asked.parse_args()
    say("starting an installation of its own")
    with running(_main=("chaos.installation",), web_workers="2", trusted_proxies="127.0.0.1") as system:
        with Load(system, Crowd.of(FIRST), options.agents) as load:
            _fill(load, options.busy)
            memory = _hold(system, options.minutes * 60)
            load.stop()
            settle(system)
            told = load.told()
        return _tell(system, told, memory, options.minutes)


def _fill(load: Load, busy: float) -> None:
    """Let people in until it is as busy as it is to be."""
    time.sleep(15)
    psutil.cpu_percent()
    while len(load.visitors) < MOST:
        time.sleep(MORE_EVERY)
        if psutil.cpu_percent() >= busy:
            break
        load.add_visitors(MORE)
    say(f"{len(load.visitors)} visitors beside the others")


def _hold(system: System, seconds: float) -> Memory:
    memory, end = Memory(), time.monotonic() + seconds
    psutil.cpu_percent()
    while time.monotonic() < end:
        time.sleep(min(SAMPLE_SECONDS, max(0.1, end - time.monotonic())))
        memory.look(system)
    say(f"the machine was {psutil.cpu_percent():.0f} % busy")
    return memory


def _tell(system: System, told: Told, memory: Memory, minutes: float) -> int:
    rows = messages(system)
    undelivered = sum(row["delivery"] in ("failed", "in_doubt") for row in rows)
    failed, of = failures(told, undelivered)
    found = [
        *written_findings(rows, told.visitors, told.said, told.answers),
        *call_findings(conversations(system), told.calls, []),
        *routing_findings(system),
        *grown(memory.ends()),
    ]
    if failed > MOST_FAILED * of:
        found.append(f"{failed} of {of} failed: more than {MOST_FAILED:.1%}")
    sys.stdout.write(
        f"{minutes:g} minutes: {len(told.visitors)} visitors; {sum(len(each.said.keys) for each in told.visitors):,} chat messages, "
        f"{len(told.said.mails):,} mails, {len(told.said.texts):,} SMS, {len(told.calls.seen):,} calls, {len(told.answers):,} answers; "
        f"{failed} of {of:,} failed\n"
    )
    for name, (before, after) in memory.ends().items():
        sys.stdout.write(f"{name:<10} {before:7.0f} MB, {after:7.0f} MB at the end\n")
    for each in found:
        sys.stdout.write(f"WRONG: {each}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
