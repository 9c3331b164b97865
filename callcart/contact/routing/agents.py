"""What agents do about themselves, and supervisors about agents: ready, paused, offline, wrap-up done. Immediate, and
told on the board. Nothing here ends a talk.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from callcart.contact.conversations.models import WrapUp
from callcart.contact.conversations.public import submit_wrap_up
from callcart.contact.routing.calls import Hit, act, row
from callcart.contact.routing.models import PauseReason
from callcart.contact.routing.states import AgentState
from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.tenancy import tenant_transaction
from callcart.people.staff.public import require_within

BY_SUPERVISOR = "supervisor"  # a reason that is in nobody's list: only another person's hand gives it


def agent_ready(actor: Actor, staff_id: UUID | None = None) -> Hit:
    """Ready for offers; ends wrap-up. The answer is the offer made at once, if one was. Raises NotAnAgent."""
    who = _whom(actor, staff_id)
    hit = _act(actor, "acd_agent_ready(%s::int, %s::uuid)", who)
    _note_force(actor, who, AgentState.READY)
    return hit


def agent_pause(actor: Actor, reason: str, staff_id: UUID | None = None) -> None:
    """No further offers, for a reason of the tenant's list (`pause_reasons`). What rings or is talked goes on."""
    who = _whom(actor, staff_id)
    by_supervisor = who != actor.id and reason == BY_SUPERVISOR
    if actor.is_staff and not by_supervisor:
        with tenant_transaction(actor.tenant_id):
            known = PauseReason.objects.filter(code=reason, is_active=True).exists()
        if not known:
            raise Invalid(fields={"reason": _("Choose a reason.")})
    _act(actor, "acd_agent_pause(%s::int, %s::uuid, %s::text)", who, reason)
    _note_force(actor, who, AgentState.PAUSED, reason)


def agent_offline(actor: Actor, staff_id: UUID | None = None, *, reason: str = "") -> Hit:
    """Off work: what rings goes back to its place in the queue, wrap-up ends, a talk goes on to its end."""
    who = _whom(actor, staff_id)
    hit = _act(actor, "acd_agent_offline(%s::int, %s::uuid, %s::text)", who, reason)
    _note_force(actor, who, AgentState.OFFLINE, reason)
    return hit


def agent_wrap_done(
    actor: Actor, staff_id: UUID | None = None, *, conversation_id: UUID | None = None
) -> Hit:
    """Wrap-up is over before its limit; with a conversation, only where it is that one's. A pause chosen meanwhile holds."""
    who = _whom(actor, staff_id)
    return _act(actor, "acd_agent_wrap_done(%s::int, %s::uuid, %s::uuid)", who, conversation_id)


def force_state(actor: Actor, staff_id: UUID, state: str, *, reason: str = "") -> Hit:
    """A supervisor sets an agent's state; in the audit. Raises PermissionDenied, NotAnAgent."""
    actor.require("routing.force")
    match AgentState(state):
        case AgentState.READY:
            return agent_ready(actor, staff_id)
        case AgentState.PAUSED:
            agent_pause(actor, reason or BY_SUPERVISOR, staff_id)
            return Hit()
        case AgentState.OFFLINE:
            return agent_offline(actor, staff_id, reason=reason or BY_SUPERVISOR)


def complete_wrap_up(
    actor: Actor, conversation_id: UUID, *, note: str, disposition_id: UUID | None
) -> WrapUp:
    """Send a wrap-up, and after the commit be ready again where this was what one was wrapping up. Raises as submit_wrap_up
    does. Called in the request's transaction."""
    sent = submit_wrap_up(actor, conversation_id, note=note, disposition_id=disposition_id)
    if actor.id is not None:
        transaction.on_commit(lambda: _wrapped(actor, conversation_id))
    return sent


def heartbeat(tenant_id: int, staff_ids: Collection[UUID]) -> None:
    """These agents' desks are there now. From the first heartbeat on, a desk not seen for GONE_AFTER seconds takes its
    agent offline (`timers`); agents without one (simulators) are left alone."""
    if staff_ids:
        row("SELECT acd_seen(%s::int, %s::uuid[])", (tenant_id, list(staff_ids)))


def _wrapped(actor: Actor, conversation_id: UUID) -> None:
    try:
        agent_wrap_done(actor, conversation_id=conversation_id)
    except NotFound:
        return  # sent by somebody who is no agent: nothing to end


def _whom(actor: Actor, staff_id: UUID | None) -> UUID:
    """The agent meant; oneself by the right to work, another by the right to steer."""
    who = actor.id if staff_id is None else staff_id
    if who is None:
        raise Invalid(fields={"staff_id": _("Say which agent.")})
    if who == actor.id:
        actor.require("routing.work")
    else:
        with tenant_transaction(actor.tenant_id):
            require_within(actor, "routing.force", who)
    return who


def _act(actor: Actor, call: str, who: UUID, *arguments: Any) -> Hit:
    return act(actor.tenant_id, call, (actor.tenant_id, who, *arguments))


def _note_force(actor: Actor, who: UUID, state: AgentState, reason: str = "") -> None:
    if actor.is_staff and who != actor.id:
        with tenant_transaction(actor.tenant_id):
            audit.record(
                actor, "routing.force", subject=("staff", who), after={"state": str(state)}, reason=reason
            )
