"""Two Asterisk behind Kamailio on one machine: calls are shared out, an agent whose page is at the one answers a call of the other, a node
that is killed costs its own calls and no new one, strangers hear nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from callcart.config import config
from callcart.contact.voice.engine import (
    CallArrived,
    EngineDown,
    EngineUp,
    LegAnswered,
    LegEnded,
    Softphone,
    SoftphoneFound,
)
from callcart.core.ids import new_id
from callcart.core.secrets import secret
from callcart.integrations.asterisk.engine import AsteriskEngine
from callcart.integrations.kamailio import conf as kamailio
from callcart.processes import asterisk as process
from callcart.processes.edge import Edge, _watch
from callcart.processes.place import service_user, socket_folder
from tests.environment import free_ports
from tests.integrations.asterisk.conftest import CARRIER, PASSWORD, PLAIN, SERVICE, Exchange, _write_sounds
from tests.journeys.agent import Account, Manner, noted, sit_down
from tests.journeys.caller import Caller, start
from tests.journeys.sound import Sound
from tests.journeys.system import eventually

pytestmark = pytest.mark.journey
EDGE, AGENT, SCANNER = "127.0.0.40", "127.0.0.61", "127.0.0.66"
CONVERSATION = "0190a0a0-0000-7000-8000-00000000beef"


@dataclass
class Centre:
    """Both nodes and what stands before them."""

    nodes: dict[str, process.Asterisk]
    edge: Edge
    engines: dict[str, Exchange] = dataclasses.field(default_factory=dict)


@pytest.fixture(scope="module")
def running() -> Iterator[Centre]:
    home = Path(tempfile.mkdtemp(prefix="nodes-", dir=config().home))
    home.chmod(0o755)
    ports = free_ports(4)
    places = {"a": f"127.0.0.1:{ports[0]}", "b": f"127.0.0.1:{ports[1]}"}
    nodes = {}
    for number, name in enumerate(places):
        folder = home / name
        folder.mkdir()
        plan = dataclasses.replace(
            process.plan(), folder=folder, runtime=socket_folder(folder / "run", "asterisk.ctl", service_user()),
            prompts=home / "prompts", trunks_file=folder / "trunks.conf", http_port=ports[2 + number], sip_port=ports[number],
            rtp_start=24000 + 400 * number, rtp_end=24399 + 400 * number, demo=False, lab=True, node=name,
            nodes={other: place for other, place in places.items() if other != name}, nodes_password="a-secret-of-nodes", edge=EDGE,
        )  # fmt: skip
        nodes[name] = process.Asterisk(process.find(), plan)
    (home / "prompts").mkdir()
    _write_sounds(home / "prompts")
    edge = Edge(
        kamailio.Plan(
            home / "edge", EDGE, free_ports(1, EDGE)[0], [IPv4Network(f"{CARRIER}/32")], places, ping=1
        )
    )
    try:
        for node in nodes.values():
            node.start()
        edge.start()
        yield Centre(nodes, edge)
    finally:
        edge.stop()
        for node in nodes.values():
            node.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def centre(running: Centre) -> AsyncIterator[Centre]:
    engines = {}
    for name, node in running.nodes.items():
        others = set(running.nodes) - {name}
        port, password = node.plan.http_port, secret("ari")
        engines[name] = Exchange(AsteriskEngine(port=port, password=password, softphone=PLAIN, nodes=others))
    for each in engines.values():
        await each.wait(EngineUp)
    yield dataclasses.replace(running, engines=engines)
    for each in engines.values():
        await each.close()


@pytest.fixture
def ring_in(running: Centre, tmp_path: Path) -> Iterator[Callable[..., Caller]]:
    """A call by way of Kamailio, from the carrier's address or another."""
    callers: list[Caller] = []

    def make(local: str = CARRIER, hertz: int = 440) -> Caller:
        sound = Sound(local, hertz=hertz)
        call_id = f"{new_id().hex}@{local}"
        filled = {
            "[media_port_here]": str(sound.port), "[from_number]": "+12025550177", "[from_display]": "", "[more_headers]": "",
        }  # fmt: skip
        made = start(
            tmp_path / f"caller{len(callers)}", "caller", filled, sound, local=local, call_id=call_id,
            target=f"{EDGE}:{running.edge.plan.port}", options=["-s", SERVICE],
        )  # fmt: skip
        callers.append(made)
        return made

    yield make
    for each in callers:
        each.close()


async def arrival(centre: Centre, known: int = 0) -> tuple[str, str]:
    """The node and the leg of the next call, where so many have come already."""
    async with asyncio.timeout(40):
        while True:
            found = [
                (name, event.channel)
                for name, exchange in centre.engines.items()
                for event in exchange.seen
                if isinstance(event, CallArrived)
            ]
            if len(found) > known:
                return found[-1]
            await asyncio.sleep(0.05)


async def dial(engine: AsteriskEngine, channel: str, name: str) -> bool:
    return await engine.dial(
        channel, name, caller=SERVICE, seconds=20, originator="", conversation=CONVERSATION
    )


async def test_calls_are_shared_out_and_come_to_their_end(
    centre: Centre, ring_in: Callable[..., Caller]
) -> None:
    callers = [ring_in() for _each in range(4)]
    for name in ("a", "b"):
        exchange = centre.engines[name]
        await asyncio.to_thread(
            eventually, lambda found=exchange: found.count(CallArrived) == 2, f"two of four at {name}"
        )
        for event in [each for each in exchange.seen if isinstance(each, CallArrived)]:
            assert (event.dialled, event.caller) == (SERVICE, "+12025550177")
            assert await exchange.engine.answer(event.channel)
    for caller in callers:
        await asyncio.to_thread(caller.wait_answered)
        await asyncio.to_thread(caller.hang_up)
    for exchange in centre.engines.values():
        await asyncio.to_thread(eventually, lambda found=exchange: found.count(LegEnded) == 2, "both ended")


