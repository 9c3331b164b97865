"""Where the visitor of a chat is, as the agent sees it: the page he looks at, and his cart at today's prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from callcart.commerce.orders import public as orders
from callcart.contact.conversations.models import Conversation
from callcart.contact.messaging.public import visits
from callcart.core.clock import now
from callcart.core.money import Money
from callcart.web.reader import reader

MOST_LINES = 8
STILL = timedelta(minutes=10)
ENDED = ("closed", "wrap_up")


@dataclass(frozen=True, slots=True)
class CartLine:
    quantity: int
    name: str
    total: Money


@dataclass(frozen=True, slots=True)
class Visit:
    """`place`: host and path of the page. `goods`: the sum of all lines, also of those that are not shown (`more`)."""

    title: str
    place: str
    seen_at: datetime
    lines: tuple[CartLine, ...] = ()
    more: int = 0
    goods: Money | None = None

    @property
    def is_old(self) -> bool:
        """Whether he may have left since."""
        return now() - self.seen_at > STILL


def visit_of(row: Conversation) -> Visit | None:
    """Of a chat that goes on; None where nothing is known, or the shop does not want it to be."""
    found = visits.visit_of(row) if row.state not in ENDED else None
    if found is None:
        return None
    cart = orders.view_cart_of(found.cart_id, customer_id=found.customer_id) if found.cart_id else None
    lines = cart.lines if cart else ()
    language = reader().language
    return Visit(
        title=found.title,
        place=_place(found.page),
        seen_at=found.seen_at,
        lines=tuple(
            CartLine(each.quantity, each.variant.name_in(language), each.total) for each in lines[:MOST_LINES]
        ),
        more=max(0, len(lines) - MOST_LINES),
        goods=cart.goods if cart and lines else None,
    )


def _place(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.hostname or ''}{unquote(parts.path)}"
