"""A call centre in memory for tests on virtual time: engine, records, a small menu, and the exchange over them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from callcart.contact.voice.afterwards import FOLLOWS
from callcart.contact.voice.exchange import Exchange
from callcart.contact.voice.fake import FakeEngine, Hears
from callcart.contact.voice.fake_passing import Agent, Talk
from callcart.contact.voice.fake_records import FakeRecords
from callcart.contact.voice.flow import (
    Action,
    Answered,
    Ask,
    CallFacts,
    Diverted,
    EndCall,
    Input,
    Key,
    Reaction,
    Say,
    Silence,
    Started,
    ToQueue,
    UseLanguage,
    Utterance,
)
from callcart.contact.voice.inputs import OfferOver, Wish
from callcart.contact.voice.records import Offered
from callcart.contact.voice.states import Request

NUMBER = "+12025550100"


class Menu:
    """1: last order read out, 2: Chinese, 3: goodbye, 9: breaks. 0, or silence twice: a person. Sent elsewhere it asks for a key."""

    calls_back = False
    follows = ""  # what a caller hears whose agent has hung up first

    def react(self, facts: CallFacts, state: dict[str, Any], given: Input) -> Reaction:
        silences = state.get("silences", 0)
        match given:
            case _ if given == Diverted("leaving") or state.get("leaving"):
                return self._leaving(given)
            case Diverted(to=to):
                return Reaction({"to": to}, (Say((Utterance(f"a key for {to}", "en"),), then_wait=5),))
            case Key() | Silence() if state.get("to"):
                return Reaction(state, (self._say("goodbye"), EndCall("self_served")))
            case Started():
                return Reaction({"silences": 0}, (self._menu(facts.language),))
            case Key("1"):
                return Reaction(state, (self._say("one moment"), Ask("order")))
            case Key("2"):
                return Reaction(state, (UseLanguage("zh-hans"), self._menu("zh-hans")))
            case Key("3"):
                return Reaction(state, (self._say("goodbye"), EndCall("self_served")))
            case Key("9"):
                raise ZeroDivisionError
            case Answered(failed=failed, value=value):
                words = "cannot tell" if failed else str(value)
                return Reaction({**state, "told": not failed}, (self._say(words), self._menu(facts.language)))
            case Silence() if silences < 1:
                return Reaction({"silences": silences + 1}, (self._menu(facts.language),))
            case _:
                return Reaction(state, self._to_people(facts.language))

    def _leaving(self, given: Input) -> Reaction:
        """Who waits is asked: 1 or nothing."""
        state = {"leaving": True}
        match given:
            case Diverted():
                return Reaction(state, (self._menu("leave"),))
            case Key("1"):
                return Reaction(state, (Ask("call_back"),))
            case Answered():
                return Reaction(state, (self._say("promised"), EndCall("callback")))
            case _:
                return Reaction(state, (self._say("stay"), EndCall("rejected")))

    def hung_up(self, state: dict[str, Any]) -> str:
        return "self_served" if state.get("told") else "hung_up_in_menu"

    def hides_keys(self, state: dict[str, Any]) -> bool:
        return False

    def look_up(self, facts: CallFacts, question: str, about: Mapping[str, str]) -> Any:
        if question == FOLLOWS:
            return self.follows
        if question == "may_call_back":
            return {"number": "+1212"} if self.calls_back else None
        if question == "call_back":
            return {"promised": True}
        return "your order is on its way"

    def place_in_queue(self, language: str, position: int, seconds: int | None) -> Sequence[Utterance]:
        return [Utterance(f"place {position}", language)]

    def callback_offer(self, language: str) -> Sequence[Utterance]:
        return [Utterance("press one to be called back", language)]

    def agent_lost(self, language: str) -> Sequence[Utterance]:
        return [Utterance("one moment, we lost the agent", language)]

    def refused(self, language: str) -> Sequence[Utterance]:
        return [Utterance("nobody is here", language)]

    def _menu(self, language: str) -> Say:
        return Say((Utterance(f"menu {language}", language),), then_wait=5)

    def _say(self, text: str) -> Say:
        return Say((Utterance(text, "en"),))

    def _to_people(self, language: str) -> tuple[Action, ...]:
        return (ToQueue(language),)


class Hall:
    """`engine` moves the far ends, `records` the floor."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.flow = Menu()
        self.records = FakeRecords(self.flow, numbers=(NUMBER,))
        self.exchange = Exchange(self.engine, self.records, self.flow)
        self.task: asyncio.Task[None] | None = None

    # ---- our process ----

    async def start(self) -> None:
        self.records.listener = self.hear
        self.task = asyncio.create_task(self.exchange.run())
        await settle()

    async def stop(self) -> None:
        """As SIGKILL: nothing is said to anybody."""
        self.records.listener = lambda _news: None
        assert self.task is not None
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def restart(self) -> None:
        await self.stop()
        self.exchange = Exchange(self.engine, self.records, self.flow)
        await self.start()

    def hear(self, news: Offered | OfferOver) -> None:
        if isinstance(news, Offered):
            self.exchange.ring(news)
        else:
            self.exchange.tell(news)

    # ---- moves ----

    async def agent(self, **settings: Any) -> Agent:
        """A ready agent whose softphone is registered."""
        agent = self.records.agent(**settings)
        if agent.username:
            self.engine.register(agent.username)
        await settle()
        return agent

    async def caller(self, number: str = NUMBER) -> str:
        """A caller who hears the menu."""
        channel = self.engine.call_in(number)
        await settle()
        return channel

    async def waiting(self) -> str:
        """A caller who asked for a person."""
        channel = await self.caller()
        self.engine.press(channel, "0")
        await settle()
        return channel

    async def talking(self) -> tuple[str, Agent]:
        """A caller and an agent who talk."""
        agent = await self.agent()
        channel = await self.waiting()
        await self.pick_up(agent)
        return channel, agent

    async def pick_up(self, agent: Agent) -> None:
        assert agent.username
        self.engine.pick_up(agent.username)
        await settle()

    async def ask(self, request: Request, **wanted: Any) -> None:
        for conversation_id in list(self.records.talks):
            self.exchange.tell(Wish(conversation_id, request, wanted))
        await settle()

    async def consulting(self, *, passing: bool = False) -> tuple[str, Agent, Agent]:
        """A caller, the agent who talked to him, and a colleague whose telephone rings."""
        caller, first = await self.talking()
        second = await self.agent()
        await self.ask(Request.CONSULT, staff_id=str(second.staff_id), passing=passing)
        return caller, first, second

    async def consulted(self) -> tuple[str, Agent, Agent]:
        """The colleague has answered: the two agents speak, the caller hears music."""
        found = await self.consulting()
        await self.pick_up(found[2])
        return found

    async def hang_up(self, channel: str) -> None:
        self.engine.hang_up_far(channel)
        await settle()

    # ---- looking ----

    @property
    def talk(self) -> Talk:
        return self.records.only()

    def rings(self, agent: Agent) -> int:
        return len(self.engine.ringing(agent.username or ""))

    def hears(self, channel: str) -> Hears:
        return self.engine.hears(channel)

    def leg_of(self, agent: Agent) -> str:
        (leg,) = self.engine.talking(agent.username or "")
        return leg.channel


async def settle(seconds: float = 0.2) -> None:
    """Let everything that is on its way arrive."""
    await asyncio.sleep(seconds)
