"""In which queue a call waits, by the database's own rule: asked here by whoever does not put it there."""

from __future__ import annotations

from uuid import UUID

from callcart.core.database import raw

_WAY = "SELECT queue_id FROM voice_way(%s::int, %s::uuid, %s::text, %s::uuid)"


def queue_of_call(
    tenant_id: int, conversation_id: UUID, language: str, named: UUID | None = None
) -> UUID | None:
    """Where this call waits, or would have waited: the queue named, else its number's, its language's, the most general one. None where
    no queue is in use."""
    found = raw.one(_WAY, (tenant_id, conversation_id, language, named))
    return None if found is None else found[0]
