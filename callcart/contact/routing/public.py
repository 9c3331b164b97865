"""The public face of routing. Machine verbs run on an autocommit connection of their own: call them outside of the
request's transaction, or by `transaction.on_commit` after a write. `tenant_id` None means the current tenant.

Conversations    enqueue, accept, finish, unoffer, requeue, set_aside, take, position_and_wait
Agents           agent_ready, agent_pause, agent_offline, agent_wrap_done, complete_wrap_up, force_state, heartbeat
Channels         act_async, row_async: call a database function of the channel's own that ends in one of routing's
Time             run_timers(stop), sweep
Set-up           add_queue, update_queue, save_profile, set_agent_profile, save_skill, save_pause_reason, ensure_lane
Reading          agent_state, colleagues, is_agent, queues, queues_now, skills, pause_reasons, offers_of, live_offers
Events           offer.made, offer.ended (audience one); agent.state, queue.changed (board); conversation.state (staff)
"""

from callcart.contact.routing.agents import (
    agent_offline,
    agent_pause,
    agent_ready,
    agent_wrap_done,
    complete_wrap_up,
    force_state,
    heartbeat,
)
from callcart.contact.routing.calls import (
    Hit,
    NoRoom,
    NoSuchQueue,
    NotAnAgent,
    RoutingBusy,
    act_async,
    row_async,
)
from callcart.contact.routing.offers import accept, enqueue, finish, requeue, set_aside, take, unoffer
from callcart.contact.routing.queries import (
    AgentView,
    ColleagueView,
    QueueView,
    agent_state,
    colleagues,
    is_agent,
    live_offers,
    offers_of,
    pause_reasons,
    position_and_wait,
    queues,
    queues_now,
    skills,
)
from callcart.contact.routing.setup import (
    Capacity,
    add_queue,
    ensure_lane,
    save_pause_reason,
    save_profile,
    save_skill,
    set_agent_profile,
    update_queue,
)
from callcart.contact.routing.states import AgentState, OfferState, RoutingChannel, Shown
from callcart.contact.routing.timers import run_timers, sweep

__all__ = [
    "AgentState",
    "AgentView",
    "Capacity",
    "ColleagueView",
    "Hit",
    "NoRoom",
    "NoSuchQueue",
    "NotAnAgent",
    "OfferState",
    "QueueView",
    "RoutingBusy",
    "RoutingChannel",
    "Shown",
    "accept",
    "act_async",
    "add_queue",
    "agent_offline",
    "agent_pause",
    "agent_ready",
    "agent_state",
    "agent_wrap_done",
    "colleagues",
    "complete_wrap_up",
    "enqueue",
    "ensure_lane",
    "finish",
    "force_state",
    "heartbeat",
    "is_agent",
    "live_offers",
    "offers_of",
    "pause_reasons",
    "position_and_wait",
    "queues",
    "queues_now",
    "requeue",
    "row_async",
    "run_timers",
    "save_pause_reason",
    "save_profile",
    "save_skill",
    "set_agent_profile",
    "set_aside",
    "skills",
    "sweep",
    "take",
    "unoffer",
    "update_queue",
]
