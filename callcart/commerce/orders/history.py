"""The history of an order: a row for everything that happened, said in words when it is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext, override

from callcart.commerce.orders.labels import payment_label
from callcart.commerce.orders.models import History, Order
from callcart.commerce.shipping.public import carriers_called, state_name
from callcart.core import audit, events
from callcart.core.actor import Actor
from callcart.core.database import raw
from callcart.core.ids import new_id, spoken
from callcart.core.language import locale_of
from callcart.core.money import Money

_INSERT = """
INSERT INTO orders_history (id, tenant_id, order_id, at, kind, data, public, actor_kind, actor_id, actor_name, channel, reason)
VALUES (%s, %s, %s, now(), %s, %s, %s, %s, %s, %s, %s, %s)"""
PUBLIC = frozenset(
    {
        "placed",
        "confirmed",
        "cancelled",
        "rejected",
        "split",
        "merged",
        "rest_cancelled",
        "edited",
        "shipped",
        "payment",
        "parcel",
        "closed",
        "return_moved",
    }
)


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One entry as a reader sees it. `text` is a sentence; the actor is empty for customers' eyes."""

    at: datetime
    kind: str
    text: str
    actor_kind: str
    actor_name: str
    actor_id: UUID | None
    channel: str
    reason: str
    public: bool


def note(
    actor: Actor, order: Order, kind: str, *, data: Mapping[str, Any] | None = None, reason: str = ""
) -> None:
    """Add an entry."""
    raw.run(
        _INSERT,
        (
            new_id(),
            order.tenant_id,
            order.id,
            kind,
            json.dumps(dict(data or {})),
            kind in PUBLIC,
            actor.kind,
            actor.id,
            actor.name,
            actor.channel,
            reason,
        ),
    )


def record(
    actor: Actor,
    order: Order,
    kind: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """History, audit and event of one change of an order."""
    note(actor, order, kind, data=data, reason=reason)
    audit.record(
        actor, f"orders.{kind}", subject=("order", order.id), before=before, after=after, reason=reason
    )
    events.emit(
        "order.placed" if kind == "placed" else "order.changed",
        subject=("order", order.id),
        data={"order_id": order.id, "kind": kind, "state": order.state},
    )


def rows_of(order: Order, language: str, *, only_public: bool = False) -> list[HistoryRow]:
    """An order's history, oldest first. For the customer: public rows, without the names of staff or reasons."""
    rows = History.objects.filter(order=order).order_by("id")
    if only_public:
        rows = rows.filter(public=True)
    found = list(rows)
    carriers = carriers_called(str(row.data["carrier"]) for row in found if row.data.get("carrier"))
    said = {name: each.name_in(language) for name, each in carriers.items()}
    with override(language):
        return [
            HistoryRow(
                at=row.at,
                kind=row.kind,
                text=_say(row, order, language, said),
                actor_kind=row.actor_kind,
                actor_name="" if only_public else row.actor_name,
                actor_id=None if only_public else row.actor_id,
                channel=row.channel,
                reason="" if only_public else row.reason,
                public=row.public,
            )
            for row in found
        ]


def _say(row: History, order: Order, language: str, carriers: Mapping[str, str]) -> str:
    """`carriers`: those we know by what rows call them, in the reader's language; others are said as they were typed."""
    say = _SENTENCES.get(row.kind)
    if say is None:
        return row.kind
    carrier = str(row.data.get("carrier", ""))
    return say({**row.data, "carrier": carriers.get(carrier, carrier)}, order, language)


def _money(minor: Any, order: Order, language: str) -> str:
    locale = locale_of(language)
    return Money(int(minor), order.currency).format(locale)


def _edited(data: Mapping[str, Any], order: Order, language: str) -> str:
    if data.get("before") == data.get("after"):
        return gettext("Order changed")
    return gettext("Order changed; the total went from %(before)s to %(after)s") % {
        "before": _money(data.get("before", 0), order, language),
        "after": _money(data.get("after", 0), order, language),
    }


def _payment(data: Mapping[str, Any], order: Order, language: str) -> str:
    return gettext("Payment: %(state)s") % {"state": payment_label(str(data.get("state", "")))}


def _parcel(data: Mapping[str, Any], order: Order, language: str) -> str:
    return gettext("Parcel: %(state)s") % {"state": state_name(str(data.get("state", "")), language)}


def _shipped(data: Mapping[str, Any], order: Order, language: str) -> str:
    if data.get("tracking"):
        return gettext("Sent with %(carrier)s, tracking number %(tracking)s") % {
            "carrier": data["carrier"],
            "tracking": data["tracking"],
        }
    return gettext("Sent out")


def _split(data: Mapping[str, Any], order: Order, language: str) -> str:
    said = (
        gettext("Part of this order goes on as order %(number)s")
        if data.get("to")
        else gettext("Made of part of order %(number)s")
    )
    return said % {"number": data.get("to") or data.get("from", "")}


def _merged(data: Mapping[str, Any], order: Order, language: str) -> str:
    said = (
        gettext("Taken together with order %(number)s")
        if data.get("into")
        else gettext("Order %(number)s was added to this one")
    )
    return said % {"number": data.get("into") or data.get("from", "")}


def _tagged(data: Mapping[str, Any], order: Order, language: str) -> str:
    tags = gettext(", ").join(map(str, data.get("tags", ())))
    return gettext("Tags: %(tags)s") % {"tags": tags} if tags else gettext("Tags taken off")


def _return_moved(data: Mapping[str, Any], order: Order, language: str) -> str:
    said = {
        "asked": gettext("Return %(number)s asked for"),
        "waiting": gettext("Return %(number)s accepted"),
        "approved": gettext("Return %(number)s accepted"),
        "received": gettext("Return %(number)s: the goods are here"),
        "inspected": gettext("Return %(number)s: the goods were looked at"),
        "settled": gettext("Return %(number)s settled"),
        "closed": gettext("Return %(number)s completed"),
        "refused": gettext("Return %(number)s not accepted"),
        "cancelled": gettext("Return %(number)s withdrawn"),
    }.get(str(data.get("state", "")), gettext("Return %(number)s"))
    return said % {"number": spoken(str(data.get("number", "")))}


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any], Order, str], str]] = {
    "placed": lambda d, o, lang: (
        gettext("Order placed, %(total)s") % {"total": _money(d.get("total", 0), o, lang)}
    ),
    "confirmed": lambda d, o, lang: gettext("Order confirmed"),
    "held": lambda d, o, lang: gettext("Order put on hold"),
    "unheld": lambda d, o, lang: gettext("Taken off hold"),
    "cancelled": lambda d, o, lang: gettext("Order cancelled"),
    "rejected": lambda d, o, lang: gettext("Order not accepted"),
    "rest_cancelled": lambda d, o, lang: gettext("What was not sent yet was cancelled"),
    "split": _split,
    "merged": _merged,
    "reallocated": lambda d, o, lang: gettext("Warehouses changed"),
    "tagged": _tagged,
    "closed": lambda d, o, lang: gettext("Order completed"),
    "edited": _edited,
    "attached": lambda d, o, lang: gettext(
        "The customer signed in by the number of this order; it is theirs now"
    ),
    "imported": lambda d, o, lang: gettext("Taken over from a file"),
    "payment": _payment,
    "parcel": _parcel,
    "shipped": _shipped,
    "return_moved": _return_moved,
}
