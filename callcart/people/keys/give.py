"""Making and revoking keys. Nobody gives a program more than they hold themselves; the secret is seen once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from callcart.core import audit
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Conflict, Invalid, NotFound
from callcart.core.fields import Fields
from callcart.core.tokens import digest, new_token
from callcart.people.keys.models import DEFAULT_PER_MINUTE, MOST_PER_MINUTE, ApiKey
from callcart.people.staff.public import MoreThanYouHold, checked_grants, merged_grants, missing_grants

MOST_KEYS = 100
_TOKEN = re.compile(r"cck_(\d{1,9})_[A-Za-z0-9_-]{43}")
# a program is nobody's superior: what makes people, roles or further keys stays with people
_FOR_PEOPLE = ("staff.manage", "staff.manage_roles", "keys.manage")


class KeyRevoked(Conflict):
    """This key was already revoked."""

    code = "keys.revoked"


@dataclass(frozen=True, slots=True)
class Given:
    """A key just made, and its secret, which cannot be seen again."""

    key: ApiKey
    secret: str


def create_key(
    actor: Actor,
    *,
    name: str,
    wanted: Mapping[str, Any],
    expires_at: datetime | None = None,
    per_minute: int = DEFAULT_PER_MINUTE,
) -> Given:
    """A key with `wanted` grants (`{permission: {"limit", "scope"}}`). Raises Invalid with all that is wrong, MoreThanYouHold."""
    actor.require("keys.manage")
    form = Fields()
    name = form.line("name", name, most=60, required=True)
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        form.refuse("per_minute", _("Give a whole number from 1 to %(most)s.") % {"most": MOST_PER_MINUTE})
    if expires_at is not None and expires_at <= now():
        form.refuse("expires_at", _("This moment has passed."))
    if not wanted:
        form.refuse("grants", _("Choose what this key may do."))
    grants: dict[str, dict[str, Any]] = {}
    with form.part():
        grants = checked_grants(wanted)
    for each in sorted({"*", *_FOR_PEOPLE} & set(grants)):
        form.refuse(f"grants.{each}", _("A key cannot have this."))
    if ApiKey.objects.filter(revoked_at=None).count() >= MOST_KEYS:
        form.refuse("name", _("No more than %(most)s are possible.") % {"most": MOST_KEYS})
    form.done()
    if lacking := missing_grants(actor, merged_grants([grants])):
        raise MoreThanYouHold(permissions=lacking)
    secret = f"cck_{actor.tenant_id}_{new_token()}"
    key = ApiKey(
        name=name, secret_hash=digest(secret), hint=secret[-4:], grants=grants, per_minute=per_minute,
        expires_at=expires_at, created_at=now(), created_by_name=actor.name,
    )  # fmt: skip
    _save(key)
    after = {"name": name, "grants": grants, "per_minute": per_minute, "expires_at": expires_at}
    audit.record(actor, "keys.create", subject=("key", key.id), after=after)
    return Given(key, secret)


def revoke_key(actor: Actor, key_id: UUID) -> ApiKey:
    """End a key; requests with it are refused from the next one on. Raises NotFound, KeyRevoked."""
    actor.require("keys.manage")
    key = ApiKey.objects.select_for_update().filter(id=key_id).first()
    if key is None:
        raise NotFound
    if key.revoked_at is not None:
        raise KeyRevoked
    key.revoked_at, key.revoked_by_name = now(), actor.name
    key.save(update_fields=["revoked_at", "revoked_by_name"])
    audit.record(actor, "keys.revoke", subject=("key", key.id), before={"name": key.name})
    return key


def tenant_of(secret: str) -> int | None:
    """The tenant a secret says it is of; what it may do is only known once its whole digest is found there."""
    found = _TOKEN.fullmatch(secret)
    return int(found[1]) if found else None


def _save(key: ApiKey) -> None:
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:
        raise Invalid(fields={"name": _("There is already a key of this name.")}) from None
