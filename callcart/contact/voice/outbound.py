"""The guard before anything is dialled outside: toll fraud is paid by the shop. Nothing leaves but to prefixes the shop has allowed, so many
times an hour, up to so much a day, for the shop and for each agent; and no call lasts for ever.

What is let through is written down before it is dialled, so that the next one counts it; what is refused is in the audit, and an alarm.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import psycopg
from django.utils.translation import gettext as _

from callcart.contact.conversations import public as conversations
from callcart.contact.voice.models import OutboundCall, RecordingFileState, RefusedCall
from callcart.contact.voice.records import CallRow, LetOut
from callcart.core import audit, clock, events
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.core.database import raw, sql
from callcart.core.errors import AppError, Conflict, Invalid, PermissionDenied
from callcart.core.ids import new_id, next_number
from callcart.core.tenancy import acting_for, tenant_transaction
from callcart.people.customers.public import mask_phone, read_caller
from callcart.people.tenants.public import (
    Options,
    Tenant,
    get_tenant,
    list_service_numbers,
    service_number,
    settings_of,
)

_LOCK = 7103
_DIAL_OUT = "SELECT voice_dial_out(%s::int, %s::uuid, %s::text, %s::uuid, %s::text, %s::text, %s::text, %s::uuid, %s::text, %s::int)"
MOST_DIGITS = 40


class Limit(StrEnum):
    """What a call outside was refused for."""

    PREFIX = "prefix"
    OWN_NUMBER = "own_number"
    RATE = "rate"
    RATE_AGENT = "rate_agent"
    SPEND = "spend"
    SPEND_AGENT = "spend_agent"
    PAGE = "page"  # a customer's page, which is rung and calls nobody


class DialRefused(AppError):
    """This number may not be called from here."""

    code = "voice.dial_refused"
    status = 403


class CannotDial(Conflict):
    """You can call when you are at work, and not on a call or its wrap-up."""

    code = "voice.cannot_dial"


@dataclass(frozen=True, slots=True)
class Looked:
    """A number somebody wants to be called at: E.164, empty where it is none; and what forbids it, where something does."""

    number: str
    limit: Limit | None = None

    @property
    def may_be_called(self) -> bool:
        return bool(self.number) and self.limit is None


@dataclass(frozen=True, slots=True)
class Allowed:
    """A number that may be dialled now (E.164), the one it shows, and the seconds after which the call is ended."""

    id: UUID
    number: str
    shown: str
    longest: int


def allow(actor: Actor, conversation_id: UUID, number: str) -> Allowed:
    """Let one call outside through. A transaction of its own, outside of the request's: what is refused stays written down. Raises
    PermissionDenied, Invalid (number), DialRefused."""
    actor.require("voice.dial_out")
    with tenant_transaction(actor.tenant_id):
        tenant = get_tenant(actor.tenant_id)
        wanted = read_caller(number[:MOST_DIGITS], tenant.country).e164
        if not wanted:
            raise Invalid(fields={"number": _("This is not a telephone number that can be called.")})
        raw.run("SELECT pg_advisory_xact_lock(%s, %s)", (_LOCK, tenant.id))  # counted and added to one by one
        options = settings_of(tenant)
        limit = _limit(actor, options, wanted)
        if limit is None:
            made = OutboundCall.objects.create(
                conversation_id=conversation_id, staff_id=actor.id, number=wanted
            )
            return Allowed(
                made.id, wanted, _shown(tenant, options, conversation_id), options.dial_longest_minutes * 60
            )
        _refuse(actor, conversation_id, wanted, limit)
    raise DialRefused(words_for_staff(limit), limit=str(limit))


def let_out(row: CallRow) -> LetOut | None:
    """A call that the shop owes is to be dialled: the guard is asked as for any other, of its agent where it has one. None: refused, which
    is written down. Outside of any transaction."""
    facts = row.facts
    with acting_for(facts.tenant_id):
        actor = Actor.system(facts.tenant_id, "callbacks")
        if row.agent_staff_id is not None:
            actor = Actor(
                facts.tenant_id, ActorKind.STAFF, row.agent_staff_id, grants={"voice.dial_out": Grant()}
            )
        try:
            allowed = allow(actor, facts.conversation_id, facts.caller_e164)
        except AppError:
            return None
    return LetOut(allowed.number, facts.service_number or allowed.shown, allowed.longest)


def look(actor: Actor, number: str, *, about: UUID | None = None) -> Looked:
    """Whether a number could be called at all, before that is promised to anybody: how often and for how much is asked when it is dialled.
    In the tenant's transaction; what is refused is written down as in `allow`, where it is said of which conversation (`about`)."""
    tenant = get_tenant(actor.tenant_id)
    wanted = read_caller(number[:MOST_DIGITS], tenant.country).e164
    limit = _forbidden(settings_of(tenant), wanted) if wanted else None
    if limit is not None and about is not None:
        _refuse(actor, about, wanted, limit)
    return Looked(wanted, limit)