async def test_an_agent_at_one_node_answers_a_call_at_the_other(
    centre: Centre, ring_in: Callable[..., Caller], tmp_path: Path
) -> None:
    caller = ring_in(hertz=440)
    here, leg = await arrival(centre)
    there = "b" if here == "a" else "a"
    name = f"desk-{new_id().hex}"
    for exchange in centre.engines.values():
        await exchange.engine.add_softphone(Softphone(name, PASSWORD))
    account = Account(name, PASSWORD, centre.nodes[there].plan.sip_port, address=AGENT)
    agent = await asyncio.to_thread(sit_down, tmp_path / "agent", account, Manner.ANSWER, hertz=880)
    try:
        await centre.engines[there].wait(SoftphoneFound, lambda event: event.username == name)
        engine, channel = centre.engines[here].engine, f"agent-{CONVERSATION}-1"
        assert not await dial(engine, channel, name), "nobody has said where it is"
        engine.softphone_at(name, there)
        assert await dial(engine, channel, name)
        await centre.engines[here].wait(LegAnswered, lambda event: event.channel == channel)
        assert await asyncio.to_thread(noted, agent, "conversation") == CONVERSATION
        port = await asyncio.to_thread(noted, agent, "media")
        agent.sound.speak_to("127.0.0.1", int(port.split()[0]))
        await engine.answer(leg)
        await asyncio.to_thread(caller.wait_answered)
        assert await engine.join("call-over-nodes", leg, channel)
        await asyncio.to_thread(
            eventually, lambda: caller.heard.tone(880) > 0.5, "the customer hears the agent"
        )
        await asyncio.to_thread(
            eventually, lambda: agent.heard.tone(440) > 0.5, "the agent hears the customer"
        )
        await asyncio.to_thread(caller.hang_up)
        await engine.hang_up(channel)
    finally:
        agent.close()


async def test_a_visitors_page_at_one_node_is_rung_by_the_other(centre: Centre, tmp_path: Path) -> None:
    name, channel = f"guest-{new_id().hex}", f"agent-{CONVERSATION}-0"
    for exchange in centre.engines.values():
        await exchange.engine.add_softphone(Softphone(name, PASSWORD, guest=True))
    account = Account(name, PASSWORD, centre.nodes["b"].plan.sip_port, address=AGENT)
    page = await asyncio.to_thread(sit_down, tmp_path / "page", account, Manner.ANSWER, hertz=880)
    try:
        await centre.engines["b"].wait(SoftphoneFound, lambda event: event.username == name)
        centre.engines["a"].engine.softphone_at(name, "b")
        async with asyncio.timeout(20):  # a node that was slow to answer is tried again
            while not await dial(centre.engines["a"].engine, channel, name):
                await asyncio.sleep(0.2)
        await centre.engines["a"].wait(LegAnswered, lambda event: event.channel == channel)
        assert await asyncio.to_thread(noted, page, "conversation") == CONVERSATION
        await centre.engines["a"].engine.hang_up(channel)
    finally:
        page.close()


async def test_a_stranger_hears_nothing_and_is_counted(
    centre: Centre, ring_in: Callable[..., Caller]
) -> None:
    centre.edge.dropped()
    caller = ring_in(local=SCANNER)
    total = 0

    def dropped() -> bool:
        nonlocal total
        total += centre.edge.dropped().get(SCANNER, 0)
        return total > 0

    await asyncio.to_thread(eventually, dropped, "the stranger is counted")
    assert caller.log() == "", "not even a refusal"
    assert all(each.count(CallArrived) == 0 for each in centre.engines.values())


async def test_kamailio_that_is_killed_costs_no_call(centre: Centre, ring_in: Callable[..., Caller]) -> None:
    first = ring_in()
    node, leg = await arrival(centre)
    await centre.engines[node].engine.answer(leg)
    await asyncio.to_thread(first.wait_answered)
    stop = threading.Event()
    watching = threading.Thread(target=_watch, args=(centre.edge, stop))
    watching.start()
    try:
        killed = centre.edge.child
        assert killed is not None
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        ring_in()  # asks while nobody is there
        await arrival(centre, 1)
        assert not first.other_side_left() and first.process.poll() is None
        await asyncio.to_thread(first.hang_up)
        await centre.engines[node].wait(LegEnded, lambda event: event.channel == leg)
    finally:
        stop.set()
        await asyncio.to_thread(watching.join)
    assert centre.edge.child is not killed and centre.edge.alive()


async def test_a_node_that_is_killed_costs_no_new_call(
    centre: Centre, ring_in: Callable[..., Caller]
) -> None:
    first = ring_in()
    dead, leg = await arrival(centre)
    alive = "b" if dead == "a" else "a"
    second = ring_in()
    assert (await arrival(centre, 1))[0] == alive or centre.engines[alive].count(CallArrived) == 1
    (living,) = [each.channel for each in centre.engines[alive].seen if isinstance(each, CallArrived)]
    await centre.engines[alive].engine.answer(living)
    await asyncio.to_thread(second.wait_answered)
    killed = centre.nodes[dead].child
    assert killed is not None
    killed.kill()
    killed.wait()
    for number in range(2, 4):
        ring_in()
        await asyncio.to_thread(
            eventually,
            lambda n=number: centre.engines[alive].count(CallArrived) == n,
            "it comes to the other",
        )
    assert (await centre.engines[dead].wait(EngineDown, lambda event: event.gone)).gone
    assert not second.other_side_left() and second.process.poll() is None, "who talked there talks on"
    first.close()
    assert leg.startswith(f"{dead}-"), "legs of two nodes are never named alike"
