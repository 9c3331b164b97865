"""Following an order without an account. Whoever placed it in this browser, or named its number and its telephone number,
carries a proof of it; an actor with that proof sees the order and may do with it what its customer may.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from django.core import signing

from callcart.core.actor import Actor, ActorKind, Grant

MOST_FOLLOWED = 20
GOOD_FOR_SECONDS = 90 * 24 * 3600
_GRANT = "orders.follow"


def follow_proof(tenant_id: int, order_ids: Iterable[UUID]) -> str:
    """A proof for these orders (the first twenty), to be kept by the visitor's browser."""
    wanted = [order_id.hex for order_id in dict.fromkeys(order_ids)][:MOST_FOLLOWED]
    return signing.dumps(wanted, salt=_salt(tenant_id), compress=True)


def proven_orders(tenant_id: int, proof: str) -> tuple[UUID, ...]:
    """The orders a proof is for; none where we did not make it, made it for another tenant, or too long ago."""
    if not proof or len(proof) > 4000:
        return ()
    try:
        found = signing.loads(proof, salt=_salt(tenant_id), max_age=GOOD_FOR_SECONDS)
        return tuple(UUID(hex=each) for each in found)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return ()


def following(actor: Actor, order_ids: Iterable[UUID]) -> Actor:
    """The visitor, with the proof of these orders."""
    scope = " ".join(order_id.hex for order_id in order_ids)
    if not scope or actor.kind is not ActorKind.CUSTOMER:
        return actor
    return replace(actor, grants={**actor.grants, _GRANT: Grant(scope=scope)})


def followed(actor: Actor) -> list[UUID]:
    """The orders an actor has a proof of."""
    grant = actor.grants.get(_GRANT)
    return [UUID(hex=each) for each in grant.scope.split()] if grant else []


def _salt(tenant_id: int) -> str:
    return f"orders.follow.{tenant_id}"