def dial(
    actor: Actor, number: str, *, customer_id: UUID | None = None, language: str = "", conversation_id: UUID | None = None,
    shown: str = "",
) -> UUID:  # fmt: skip
    """Call a number: a conversation begins, the agent's own page rings and answers by itself, then the other side. The new conversation, with
    the id that was chosen for it, if one was; `shown`: a number of the shop's, shown instead of the usual one. A
    transaction of its own, outside of the request's. Raises as `allow` does, CannotDial."""
    actor.require("voice.phone")
    if actor.id is None:
        raise PermissionDenied(permission="voice.phone")
    conversation_id = conversation_id or new_id()
    allowed = allow(actor, conversation_id, number)
    with tenant_transaction(actor.tenant_id):
        tenant = get_tenant(actor.tenant_id)
        options = settings_of(tenant)
        short = next_number("conversation")
    recording = RecordingFileState.PENDING if options.record_calls else RecordingFileState.NONE
    arguments = (
        tenant.id, conversation_id, short, actor.id, allowed.number, shown or allowed.shown, options.offered(language or tenant.language),
        customer_id, recording.value, allowed.longest,
    )  # fmt: skip
    try:
        raw.autocommit_one(_DIAL_OUT, arguments)
    except psycopg.DatabaseError as error:
        if error.sqlstate != "CC409":
            raise
        with tenant_transaction(actor.tenant_id):
            OutboundCall.objects.filter(id=allowed.id).update(ended_at=clock.now())
        raise CannotDial from None
    return conversation_id


def _limit(actor: Actor, options: Options, number: str) -> Limit | None:
    """The first rule that this call would break. What the shop calls by itself counts as the shop's alone."""
    forbidden = _forbidden(options, number)
    if forbidden is not None:
        return forbidden
    hour, hour_agent, day, day_agent = _lately(actor)
    if actor.id is None:
        hour_agent = day_agent = 0
    if hour_agent >= options.dial_hourly_agent:
        return Limit.RATE_AGENT
    if hour >= options.dial_hourly:
        return Limit.RATE
    price = options.dial_minor_per_minute
    if price * (day_agent + 1) > options.dial_daily_spend_agent:
        return Limit.SPEND_AGENT
    if price * (day + 1) > options.dial_daily_spend:
        return Limit.SPEND
    return None


def _forbidden(options: Options, number: str) -> Limit | None:
    """What forbids a number whenever it is dialled."""
    if not any(number.startswith(prefix) for prefix in options.dial_prefixes):
        return Limit.PREFIX
    if service_number(number) is not None:
        return Limit.OWN_NUMBER  # it would come back to us, and again
    return None


def _lately(actor: Actor) -> tuple[int, int, int, int]:
    """Calls of the last hour, and minutes begun in the last day: of all, of this one."""
    row = raw.one(sql("callcart.contact.voice", "outbound_lately"), {"now": clock.now(), "staff": actor.id})
    assert row is not None
    return row[0], row[1], row[2], row[3]


def _shown(tenant: Tenant, options: Options, conversation_id: UUID) -> str:
    """The caller's number as the other side sees it: the one the shop chose, the one the customer dialled, or the shop's first. Never one
    that is not the shop's own."""
    own = [each.number for each in list_service_numbers(tenant.id)]
    talk = conversations.find_conversation(conversation_id)
    chosen = (options.dial_shows, talk.service_number if talk is not None else "")
    return next((number for number in chosen if number in own), own[0] if own else "")


def _refuse(actor: Actor, conversation_id: UUID, number: str, limit: Limit) -> None:
    """An alarm to those who watch the floor, and a line in the audit; the number masked in both."""
    masked = mask_phone(number)
    RefusedCall.objects.create(staff_id=actor.id, number=masked, limit=str(limit))
    audit.record(
        actor,
        "voice.dial_refused",
        subject=("conversation", conversation_id),
        after={"number": masked, "limit": str(limit)},
    )
    events.emit(
        "voice.alarm",
        subject=("conversation", conversation_id),
        staff_id=actor.id,
        audience="board",
        data={"conversation_id": conversation_id, "staff_id": actor.id, "limit": str(limit)},
    )


def words_for_staff(limit: Limit) -> str:
    match limit:
        case Limit.PREFIX:
            return _(
                "Numbers that begin like this may not be called from here. An administrator can allow them."
            )
        case Limit.OWN_NUMBER:
            return _("This is one of our own numbers. Choose a queue or a colleague instead.")
        case Limit.RATE | Limit.RATE_AGENT:
            return _("Too many calls outside within an hour. Try again later, or ask your supervisor.")
        case Limit.SPEND | Limit.SPEND_AGENT:
            return _("What may be spent on calls outside today is used up. Ask your supervisor.")
        case Limit.PAGE:
            return _("A page calls nobody.")
