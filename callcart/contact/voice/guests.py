"""A customer's page as the other side of a call: an account of its own for one call, gone with the call.

The account is rung and can call nothing (the engine's matter, and the live process lets no call out of it). Its password changes each
time it is asked for, which is possible in the first minute and a few times only; the way of its signalling is opened by a ticket, once.
Whoever calls these verbs has made sure that the page is the customer's.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import DatabaseError, transaction

from callcart.contact.voice.accounts import REALM, WS_PATH
from callcart.contact.voice.engine import Softphone
from callcart.contact.voice.models import Call, GuestAccount, RecordingFileState, RefusedCall
from callcart.contact.voice.outbound import CannotDial, Limit
from callcart.contact.voice.requests import NoSuchTalk
from callcart.contact.voice.states import Request
from callcart.core import audit, clock, events
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import PermissionDenied
from callcart.core.ids import new_id, next_number
from callcart.core.secrets import secret
from callcart.core.tokens import digest, new_token
from callcart.people.tenants.public import get_tenant, settings_of

PREFIX = "guest-"
BY_PAGE = "web:"  # begins what stands in the place of the caller's number
FETCHED_WITHIN = timedelta(seconds=60)
TICKET = timedelta(seconds=60)
MOST_FETCHED = 5
_DIAL_PAGE = "SELECT voice_dial_page(%s::int, %s::uuid, %s::text, %s::uuid, %s::uuid, %s::text, %s::text, %s::uuid, %s::text)"


@dataclass(frozen=True, slots=True)
class GuestCredentials:
    """What a customer's page registers with, where, and for which call."""

    conversation_id: UUID
    username: str
    password: str
    ticket: str
    ws_path: str = WS_PATH
    realm: str = REALM


@dataclass(frozen=True, slots=True)
class GuestIn:
    """A page that showed its ticket."""

    account_id: UUID
    conversation_id: UUID
    username: str


def dial_page(actor: Actor, *, name: str, customer_id: UUID | None = None, language: str = "") -> UUID:
    """Begin a call of this agent with a customer's page: his own telephone rings and answers by itself, then the page. Nothing is dialled
    outside. The new conversation. In the tenant's transaction. Raises PermissionDenied, CannotDial."""
    actor.require("voice.phone")
    if actor.id is None:
        raise PermissionDenied(permission="voice.phone")
    tenant = get_tenant(actor.tenant_id)
    options = settings_of(tenant)
    made = new_id()
    recording = RecordingFileState.PENDING if options.record_calls else RecordingFileState.NONE
    arguments = (
        tenant.id, made, next_number("conversation"), actor.id, new_id(), f"{BY_PAGE}{name}", options.offered(language or tenant.language),
        customer_id, recording.value,
    )  # fmt: skip
    try:
        with transaction.atomic():
            raw.one(_DIAL_PAGE, arguments)
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") != "CC409":
            raise
        raise CannotDial from None
    return made


def guest_credentials(conversation_id: UUID) -> GuestCredentials:
    """What the page of this call registers with; what was told before holds no longer. Raises NoSuchTalk where the call is over, the first
    minute has gone by, or it was asked for too often."""
    account = (
        GuestAccount.objects.select_for_update()
        .filter(conversation_id=conversation_id, removed_at=None)
        .first()
    )
    moment = clock.now()
    if account is None or account.serial >= MOST_FETCHED or moment - account.made_at > FETCHED_WITHIN:
        raise NoSuchTalk
    ticket = new_token()
    account.serial += 1
    account.ticket, account.ticket_until = digest(ticket), moment + TICKET
    account.save(update_fields=["serial", "ticket", "ticket_until"])
    events.emit(
        "guest.wanted",
        subject=("conversation", conversation_id),
        audience="process",
        data={"account_id": account.id, "serial": account.serial},
    )
    softphone = softphone_of(account.id, account.serial)
    return GuestCredentials(conversation_id, softphone.username, softphone.password, ticket)


def come_in(ticket: str) -> GuestIn | None:
    """Whose ticket this is. It opens once."""
    if not ticket or len(ticket) > 200:
        return None
    open_ones = GuestAccount.objects.filter(ticket=digest(ticket), removed_at=None)
    account = open_ones.filter(ticket_until__gt=clock.now()).select_for_update().first()
    if account is None:
        return None
    account.ticket, account.ticket_until = "", None
    account.save(update_fields=["ticket", "ticket_until"])
    return GuestIn(account.id, account.conversation_id, username_of(account.id))


def guest_leaves(conversation_id: UUID) -> None:
    """The customer hangs up by his page, or closes it: the call ends, whatever it is doing. Said too late, it changes nothing."""
    call = Call.going_on(conversation_id)
    if call is not None and call.guest_id is not None:
        events.emit(
            "call.request",
            subject=("conversation", conversation_id),
            audience="process",
            data={"conversation_id": conversation_id, "request": str(Request.GONE)},
        )


def refused(account_id: UUID, method: str) -> None:
    """A customer's page asked the exchange for something it may not have (a call, above all): written down, and an alarm."""
    account = GuestAccount.objects.filter(id=account_id).first()
    if account is None:
        return
    about = ("conversation", account.conversation_id)
    actor = Actor.system(account.tenant_id, "voice")
    RefusedCall.objects.create(number="", limit=str(Limit.PAGE))
    audit.record(actor, "voice.guest_refused", subject=about, after={"method": method})
    events.emit(
        "voice.alarm",
        subject=about,
        audience="board",
        data={"conversation_id": account.conversation_id, "limit": str(Limit.PAGE), "method": method},
    )


def is_open(conversation_id: UUID) -> bool:
    """Whether a call goes on, or is on its way."""
    return Call.objects.filter(conversation_id=conversation_id, ended_at=None).exists()


def username_of(account_id: UUID) -> str:
    return f"{PREFIX}{account_id.hex}"


def softphone_of(account_id: UUID, serial: int) -> Softphone:
    """The account as the engine needs it, with the password told at the `serial`th asking."""
    key = bytes.fromhex(secret("softphone"))
    about = b"guest" + account_id.bytes + serial.to_bytes(2, "big")
    return Softphone(
        username_of(account_id), hmac.new(key, about, hashlib.sha256).hexdigest()[:40], guest=True
    )
