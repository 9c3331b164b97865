"""The audit: every change, and every look at a recording or an unmasked number. Added to, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.ids import new_id
from callcart.core.tenancy import current_tenant

# Written beside every change there is: by hand, a third of what the ORM takes.
_INSERT = """
INSERT INTO core_auditentry (id, tenant_id, at, actor_kind, actor_id, actor_name, channel, action, subject_kind, subject_id,
  before, after, reason) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""


def record(
    actor: Actor,
    action: str,
    *,
    subject: tuple[str, UUID] | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Write one entry in the transaction in hand. `action` is the permission's name, or a verb of that kind."""
    subject_kind, subject_id = subject or ("", None)
    raw.run(
        _INSERT,
        (
            new_id(),
            current_tenant(),
            now(),
            actor.kind,
            actor.id,
            actor.name,
            actor.channel,
            action,
            subject_kind,
            subject_id,
            json.dumps(_plain(before)),
            json.dumps(_plain(after)),
            reason,
        ),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """What one of many entries written together says."""

    subject: tuple[str, UUID]
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


_INSERT_MANY = """
INSERT INTO core_auditentry (id, tenant_id, at, actor_kind, actor_id, actor_name, channel, action, subject_kind, subject_id,
  before, after, reason)
SELECT r.id, %s, %s, %s, %s, %s, %s, %s, r.kind, r.subject, r.before, r.after, %s
  FROM json_to_recordset(%s::json) AS r (id uuid, kind text, subject uuid, before jsonb, after jsonb)"""


def record_many(actor: Actor, action: str, entries: Sequence[Entry], *, reason: str = "") -> None:
    """Write an entry for each of many subjects in one statement, in the transaction in hand."""
    if not entries:
        return
    rows = [
        {
            "id": str(new_id()),
            "kind": entry.subject[0],
            "subject": str(entry.subject[1]),
            "before": _plain(entry.before),
            "after": _plain(entry.after),
        }
        for entry in entries
    ]
    who = (actor.kind, actor.id, actor.name, actor.channel)
    raw.run(_INSERT_MANY, (current_tenant(), now(), *who, action, reason, json.dumps(rows)))


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: _value(value) for key, value in (values or {}).items()}


def _value(value: Any) -> Any:
    """As JSON; ids, moments and amounts as text, at any depth."""
    if isinstance(value, Mapping):
        return {str(key): _value(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(each) for each in value]
    return value if isinstance(value, int | bool | None) else str(value)
