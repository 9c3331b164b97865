"""States of agents, tickets and offers, as the functions in functions.sql write them."""

from __future__ import annotations

from enum import StrEnum


class AgentState(StrEnum):
    """What an agent has chosen (or was set to): the routing truth."""

    OFFLINE = "offline"
    READY = "ready"
    PAUSED = "paused"


class Shown(StrEnum):
    """What an agent is doing, as people see it and as reports count it; derived by the trigger `acd_agent_shown`."""

    OFFLINE = "offline"
    READY = "ready"
    PAUSED = "paused"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


class TicketState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    ACTIVE = "active"


class OfferState(StrEnum):
    LIVE = "live"
    ACCEPTED = "accepted"
    TIMED_OUT = "timed_out"  # RONA: ring, no answer
    WITHDRAWN = "withdrawn"  # the customer went away first
    REJECTED = "rejected"  # the agent declined
    UNREACHABLE = "unreachable"  # the agent's phone did not ring
    RETURNED = "returned"  # the agent went away while it rang


class Occasion(StrEnum):
    """Why somebody cannot wait in a queue, or not any longer."""

    CLOSED = "closed"  # out of its hours
    NOBODY = "nobody"  # no agent at work could ever serve them
    FULL = "full"  # as many wait as may
    LATE = "late"  # waited as long as one may


class Instead(StrEnum):
    """What is done then."""

    WAIT = "wait"
    MESSAGE = "message"  # told in words; a call is ended, what is written is kept
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    QUEUE = "queue"  # waits in another one


class RoutingChannel(StrEnum):
    VOICE = "voice"
    CHAT = "chat"
    MAIL = "mail"
    SMS = "sms"

    @property
    def number(self) -> int:
        return tuple(RoutingChannel).index(self)
