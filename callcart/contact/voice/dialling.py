"""A call that we make: the agent's page is rung and answers by itself, he hears it ring, the other side answers or does not, and why.

The other side's leg is the call's caller from then on, so all that can be done with a talk can be done with this one. One that we owe (a
callback) comes here once an agent has taken it, or has no agent yet: then who answers waits for one, in front.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from callcart.contact.conversations.public import EndReason
from callcart.contact.voice import queueing, talking
from callcart.contact.voice.causes import LONGEST, OUTSIDE_RINGS, REASONS
from callcart.contact.voice.ear import tried
from callcart.contact.voice.engine import EngineUnreachable, Leg, Refused
from callcart.contact.voice.states import CallState

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

PAGE_COMES, PAGE_RINGS = 20.0, 25  # seconds: until it has registered, until it has answered
DIALLED = "dialled"  # the other side's leg is, or was, on its way


async def begin(call: Call) -> None:
    """Ring the agent's page first: he is there, and hears what comes."""
    staff_id = call.row.agent_staff_id
    if staff_id is None:
        await other_side(call)
        return
    call.username = await call.records.username_of(call.facts, staff_id) or ""
    try:
        rings = bool(call.username) and await call.dial(call.row.agent_channel)
    except EngineUnreachable:
        rings = False
    if not rings:
        await not_reached(call, "phone")


async def agent_answered(call: Call) -> None:
    """Now the number; he hears it ring."""
    await tried(call.engine.ring_tone(call.row.agent_channel, on=True))
    await other_side(call)


async def other_side(call: Call) -> None:
    """Dial the number, once: that it was dialled is written down first. What we owe is asked of the guard only now."""
    if call.row.guest:
        await ring_page(call)
        return
    number, shown = call.facts.caller_e164, call.facts.service_number
    longest = int(call.row.flow_state.get("longest", LONGEST))
    if call.row.back is not None:
        allowed = await call.records.let_out(call.row)
        if allowed is None:
            await not_reached(call, "not_allowed")
            return
        number, shown, longest = allowed.number, allowed.shown, allowed.longest
    await call.keep(flow_state={**call.row.flow_state, DIALLED: True})
    call.board.claim(call.channel, call)
    try:
        rings = await call.engine.dial_out(
            call.channel, number, shown=shown, seconds=OUTSIDE_RINGS, longest=longest
        )
    except (EngineUnreachable, Refused):
        rings = False
    if not rings:
        await not_reached(call, "failed")


async def ring_page(call: Call) -> None:
    """The other side is a customer's page: rung as soon as it has registered. It answers one call, so ringing it again after a restart of
    ours does no harm."""
    call.board.claim(call.channel, call)
    try:
        rings = await call.engine.dial(
            call.channel,
            call.row.guest,
            caller=call.facts.service_number,
            seconds=PAGE_RINGS,
            originator="",
            conversation=str(call.facts.conversation_id),
        )
    except (EngineUnreachable, Refused):
        rings = False
    if rings:
        call.cancel("reach")
    elif not call.runs("reach"):
        call.timer("reach", PAGE_COMES)


async def page_told(call: Call, *, found: bool) -> None:
    """The page has registered, or is gone; of one that is gone the sound tells (or the leg's end)."""
    if found and call.state is CallState.DIALLING and call.runs("reach"):
        await ring_page(call)


async def answered(call: Call) -> None:
    """They talk; or who answered before anybody had the call waits for that one."""
    if call.row.agent_staff_id is None:
        await first_in_line(call)
        return
    await tried(call.engine.ring_tone(call.row.agent_channel, on=False))
    if call.row.recorded:
        await tried(call.engine.record_again(call.channel))
    call.change(state=CallState.TALKING, flow_state={})
    await call.records.reached(call.row)
    await talking.join(call)


async def first_in_line(call: Call) -> None:
    """Nobody is with him yet: he is told that he is next, and waits at the place that was kept."""
    await call.records.picked_up(call.row)
    queue = str(call.row.flow_state.get("queue", ""))
    call.change(flow_state={})
    await queueing.enter(call, call.facts.language, queue, always=True)
    if call.state in (CallState.WAITING, CallState.RINGING):
        await call.say(call.flow.place_in_queue(call.facts.language, 1, None))


async def leg_ended(call: Call, cause: int) -> None:
    """The number was not reached."""
    await not_reached(call, REASONS.get(cause, "no_answer" if cause == 16 else "failed"))


async def not_reached(call: Call, why: str) -> None:
    """Said to the desk in words; the agent has wrap-up as after any call."""
    await call.records.not_reached(call.row, why)
    await call.end(EndReason.NOT_REACHED)


async def resume(call: Call, agent: Leg | None, other: Leg | None) -> None:
    """After a restart of our process: whatever happened meanwhile is done now."""
    if call.row.agent_staff_id is not None:
        call.username = await call.records.username_of(call.facts, call.row.agent_staff_id) or ""
    if other is not None and (agent is not None or call.row.agent_staff_id is None):
        if other.answered:
            await answered(call)
    elif other is not None or call.row.flow_state.get(DIALLED):
        await not_reached(call, "failed")
    elif agent is None:
        await begin(call)
    elif agent.answered:
        await agent_answered(call)
