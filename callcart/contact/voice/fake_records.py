"""The records of calls in memory, with a small routing of their own, for call flows on virtual time.

Keeps what the real ones promise: one offer at a time for a conversation and for an agent, the longest wait first, the place
kept when an offer comes to nothing, every verb repeatable. Offers and their ends are told to a listener too, a moment
later, as the feed does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from callcart.contact.conversations.public import ConversationState
from callcart.contact.voice.admitting import Admitted
from callcart.contact.voice.engine import CallArrived, Softphone
from callcart.contact.voice.fake_passing import (
    FEED_DELAY,
    LATENCY,
    RING_SECONDS,
    TENANT,
    Agent,
    PassingOn,
    Talk,
)
from callcart.contact.voice.flow import CallFacts, Flow, Utterance
from callcart.contact.voice.inputs import OfferOver
from callcart.contact.voice.records import Back, CallRow, LetOut, NoQueue, Offered, Place
from callcart.contact.voice.states import WITH_AGENT, CallState, Media, agreed
from callcart.core.ids import new_id

ORBITS = range(701, 800)

_T = ConversationState


class FakeRecords(PassingOn):
    """`numbers` are served; everybody else's are nobody's. `listener` hears what the feed would tell."""

    LONGEST_CALL = 600  # seconds, of one that an agent makes

    def __init__(self, flow: Flow, *, numbers: Sequence[str] = ("+12025550100",)) -> None:
        self.flow = flow
        self.numbers = set(numbers)
        self.talks: dict[UUID, Talk] = {}
        self.agents: dict[UUID, Agent] = {}
        self.number = next(iter(self.numbers), "")
        self.has_queue = True
        self.admission = Admitted()  # what a queue says to whoever is to wait
        self.way = Admitted()  # and to whoever waits
        self.left: float | None = None
        self.lets_out = True
        self.let_out_asked = 0
        self.recorded = True
        self.health: list[bool] = []
        self.dead: list[CallRow] = []  # calls of nodes that are no more
        self.registered: list[tuple[str, bool]] = []
        self.elsewhere: dict[str, str] = {}
        self.listener: Callable[[Offered | OfferOver], None] = lambda _news: None
        self.offers_made: list[Offered] = []
        self._turns = 0

    # ---- the floor ----

    def agent(self, *, ready: bool = True, username: str | None = "") -> Agent:
        """A new agent, with an account of his own unless it is said otherwise."""
        staff_id = new_id()
        account = f"desk-{staff_id.hex[-8:]}" if username == "" else username
        agent = Agent(staff_id, account, "ready" if ready else "offline")
        self.agents[staff_id] = agent
        return agent

    def get_ready(self, agent: Agent) -> None:
        """Ready, as the desk says it: the offer is told by the feed alone."""
        agent.state, agent.reason = "ready", ""
        self._match()

    def decline(self, agent: Agent) -> None:
        """The desk's button: routing hears of it before the telephone does."""
        for talk in self.talks.values():
            if talk.helper_id == agent.staff_id and talk.offer is not None:
                self._drop_helper(talk, "rejected")
            elif talk.offer is not None and talk.offer.staff_id == agent.staff_id:
                self._put_back(talk, "rejected")

    def only(self) -> Talk:
        """The one conversation there is."""
        (talk,) = self.talks.values()
        return talk

    def _match(self) -> Offered | None:
        """Offer the longest waiting to the first that is free; the last offer made."""
        made = None
        while True:
            waiting = sorted(
                (talk for talk in self.talks.values() if talk.turn is _T.WAITING), key=lambda t: t.position
            )
            free = [agent for agent in self.agents.values() if agent.state == "ready"]
            if not waiting or not free:
                return made
            made = self._offer(waiting[0], free[0])

    def _offer(self, talk: Talk, agent: Agent) -> Offered:
        facts = talk.row.facts
        offer = Offered(facts.tenant_id, facts.conversation_id, agent.staff_id, new_id())
        talk.turn, talk.offer, talk.staff_id = _T.OFFERED, offer, agent.staff_id
        agent.state = "ringing"
        agent.offers += 1
        self.offers_made.append(offer)
        self._tell(offer)
        asyncio.get_running_loop().call_later(RING_SECONDS, self._ring_out, talk, offer)
        return offer

    def _ring_out(self, talk: Talk, offer: Offered) -> None:
        if talk.offer == offer:
            self._put_back(talk, "timed_out")

    def _put_back(self, talk: Talk, reason: str) -> Offered | None:
        offer = talk.offer
        assert offer is not None
        talk.turn, talk.offer, talk.staff_id = _T.WAITING, None, None
        self._tell(OfferOver(offer.conversation_id, offer.offer_id, reason))
        agent = self.agents[offer.staff_id]
        agent.state, agent.reason = "paused", reason
        return self._match()

    def _tell(self, news: Offered | OfferOver) -> None:
        asyncio.get_running_loop().call_later(FEED_DELAY, lambda: self.listener(news))

    # ---- the interface ----

    async def open(self, arrival: CallArrived) -> CallRow | None:
        await asyncio.sleep(LATENCY)
        if arrival.dialled not in self.numbers:
            return None
        for talk in self.talks.values():
            if talk.row.customer_channel == arrival.channel:
                return talk.row
        facts = CallFacts(TENANT, new_id(), "en", "" if arrival.hidden else arrival.caller, arrival.dialled)
        row = CallRow(facts, CallState.NEW, arrival.channel, recorded=self.recorded)
        self.talks[facts.conversation_id] = Talk(row)
        return row

    async def live(self) -> list[CallRow]:
        await asyncio.sleep(LATENCY)
        return [
            replace(
                talk.row,
                state=agreed(talk.row.state, talk.turn),
                agent_staff_id=talk.staff_id or talk.row.agent_staff_id,
                consult=talk.row.consult if agreed(talk.row.state, talk.turn) in WITH_AGENT else None,
            )
            for talk in self.talks.values()
            if talk.row.state is not CallState.ENDED
        ]

    async def orphans(self) -> list[CallRow]:
        return self.dead

    async def softphone_at(self, username: str, *, here: bool) -> None:
        self.registered.append((username, here))

    async def softphone_nodes(self) -> Sequence[tuple[str, str]]:
        return list(self.elsewhere.items())

    async def live_offers(self) -> list[Offered]:
        await asyncio.sleep(LATENCY)
        return [talk.offer for talk in self.talks.values() if talk.offer is not None]

    async def save(
        self, row: CallRow, *, step: str = "", data: dict[str, Any] | None = None, media: Media | None = None
    ) -> None:
        await asyncio.sleep(LATENCY)
        talk = self.talks[row.facts.conversation_id]
        talk.row = row
        if row.state is CallState.MENU and talk.turn is _T.NEW:
            talk.turn = _T.IVR
        if step:
            talk.steps.append((step, data or {}))
        if media is not None:
            talk.media.append(media)

    async def dial(self, row: CallRow) -> str | None:
        username = self.agents[row.agent_staff_id].username if row.agent_staff_id else None
        if username is not None:
            await self.save(row)
        return username

    async def note(self, facts: CallFacts, step: str, data: dict[str, Any]) -> None:
        await asyncio.sleep(LATENCY)
        self.talks[facts.conversation_id].steps.append((step, data))

    async def use_language(self, facts: CallFacts, language: str) -> None:
        await self.note(facts, "language.set", {"language": language})

    async def look_up(self, facts: CallFacts, question: str, about: Mapping[str, str]) -> Any:
        await asyncio.sleep(LATENCY)
        return self.flow.look_up(facts, question, about)

    async def enqueue(
        self, row: CallRow, language: str, leg: str, queue: UUID | None = None
    ) -> Offered | None:
        await asyncio.sleep(LATENCY)
        if not self.has_queue:
            raise NoQueue
        talk = self.talks[row.facts.conversation_id]
        if talk.turn not in (_T.NEW, _T.IVR):
            return None
        self._turns += 1
        talk.turn, talk.position = _T.WAITING, self._turns
        offered = self._match()
        if offered is None or offered.conversation_id != row.facts.conversation_id:
            return offered
        dialling = replace(
            row, state=CallState.RINGING, agent_channel=leg, agent_staff_id=offered.staff_id, offer_id=offered.offer_id,
            legs_dialled=row.legs_dialled + 1,
        )  # fmt: skip
        return replace(offered, username=await self.dial(dialling))

    async def accept(self, row: CallRow) -> bool:
        await asyncio.sleep(LATENCY)
        talk = self.talks[row.facts.conversation_id]
        if talk.offer is None or talk.offer.staff_id != row.agent_staff_id:
            return False
        self._tell(OfferOver(row.facts.conversation_id, talk.offer.offer_id, "accepted"))
        self.agents[talk.offer.staff_id].state = "talking"
        talk.row, talk.turn, talk.offer = row, _T.ACTIVE, None
        if row.state is not CallState.DIALLING:
            talk.media.append(Media.TALK)
        return True

    async def unoffer(self, facts: CallFacts, offer_id: UUID, reason: str) -> Offered | None:
        await asyncio.sleep(LATENCY)
        talk = self.talks[facts.conversation_id]
        if talk.offer is None or talk.offer.offer_id != offer_id:
            return None
        return self._put_back(talk, reason)

    async def requeue(self, facts: CallFacts) -> Offered | None:
        await asyncio.sleep(LATENCY)
        talk = self.talks[facts.conversation_id]
        if talk.turn is not _T.ACTIVE or talk.staff_id is None:
            return None
        self._drop_helper(talk, "withdrawn")
        agent = self.agents[talk.staff_id]
        agent.state, agent.reason = "paused", "agent_lost"
        talk.turn, talk.staff_id = _T.WAITING, None
        return self._match()

    def dial_out(self, agent: Agent, number: str) -> UUID:
        """An agent calls this number: what the feed would tell is the listener's."""
        facts = CallFacts(TENANT, new_id(), "en", number, self.number)
        conversation = facts.conversation_id
        row = CallRow(
            facts, CallState.DIALLING, f"agent-{conversation}-0", f"agent-{conversation}-1", agent.staff_id, legs_dialled=1,
            flow_state={"longest": self.LONGEST_CALL}, recorded=self.recorded,
        )  # fmt: skip
        self.talks[conversation] = Talk(row, turn=_T.ACTIVE, staff_id=agent.staff_id)
        agent.state = "talking"
        return conversation

    def dial_page(self, agent: Agent, account: str) -> UUID:
        """An agent's call with the page that has this account, as `dial_out`."""
        conversation = self.dial_out(agent, "")
        talk = self.talks[conversation]
        talk.row = replace(talk.row, guest=account, flow_state={})
        return conversation

    def owe(self, number: str, first: Back = Back.AGENT) -> UUID:
        """A call that we owe begins to wait, or, where the customer is first, to be dialled."""
        facts = CallFacts(TENANT, new_id(), "en", number, self.number)
        conversation, agent_first = facts.conversation_id, first is Back.AGENT
        row = CallRow(
            facts, CallState.WAITING if agent_first else CallState.DIALLING, f"agent-{conversation}-0",
            flow_state={"calls_back": str(first)}, recorded=self.recorded,
        )  # fmt: skip
        self._turns += 1
        self.talks[conversation] = Talk(row, turn=_T.WAITING if agent_first else _T.NEW, position=self._turns)
        self._match()
        return conversation

    async def let_out(self, row: CallRow) -> LetOut | None:
        await asyncio.sleep(LATENCY)
        self.let_out_asked += 1
        number = row.facts.caller_e164
        return LetOut(number, row.facts.service_number, self.LONGEST_CALL) if self.lets_out else None

    async def picked_up(self, row: CallRow) -> None:
        await self.note(row.facts, "dial.answered", {})

    async def reached(self, row: CallRow) -> None:
        await self.save(row, step="dial.answered", media=Media.TALK)

    async def not_reached(self, row: CallRow, why: str) -> None:
        await self.note(row.facts, "dial.failed", {"why": why})

    async def keep_pause(self, row: CallRow, step: str, why: str) -> None:
        await self.save(row, step=step, data={"why": why})

    async def keep_line(self, row: CallRow, step: str, data: dict[str, Any]) -> None:
        await self.save(row, step=step, data=data)

    async def park(self, row: CallRow, until: datetime) -> int | None:
        taken = {talk.row.line.orbit for talk in self.talks.values()}
        orbit = next((each for each in ORBITS if each not in taken), None)
        if orbit is not None:
            await self.save(
                replace(row, line=replace(row.line, orbit=orbit, until=until)), step="call.parked"
            )
        return orbit

    async def watched(self, facts: CallFacts, staff_id: UUID | None, mode: str) -> None:
        await asyncio.sleep(LATENCY)
        watchers = self.talks[facts.conversation_id].watchers
        for each in list(watchers):
            if staff_id in (None, each):
                del watchers[each]
        if staff_id is not None and mode:
            watchers[staff_id] = mode

    async def place(self, facts: CallFacts) -> Place | None:
        await asyncio.sleep(LATENCY)
        mine = self.talks[facts.conversation_id]
        if mine.turn is not _T.WAITING:
            return None
        ahead = [t for t in self.talks.values() if t.turn is _T.WAITING and t.position < mine.position]
        return Place(len(ahead) + 1, None, self.way, self.left)

    async def admit(self, facts: CallFacts, language: str, queue: UUID | None, *, always: bool) -> Admitted:
        await asyncio.sleep(LATENCY)
        return self.admission if not always else Admitted(queue=queue)

    async def move_queue(self, facts: CallFacts, queue: UUID) -> Offered | None:
        await self.note(facts, "queue.moved", {"queue_id": str(queue)})
        return self._match()

    async def leave_queue(self, facts: CallFacts, way: Admitted) -> bool:
        await asyncio.sleep(LATENCY)
        talk = self.talks[facts.conversation_id]
        if talk.turn is not _T.WAITING:
            return False
        talk.turn = _T.IVR
        talk.steps.append(("queue.left", {"why": way.occasion, "action": str(way.action)}))
        return True

    async def finish(self, row: CallRow, reason: str | None) -> Offered | None:
        await asyncio.sleep(LATENCY)
        talk = self.talks[row.facts.conversation_id]
        talk.finishes += 1
        talk.row = row
        was, talk.turn = talk.turn, _T.CLOSED
        if was is not _T.OFFERED:
            self._drop_helper(talk, "withdrawn")
        talk.reason = talk.reason or reason or ("completed" if was is _T.ACTIVE else "abandoned")
        agent = self.agents.get(talk.staff_id) if talk.staff_id else None
        if talk.offer is not None:
            self._tell(OfferOver(row.facts.conversation_id, talk.offer.offer_id, "withdrawn"))
            talk.offer = None
        if agent is not None and was in (_T.ACTIVE, _T.OFFERED):
            agent.state = "wrap_up" if was is _T.ACTIVE else "ready"
        return self._match()

    async def username_of(self, facts: CallFacts, staff_id: UUID) -> str | None:
        await asyncio.sleep(LATENCY)
        return self.agents[staff_id].username

    async def softphones(self) -> Sequence[Softphone]:
        return [Softphone(agent.username, "x") for agent in self.agents.values() if agent.username]

    async def tell_health(self, *, up: bool) -> None:
        self.health.append(up)

    async def sounds(self, tenant_id: int, utterances: Sequence[Utterance]) -> list[str]:
        await asyncio.sleep(LATENCY)
        return [utterance.text for utterance in utterances]
