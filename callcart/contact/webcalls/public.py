"""The public face of web calls. Callers stand inside `tenant_transaction(tenant_id)` (web requests and jobs do).

The agent     agent_calls, agent_declines
The visitor   visitor_calls, visitor_declines, visitor_phone
Reading       offered, may_be_called, of_visitor, of_chat, chat_of, calls_of
Events        webcall.changed (one: the chat's agent; conversation_id of the chat, state asked | invited | calling | ended, why, call_id)
"""

from callcart.contact.webcalls.standing import (
    ON,
    SETTING,
    Standing,
    calls_of,
    chat_of,
    may_be_called,
    of_chat,
    of_visitor,
    offered,
)
from callcart.contact.webcalls.states import State, Why
from callcart.contact.webcalls.wishes import (
    AgentBusy,
    NotFree,
    NotNow,
    TooLate,
    agent_calls,
    agent_declines,
    visitor_calls,
    visitor_declines,
    visitor_phone,
)

__all__ = [
    "ON",
    "SETTING",
    "AgentBusy",
    "NotFree",
    "NotNow",
    "Standing",
    "State",
    "TooLate",
    "Why",
    "agent_calls",
    "agent_declines",
    "calls_of",
    "chat_of",
    "may_be_called",
    "of_chat",
    "of_visitor",
    "offered",
    "visitor_calls",
    "visitor_declines",
    "visitor_phone",
]
