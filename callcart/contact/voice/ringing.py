"""An offer: the agent's softphone is rung on a new leg, and answers, declines, is not there, or rings out.

How long it may ring is routing's matter: its timers end the offer and we hear of it. The caller hears music all the while.
An account whose page is just being loaded again gets a moment to come back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prometheus_client import Counter

from callcart.contact.voice import dialling, queueing, talking
from callcart.contact.voice.engine import EngineUnreachable, HangUp
from callcart.contact.voice.inputs import OfferOver
from callcart.contact.voice.records import Offered
from callcart.contact.voice.states import WITH_AGENT, CallState

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

_rung = Counter("callcart_voice_offers_total", "Offers taken to a call")

REACH_SECONDS = 3
DECLINED = (17, 21)


async def offered(call: Call, offer: Offered) -> None:
    """Ring the agent. An offer heard of before, or of a call that has its agent, is nothing new."""
    if offer.offer_id in call.offers_seen or call.state in WITH_AGENT:
        return
    call.offers_seen.add(offer.offer_id)
    _rung.inc()
    await call.drop_agent()
    call.change(
        state=CallState.RINGING, agent_staff_id=offer.staff_id, offer_id=offer.offer_id, agent_channel=""
    )
    await dial(call, offer.username)


async def dial(call: Call, username: str | None = None) -> None:
    """A leg to the page in which the agent works now; `username`: its account, where the row is written already."""
    before, channel = call.row, call.next_leg()
    call.change(state=CallState.RINGING, agent_channel=channel, legs_dialled=before.legs_dialled + 1)
    if username is None:
        username = await call.records.dial(call.row)
    if username is None:
        call.change(agent_channel="", legs_dialled=before.legs_dialled)
        await give_back(call, "unreachable")
        return
    call.username = username
    try:
        rings = await call.dial(channel)
    except EngineUnreachable:
        return  # when the engine is back, what is still offered is rung again
    if not rings:
        call.change(agent_channel="")
        call.timer("reach", REACH_SECONDS)


async def answered(call: Call) -> None:
    """The agent answers; the offer may have ended, or the caller gone, at that very moment."""
    call.cancel("reach")
    owed = call.row.is_owed
    after = CallState.DIALLING if owed else CallState.TALKING
    if await call.records.accept(replace(call.row, state=after, lost_at=None)):
        call.change(state=after)
        call.leaving = None
        await (dialling.agent_answered(call) if owed else talking.begin(call))
    else:
        await call.drop_agent(HangUp.ANSWERED_ELSEWHERE)
        await queueing.wait(call)


async def leg_ended(call: Call, cause: int) -> None:
    """The leg ended without an answer."""
    if cause in DECLINED:
        await give_back(call, "rejected")
    elif not call.runs("reach"):
        call.timer("reach", REACH_SECONDS)


async def softphone_lost(call: Call) -> None:
    """The page is gone while it rings: it may be loading again."""
    if not call.runs("reach"):
        call.timer("reach", REACH_SECONDS)


async def softphone_found(call: Call) -> None:
    """It is back: its old leg rings in a page that is no more."""
    if call.runs("reach"):
        call.cancel("reach")
        await call.drop_agent()
        await dial(call)


async def not_reached(call: Call) -> None:
    if call.state is CallState.RINGING:
        await call.drop_agent()
        await give_back(call, "unreachable")


async def give_back(call: Call, reason: str) -> None:
    """The offer comes to nothing; the caller keeps the place, somebody else is asked."""
    offer_id = call.row.offer_id
    assert offer_id is not None
    await call.drop_agent()
    following = await call.records.unoffer(call.facts, offer_id, reason)
    await queueing.wait(call)
    call.board.ring(following)


async def offer_over(call: Call, over: OfferOver) -> None:
    """Routing has ended the offer that rings here (no answer in time, declined, agent gone)."""
    call.offers_seen.add(over.offer_id)
    if call.state is CallState.RINGING and over.offer_id == call.row.offer_id and over.state != "accepted":
        call.cancel("reach")
        await call.drop_agent()
        await queueing.wait(call)


async def pick_up_where_it_was(call: Call, *, alive: bool, has_answered: bool) -> None:
    """After a restart: the leg still rings, has been answered meanwhile, or is gone."""
    if not alive:
        await queueing.wait(call)
        return
    if call.row.offer_id is not None:
        call.offers_seen.add(call.row.offer_id)
    if call.row.agent_staff_id is not None:
        call.username = await call.records.username_of(call.facts, call.row.agent_staff_id) or ""
    if not call.row.is_owed:
        await call.ear.music()
        call.timer("announce", queueing.ANNOUNCE_SECONDS)
    if has_answered:
        await answered(call)
