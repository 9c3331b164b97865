"""Wall displays: an address with a token in it that shows figures of queues without a sign-in, until somebody withdraws it. The token is
said once, as it is made; the table holds its digest.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from callcart.contact.routing import public as routing
from callcart.contact.supervision.models import Wall
from callcart.core import audit, clock
from callcart.core.actor import Actor
from callcart.core.errors import Invalid, NotFound
from callcart.core.tokens import digest, new_token

MOST = 50
SEEN_EVERY = timedelta(minutes=1)
LANGUAGES = ("en", "zh-hans")


def make_wall(
    actor: Actor, name: str, *, queues: Collection[UUID] = (), language: str = "en"
) -> tuple[Wall, str]:
    """A display of these queues (none named: all that are in use), and the token of its address, which nobody can read again. Raises
    Invalid."""
    actor.require("supervision.walls")
    name = name.replace("\x00", "").strip()
    wrong = {}
    if not 1 <= len(name) <= 80:
        wrong["name"] = _("From 1 to %(most)s characters.") % {"most": 80}
    if not set(queues) <= {each.id for each in routing.queues()}:
        wrong["queues"] = _("One of these queues does not exist.")
    if language not in LANGUAGES:
        wrong["language"] = _("Choose at least one of the languages offered.")
    if Wall.objects.filter(revoked_at=None).count() >= MOST:
        wrong["name"] = _("There are many displays already. Withdraw one first.")
    if wrong:
        raise Invalid(fields=wrong)
    token = new_token()
    made = Wall.objects.create(
        name=name, token_hash=digest(token), queues=sorted(set(queues)), language=language, made_by=actor.id
    )
    audit.record(
        actor, "supervision.walls", subject=("wall", made.id), after={"name": name, "queues": list(queues)}
    )
    return made, token


def revoke_wall(actor: Actor, wall_id: UUID) -> None:
    """Its address shows nothing any more, from the next look on. Raises NotFound."""
    actor.require("supervision.walls")
    if not Wall.objects.filter(id=wall_id, revoked_at=None).update(revoked_at=clock.now()):
        raise NotFound
    audit.record(actor, "supervision.walls", subject=("wall", wall_id), after={"revoked": True})


def walls(actor: Actor) -> list[Wall]:
    """The displays that are shown, newest first."""
    actor.require("supervision.walls")
    return list(Wall.objects.filter(revoked_at=None).order_by("-made_at"))


def wall_of(token: str) -> Wall:
    """The display of a token of the current tenant; NotFound for one that is not, or not any more."""
    found = Wall.objects.filter(token_hash=digest(token), revoked_at=None).first()
    if found is None:
        raise NotFound
    now = clock.now()
    if found.seen_at is None or now - found.seen_at > SEEN_EVERY:
        Wall.objects.filter(id=found.id).update(seen_at=now)
    return found
