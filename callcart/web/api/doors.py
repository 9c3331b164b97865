"""Who asks, whether they may, and doing once what must not be done twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja import Schema
from ninja.security import HttpBearer

from callcart.core import idempotency
from callcart.core.actor import Actor
from callcart.core.errors import NotSignedIn
from callcart.people.keys.public import resolve_key
from callcart.web.http import actor_of
from callcart.web.reader import reader

Shape = TypeVar("Shape", bound=Schema)


class ByKey(HttpBearer):
    """`Authorization: Bearer cck_…`. Cookies of a browser are never looked at here."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """The key's actor; KeyRefused, KeyTooFast."""
        address = request.META.get("REMOTE_ADDR", "")
        actor = resolve_key(token, address=address, language=reader().language)
        request.actor = actor  # type: ignore[attr-defined]
        return actor


def allowed(request: HttpRequest, *permissions: str) -> Actor:
    """The key's actor where it holds all of these; PermissionDenied."""
    actor = actor_of(request)
    if not actor.is_of_shop:
        raise NotSignedIn
    for permission in permissions:
        actor.require(permission)
    return actor


def once(
    actor: Actor,
    scope: str,
    key: str | None,
    body: Mapping[str, Any],
    answer: type[Shape],
    work: Callable[[], Shape],
) -> Shape:
    """Do the work and keep its answer under the key; the same key and body get that answer again, another body KeyReused. Without
    a key it is simply done. For verbs that take no key themselves."""
    if key is None:
        return work()
    with idempotency.claim(actor, f"api.{scope}", key, body) as claim:
        if claim.stored is not None:
            return answer.model_validate(claim.stored)
        done = work()
        claim.store(done.model_dump(mode="json"))
    return done
