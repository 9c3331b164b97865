"""Tags: words a shop puts on orders to find them again. They mean nothing to us."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.translation import gettext

from callcart.commerce.orders import history
from callcart.commerce.orders.approve import Outcome, in_bulk
from callcart.commerce.orders.models import Order
from callcart.commerce.orders.scope import locked
from callcart.core.actor import Actor
from callcart.core.errors import Invalid
from callcart.core.text import clean, problem

MOST_TAGS = 20
LONGEST = 30


def set_tags(actor: Actor, order_id: UUID, tags: Iterable[str]) -> Order:
    """Make these an order's tags. Its version stays: nothing that somebody could be changing is touched. Raises NotFound,
    Invalid."""
    order = locked(actor, "orders.tag", order_id)
    wanted = checked_tags(tags)
    if wanted != order.tags:
        before, order.tags = list(order.tags), wanted
        order.save(update_fields=["tags"])
        history.record(
            actor, order, "tagged", before={"tags": before}, after={"tags": wanted}, data={"tags": wanted}
        )
    return order


def tag_many(
    actor: Actor, orders: Sequence[tuple[UUID, int]], *, add: Iterable[str] = (), remove: Iterable[str] = ()
) -> list[Outcome]:
    """Put tags on many orders, or take them off; a result for each. Raises PermissionDenied, Invalid."""
    actor.require("orders.tag")
    added, removed = checked_tags(add), set(checked_tags(remove))
    if not added and not removed:
        raise Invalid(fields={"tags": gettext("Give a tag.")})

    def one(order_id: UUID, _version: int) -> Order:
        order = locked(actor, "orders.tag", order_id)
        return set_tags(actor, order_id, [*(tag for tag in order.tags if tag not in removed), *added])

    return in_bulk(actor, one, orders)


def checked_tags(tags: Iterable[str]) -> list[str]:
    """Tags as they are kept: cleaned, each once, in their order."""
    wanted = list(dict.fromkeys(tag for each in tags if (tag := " ".join(clean(each).split()))))
    if len(wanted) > MOST_TAGS:
        raise Invalid(fields={"tags": gettext("At most %(most)d tags.") % {"most": MOST_TAGS}})
    for tag in wanted:
        if said := problem(tag, longest=LONGEST):
            raise Invalid(fields={"tags": said})
    return wanted
