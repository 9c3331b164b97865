"""A real Asterisk of the run's own, the engine on it, and what the engine tells.

Softphone accounts are plain SIP here (SIPp speaks no WebRTC); what a browser's account differs in is tested by itself.
"""

from __future__ import annotations

import asyncio
import dataclasses
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from callcart.config import config
from callcart.contact.voice.engine import EngineEvent, EngineUp, Softphone
from callcart.core.secrets import secret
from callcart.integrations.asterisk import conf
from callcart.integrations.asterisk.engine import AsteriskEngine
from callcart.integrations.asterisk.softphones import WEBRTC
from callcart.processes import asterisk as process
from tests.journeys.agent import Account
from tests.journeys.caller import Caller, call
from tests.journeys.sound import LINEAR, _tone

E = TypeVar("E", bound=EngineEvent)

PLAIN = {
    **{name: value for name, value in WEBRTC.items() if name != "webrtc"},
    "transport": "transport-udp",
    "allow": "ulaw",
}
SERVICE = "+12025550100"
CARRIER = "127.0.0.33"
BY_INFO = "127.0.0.34"  # a second carrier, whose keys come by INFO
PASSWORD = "an-account-of-a-test"


@pytest.fixture(scope="session")
def asterisk() -> Iterator[process.Asterisk]:
    """Started once; a test that kills it starts it again."""
    plan = dataclasses.replace(process.plan(), lab=True)
    plan.trunks_file.write_text(example_trunk(), encoding="utf-8")
    running = process.Asterisk(process.find(), plan)
    _write_sounds(plan.prompts)
    running.start()
    yield running
    running.stop()


def example_trunk() -> str:
    """The first example of the file people edit, as they would use it: its comment marks away, their carrier's address in."""
    text = (conf.TEMPLATES / "trunks.conf").read_text(encoding="utf-8")
    example = text.partition("from your carrier):\n")[2].partition("; A trunk that you register with")[0]
    lines = [line.lstrip(";").strip() for line in example.splitlines()]
    text = "\n".join(lines).replace("203.0.113.10", CARRIER)
    other = text.replace("[carrier]", "[by-info]").replace("= carrier", "= by-info").replace(CARRIER, BY_INFO)
    other = other.replace("rtp_symmetric = yes", "rtp_symmetric = yes\ndtmf_mode = info", 1)
    return f"{text}\n{other}"


def _write_sounds(folder: Path) -> None:
    for name, hertz in (("tone-600", 600), ("tone-1200", 1200), ("moh/music", 300)):
        path = folder / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(8000)
            second = b"".join(LINEAR[code].to_bytes(2, "little", signed=True) for code in _tone(hertz))
            out.writeframes(second * (10 if hertz == 300 else 2))
        path.chmod(0o644)


class Exchange:
    """An engine whose events are kept, so that a test can wait for one."""

    def __init__(self, engine: AsteriskEngine) -> None:
        self.engine = engine
        self.seen: list[EngineEvent] = []
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for event in self.engine.events():
            self.seen.append(event)
            self._news.set()

    async def wait(
        self, kind: type[E], fits: Callable[[E], bool] = lambda event: True, *, timeout: float = 15
    ) -> E:
        """The first event of this kind, also one that came before."""
        async with asyncio.timeout(timeout):
            while True:
                self._news.clear()
                for event in self.seen:
                    if isinstance(event, kind) and fits(event):
                        return event
                await self._news.wait()

    async def wait_new(self, kind: type[E], *, timeout: float = 15) -> E:
        """The next event of this kind from now on."""
        known = len(self.seen)
        return await self.wait(kind, lambda event: event in self.seen[known:], timeout=timeout)

    def count(self, kind: type[E], fits: Callable[[E], bool] = lambda event: True) -> int:
        return sum(isinstance(event, kind) and fits(event) for event in self.seen)

    async def close(self) -> None:
        self._task.cancel()
        await self.engine.close()


@pytest.fixture
async def exchange(asterisk: process.Asterisk) -> AsyncIterator[Exchange]:
    engine = AsteriskEngine(port=config().asterisk_http_port, password=secret("ari"), softphone=PLAIN)
    made = Exchange(engine)
    await made.wait(EngineUp)
    yield made
    await made.close()


@pytest.fixture
def dial_in(tmp_path: Path) -> Iterator[Callable[..., Caller]]:
    """`dial_in(number=…, …)`: a caller; all are ended after the test."""
    callers: list[Caller] = []

    def make(**options: str) -> Caller:
        place = tmp_path / f"caller{len(callers)}"
        chosen = {"service": SERVICE, "number": "+12025550177", **options}
        made = call(place, sip_port=config().sip_port, **chosen)  # type: ignore[arg-type]
        callers.append(made)
        return made

    yield make
    for each in callers:
        each.close()


@pytest.fixture
async def account(exchange: Exchange, request: pytest.FixtureRequest) -> AsyncIterator[Account]:
    """A softphone account that a plain telephone may register with."""
    name = f"desk-{abs(hash(request.node.name)):x}"
    await exchange.engine.add_softphone(Softphone(name, PASSWORD))
    yield Account(name, PASSWORD, config().sip_port)
    await exchange.engine.remove_softphone(name)
