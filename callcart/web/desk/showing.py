"""Showing an order to the visitor of a chat: which ones there are to show, and the showing itself."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from callcart.core.ids import spoken
from callcart.engage.cards import public as cards
from callcart.web.desk.bodies import answer, body_of, wanted
from callcart.web.http import actor_of, page, requires
from callcart.web.reader import reader


@dataclass(frozen=True, slots=True)
class Shown:
    """A card as the agent sees it in the thread. `agreed`: the customer said yes."""

    face: cards.Face
    agreed: bool


@requires("desk.use", "messaging.write", "orders.view")
@require_GET
def choices(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The person's orders, newest first."""
    found = cards.orders_to_show(actor_of(request), conversation_id)
    faces = cards.faces((each.id for each in found), language=reader().language)
    return page(request, "desk/_orders_to_show.html", faces=[faces[each.id] for each in found])


@requires("desk.use", "messaging.write", "orders.view")
@require_POST
def show(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Show one, once by the id that the page has chosen for the message."""
    body = body_of(request)
    order_id, message_id = wanted(body, "order"), wanted(body, "message_id")
    message = cards.show_order(actor_of(request), conversation_id, order_id, message_id=message_id)
    number = cards.faces([order_id], language=reader().language)[order_id].number
    said = _("Order %(number)s is shown to the customer.") % {"number": spoken(number)}
    return answer(place=message.place, message=said)
