"""Sending an order's latest invoice or credit note while its customer is on the line."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.orders import public as orders
from callcart.web.http import actor_of, requires, say


@requires("orders.view", "invoicing.view", "invoicing.send")
@require_POST
def send(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Say what was sent, or that there is nothing to send yet."""
    actor = actor_of(request)
    order = orders.order_detail(actor, order_id).order
    found = invoicing.documents_of_order(actor, order.id)
    response = HttpResponse(status=204)
    if not found:
        say(response, _("This order has no invoice yet."), kind="warning")
        return response
    invoicing.send_document(actor, found[-1].id)
    say(response, _("%(number)s is being sent to the customer.") % {"number": found[-1].number})
    return response
