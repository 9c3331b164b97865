"""What the records in memory keep, and the part of them that passes talks on: a second agent asked, taking over, let go; queues, the menu, outside."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from callcart.contact.conversations.public import ConversationState
from callcart.contact.voice.inputs import OfferOver
from callcart.contact.voice.records import MOST_PASSES, Asked, CallRow, NoQueue, NotPassed, Offered
from callcart.contact.voice.states import CallState, Media
from callcart.core.ids import new_id

_T = ConversationState
LATENCY = 0.003
FEED_DELAY = 0.04
RING_SECONDS = 20
TENANT = 1


@dataclass
class Talk:
    """A conversation and its call."""

    row: CallRow
    turn: ConversationState = _T.NEW
    position: int = 0
    offer: Offered | None = None
    staff_id: UUID | None = None
    reason: str = ""
    finishes: int = 0
    steps: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    helper_id: UUID | None = None
    passes: int = 0
    consults: list[str] = field(default_factory=list)  # what the agent's desk was told of them
    watchers: dict[UUID, str] = field(default_factory=dict)  # supervisors, and what each does


@dataclass
class Agent:
    """`state`: ready, ringing, talking, wrap_up, paused, offline."""

    staff_id: UUID
    username: str | None
    state: str = "ready"
    reason: str = ""
    offers: int = 0


class PassingOn:
    """A half of `FakeRecords`: it has the floor and the matching."""

    talks: dict[UUID, Talk]
    agents: dict[UUID, Agent]
    has_queue: bool

    def _match(self) -> Offered | None:
        raise NotImplementedError

    def _tell(self, news: Offered | OfferOver) -> None:
        raise NotImplementedError

    async def save(
        self, row: CallRow, *, step: str = "", data: dict[str, Any] | None = None, media: Media | None = None
    ) -> None:
        raise NotImplementedError

    async def ask(self, row: CallRow, staff_id: UUID, *, passing: bool) -> Asked:
        await asyncio.sleep(LATENCY)
        talk, helper = self.talks[row.facts.conversation_id], self.agents.get(staff_id)
        if talk.turn is not _T.ACTIVE or talk.staff_id != row.agent_staff_id or talk.helper_id:
            return Asked(problem=NotPassed.GONE)
        if talk.passes >= MOST_PASSES:
            return self._not_passed(talk, NotPassed.LIMIT)
        if helper is None or helper.state != "ready":
            return self._not_passed(talk, NotPassed.BUSY)
        if helper.username is None:
            helper.state, helper.reason = "paused", "unreachable"
            return self._not_passed(talk, NotPassed.UNREACHABLE)
        offer = Offered(row.facts.tenant_id, row.facts.conversation_id, staff_id, new_id())
        talk.offer, talk.helper_id, helper.state = offer, staff_id, "ringing"
        assert row.consult is not None
        talk.row = replace(row, consult=replace(row.consult, offer_id=offer.offer_id))
        talk.consults.append("calling")
        asyncio.get_running_loop().call_later(RING_SECONDS, self._consult_rings_out, talk, offer)
        return Asked(offer.offer_id, helper.username)

    def _not_passed(self, talk: Talk, problem: NotPassed) -> Asked:
        talk.consults.append(str(problem))
        return Asked(problem=problem)

    def _consult_rings_out(self, talk: Talk, offer: Offered) -> None:
        if talk.offer == offer:
            self._drop_helper(talk, "timed_out")

    def _drop_helper(self, talk: Talk, why: str) -> None:
        offer, talk.offer = talk.offer, None
        helper = self.agents[talk.helper_id] if talk.helper_id else None
        talk.helper_id = None
        if helper is None:
            return
        if offer is not None:
            self._tell(OfferOver(offer.conversation_id, offer.offer_id, why))
        paused = offer is not None and why != "withdrawn"
        helper.state, helper.reason = ("paused", why) if paused else ("ready", "")

    async def keep_consult(self, row: CallRow, step: str, data: dict[str, Any]) -> None:
        await self.save(row, step=step, data=data)
        side = row.consult.side if row.consult is not None else "ended"
        self.talks[row.facts.conversation_id].consults.append(str(side))

    async def asked_answers(self, row: CallRow) -> bool:
        await asyncio.sleep(LATENCY)
        talk = self.talks[row.facts.conversation_id]
        if talk.helper_id is None or talk.offer is None:
            return False
        self._tell(OfferOver(row.facts.conversation_id, talk.offer.offer_id, "accepted"))
        talk.row, talk.offer = row, None
        self.agents[talk.helper_id].state = "talking"
        return True

    async def end_consult(self, row: CallRow, why: str, *, outside: bool) -> Offered | None:
        await asyncio.sleep(LATENCY)
        talk = self.talks[row.facts.conversation_id]
        self._drop_helper(talk, why)
        talk.row = row
        talk.consults.append(why)
        return self._match()

    async def hand_over(self, row: CallRow, former: UUID) -> tuple[bool, Offered | None]:
        await asyncio.sleep(LATENCY)
        talk = self.talks[row.facts.conversation_id]
        if talk.helper_id is None or talk.offer is not None:
            return False, None
        self.agents[former].state = "wrap_up"
        talk.row, talk.staff_id, talk.helper_id = row, talk.helper_id, None
        talk.passes += 1
        talk.media.append(Media.TALK)
        return True, self._match()

    async def hand_outside(self, row: CallRow, number: str) -> Offered | None:
        await asyncio.sleep(LATENCY)
        talk = self.talks[row.facts.conversation_id]
        if row.agent_staff_id is not None:
            self.agents[row.agent_staff_id].state = "wrap_up"
        talk.turn, talk.reason = _T.WRAP_UP, "completed"
        talk.row = replace(row, state=CallState.OUTSIDE, agent_staff_id=None, consult=None)
        return self._match()

    async def leave_to_flow(self, row: CallRow, former: UUID | None, to: str) -> Offered | None:
        await asyncio.sleep(LATENCY)
        talk = self.talks[row.facts.conversation_id]
        if former is not None:
            self.agents[former].state = "wrap_up"
        talk.turn, talk.reason, talk.staff_id, talk.row = _T.WRAP_UP, "completed", None, row
        return self._match()

    async def to_queue(self, row: CallRow, queue_id: UUID) -> tuple[NotPassed | None, Offered | None]:
        if not self.has_queue:
            raise NoQueue
        return await self._leave(row, _T.WAITING, CallState.WAITING)

    async def to_menu(self, row: CallRow) -> tuple[NotPassed | None, Offered | None]:
        return await self._leave(row, _T.IVR, CallState.MENU)

    async def _leave(
        self, row: CallRow, turn: ConversationState, state: CallState
    ) -> tuple[NotPassed | None, Offered | None]:
        await asyncio.sleep(LATENCY)
        talk = self.talks[row.facts.conversation_id]
        if talk.turn is not _T.ACTIVE or talk.staff_id is None or talk.staff_id != row.agent_staff_id:
            return NotPassed.GONE, None
        if talk.passes >= MOST_PASSES:
            return NotPassed.LIMIT, None
        self._drop_helper(talk, "withdrawn")
        self.agents[talk.staff_id].state = "wrap_up"
        talk.turn, talk.staff_id = turn, None
        talk.passes += 1
        flow = {} if state is CallState.MENU else row.flow_state
        talk.row = replace(
            row,
            state=state,
            agent_channel="",
            agent_staff_id=None,
            offer_id=None,
            consult=None,
            flow_state=flow,
        )
        return None, self._match()
