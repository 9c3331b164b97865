"""The audit: every change, and every look at a recording or an unmasked number. Added to, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.models import AuditEntry


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
    AuditEntry.objects.create(
        at=now(),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        channel=actor.channel,
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id,
        before=_plain(before),
        after=_plain(after),
        reason=reason,
    )


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: _value(value) for key, value in (values or {}).items()}


def _value(value: Any) -> Any:
    """As JSON; ids, moments and amounts as text, at any depth."""
    if isinstance(value, Mapping):
        return {str(key): _value(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(each) for each in value]
    return value if isinstance(value, int | bool | None) else str(value)
