"""What other rooms may use of keys."""

from __future__ import annotations

from callcart.people.keys.give import Given, KeyRevoked, create_key, revoke_key, tenant_of
from callcart.people.keys.models import DEFAULT_PER_MINUTE, MOST_PER_MINUTE, ApiKey
from callcart.people.keys.queries import KeyRow, get_key, list_keys
from callcart.people.keys.use import KeyRefused, KeyTooFast, resolve_key

__all__ = [
    "DEFAULT_PER_MINUTE",
    "MOST_PER_MINUTE",
    "ApiKey",
    "Given",
    "KeyRefused",
    "KeyRevoked",
    "KeyRow",
    "KeyTooFast",
    "create_key",
    "get_key",
    "list_keys",
    "resolve_key",
    "revoke_key",
    "tenant_of",
]
