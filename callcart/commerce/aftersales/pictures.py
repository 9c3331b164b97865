"""Pictures that customers show of their goods: checked and made anew by `core.pictures`, at most so many of a case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.aftersales import history
from callcart.commerce.aftersales.models import Case, Picture
from callcart.commerce.aftersales.scope import locked, visible
from callcart.commerce.aftersales.states import OPEN
from callcart.core import pictures
from callcart.core.actor import Actor, ActorKind
from callcart.core.errors import Invalid, NotFound

MOST = 6


class Upload(Protocol):
    """A file that was sent."""

    def read(self, size: int = -1, /) -> bytes: ...


def keep_pictures(sent: Sequence[Upload]) -> list[str]:
    """Check and keep pictures before any row is locked; their keys. Raises Invalid at `pictures`."""
    if len(sent) > MOST:
        raise Invalid(fields={"pictures": gettext("At most %(most)d pictures.") % {"most": MOST}})
    return [pictures.keep(each.read(pictures.MOST_BYTES + 1), field="pictures").key for each in sent]


def add_pictures(actor: Actor, case_id: UUID, keys: Sequence[str]) -> Case:
    """Put kept pictures to a case; one that is there already changes nothing. Raises NotFound, Invalid."""
    permission = "aftersales.view" if actor.kind is ActorKind.CUSTOMER else "aftersales.ask"
    case = locked(actor, permission, case_id)
    known = set(case.pictures.values_list("key", flat=True))
    new = [key for key in dict.fromkeys(keys) if key not in known]
    if not new:
        return case
    if len(known) + len(new) > MOST or case.state not in OPEN:
        raise Invalid(fields={"pictures": gettext("At most %(most)d pictures.") % {"most": MOST}})
    Picture.objects.bulk_create(Picture(case=case, key=key) for key in new)
    history.note(actor, case, "picture", data={"count": len(new)})
    return case


def picture_of(actor: Actor, case_id: UUID, picture_id: UUID) -> Picture:
    """A picture, for whoever may see its case. Raises NotFound."""
    found = Picture.objects.filter(id=picture_id, case__in=visible(actor).filter(id=case_id)).first()
    if found is None:
        raise NotFound
    return found
