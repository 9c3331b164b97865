"""A line of the order form that is out: ask the buyer for it, or put the customer on the list of those who are told when it is back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.supply import public as supply
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.web.desk.bodies import answer, body_of, id_of, text_of
from callcart.web.http import actor_of, requires


@requires("orders.place", "supply.ask")
@require_POST
def short(request: HttpRequest) -> HttpResponse:
    """Do one of the two for a customer and a SKU; what was done, in words. Raises what the verbs of supply raise."""
    return answer(said=_done(actor_of(request), body_of(request)))


def _done(actor: Actor, body: dict[str, Any]) -> str:
    variant_id, customer_id = id_of(body, "variant_id"), id_of(body, "customer_id")
    if variant_id is None or customer_id is None:
        raise NotFound
    typed = str(body.get("quantity", "")).strip()
    units = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else 0
    if body.get("act") == "notice":
        channel = text_of(body, "channel", most=20)
        found = supply.ask_notice(
            actor, variant_id=variant_id, channel=channel, customer_id=customer_id, quantity=units
        )
        if found.state == supply.NoticeState.TOLD:
            return _("It is held for this customer: order it now.")
        return _("On the list: the customer is told when it is back.")
    supply.ask_replenishment(actor, variant_id=variant_id, quantity=units, customer_id=customer_id)
    return _("Asked for: you hear of it when the buyer answers.")
