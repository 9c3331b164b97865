"""How things stand over all tenants: what a process that starts again takes up, and whether the telephones work."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from django.db.models.functions import Now

from callcart.contact.conversations.public import ConversationState
from callcart.contact.routing import public as routing
from callcart.contact.voice.flow import CallFacts
from callcart.contact.voice.models import Call, Exchange, RecordingFileState
from callcart.contact.voice.records import CallRow, Consult, Line, Offered
from callcart.contact.voice.requests import EXCHANGE
from callcart.contact.voice.states import WITH_AGENT, CallState, Silent, agreed
from callcart.core import clock, events
from callcart.core.database import parameters, raw, sql
from callcart.core.tenancy import tenant_transaction
from callcart.people.customers.public import read_caller
from callcart.people.tenants.public import list_tenants

_ACCOUNTS = """
SELECT a.id FROM voice_softphoneaccount a JOIN staff_session s ON s.id = a.session_id
 WHERE a.removed_at IS NULL AND s.revoked_at IS NULL AND s.last_seen_at > now() - interval '12 hours'
"""


def live_calls() -> list[CallRow]:
    """Every call whose end has not been written down, in the state that routing confirms."""
    return [_row(*found) for found in _system(sql("callcart.contact.voice", "live_calls"))]


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


def accounts() -> list[UUID]:
    """Softphone accounts of sessions that live."""
    return [row[0] for row in _system(_ACCOUNTS)]


def tell_health(*, up: bool) -> None:
    """Write down whether the telephones work, and tell every desk."""
    Exchange.objects.update_or_create(
        name=EXCHANGE, defaults={"up": up, "changed_at": clock.now(), "seen_at": clock.now()}
    )
    for tenant in list_tenants():
        with tenant_transaction(tenant.id):
            events.emit("telephony.state", data={"up": up})


def beat(*, up: bool) -> None:
    """The voice process lives."""
    Exchange.objects.filter(name=EXCHANGE).update(up=up, seen_at=Now())


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


def _system(statement: str) -> list[Any]:
    """Rows over all tenants."""
    with psycopg.connect(**parameters("system"), autocommit=True) as connection:
        return connection.execute(statement).fetchall()


def _row(
    tenant_id: int, conversation_id: UUID, turn: str, agent_id: UUID | None, language: str, caller: str, dialled: str,
    state: str, customer_channel: str, agent_channel: str, staff_id: UUID | None, offer_id: UUID | None, legs: int,
    flow_state: dict[str, Any], lost_at: Any, recording: str, consult: dict[str, Any] | None,
    paused_for: list[str], silent: str, muted: bool, orbit: int | None, until: datetime | None,
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
    )
