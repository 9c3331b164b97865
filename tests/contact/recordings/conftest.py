"""Kept sounds, as the voice job keeps them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation, Recording
from callcart.contact.recordings import public as recordings
from callcart.contact.recordings.models import Sound
from callcart.core.actor import Actor, ActorKind, Grant
from callcart.people.tenants.models import Tenant

Make = Callable[..., Sound]


def person(tenant: Tenant, who: UUID | None = None, **grants: str) -> Actor:
    """Staff with these permissions of `recordings`, each with its scope."""
    held = {f"recordings.{name}": Grant(scope=scope) for name, scope in grants.items()}
    return Actor(tenant_id=tenant.id, kind=ActorKind.STAFF, id=who or uuid4(), name="Sue", grants=held)


def keep_sound(
    tenant_id: int, data: bytes = b"RIFF sound", *, duration_ms: int = 4000, started: Any = None, **talk: Any
) -> Sound:
    """A kept recording of a conversation with these columns."""
    made = conversations.open_conversation(Actor.system(tenant_id))
    Conversation.objects.filter(id=made.id).update(**talk)
    begun = conversations.start_recording(made.id)
    if started is not None:
        Recording.objects.filter(id=begun.id).update(started_at=started)
    put = recordings.seal_sound([data], key=recordings.key_in_use())
    kept = recordings.Kept(put.file_key, put.sealed_with, duration_ms, put.size, [[1, 50, 100], [0, 20, 3]])
    return recordings.keep(begun.id, kept)


@pytest.fixture
def make(tenant: Tenant) -> Make:
    def one(data: bytes = b"RIFF sound", **more: Any) -> Sound:
        return keep_sound(tenant.id, data, **more)

    return one
