"""Reading keys: those there are, with when and from where each was last used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import NotFound
from callcart.people.keys.models import ApiKey, KeyUse


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key in the list. `state`: active, expired or revoked."""

    key: ApiKey
    state: str
    last_at: datetime | None
    last_from: str


def list_keys(actor: Actor) -> list[KeyRow]:
    """All keys, those in use first, then the newest."""
    actor.require("keys.manage")
    keys = list(ApiKey.objects.order_by("-created_at", "-id")[:500])
    return sorted(_rows(keys), key=lambda row: row.state != "active")


def get_key(actor: Actor, key_id: UUID) -> KeyRow:
    """One key; NotFound."""
    actor.require("keys.manage")
    found = ApiKey.objects.filter(id=key_id).first()
    if found is None:
        raise NotFound
    return _rows([found])[0]


def _rows(keys: list[ApiKey]) -> list[KeyRow]:
    uses = {use.key_id: use for use in KeyUse.objects.filter(key_id__in=[key.id for key in keys])}
    return [
        KeyRow(
            key,
            _state(key),
            uses[key.id].last_at if key.id in uses else None,
            uses[key.id].last_from if key.id in uses else "",
        )
        for key in keys
    ]


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= now() else "active"
