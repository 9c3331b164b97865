"""A second person is asked to join a talk: a colleague, or somebody outside. They are told about it first (consult), spoken with by turns,
all together, or given the customer; or the talk is passed on as soon as they answer.

All legs share one bridge; who is not to hear the others is outside of it with music. The customer belongs to the first agent until the
second has answered and taken over: whatever dies before that, he is still there, and the customer is back with him.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from callcart.contact.voice import menu, parking, queueing, sounding, talking
from callcart.contact.voice.causes import LONGEST, OUTSIDE_RINGS, REASONS
from callcart.contact.voice.ear import tried
from callcart.contact.voice.engine import EngineUnreachable, HangUp, Leg, Refused
from callcart.contact.voice.flow import Started
from callcart.contact.voice.records import Consult, NoQueue
from callcart.contact.voice.states import CallState, Request, Side

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

LOST_OFFER = 5  # seconds after a restart in which an offer that lives is told of


async def wish(call: Call, request: Request, wanted: Mapping[str, Any]) -> None:
    """What the desk asks about a second person, or about passing the talk on. Asked too late or twice, it changes nothing."""
    consult = call.row.consult
    match request:
        case Request.CONSULT if consult is None and _may_ask(call):
            await _ask(call, wanted)
        case Request.GIVE_UP if consult is not None:
            await over(call, "withdrawn")
        case Request.SWAP if consult is not None:
            await swap(call)
        case Request.THREE_WAY if consult is not None and consult.side is not Side.CALLING:
            await _all_together(call)
        case Request.COMPLETE if consult is not None:
            await _complete_when_there(call)
        case Request.TO_QUEUE:
            await _to_queue(call, UUID(wanted["queue_id"]))
        case Request.TO_MENU:
            await _to_menu(call)
        case _:
            pass


# ---- asking ----


def _may_ask(call: Call) -> bool:
    """A talk that is parked may be picked up though its agent has put down his phone."""
    lost = call.state is CallState.AGENT_LOST and call.row.line.orbit is not None
    return lost or call.state in (CallState.TALKING, CallState.HELD)


async def _ask(call: Call, wanted: Mapping[str, Any]) -> None:
    passing = bool(wanted.get("passing"))
    consult = Consult(call.next_leg(), number=str(wanted.get("number", "")), passing=passing)
    call.change(legs_dialled=call.row.legs_dialled + 1)
    if consult.number:
        await _ask_outside(call, consult, str(wanted.get("shown", "")), int(wanted.get("longest", LONGEST)))
        return
    staff_id = UUID(wanted["staff_id"])
    row = replace(call.row, consult=replace(consult, staff_id=staff_id))
    asked = await call.records.ask(row, staff_id, passing=passing)
    if asked.problem is not None:
        return  # the desk has been told
    call.change(consult=replace(consult, staff_id=staff_id, offer_id=asked.offer_id))
    await _leave_customer(call)
    call.board.claim(consult.channel, call)
    if not await _dialled(call, consult.channel, asked.username):
        await over(call, "unreachable")


async def _ask_outside(call: Call, consult: Consult, shown: str, longest: int) -> None:
    call.change(consult=consult)
    await call.records.keep_consult(call.row, "consult.dialled", {"number": consult.number})
    await _leave_customer(call)
    call.board.claim(consult.channel, call)
    try:
        rings = await call.engine.dial_out(
            consult.channel, consult.number, shown=shown, seconds=OUTSIDE_RINGS, longest=longest
        )
    except (EngineUnreachable, Refused):
        rings = False
    if not rings:
        await over(call, "failed")


async def _leave_customer(call: Call) -> None:
    if call.state is CallState.TALKING:
        await talking.hold(call)


async def _dialled(call: Call, channel: str, username: str) -> bool:
    try:
        return await call.engine.dial(
            channel,
            username,
            caller=call.facts.service_number,
            seconds=300,  # how long it may ring is routing's matter
            originator=call.channel,
            conversation=str(call.facts.conversation_id),
        )
    except (EngineUnreachable, Refused):
        return False


async def answered(call: Call) -> None:
    """They answer: given the customer at once where that was asked, else spoken with, or kept with music while the agent is elsewhere."""
    consult = call.row.consult
    if consult is None or consult.side is not Side.CALLING:
        return
    call.cancel("consult")
    there = replace(consult, side=Side.OUT if call.state is CallState.TALKING else Side.IN)
    if consult.staff_id is None:
        call.change(consult=there)
        await call.records.keep_consult(call.row, "consult.answered", {"number": consult.number})
    elif await call.records.asked_answers(replace(call.row, consult=there)):
        call.change(consult=there)
    else:  # not offered any more: the news of it is on its way
        await over(call, "timed_out")
        return
    if consult.passing:
        await complete(call)
    else:
        await place(call)


async def leg_ended(call: Call, cause: int) -> None:
    """Not answered, declined, or they have hung up."""
    consult = call.row.consult
    assert consult is not None
    if consult.side is not Side.CALLING:
        await over(call, "ended")
    elif consult.staff_id is not None:
        await over(call, "rejected" if cause in (17, 21) else "timed_out" if cause == 19 else "unreachable")
    else:
        await over(call, REASONS.get(cause, "failed"))


async def over(call: Call, why: str) -> None:
    """Nobody is asked any more; an agent who left the customer for it is back with him. One who let both wait has his customer wait."""
    consult = call.row.consult
    if consult is None:
        return
    parked = call.row.line.orbit is not None
    back = (
        call.state is CallState.HELD
        and bool(call.row.agent_channel)
        and consult.side is not Side.OUT
        and not parked
    )
    await forget(call, why, back=back)
    if back:
        await talking.unhold(call)


async def forget(call: Call, why: str, *, back: bool = False) -> None:
    """End their leg, and write it down: whoever goes on after us brings the customer `back`. Its end is no news then."""
    consult = call.row.consult
    if consult is None:
        return
    call.cancel("consult")
    call.change(consult=None)
    await tried(call.engine.hang_up(consult.channel, HangUp.ANSWERED_ELSEWHERE))
    row = replace(call.row, state=CallState.TALKING) if back else call.row
    call.board.ring(await call.records.end_consult(row, why, outside=consult.staff_id is None))


# ---- all three are there ----


async def swap(call: Call) -> None:
    """From the one to the other; who is left hears music. Never all together: that is asked for by name."""
    consult = call.row.consult
    assert consult is not None
    to_customer = call.state is CallState.HELD
    side = consult.side if consult.side is Side.CALLING else Side.OUT if to_customer else Side.IN
    state = CallState.TALKING if to_customer else CallState.HELD
    call.change(consult=replace(consult, side=side), state=state)
    await place(call)
    await talking.tell(call, "hold.ended" if to_customer else "hold.started")
    await call.records.keep_consult(call.row, "", {})


async def _all_together(call: Call) -> None:
    consult = call.row.consult
    assert consult is not None
    call.change(consult=replace(consult, side=Side.IN), state=CallState.TALKING)
    await place(call)
    await talking.tell(call, "consult.joined")
    await call.records.keep_consult(call.row, "", {})


async def place(call: Call) -> None:
    """Put each leg where the row says it is: first out with those who shall not hear, then in with the others."""
    row, consult, engine = call.row, call.row.consult, call.engine
    inside = [row.agent_channel]
    if row.state is CallState.HELD:
        await tried(engine.leave(call.bridge, call.channel))
        await call.ear.music()
    if consult is not None and consult.side is Side.OUT:
        await tried(engine.leave(call.bridge, consult.channel))
        await tried(engine.music(consult.channel, on=True))
    if row.state is CallState.TALKING:
        await call.ear.quiet()
        inside.append(call.channel)
    if consult is not None and consult.side is Side.IN:
        await tried(engine.music(consult.channel, on=False))
        inside.append(consult.channel)
    if not await tried(engine.join(call.bridge, *inside)) and row.state is CallState.TALKING:
        await talking.join(call)  # one of them is going: the other two at least


# ---- passing on ----


async def _complete_when_there(call: Call) -> None:
    """The customer is theirs: now, or as soon as they answer."""
    consult = call.row.consult
    assert consult is not None
    if consult.side is not Side.CALLING:
        await complete(call)
    elif not consult.passing:
        call.change(consult=replace(consult, passing=True))
        await call.records.keep_consult(call.row, "", {})


async def complete(call: Call) -> None:
    """They have the customer from now on; the agent has done his part."""
    consult = call.row.consult
    assert consult is not None
    former, leg = call.row.agent_staff_id, call.row.agent_channel
    if consult.staff_id is None:
        await _give_outside(call, consult)
    elif former is not None:
        row = replace(
            call.row, agent_channel=consult.channel, agent_staff_id=consult.staff_id, consult=None,
            state=CallState.TALKING, lost_at=None,
        )  # fmt: skip
        done, offered = await call.records.hand_over(row, former)
        if not done:
            await over(call, "ended")
            return
        call.cancel("grace", "media", "join")
        call.change(
            agent_channel=row.agent_channel,
            agent_staff_id=row.agent_staff_id,
            consult=None,
            state=row.state,
            lost_at=None,
        )
        await parking.clear(call, "park.taken")
        await talking.mute(call, on=False)  # that was the former one's
        await talking.drop_rejoining(call)
        await call.ear.quiet()
        await tried(call.engine.music(consult.channel, on=False))
        await talking.join(call)
        sounding.watch(call)
        call.board.ring(offered)
        call.username = await call.records.username_of(call.facts, consult.staff_id) or ""
    if leg:
        await tried(call.engine.hang_up(leg))


async def _give_outside(call: Call, consult: Consult) -> None:
    offered = await call.records.hand_outside(
        replace(call.row, agent_channel=consult.channel), consult.number
    )
    call.cancel("grace", "media", "join")
    call.change(
        state=CallState.OUTSIDE,
        agent_channel=consult.channel,
        agent_staff_id=None,
        consult=None,
        lost_at=None,
    )
    call.username = ""
    await talking.drop_rejoining(call)
    await call.ear.quiet()
    await tried(call.engine.music(consult.channel, on=False))
    if call.row.recorded:  # what they say to others is not ours to keep
        await tried(call.engine.stop_recording(call.channel))
    if not await tried(call.engine.join(call.bridge, call.channel, consult.channel)):
        await call.end(None)
    call.board.ring(offered)


async def _to_queue(call: Call, queue_id: UUID) -> None:
    try:
        problem, offered = await call.records.to_queue(call.row, queue_id)
    except NoQueue:
        return  # switched off meanwhile: the talk goes on
    if problem is not None:
        return
    await _without_agent(call, CallState.WAITING)
    await call.ear.music()
    call.timer("announce", queueing.FIRST_WORD)
    call.board.ring(offered)


async def _to_menu(call: Call) -> None:
    problem, offered = await call.records.to_menu(call.row)
    if problem is not None:
        return
    await _without_agent(call, CallState.MENU)
    call.change(flow_state={})
    call.board.ring(offered)
    await menu.give(call, Started())


async def _without_agent(call: Call, state: CallState) -> None:
    """The agent has passed the call on, and routing knows: his leg ends, and with it that of whom he asked."""
    row, call.username = call.row, ""
    await parking.clear(call, "park.over")
    call.cancel("media", "join", "grace", "consult")
    call.change(state=state, agent_channel="", agent_staff_id=None, offer_id=None, consult=None, lost_at=None)
    await talking.drop_rejoining(call)
    await tried(call.engine.leave(call.bridge, call.channel))
    for channel in (row.agent_channel, row.consult.channel if row.consult else ""):
        if channel:
            await tried(call.engine.hang_up(channel))
    await tried(call.engine.drop_bridge(call.bridge))


# ---- ends and restarts ----


async def agent_hung_up(call: Call) -> bool:
    """The agent has put down his phone. Whoever he was speaking with has the customer then; True: that was it."""
    consult = call.row.consult
    if consult is None or consult.side is not Side.IN:
        return False
    await complete(call)
    return True


async def hang_up(call: Call) -> None:
    """The desk's button: it ends what the agent is in. A private word is given up, three together go on as two."""
    consult = call.row.consult
    assert consult is not None
    if call.state is CallState.HELD:
        await over(call, "withdrawn")
    elif consult.side is Side.IN:
        await complete(call)
    else:
        await call.end(None)


async def resume(call: Call, leg: Leg | None) -> None:
    """After a restart of our process: they have answered meanwhile, are gone, or ring still."""
    consult = call.row.consult
    if consult is None:
        return
    if leg is None:
        await over(call, "unreachable" if consult.side is Side.CALLING else "ended")
    elif consult.side is not Side.CALLING:
        await place(call)
    elif leg.answered:
        await answered(call)
    elif consult.staff_id is not None:
        call.timer("consult", LOST_OFFER)
