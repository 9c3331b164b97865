"""Softphone accounts: one for each signed-in session, made when a desk asks for it, gone with the session.

A password is made of the account's id and a secret of this installation; no table holds one. It is asked for by the page's own
request and stands in no page. The first page opened after half a day gets another account, whose password is another.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Max

from callcart.contact.voice.engine import Softphone
from callcart.contact.voice.models import MAIN_NODE, SoftphoneAccount
from callcart.core import clock, events
from callcart.core.actor import Actor
from callcart.core.errors import PermissionDenied
from callcart.core.secrets import secret

WS_PATH = "/sip"
REALM = "asterisk"
ROTATED = timedelta(hours=12)
_PREFIX = "desk-"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a page registers with, and where."""

    username: str
    password: str
    ws_path: str = WS_PATH
    realm: str = REALM


def softphone_credentials(actor: Actor) -> Credentials:
    """The account of this signed-in session; made at its first request. Asked again, the same one, and it is the one that
    rings from then on. The exchange knows it a moment after the commit: a page refused at first tries again."""
    actor.require("voice.phone")
    if actor.id is None:
        raise PermissionDenied(permission="voice.phone")
    for old in SoftphoneAccount.objects.filter(staff_id=actor.id, session_id=actor.session, removed_at=None):
        if clock.now() - _made_at(old.id) > ROTATED:
            _end(old)  # a call that an older page still carries goes on
    account, _made = SoftphoneAccount.objects.get_or_create(
        staff_id=actor.id, session_id=actor.session, removed_at=None
    )
    SoftphoneAccount.objects.filter(id=account.id).update(wanted_at=_after_all(actor.id))
    events.emit("softphone.wanted", staff_id=actor.id, audience="process", data={"account_id": account.id})
    softphone = softphone_of(account.id)
    return Credentials(softphone.username, softphone.password)


def _after_all(staff_id: UUID) -> datetime:
    """Now, but later than any page of theirs was wanted before: the one wanted last rings, also where the clock has been set back."""
    newest = SoftphoneAccount.objects.filter(staff_id=staff_id, removed_at=None).aggregate(
        newest=Max("wanted_at")
    )["newest"]
    moment = clock.now()
    return moment if newest is None else max(moment, newest + timedelta(microseconds=1))


def end_accounts(session_id: UUID) -> int:
    """The session is over: its account may not register any more. The number of accounts ended."""
    found = list(SoftphoneAccount.objects.filter(session_id=session_id, removed_at=None))
    for account in found:
        _end(account)
    return len(found)


def _end(account: SoftphoneAccount) -> None:
    SoftphoneAccount.objects.filter(id=account.id).update(removed_at=clock.now())
    events.emit(
        "softphone.ended", staff_id=account.staff_id, audience="process", data={"account_id": account.id}
    )


def _made_at(account_id: UUID) -> datetime:
    """An id of ours (UUIDv7) begins with its moment in milliseconds."""
    return datetime.fromtimestamp((account_id.int >> 80) / 1000, UTC)


def username_of(account_id: UUID) -> str:
    """The name by which the exchange knows the account."""
    return f"{_PREFIX}{account_id.hex}"


def account_of(username: str) -> UUID:
    """The account that `username_of` has named."""
    return UUID(username.removeprefix(_PREFIX))


def node_of(staff_id: UUID) -> str:
    """Where somebody's page has registered, else the main node."""
    newest = (
        SoftphoneAccount.objects.filter(staff_id=staff_id, removed_at=None)
        .order_by("-wanted_at", "-id")
        .first()
    )
    return newest.node if newest is not None else MAIN_NODE


def softphone_of(account_id: UUID) -> Softphone:
    """The account as the engine needs it."""
    key = bytes.fromhex(secret("softphone"))
    return Softphone(
        username_of(account_id), hmac.new(key, account_id.bytes, hashlib.sha256).hexdigest()[:40]
    )
