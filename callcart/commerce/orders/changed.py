"""Orders by when they last changed, for other programs that keep a copy of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from callcart.commerce.orders.models import Order
from callcart.commerce.orders.scope import visible
from callcart.commerce.orders.states import OrderState
from callcart.core.actor import Actor
from callcart.core.clock import now
from callcart.core.errors import Invalid

OVERLAP = timedelta(seconds=90)
"""Longer than any transaction may last: what was being saved while somebody asked is found by the next question."""


@dataclass(frozen=True, slots=True)
class ChangedOrders:
    """A page of orders, those that changed first first. `cursor` asks for the next page. Once that is empty, `ask_from` is the
    moment to ask from next time; it lies a little back, so a few orders come a second time."""

    orders: Sequence[Order]
    cursor: str
    ask_from: datetime


def orders_changed_since(
    actor: Actor, since: datetime, *, cursor: str = "", limit: int = 50
) -> ChangedOrders:
    """The orders an actor may see that changed at or after a moment. Raises PermissionDenied, Invalid for a broken cursor."""
    asked = now()
    rows = visible(actor, "orders.view").exclude(state=OrderState.DRAFT).filter(changed_at__gte=since)
    if cursor:
        moment, last = _read(cursor)
        rows = rows.filter(changed_at__gte=moment).filter(Q(changed_at__gt=moment) | Q(id__gt=last))
    found = list(rows.order_by("changed_at", "id").defer("search_text", "search_grams")[: limit + 1])
    page = found[:limit]
    following = f"{page[-1].changed_at.isoformat()}_{page[-1].id}" if len(found) > limit else ""
    return ChangedOrders(page, following, asked - OVERLAP)


def _read(cursor: str) -> tuple[datetime, UUID]:
    moment, _mark, last = cursor.partition("_")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(last)
    except (ValueError, OverflowError):
        raise Invalid(fields={"cursor": cursor[:50]}) from None
