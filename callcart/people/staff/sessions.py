"""Signed-in browsers of staff: a token in the cookie, its hash here. A session ends 12 hours after its last use, seven
days after its start, when it is revoked, or when the person is deactivated."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from callcart.core import audit, events
from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import NotFound
from callcart.core.text import printable
from callcart.core.tokens import digest, new_token
from callcart.people.staff import grants
from callcart.people.staff.models import Session, Staff
from callcart.people.staff.queries import actor_of
from callcart.people.tenants.public import get_tenant

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
_TOUCH_AFTER = timedelta(seconds=60)

# Skips a row that another request of this browser is just touching: nobody waits for the other's transaction.
_TOUCH = """
UPDATE staff_session SET last_seen_at = %s
 WHERE id IN (SELECT id FROM staff_session WHERE id = %s AND last_seen_at < %s FOR UPDATE SKIP LOCKED)
RETURNING id
"""

# Asked with every request of staff: one statement, read without the ORM.
_RESOLVE = """
SELECT s.id, s.last_seen_at, t.tenant_id, t.id,
       CASE WHEN t.language LIKE 'zh%%' AND t.name_zh <> '' THEN t.name_zh ELSE t.name END, t.language, t.timezone,
       (SELECT coalesce(json_agg(r.grants), '[]')::text FROM staff_staffrole x JOIN staff_role r ON r.id = x.role_id WHERE x.staff_id = t.id)
  FROM staff_session s JOIN staff_staff t ON t.id = s.staff_id
 WHERE s.token_hash = %s AND s.revoked_at IS NULL AND s.last_seen_at > %s AND s.created_at > %s AND t.is_active
"""


# Asked about open connections, now and then and after a change; does not count as use.
_LOOK_AT = """
SELECT s.id, s.last_seen_at > %s AND s.created_at > %s, t.tenant_id, t.id,
       CASE WHEN t.language LIKE 'zh%%' AND t.name_zh <> '' THEN t.name_zh ELSE t.name END, t.language, t.timezone,
       (SELECT coalesce(json_agg(r.grants), '[]')::text FROM staff_staffrole x JOIN staff_role r ON r.id = x.role_id WHERE x.staff_id = t.id)
  FROM staff_session s JOIN staff_staff t ON t.id = s.staff_id
 WHERE s.id = ANY (%s::uuid[]) AND s.revoked_at IS NULL AND t.is_active
"""


@dataclass(frozen=True, slots=True)
class SessionNow:
    """A session that nobody has ended: who it is, with what they may do now, and whether it has expired by itself."""

    actor: Actor
    expired: bool


def start_session(staff: Staff, *, ip: str = "", user_agent: str = "") -> str:
    """A new session of somebody who has just proved who they are; returns the token for the cookie."""
    token = new_token()
    moment = now()
    Session.objects.create(
        staff=staff,
        token_hash=digest(token),
        created_at=moment,
        last_seen_at=moment,
        ip=printable(ip, 64),
        user_agent=printable(user_agent, 300),
    )
    return token


def resolve_session(token: str) -> Actor | None:
    """Whose token this is, in the tenant acted for; None for one that is unknown or has ended. Keeps it alive."""
    moment = now()
    row = raw.one_prepared(_RESOLVE, [digest(token), moment - IDLE, moment - LONGEST])
    if row is None:
        return None
    session_id, seen, tenant_id, staff_id, name, language, timezone, roles = row
    if seen < moment - _TOUCH_AFTER:
        raw.one(_TOUCH, [moment, session_id, moment - _TOUCH_AFTER])
    return Actor(
        tenant_id=tenant_id,
        kind=ActorKind.STAFF,
        id=staff_id,
        name=name,
        language=language,
        timezone=timezone or get_tenant(tenant_id).timezone,
        grants=grants.merged(json.loads(roles)),
        session=session_id,
    )


def look_at_sessions(session_ids: Collection[UUID]) -> dict[UUID, SessionNow]:
    """What is left of these sessions, in the tenant acted for; those that were ended are missing. Keeps none alive."""
    moment = now()
    found, held = {}, {}
    for row in raw.all(_LOOK_AT, [moment - IDLE, moment - LONGEST, list(session_ids)]):
        session_id, fresh, tenant_id, staff_id, name, language, timezone, roles = row
        if roles not in held:  # most people hold the same few roles
            held[roles] = grants.merged(json.loads(roles))
        actor = Actor(
            tenant_id=tenant_id,
            kind=ActorKind.STAFF,
            id=staff_id,
            name=name,
            language=language,
            timezone=timezone or "UTC",
            grants=held[roles],
            session=session_id,
        )
        found[session_id] = SessionNow(actor, expired=not fresh)
    return found


def log_out(token: str) -> None:
    """End the session of a token; nothing happens where there is none."""
    found = Session.objects.select_related("staff").filter(token_hash=digest(token), revoked_at=None).first()
    if found is None:
        return
    _end([found], because="log_out")
    audit.record(actor_of(found.staff, session=found.id), "staff.log_out", subject=("staff", found.staff_id))


def list_sessions(actor: Actor, staff_id: UUID | None = None) -> list[Session]:
    """Living sessions, newest use first: the actor's own, or another's with `staff.manage`."""
    wanted = _whose(actor, staff_id)
    moment = now()
    return list(
        Session.objects.filter(
            staff_id=wanted,
            revoked_at=None,
            last_seen_at__gt=moment - IDLE,
            created_at__gt=moment - LONGEST,
        ).order_by("-last_seen_at")
    )


def revoke_session(actor: Actor, session_id: UUID) -> None:
    """End one session: the actor's own, or another's with `staff.manage`; NotFound."""
    found = Session.objects.filter(id=session_id, revoked_at=None).first()
    if found is None or (found.staff_id != actor.id and not actor.can("staff.manage")):
        raise NotFound
    _end([found], because="revoked")
    audit.record(actor, "staff.revoke_session", subject=("staff", found.staff_id))


def revoke_other_sessions(actor: Actor) -> int:
    """End all of the actor's sessions but the one in hand; returns how many."""
    ended = revoke_all(_whose(actor, None), because="revoked", keep=actor.session)
    audit.record(actor, "staff.revoke_sessions", subject=("staff", actor.id) if actor.id else None)
    return ended


def revoke_all(staff_id: UUID, *, because: str, keep: UUID | None = None) -> int:
    """End every session of somebody (password changed, deactivated), except `keep`; returns how many."""
    living = [
        session
        for session in Session.objects.filter(staff_id=staff_id, revoked_at=None)
        if session.id != keep
    ]
    _end(living, because=because)
    return len(living)


def _end(sessions: list[Session], *, because: str) -> None:
    """Open pages hear of it by the event and leave."""
    Session.objects.filter(id__in=[session.id for session in sessions]).update(
        revoked_at=now(), revoked_because=because
    )
    for session in sessions:
        events.emit(
            "session.ended", staff_id=session.staff_id, audience="one", data={"session_id": session.id}
        )


def _whose(actor: Actor, staff_id: UUID | None) -> UUID:
    wanted = staff_id or (actor.id if actor.is_staff else None)
    if wanted is None:
        raise NotFound
    if wanted != actor.id:
        actor.require("staff.manage")
    return wanted
