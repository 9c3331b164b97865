"""Where the visitor of a chat is: the page he looks at and the cart he fills, told by his own page, for whoever answers him. Of an address
neither what follows a question mark nor what can be used as a key is kept. Where the shop has switched it off, nothing is taken in, nothing
is kept and nothing is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from callcart.contact.conversations.models import Conversation
from callcart.contact.conversations.public import add_step, open_with
from callcart.contact.messaging.models import Line, Visitor
from callcart.contact.messaging.visitors import CHANNEL
from callcart.core import events, throttle
from callcart.core.clock import now
from callcart.core.text import clean
from callcart.core.throttle import Limit, TriedTooOften

SETTING, OFF = "watch", "off"
MOST_ADDRESS, MOST_TITLE = 500, 200
TOLD_A_MINUTE, TOLD_A_DAY = 30, 500
# A part of an address that opens something by itself (a link to pay, say): letters of both kinds and digits, long, in no order.
_KEY = re.compile(r"(?<=/)(?=[^/]*[A-Z])(?=[^/]*[a-z0-9])[A-Za-z0-9_=-]{20,}(?=/|$)")
_DIGEST = re.compile(r"(?<=/)[0-9a-f]{24,}(?=/|$)")


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of where a visitor is. `cart_id` is opaque here."""

    page: str
    title: str
    cart_id: UUID | None
    customer_id: UUID | None
    seen_at: datetime


def watched(line: Line) -> bool:
    """Whether whoever answers sees where the visitor is."""
    return bool(line.values.get(SETTING, "") != OFF)


def is_at(visitor: Visitor, *, page: str, title: str, cart_id: UUID | None = None) -> None:
    """The visitor's page tells where he is."""
    if not watched(visitor.line):
        return
    plain, moment = plain_address(page), now()
    moved = plain != visitor.page
    visitor.page, visitor.page_title, visitor.cart_id = plain, clean(title)[:MOST_TITLE], cart_id
    visitor.page_at = visitor.seen_at = moment
    visitor.save(update_fields=["page", "page_title", "cart_id", "page_at", "seen_at"])
    talk = open_with(CHANNEL, str(visitor.id))
    if talk is None or not _may_tell(visitor):
        return
    if moved:
        add_step(talk, "visitor.page", data={"page": plain[:300]})
    events.emit("chat.visitor", subject=("conversation", talk), data={"conversation_id": talk})


def plain_address(text: str) -> str:
    """An address as it may be kept; empty for what is none."""
    plain = clean(text).partition("?")[0].partition("#")[0][:MOST_ADDRESS]
    if not plain.startswith(("http://", "https://")):
        return ""
    return _DIGEST.sub("…", _KEY.sub("…", plain))


def visit_of(conversation: Conversation) -> Visit | None:
    """Where the other side of a chat is; None where that is not known, or the shop does not want it. The reader has the conversation."""
    if conversation.channel != CHANNEL:
        return None
    row = Visitor.objects.select_related("line").filter(conversation_id=conversation.id).first()
    if row is None or not row.page or row.page_at is None or not watched(row.line):
        return None
    return Visit(row.page, row.page_title, row.cart_id, row.customer_id, row.page_at)


def _may_tell(visitor: Visitor) -> bool:
    """Desks are not rushed, and paths not filled, by a page that is loaded again and again."""
    limits = [
        Limit("chat.visit", str(visitor.id), TOLD_A_MINUTE, timedelta(minutes=1)),
        Limit("chat.visits", str(visitor.id), TOLD_A_DAY, timedelta(days=1)),
    ]
    try:
        throttle.count(visitor.tenant_id, limits)
    except TriedTooOften:
        return False
    return True
