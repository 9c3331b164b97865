"""Once only. A request that moves money, stock or points carries a key; the same key with the same body gives the
first answer again, with another body it is a conflict. The key is written in the transaction that does the work,
so a second request waits for the first to end, and a failed first leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import transaction

from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.errors import Conflict, Invalid
from callcart.core.ids import new_id

MAX_KEY = 200
KEPT = timedelta(days=30)


class KeyReused(Conflict):
    """This request was already sent with other contents. Start again with a fresh form."""

    code = "idempotency.key_reused"


class Claim:
    """The right to do the work, or what it answered when it was done before."""

    def __init__(self, stored: dict[str, Any] | None) -> None:
        self.stored = stored
        self.answer: dict[str, Any] | None = None

    def store(self, answer: Mapping[str, Any]) -> None:
        """Keep the answer for whoever sends the same request again."""
        self.answer = dict(answer)


@contextmanager
def claim(
    actor: Actor, scope: str, key: str, body: Mapping[str, Any], *, savepoint: bool = True
) -> Iterator[Claim]:
    """Claim `key` in `scope` for the transaction in hand. Raises Invalid for a missing or overlong key, KeyReused for
    the same key with another body. Without a `savepoint` of its own an error breaks the one in hand: for verbs that stand in one
    already (`retrying`)."""
    if not key or len(key) > MAX_KEY or not key.isprintable():
        raise Invalid(fields={"idempotency_key": f"1 to {MAX_KEY} characters"})
    # whoever catches our error and commits must not keep the key claimed
    with transaction.atomic(savepoint=savepoint):
        yield from _claim(actor, scope, key, body)


def _claim(actor: Actor, scope: str, key: str, body: Mapping[str, Any]) -> Iterator[Claim]:
    full_scope = f"{scope}:{actor.kind}:{actor.id or ''}"
    fingerprint = hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()
    made = raw.one(
        "INSERT INTO core_idempotencykey (id, tenant_id, scope, key, fingerprint) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (tenant_id, scope, key) DO NOTHING RETURNING id",
        (new_id(), actor.tenant_id, full_scope, key, fingerprint),
    )
    if made is None:
        found = raw.one(
            "SELECT fingerprint, answer FROM core_idempotencykey WHERE tenant_id = %s AND scope = %s AND key = %s",
            (actor.tenant_id, full_scope, key),
        )
        if found is None or found[0] != fingerprint:
            raise KeyReused(scope=scope)
        answer = json.loads(found[1]) if isinstance(found[1], str) else found[1]
        yield Claim(answer if answer is not None else {})
        return
    claimed = Claim(None)
    yield claimed
    raw_update = "UPDATE core_idempotencykey SET answer = %s::jsonb WHERE id = %s RETURNING id"
    raw.one(raw_update, (json.dumps(claimed.answer or {}, default=str), made[0]))
