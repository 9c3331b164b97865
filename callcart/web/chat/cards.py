"""What an agent shows the visitor in the chat, as the frame is told of it: an order, with what it contains and costs, how it stands, where
it can be paid, and whether it waits for the visitor's word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from callcart.commerce.payments.public import pay_token
from callcart.contact.messaging.public import visitors
from callcart.core.actor import Actor
from callcart.core.ids import spoken
from callcart.engage.cards import public as cards
from callcart.web import formats
from callcart.web.jinja import url
from callcart.web.reader import reader


def told(shown: Sequence[visitors.Shown], tenant_id: int) -> dict[int, dict[str, Any]]:
    """The cards among what was said, by place. What is gone, or of a kind this page does not know, is left out."""
    wanted = {each.place: each.card[1] for each in shown if each.card and each.card[0] == cards.ORDER}
    if not wanted:
        return {}
    found = cards.faces(wanted.values(), language=reader().language)
    by_place = {each.place: each for each in shown}
    return {
        place: _card(found[order_id], by_place[place], tenant_id)
        for place, order_id in wanted.items()
        if order_id in found
    }


def _card(face: cards.Face, shown: visitors.Shown, tenant_id: int) -> dict[str, Any]:
    pay = pay_token(Actor.system(tenant_id), face.order_id) if face.due else ""
    return {
        "kind": cards.ORDER,
        "place": shown.place,
        "number": spoken(face.number),
        "version": face.version,
        "total": str(formats.money(face.total)),
        "due": str(formats.money(face.due)) if face.due and face.due != face.total else "",
        "lines": [f"{count} × {name}" for count, name in face.lines],
        "more": face.more,
        "state": face.state,
        "labels": list(face.labels),
        "pay": url("shop:pay", token=pay) if pay else "",
        "open": f"{url('shop:track')}?number={face.number}",
        "waits": face.waits and shown.asks and not shown.agreed_at,
        "agreed": bool(shown.agreed_at),
    }
