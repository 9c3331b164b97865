"""A request that comes with a key: who that is, and whether it comes too often."""

from __future__ import annotations

from datetime import timedelta

from callcart.core.actor import Actor, ActorKind
from callcart.core.clock import now
from callcart.core.database import raw
from callcart.core.errors import AppError, TooMany
from callcart.core.tenancy import current_tenant
from callcart.core.tokens import digest
from callcart.people.keys.models import ApiKey
from callcart.people.staff.public import merged_grants

_COUNT = "SELECT keys_use(%s, %s, %s, %s)"


class KeyRefused(AppError):
    """This API key is unknown, expired or revoked. Send a valid one as: Authorization: Bearer cck_…"""

    code = "key_refused"
    status = 401


class KeyTooFast(TooMany):
    """This key may send %(per_minute)s requests a minute. Go on in %(retry_after)s seconds."""

    code = "key_too_fast"


def resolve_key(secret: str, *, address: str, language: str = "en", timezone: str = "UTC") -> Actor:
    """The actor of a key, the request counted. Raises KeyRefused; KeyTooFast with `retry_after` in seconds. Inside a transaction of
    the tenant the secret names (`tenant_of`)."""
    key = ApiKey.objects.filter(secret_hash=digest(secret), revoked_at=None).first()
    moment = now()
    if key is None or (key.expires_at is not None and key.expires_at <= moment):
        raise KeyRefused
    tenant_id = current_tenant()
    used = int(raw.autocommit_one(_COUNT, [tenant_id, key.id, moment, address[:64]])[0])
    if used > key.per_minute:
        following = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        raise KeyTooFast(
            per_minute=key.per_minute, retry_after=max(1, int((following - moment).total_seconds()))
        )
    return Actor(
        tenant_id=tenant_id,
        kind=ActorKind.KEY,
        id=key.id,
        name=key.name,
        channel="api",
        language=language,
        timezone=timezone,
        grants=merged_grants([key.grants]),
    )
