"""After a talk: the agent has gone, and the caller hears the flow once more (a survey). For us the conversation is over, as it is with
one who talks to somebody outside; its agent has wrap-up, the call goes on until the flow or the caller ends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from callcart.contact.voice import asking, menu, watching
from callcart.contact.voice.ear import tried
from callcart.contact.voice.flow import Diverted
from callcart.contact.voice.states import CallState

if TYPE_CHECKING:
    from callcart.contact.voice.call import Call

FOLLOWS = "follows"  # what the flow is asked by name: what a caller hears whose agent has hung up first


async def agent_done(call: Call, to: str = "") -> None:
    """The agent hangs up first: the caller hears this, or what the shop wants to follow; else the call ends."""
    await call.drop_agent()
    if call.state not in (CallState.TALKING, CallState.HELD):
        await call.end(None)
        return
    if call.row.guest:
        await call.end(None)  # a page has no keys to answer by
        return
    to = to or str((await asking.answer_to(call, FOLLOWS, {})).value or "")
    await (_begin(call, to) if to else call.end(None))


async def _begin(call: Call, to: str) -> None:
    """The talk is over for its agent, and the caller hears this part of the flow."""
    call.cancel("media", "join", "grace", "consult", "sound", "park")
    former = call.row.agent_staff_id
    await watching.end_all(call)
    await tried(call.engine.drop_bridge(call.bridge))
    call.change(state=CallState.AFTER, agent_staff_id=None, offer_id=None, lost_at=None, flow_state={})
    offered = await call.records.leave_to_flow(call.row, former, to)
    call.board.ring(offered)
    call.pending.clear()
    await menu.give(call, Diverted(to))
