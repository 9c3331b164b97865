"""How things stand over all tenants: what a process that starts again takes up, and whether the telephones work."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db.models.functions import Now

from callcart.contact.conversations.public import ConversationState
from callcart.contact.routing import public as routing
from callcart.contact.voice import guests
from callcart.contact.voice.accounts import account_of, softphone_of, username_of
from callcart.contact.voice.engine import Softphone
from callcart.contact.voice.flow import CallFacts
from callcart.contact.voice.models import (
    MAIN_NODE,
    Call,
    Exchange,
    GuestAccount,
    RecordingFileState,
    SoftphoneAccount,
)
from callcart.contact.voice.records import CallRow, Consult, Line, Offered
from callcart.contact.voice.requests import SEEN_WITHIN
from callcart.contact.voice.states import WITH_AGENT, CallState, Silent, agreed
from callcart.core import clock, events
from callcart.core.database import parameters, raw, sql
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.public import read_caller
from callcart.people.tenants.public import list_tenants

_ACCOUNTS = """
SELECT a.id, a.node FROM voice_softphoneaccount a JOIN staff_session s ON s.id = a.session_id
 WHERE a.removed_at IS NULL AND s.revoked_at IS NULL AND s.last_seen_at > now() - interval '12 hours'"""
_GUESTS = """
SELECT id, serial FROM voice_guestaccount WHERE removed_at IS NULL AND serial > 0 AND made_at > now() - interval '12 hours'"""
_DEAD = """
SELECT name FROM voice_exchange WHERE name <> %(node)s AND seen_at < clock_timestamp() - make_interval(secs => %(seconds)s)"""
DEAD_SECONDS = 60


def live_calls(*nodes: str) -> list[CallRow]:
    """Every call of these nodes (none: the main one) whose end has not been written down, in the state that routing confirms."""
    statement = sql("callcart.contact.voice", "live_calls")
    return [_row(*found) for found in _system(statement, {"nodes": list(nodes or (MAIN_NODE,))})]


def orphans(node: str) -> list[CallRow]:
    """Calls of other nodes whose voice process has not been heard of for so long that nobody can be on the line any more."""
    dead = [row[0] for row in _system(_DEAD, {"node": node, "seconds": DEAD_SECONDS})]
    return live_calls(*dead) if dead else []


def softphone_at(username: str, node: str, *, here: bool) -> None:
    """A page has registered at this node, or is gone from it: the other nodes shall know where to ring it."""
    if username.startswith(guests.PREFIX):
        _guest_at(UUID(username.removeprefix(guests.PREFIX)), node, here=here)
        return
    account_id = account_of(username)
    found = _system("SELECT tenant_id FROM voice_softphoneaccount WHERE id = %(id)s", {"id": account_id})
    if not found:
        return
    with tenant_transaction(found[0][0]):
        account = SoftphoneAccount.objects.select_for_update().get(id=account_id)
        if here:
            SoftphoneAccount.objects.filter(id=account_id).update(node=node)
        elif account.node != node:
            return  # it has moved on
        data = {"account_id": account_id, "node": node, "here": here}
        events.emit("softphone.at", staff_id=account.staff_id, audience="process", data=data)


def _guest_at(account_id: UUID, node: str, *, here: bool) -> None:
    """The same for a customer's page."""
    found = _system("SELECT tenant_id FROM voice_guestaccount WHERE id = %(id)s", {"id": account_id})
    if not found:
        return
    with tenant_transaction(found[0][0]):
        account = GuestAccount.objects.select_for_update().get(id=account_id)
        if here:
            GuestAccount.objects.filter(id=account_id).update(node=node)
        elif account.node != node:
            return
        data = {"account_id": account_id, "node": node, "here": here, "guest": True}
        events.emit("softphone.at", audience="process", data=data)


def softphone_nodes() -> list[tuple[str, str]]:
    """The account of every page and where it has registered last."""
    return [(username_of(id), node) for id, node in _system(_ACCOUNTS)]


def live_offers() -> list[Offered]:
    """What rings now."""
    found = []
    for tenant in list_tenants():
        with tenant_transaction(tenant.id):
            found += [
                Offered(tenant.id, each.conversation_id, each.staff_id, each.id)
                for each in routing.live_offers()
            ]
    return found


def accounts() -> list[Softphone]:
    """Softphone accounts of sessions that live, and of customers' pages whose call goes on."""
    of_desks = [softphone_of(id) for id, _node in _system(_ACCOUNTS)]
    return of_desks + [guests.softphone_of(*row) for row in _system(_GUESTS)]


def tell_health(node: str = MAIN_NODE, *, up: bool) -> None:
    """Write down whether the telephones of a node work, and tell every desk whether any do."""
    Exchange.objects.update_or_create(
        name=node, defaults={"up": up, "changed_at": clock.now(), "seen_at": clock.now()}
    )
    others = Exchange.objects.filter(up=True, seen_at__gt=clock.now() - SEEN_WITHIN).exclude(name=node)
    any_up = up or others.exists()
    for tenant in list_tenants():
        with tenant_transaction(tenant.id):
            events.emit("telephony.state", data={"up": any_up})


def beat(node: str = MAIN_NODE, *, up: bool) -> None:
    """The voice process lives."""
    Exchange.objects.filter(name=node).update(up=up, seen_at=Now())


def some_tenant() -> int | None:
    return next((tenant.id for tenant in list_tenants()), None)


def warm(tenant_id: int) -> None:
    """Look at nobody's calls: the connections are open and the statements planned then."""
    nobody = UUID(int=0)
    raw.autocommit_one("SELECT place FROM acd_place(%s::int, %s::uuid)", (tenant_id, nobody))
    with tenant_transaction(tenant_id):
        Call.objects.filter(conversation_id=nobody).exists()
        read_caller("+12025550100")  # numbering plans are read at their first use
    time.sleep(0.02)  # each thread takes one of these


def _system(statement: str, values: Mapping[str, Any] | None = None) -> list[Any]:
    """Rows over all tenants."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        return connection.execute(statement, values or {}).fetchall()


def _row(
    tenant_id: int, conversation_id: UUID, turn: str, agent_id: UUID | None, language: str, caller: str, dialled: str,
    state: str, customer_channel: str, agent_channel: str, staff_id: UUID | None, offer_id: UUID | None, legs: int,
    flow_state: dict[str, Any], lost_at: Any, recording: str, consult: dict[str, Any] | None,
    paused_for: list[str], silent: str, muted: bool, orbit: int | None, until: datetime | None, guest_id: UUID | None,
) -> CallRow:  # fmt: skip
    present = agreed(CallState(state), ConversationState(turn))
    return CallRow(
        facts=CallFacts(tenant_id, conversation_id, language, caller, dialled),
        state=present,
        customer_channel=customer_channel,
        agent_channel=agent_channel,
        agent_staff_id=agent_id if present in WITH_AGENT else staff_id,
        offer_id=offer_id,
        legs_dialled=legs,
        flow_state=flow_state,
        lost_at=lost_at,
        recorded=recording == RecordingFileState.PENDING,
        consult=Consult.of(consult) if present in WITH_AGENT else None,
        paused_for=tuple(paused_for),
        line=Line(Silent(silent), muted, orbit, until),
        guest="" if guest_id is None else guests.username_of(guest_id),
    )
