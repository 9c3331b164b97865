"""A talk passed on, on a real Asterisk: who hears whom is heard by tones. The records are those in memory; the calls are real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from callcart.config import config
from callcart.contact.voice.engine import LegAnswered, LegEnded, Softphone
from callcart.contact.voice.exchange import Exchange as Hall
from callcart.contact.voice.fake_passing import Agent
from callcart.contact.voice.fake_records import FakeRecords
from callcart.contact.voice.inputs import OfferOver, Wish
from callcart.contact.voice.news import DialWanted
from callcart.contact.voice.records import Offered
from callcart.contact.voice.states import CallState, Request
from callcart.core.secrets import secret
from callcart.integrations.asterisk.engine import AsteriskEngine
from callcart.processes import asterisk as process
from tests.contact.voice.hall import Menu
from tests.integrations.asterisk.conftest import PASSWORD, PLAIN, SERVICE, Exchange
from tests.integrations.asterisk.test_caller_leg import hears
from tests.journeys.agent import Account, Manner, _listens, sit_down
from tests.journeys.caller import Caller, Telephone, start
from tests.journeys.sound import Sound
from tests.journeys.system import eventually

pytestmark = pytest.mark.journey
DialIn = Callable[..., Caller]
CUSTOMER, FIRST, SECOND, OUTSIDE = 440, 880, 1320, 1760  # Hz
NUMBER = "+12125550777"
CARRIER = ("127.0.0.2", 5061)  # where the demo's trunk leads


def outside(folder: Path, manner: Manner = Manner.ANSWER) -> Telephone:
    """Somebody behind the trunk."""
    address, port = CARRIER
    sound = Sound(address, hertz=OUTSIDE)
    filled = {"[manner_here]": manner.value, "[media_port_here]": str(sound.port)}
    phone = start(folder, "agent", filled, sound, local=address, port=port)
    eventually(lambda: _listens(port), "the carrier listens")
    return phone


class Floor:
    """The exchange over a real Asterisk, with two agents at their telephones."""

    def __init__(self, engine: AsteriskEngine, folder: Path) -> None:
        flow = Menu()
        self.engine, self.folder = engine, folder
        self.records = FakeRecords(flow, numbers=(SERVICE,))
        self.hall = Hall(engine, self.records, flow)
        self.records.listener = self._hear
        self.phones: list[Telephone] = []
        self.task = asyncio.create_task(self.hall.run())

    def _hear(self, news: Offered | OfferOver) -> None:
        self.hall.ring(news) if isinstance(news, Offered) else self.hall.tell(news)

    async def agent(self, hertz: int) -> tuple[Agent, Telephone]:
        account = Account(f"desk-of-{hertz}", PASSWORD, config().sip_port)
        await self.engine.add_softphone(Softphone(account.username, PASSWORD))
        phone = await asyncio.to_thread(sit_down, self.folder / str(hertz), account, hertz=hertz)
        self.phones.append(phone)
        return self.records.agent(username=account.username), phone

    async def ask(self, request: Request, **wanted: object) -> None:
        (talk,) = self.records.talks.values()
        self.hall.tell(Wish(talk.row.facts.conversation_id, request, wanted))

    async def until(self, so: Callable[[], bool]) -> None:
        async with asyncio.timeout(40):
            while not so():
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        for channel in list((await self.engine.snapshot()).legs):
            await self.engine.hang_up(channel)
        await asyncio.sleep(0.2)
        self.task.cancel()
        for phone in self.phones:
            await asyncio.to_thread(phone.close)
        await self.engine.close()


@pytest.fixture
async def floor(asterisk: process.Asterisk, tmp_path: Path) -> AsyncIterator[Floor]:
    made = Floor(
        AsteriskEngine(
            port=config().asterisk_http_port, password=secret("ari"), softphone=PLAIN, trunk="demo-trunk"
        ),
        tmp_path,
    )
    await made.until(lambda: made.hall.is_up)
    yield made
    await made.close()


async def both(phone: Telephone, one: int, two: int) -> None:
    """Two others at once."""
    async with asyncio.timeout(40):
        while min(phone.heard.tone(one), phone.heard.tone(two)) < 0.25:
            await asyncio.sleep(0.05)


async def test_asked_by_turns_all_together_and_passed_on(floor: Floor, dial_in: DialIn) -> None:
    first, first_phone = await floor.agent(FIRST)
    customer = dial_in()
    await asyncio.to_thread(customer.wait_answered)
    customer.press("0")
    await asyncio.to_thread(first_phone.wait_answered)
    await hears(customer, FIRST)
    second, second_phone = await floor.agent(SECOND)

    await floor.ask(Request.CONSULT, staff_id=str(second.staff_id))
    await hears(customer, 300)  # music
    await asyncio.to_thread(second_phone.wait_answered)
    await hears(first_phone, SECOND)
    await hears(second_phone, FIRST)
    assert customer.heard.tone(SECOND) < 0.1 and customer.heard.tone(FIRST) < 0.1

    await floor.ask(Request.SWAP)
    await hears(first_phone, CUSTOMER)
    await hears(second_phone, 300)
    await hears(customer, FIRST)

    await floor.ask(Request.THREE_WAY)
    await both(customer, FIRST, SECOND)
    await both(first_phone, CUSTOMER, SECOND)

    await floor.ask(Request.COMPLETE)
    await hears(customer, SECOND)
    await hears(second_phone, CUSTOMER)
    (talk,) = floor.records.talks.values()
    assert (talk.row.state, talk.staff_id, first.state) == (CallState.TALKING, second.staff_id, "wrap_up")
    assert len((await floor.engine.snapshot()).legs) == 2
    await asyncio.to_thread(customer.hang_up)
    await floor.until(lambda: talk.finishes == 1)
    await floor.until(lambda: not floor.hall.calls)
    assert not (await floor.engine.snapshot()).bridges


async def test_a_pause_keeps_nothing_and_nobody_hears_of_it(floor: Floor, dial_in: DialIn) -> None:
    _first, phone = await floor.agent(FIRST)
    customer = dial_in()
    await asyncio.to_thread(customer.wait_answered)
    customer.press("0")
    await asyncio.to_thread(phone.wait_answered)
    await hears(customer, FIRST)
    (talk,) = floor.records.talks.values()

    def kept() -> int:
        return sum(
            path.stat().st_size
            for path in (config().home / "asterisk/spool/recording").glob(f"{talk.row.customer_channel}*")
        )

    await floor.until(lambda: kept() > 20_000)
    await floor.ask(Request.PAUSE_RECORDING, why="agent")
    await floor.until(lambda: talk.row.paused_for == ("agent",))
    customer.heard.forget()
    await hears(customer, FIRST)
    await hears(phone, CUSTOMER)
    await asyncio.sleep(0.5)
    before = kept()
    await asyncio.sleep(0.7)
    assert kept() == before
    await floor.ask(Request.RESUME_RECORDING, why="agent")
    await floor.until(lambda: kept() > before + 10_000)
    customer.heard.forget()
    await hears(customer, FIRST)
    await hears(phone, CUSTOMER)


async def test_a_supervisor_listens_whispers_and_joins(floor: Floor, dial_in: DialIn) -> None:
    _first, phone = await floor.agent(FIRST)
    customer = dial_in()
    await asyncio.to_thread(customer.wait_answered)
    customer.press("0")
    await asyncio.to_thread(phone.wait_answered)
    await hears(customer, FIRST)
    boss, ear = await floor.agent(SECOND)
    boss.state = "offline"
    who = str(boss.staff_id)
    await floor.ask(Request.WATCH, staff_id=who, mode="listen")
    await asyncio.to_thread(ear.wait_answered)
    await both(ear, CUSTOMER, FIRST)
    assert customer.heard.tone(SECOND) < 0.05 and phone.heard.tone(SECOND) < 0.05
    await floor.ask(Request.WATCH, staff_id=who, mode="whisper")
    await both(phone, CUSTOMER, SECOND)
    customer.heard.forget()
    await hears(customer, FIRST)
    assert customer.heard.tone(SECOND) < 0.05
    await floor.ask(Request.WATCH, staff_id=who, mode="barge")
    await both(customer, FIRST, SECOND)
    await floor.ask(Request.UNWATCH, staff_id=who)
    await floor.until(lambda: customer.heard.tone(SECOND) < 0.05)
    await hears(customer, FIRST)
    snapshot = await floor.engine.snapshot()
    assert len(snapshot.legs) == 2 and len(snapshot.bridges) == 1


async def test_an_agent_calls_out(floor: Floor, tmp_path: Path) -> None:
    agent, phone = await floor.agent(FIRST)
    other = await asyncio.to_thread(outside, tmp_path / "outside")
    floor.phones.append(other)
    floor.hall.hear(DialWanted(floor.records.dial_out(agent, NUMBER)))
    await asyncio.to_thread(phone.wait_answered)
    await asyncio.to_thread(other.wait_answered)
    await hears(other, FIRST)
    await hears(phone, OUTSIDE)
    (talk,) = floor.records.talks.values()
    await floor.until(lambda: talk.row.state is CallState.TALKING)

    def kept() -> int:
        folder = config().home / "asterisk/spool/recording"
        return sum(path.stat().st_size for path in folder.glob(f"{talk.row.customer_channel}*"))

    await floor.until(lambda: kept() > 10_000)
    await floor.ask(Request.HOLD)
    await hears(other, 300)
    await floor.ask(Request.UNHOLD)
    await hears(other, FIRST)
    await floor.ask(Request.HANG_UP)
    await floor.until(lambda: not floor.hall.calls)
    assert not (await floor.engine.snapshot()).legs


async def test_a_call_that_is_owed_waits_for_an_agent_and_then_dials(floor: Floor, tmp_path: Path) -> None:
    """Nobody is on the line until an agent has answered."""
    floor.hall.hear(DialWanted(floor.records.owe(NUMBER)))
    await floor.until(lambda: bool(floor.hall.calls))
    other = await asyncio.to_thread(outside, tmp_path / "outside")
    floor.phones.append(other)
    assert not (await floor.engine.snapshot()).legs
    agent, phone = await floor.agent(FIRST)
    floor.records.get_ready(agent)
    await asyncio.to_thread(phone.wait_answered)
    await asyncio.to_thread(other.wait_answered)
    await hears(other, FIRST)
    await hears(phone, OUTSIDE)
    (talk,) = floor.records.talks.values()
    assert (talk.row.state, floor.records.let_out_asked) == (CallState.TALKING, 1)
    await floor.ask(Request.HANG_UP)
    await floor.until(lambda: not floor.hall.calls)
    assert not (await floor.engine.snapshot()).legs


async def test_passed_on_to_a_number_outside(floor: Floor, dial_in: DialIn, tmp_path: Path) -> None:
    first, phone = await floor.agent(FIRST)
    customer = dial_in()
    await asyncio.to_thread(customer.wait_answered)
    customer.press("0")
    await asyncio.to_thread(phone.wait_answered)
    await hears(customer, FIRST)
    other = await asyncio.to_thread(outside, tmp_path / "outside")
    floor.phones.append(other)
    await floor.ask(Request.CONSULT, number=NUMBER, shown=SERVICE, passing=True)
    await asyncio.to_thread(other.wait_answered)
    await hears(customer, OUTSIDE)
    await hears(other, CUSTOMER)
    assert SERVICE in other.log()
    (talk,) = floor.records.talks.values()
    await floor.until(lambda: talk.row.state is CallState.OUTSIDE)
    assert first.state == "wrap_up"
    await asyncio.to_thread(customer.hang_up)
    await floor.until(lambda: not floor.hall.calls)
    assert not (await floor.engine.snapshot()).legs


async def test_nobody_behind_the_trunk_and_a_declined_call_say_why(
    exchange: Exchange, tmp_path: Path
) -> None:
    engine = exchange.engine
    assert not await engine.dial_out(
        "agent-out-0", NUMBER, shown=SERVICE, seconds=5, longest=9
    )  # no trunk is named
    engine._trunk = "demo-trunk"
    assert not await engine.dial_out("agent-out-1", f"{NUMBER}@evil.example", shown="", seconds=5, longest=9)
    phone = await asyncio.to_thread(outside, tmp_path / "declines", Manner.DECLINE)
    assert await engine.dial_out("agent-out-2", NUMBER, shown=SERVICE, seconds=10, longest=9)
    ended = await exchange.wait(LegEnded, lambda event: event.channel == "agent-out-2")
    assert (ended.cause, exchange.count(LegAnswered)) == (21, 0)
    await asyncio.to_thread(phone.close)
    assert await engine.dial_out("agent-out-3", NUMBER, shown=SERVICE, seconds=2, longest=9)
    ended = await exchange.wait(LegEnded, lambda event: event.channel == "agent-out-3")
    assert ended.cause not in (17, 21)


async def test_no_call_outside_lasts_for_ever(exchange: Exchange, tmp_path: Path) -> None:
    """Nobody asks for its end: the exchange ends it where it is, in a bridge, a talk like another."""
    engine = exchange.engine
    engine._trunk = "demo-trunk"
    await asyncio.to_thread(outside, tmp_path / "talks")
    assert await engine.dial_out("agent-out-1", NUMBER, shown=SERVICE, seconds=10, longest=3)
    await exchange.wait(LegAnswered, lambda event: event.channel == "agent-out-1")
    assert await engine.join("call-1", "agent-out-1")
    await exchange.wait(LegEnded, lambda event: event.channel == "agent-out-1")
