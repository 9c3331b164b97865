"""Call set-up through our queue against Asterisk's own app_queue: one Asterisk, the same agents' telephones, the same callers,
by turns, every call recorded. Set-up is from the making of the caller's channel until caller and agent are in one bridge; a
call that SIPp saw fail, or that was never in a bridge with an agent, has failed.

Processor time is that of Asterisk alone for app_queue, and for ours of Asterisk, the voice process, routing's timers and the
whole of PostgreSQL. Set-ups are measured without sound (packets of hundreds of short calls would be all there is to see);
calls per core with sound both ways on both legs, once all calls stand.

Not in it: the menu, the browsers' encryption, the desk's pages and the live feed, and the worker's filing of recordings, of
all of which app_queue has nothing. SIPp runs on the same machine and takes its share of it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import Figure, say
from bench import _calls_phones as sip
from bench import _calls_place as place
from bench._calls_phones import Callers
from bench._calls_watch import Pairs, Watch, cpu_seconds
from bench._installation import own_installation

AGENTS = 300
RATES = (25, 75)  # calls a second; the pass lines hold at the last
SECONDS = {25: 8, 75: 10}
TURNS = {25: 1, 75: 3}
TALK = 3.0
WARM = 25  # calls before each turn that are not counted
STANDING, STANDING_RATE = 100, 25
SETTLE, LOOK = 14.0, 10.0  # a new talk is looked at more closely for its first seconds
STANDING_TURNS = 2
SOUND_BYTES = 16_000  # of a second of recording

MOST_P95_MS = 100.0
LEAST_SET_UPS = 0.6
LEAST_PER_CORE = 0.9


@dataclass(frozen=True)
class Turn:
    """One run of callers in one mode. `times`: milliseconds of set-up, sorted."""

    calls: int
    failed: int
    times: list[float]
    cpu: float

    @property
    def set_ups_per_cpu_second(self) -> float:
        return (self.calls - self.failed) / self.cpu

    def at(self, share: float) -> float:
        return self.times[min(len(self.times) - 1, int(len(self.times) * share))] if self.times else 0.0


def run() -> list[Figure]:
    """Set-up times, failures, set-ups per second of processor time, recorded calls per core."""
    with own_installation(**place.own_media_ports()) as home:
        return _run(home)


def _run(home: Path) -> list[Figure]:
    with Bench.opened(home) as bench:
        figures = []
        for rate in RATES:
            ours, theirs = bench.turns(rate)
            figures += _set_up_figures(rate, ours, theirs)
        return [*figures, bench.per_core()]


class Bench:
    """The place, made once, and its turns."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        from callcart.config import config
        from callcart.core.secrets import secret

        self.shop = place.open_shop(AGENTS)
        say(f"{AGENTS} agents are ready")
        self.asterisk = stack.enter_context(place.exchange([each.username for each in self.shop.accounts]))
        self.phones = sip.phones(home / "phones", config().sip_port)
        stack.enter_context(sip.agents(self.phones))
        with place.ours():
            sip.register(self.phones, self.shop.accounts)
        self.pairs = Pairs(place.CALLERS)
        watch = Watch(config().asterisk_http_port, secret("ari"), self.pairs)
        watch.start()
        stack.callback(watch.stop)
        self.block = 0

    @classmethod
    @contextmanager
    def opened(cls, home: Path) -> Iterator[Bench]:
        with ExitStack() as stack:
            yield cls(home, stack)

    def turns(self, rate: int) -> tuple[list[Turn], list[Turn]]:
        """Ours and theirs at one rate, by turns."""
        found: dict[bool, list[Turn]] = {True: [], False: []}
        for _turn in range(TURNS[rate]):
            for ours in (True, False):
                with self._mode(ours=ours) as counted:
                    self._call(ours=ours, calls=WARM, rate=RATES[0], counted=counted)
                    turn = self._call(ours=ours, calls=rate * SECONDS[rate], rate=rate, counted=counted)
                found[ours].append(turn)
                say(
                    f"{'ours' if ours else 'app_queue'} at {rate}/s: {turn.calls} calls, {turn.failed} failed, "
                    f"p50 {turn.at(0.5):.0f} p95 {turn.at(0.95):.0f} ms, {1000 * turn.cpu / turn.calls:.1f} ms of CPU a call"
                )
        return found[True], found[False]

    def per_core(self) -> Figure:
        """Recorded calls with sound that one core would carry."""
        found: dict[bool, list[float]] = {True: [], False: []}
        for _turn in range(STANDING_TURNS):
            for ours in (True, False):
                with self._mode(ours=ours) as counted:
                    found[ours].append(self._stand(ours=ours, counted=counted))
                say(f"{'ours' if ours else 'app_queue'}: {found[ours][-1]:.0f} recorded calls a core")
        return Figure(
            f"calls: recorded calls per core, {STANDING} standing", median(found[True]), "calls",
            floor=median(found[False]), floor_name="app_queue", least_ratio=LEAST_PER_CORE,
        )  # fmt: skip

    def _call(self, *, ours: bool, calls: int, rate: int, counted: list[int]) -> Turn:
        """Callers come at a rate, talk, and leave."""
        self.pairs.clear()
        before = cpu_seconds(counted)
        with sip.calling(self.phones, self._callers(ours, calls, rate, TALK), block=self._next()) as calling:
            _through, broken = calling.finish(calls / rate + TALK + 60)
        time.sleep(0.5)
        cpu = cpu_seconds(counted) - before
        times = sorted(1000 * seconds for seconds in self.pairs.set_up.values())
        return Turn(calls, max(broken, calls - len(times)), times, cpu)

    def _stand(self, *, ours: bool, counted: list[int]) -> float:
        """All calls stand and talk; how many of them one core would carry."""

        recordings = self.asterisk.plan.recordings
        place.clear_recordings(recordings, least_bytes=0)
        self.pairs.clear()
        coming = STANDING / STANDING_RATE
        callers = self._callers(ours, STANDING, STANDING_RATE, coming + SETTLE + LOOK + 2, sound=True)
        with sip.calling(self.phones, callers, block=self._next()) as calling:
            time.sleep(coming + SETTLE)
            standing = len(self.pairs.set_up)
            began, before = time.monotonic(), cpu_seconds(counted)
            time.sleep(LOOK)
            cpu, seconds = cpu_seconds(counted) - before, time.monotonic() - began
            calling.finish(callers.talk + 60)
        time.sleep(1)
        heard = place.clear_recordings(recordings, least_bytes=int(LOOK) * SOUND_BYTES)
        if standing < STANDING or heard < STANDING:
            raise RuntimeError(f"of {STANDING} calls {standing} stood and {heard} have their sound")
        return standing * seconds / cpu

    def _callers(self, ours: bool, calls: int, rate: int, talk: float, *, sound: bool = False) -> Callers:

        address = place.OURS_FROM if ours else place.THEIRS_FROM
        return sip.Callers(address, place.SERVICE, calls, rate, talk, sound)

    @contextmanager
    def _mode(self, *, ours: bool) -> Iterator[list[int]]:
        """The processes that count, at work."""

        assert self.asterisk.child is not None
        asterisk = self.asterisk.child.pid
        if not ours:
            yield [asterisk]
            return
        with place.ours() as pids:
            place.settle(self.shop.tenant_id)
            yield [asterisk, *pids, place.postgres_pid()]
            place.settle(self.shop.tenant_id)  # calls of an overload end later than their callers

    def _next(self) -> int:
        self.block += 1
        return self.block


def _set_up_figures(rate: int, ours: list[Turn], theirs: list[Turn]) -> list[Figure]:
    judged = rate == RATES[-1]
    name, floor = f"calls at {rate}/s", "app_queue"
    return [
        Figure(f"{name}: failed, of {sum(turn.calls for turn in ours):,}", sum(turn.failed for turn in ours), "calls",
               floor=sum(turn.failed for turn in theirs), floor_name=floor, most=0 if judged else None),
        Figure(f"{name}: set-up p50", median(turn.at(0.5) for turn in ours), "ms",
               floor=median(turn.at(0.5) for turn in theirs), floor_name=floor),
        Figure(f"{name}: set-up p95", median(turn.at(0.95) for turn in ours), "ms",
               floor=median(turn.at(0.95) for turn in theirs), floor_name=floor, most=MOST_P95_MS if judged else None),
        Figure(f"{name}: set-ups per CPU second", median(turn.set_ups_per_cpu_second for turn in ours), "calls",
               floor=median(turn.set_ups_per_cpu_second for turn in theirs), floor_name=floor,
               least_ratio=LEAST_SET_UPS if judged else None),
    ]  # fmt: skip
