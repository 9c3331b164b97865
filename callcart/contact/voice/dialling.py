"""A call that an agent makes: his page is rung and answers by itself, he hears it ring, the other side answers or does not, and why.

The other side's leg is the call's caller from then on, so all that can be done with a talk can be done with this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from callcart.contact.conversations.public import EndReason
from callcart.contact.voice import talking
from callcart.contact.voice.causes import LONGEST, OUTSIDE_RINGS, REASONS
from callcart.contact.voice.ear import tried
from callcart.contact.voice.engine import EngineUnreachable, Leg, Refused
from callcart.contact.voice.states import CallState

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

DIALLED = {"dialled": True}  # the other side's leg is, or was, on its way


async def begin(call: Call) -> None:
    """Ring the agent's page first: he is there, and hears what comes."""
    staff_id = call.row.agent_staff_id
    assert staff_id is not None
    call.username = await call.records.username_of(call.facts, staff_id) or ""
    try:
        rings = bool(call.username) and await call.dial(call.row.agent_channel)
    except EngineUnreachable:
        rings = False
    if not rings:
        await not_reached(call, "phone")


async def agent_answered(call: Call) -> None:
    """Now the number; he hears it ring."""
    longest = int(call.row.flow_state.get("longest", LONGEST))
    await call.keep(flow_state=DIALLED)
    await tried(call.engine.ring_tone(call.row.agent_channel, on=True))
    call.board.claim(call.channel, call)
    try:
        rings = await call.engine.dial_out(
            call.channel,
            call.facts.caller_e164,
            shown=call.facts.service_number,
            seconds=OUTSIDE_RINGS,
            longest=longest,
        )
    except (EngineUnreachable, Refused):
        rings = False
    if not rings:
        await not_reached(call, "failed")


async def answered(call: Call) -> None:
    """They talk."""
    await tried(call.engine.ring_tone(call.row.agent_channel, on=False))
    if call.row.recorded:
        await tried(call.engine.record_again(call.channel))
    call.change(state=CallState.TALKING, flow_state={})
    await call.records.reached(call.row)
    await talking.join(call)


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
    if other is not None and agent is not None:
        if other.answered:
            await answered(call)
    elif other is not None or call.row.flow_state == DIALLED:
        await not_reached(call, "failed")
    elif agent is None:
        await begin(call)
    elif agent.answered:
        await agent_answered(call)
