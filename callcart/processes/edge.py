"""`callcart edge`: runs Kamailio before the nodes, starts it again when it dies, and counts the strangers that it dropped.

It holds no state of calls: one that is killed loses nothing but requests under way, which are sent again. It passes sound to nobody; that
goes between carrier and node.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from callcart.config import ConfigurationError, config
from callcart.integrations.kamailio import conf
from callcart.integrations.kamailio.install import KamailioMissing, find_or_install
from callcart.processes.identity import AlreadyRunning, locked
from callcart.processes.place import clean_environment, service_folder, service_user

_STRANGER = re.compile(rb"stranger (\d{1,3}(?:\.\d{1,3}){3})\s*$")
WATCH_SECONDS = 1.0
LONGEST_PAUSE = 10.0


class Edge:
    """One Kamailio of ours, and whom it dropped."""

    def __init__(self, plan: conf.Plan) -> None:
        self.plan = plan
        self.child: subprocess.Popen[bytes] | None = None
        self.last_words: list[str] = []
        self._dropped: Counter[str] = Counter()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Write the configuration and start. Raises KamailioMissing."""
        program = find_or_install(
            service_folder("kamailio-programs"), config().path("cache", "kamailio", "x").parent
        )
        conf.write(self.plan)
        user = service_user()
        self.child = subprocess.Popen(
            [str(program), "-f", str(self.plan.configuration), "-DD", "-E", "-m", "64", "-M", "8", "-Y", str(self.plan.folder)],
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            **(user.popen() if user else {}),
        )  # fmt: skip
        threading.Thread(target=self._listen, args=(self.child,), name="edge-words", daemon=True).start()

    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def dropped(self) -> Mapping[str, int]:
        """Requests of strangers since the last time this was asked, by address."""
        with self._lock:
            found, self._dropped = self._dropped, Counter()
        return found

    def stop(self) -> None:
        if self.child is not None and self.child.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGTERM)
            try:
                self.child.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.child.pid, signal.SIGKILL)
                self.child.wait()
        self.child = None

    def _listen(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stderr is not None
        for line in child.stderr:
            if found := _STRANGER.search(line):
                with self._lock:
                    self._dropped[found[1].decode()] += 1
            else:
                self.last_words = [*self.last_words[-14:], line.decode(errors="replace").rstrip()]


def plan() -> conf.Plan:
    """What it does, from the configuration. Raises ConfigurationError."""
    settings = config()
    if not settings.edge_host or not settings.edge_carriers:
        raise ConfigurationError(
            "Kamailio needs CALLCART_EDGE_HOST, the address it listens on, and CALLCART_EDGE_CARRIERS, the addresses of your carriers."
        )
    own = {settings.node: f"{settings.sip_host}:{settings.sip_port}"}
    return conf.Plan(
        folder=service_folder("kamailio"),
        host=settings.edge_host,
        port=settings.edge_port,
        carriers=settings.edge_carriers,
        nodes={**own, **settings.nodes},
    )


def serve() -> None:
    """Until SIGTERM or SIGINT."""
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcart.settings")
    import django

    django.setup()
    edge = Edge(plan())
    try:
        with locked(config().path("run", "edge.lock")):
            try:
                edge.start()
                sys.stderr.write(f"kamailio runs, SIP on {edge.plan.host}:{edge.plan.port}/udp\n")
                _watch(edge, stop)
            finally:
                edge.stop()
    except KamailioMissing as error:
        raise ConfigurationError(str(error)) from None
    except AlreadyRunning as error:
        raise ConfigurationError(f"This home's Kamailio is run by {error.holder} already.") from None


def _watch(edge: Edge, stop: threading.Event) -> None:
    """Start it again after each death, after a pause that grows while it dies young; count strangers meanwhile."""
    from callcart.contact.voice import strangers

    rate, pause, started = strangers.Rate(config().sip_alarm), 0.2, time.monotonic()
    while not stop.wait(WATCH_SECONDS if edge.alive() else pause):
        _count(edge, rate)
        if edge.alive():
            continue
        pause = 0.2 if time.monotonic() - started > 60 else min(pause * 2, LONGEST_PAUSE)
        sys.stderr.write("kamailio ended unasked, starting it again:\n" + "\n".join(edge.last_words) + "\n")
        edge.start()
        started = time.monotonic()


def _count(edge: Edge, rate: object) -> None:
    from callcart.contact.voice import strangers

    found = edge.dropped()
    if not found:
        return
    assert isinstance(rate, strangers.Rate)
    try:
        strangers.count(found)
        if many := rate.add(sum(found.values()), time.monotonic()):
            strangers.alarm(many)
    except Exception as error:  # noqa: BLE001  counting them must not cost the calls
        sys.stderr.write(f"strangers not counted: {type(error).__name__}\n")
