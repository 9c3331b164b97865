"""The public face of routing. Machine verbs run on an autocommit connection of their own: call them outside of the
request's transaction, or by `transaction.on_commit` after a write. `tenant_id` None means the current tenant.

Conversations    admission (may one wait?), enqueue, accept, finish, unoffer, requeue, set_aside, take, move_waiting, leave,
                 position_and_wait, standing_in_queue
Agents           agent_ready, agent_pause, agent_offline, agent_wrap_done, complete_wrap_up, force_state, heartbeat
Channels         act, act_async, row_async: call a database function of one's own that ends in one of routing's
Time             run_timers(stop), sweep
Set-up           add_queue, update_queue, set_rules, rules_of, save_profile, set_agent_profile, save_skill, save_pause_reason, ensure_lane
Serving          agents_serving, queues_served, waiting_in, queue_of_waiting
Reading          agent_state, colleagues, is_agent, queues, queue_in_use, is_in_use, most_general, queues_now, staffing, stranded, skills,
                 pause_reasons, offers_of, live_offers
Events           offer.made, offer.ended (audience one); agent.state, queue.changed (board); conversation.state (staff)
"""

from callcart.contact.routing.admission import Admission, admission
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
    act,
    act_async,
    row_async,
)
from callcart.contact.routing.offers import (
    accept,
    enqueue,
    finish,
    leave,
    move_waiting,
    requeue,
    set_aside,
    take,
    unoffer,
)
from callcart.contact.routing.queries import (
    AgentView,
    ColleagueView,
    QueueView,
    Staffing,
    Standing,
    Stranded,
    agent_state,
    colleagues,
    is_agent,
    is_in_use,
    live_offers,
    most_general,
    offers_of,
    pause_reasons,
    position_and_wait,
    queue_in_use,
    queues,
    queues_now,
    skills,
    staffing,
    standing_in_queue,
    stranded,
)
from callcart.contact.routing.rules import ALLOWED, Rule, rules_of, set_rules
from callcart.contact.routing.serving import agents_serving, queue_of_waiting, queues_served, waiting_in
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
from callcart.contact.routing.states import AgentState, Instead, Occasion, OfferState, RoutingChannel, Shown
from callcart.contact.routing.timers import run_timers, sweep

__all__ = [
    "ALLOWED",
    "Admission",
    "AgentState",
    "AgentView",
    "Capacity",
    "ColleagueView",
    "Hit",
    "Instead",
    "NoRoom",
    "NoSuchQueue",
    "NotAnAgent",
    "Occasion",
    "OfferState",
    "QueueView",
    "RoutingBusy",
    "RoutingChannel",
    "Rule",
    "Shown",
    "Staffing",
    "Standing",
    "Stranded",
    "accept",
    "act",
    "act_async",
    "add_queue",
    "admission",
    "agent_offline",
    "agent_pause",
    "agent_ready",
    "agent_state",
    "agent_wrap_done",
    "agents_serving",
    "colleagues",
    "complete_wrap_up",
    "enqueue",
    "ensure_lane",
    "finish",
    "force_state",
    "heartbeat",
    "is_agent",
    "is_in_use",
    "leave",
    "live_offers",
    "most_general",
    "move_waiting",
    "offers_of",
    "pause_reasons",
    "position_and_wait",
    "queue_in_use",
    "queue_of_waiting",
    "queues",
    "queues_now",
    "queues_served",
    "requeue",
    "row_async",
    "rules_of",
    "run_timers",
    "save_pause_reason",
    "save_profile",
    "save_skill",
    "set_agent_profile",
    "set_aside",
    "set_rules",
    "skills",
    "staffing",
    "standing_in_queue",
    "stranded",
    "sweep",
    "take",
    "unoffer",
    "update_queue",
    "waiting_in",
]
