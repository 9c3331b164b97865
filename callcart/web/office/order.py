"""One order in the office: its page, and the steps of its life. Money and changes have files of their own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.aftersales import public as aftersales
from callcart.commerce.orders import public as orders
from callcart.commerce.shipping import public as shipping
from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.core.actor import Actor
from callcart.core.errors import NotFound
from callcart.core.ids import new_id
from callcart.engage.notices import public as notices
from callcart.people.approvals import public as approvals
from callcart.people.customers import public as people
from callcart.web.http import Attempt, actor_of, attempt, go, page, reading_here, requires
from callcart.web.jinja import url
from callcart.web.office import words
from callcart.web.office.aftersales import words as case_words
from callcart.web.office.money import words as money_words
from callcart.web.office.money.invoice import beside_invoices
from callcart.web.office.orders_desk.beside import beside_order
from callcart.web.office.refusal import refusal
from callcart.web.office.standing import standing
from callcart.web.office.work.told import Told, told
from callcart.web.players import of_conversation


@requires("orders.view")
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The page. Whoever sees the receiver's number in full leaves a line in the audit."""
    return order_page(request, order_id)


def order_page(
    request: HttpRequest, order_id: UUID, *, tried: Attempt | None = None, dialog: str = ""
) -> HttpResponse:
    """The order's page; after a refusal with what was wrong, in the dialog it came from."""
    actor = reading_here(actor_of(request))
    detail = orders.order_detail(actor, order_id)
    found = detail.order
    customer, call = _customer(actor, found), _call(actor, found)
    people.record_number_seen(actor, ("order", found.id), customer_id=found.customer_id)
    refused = refusal(tried)
    above = isinstance(refused.error, approvals.NeedsApproval)  # its dialog offers to ask somebody
    at_fields = bool(dialog and (refused.fields or above))
    return page(
        request, "office/order.html", **beside_order(actor, detail), **beside_invoices(actor, found), above_limit=refused.message if above else "", told=_told(actor, found),
        returns=aftersales.cases_of_order(actor, found.id), aftersales=case_words,
        asked=approvals.waiting_for(("order", found.id)), detail=detail, order=found, words=words, money_words=money_words, call=call, customer=customer,
        recordings=of_conversation(actor, call.id) if call else [], standing=standing(detail),
        ships="ship" in detail.allowed and any(each.held for each in detail.lines),
        units=shipping.units_in(detail.parcels), lines={each.line.id: each.line for each in detail.lines},
        dialog=dialog if at_fields else "", errors=refused.fields, posted=request.POST,
        message="" if at_fields else refused.message, key=request.POST.get("key") or str(new_id()),
        status=refused.status,
    )  # fmt: skip


def _told(actor: Actor, found: orders.Order) -> list[Told]:
    """What the customer was told of it, for those who may see that."""
    return told(notices.notices_of_order(found.id)) if actor.can("notices.view") else []


def _customer(actor: Actor, found: orders.Order) -> people.Customer | None:
    if found.customer_id is None or not actor.can("customers.view"):
        return None
    return people.get_customer(found.customer_id)


def _call(actor: Actor, found: orders.Order) -> Conversation | None:
    """The call that made it, for those who may see it."""
    if not actor.can("conversations.view"):
        return None
    linked = [found.conversation_id] if found.conversation_id else []
    for call_id in linked or [each.id for each in conversations.linked_to("order", found.id)]:
        with suppress(NotFound):  # somebody else's, where one may see one's own only
            return conversations.get_conversation(call_id, actor)
    return None


@require_POST
@requires("orders.confirm")
def confirm(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return _act(request, order_id, orders.confirm_order, said=_("Order confirmed."))


@require_POST
@requires("orders.cancel")
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    said = _("Order cancelled, its stock is free again.")
    reason = request.POST.get("reason", "")
    return _act(request, order_id, orders.cancel_order, said=said, dialog="cancel", reason=reason)


@require_POST
@requires("orders.hold")
def hold(request: HttpRequest, order_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(request, order_id, orders.hold_order, said=_("Order on hold."), dialog="hold", reason=reason)


@require_POST
@requires("orders.hold")
def unhold(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return _act(request, order_id, orders.unhold_order, said=_("Order goes on."))


@require_POST
@requires("orders.ship")
def ship(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Send out all that is held, as one parcel."""
    posted = request.POST
    return _act(
        request, order_id, orders.ship_order, said=_("Sent out; the parcel is on the page."), dialog="ship",
        carrier=posted.get("carrier", "").strip(), tracking=posted.get("tracking", "").strip(),
    )  # fmt: skip


def _act(
    request: HttpRequest,
    order_id: UUID,
    verb: Callable[..., Any],
    *,
    said: str,
    dialog: str = "",
    **arguments: Any,
) -> HttpResponse:
    with attempt() as tried:
        verb(actor_of(request), order_id, version=whole(request.POST.get("version", "")), **arguments)
    if tried:
        return go(request, url("office:order", order_id), toast=said)
    return order_page(request, order_id, tried=tried, dialog=dialog)


def whole(text: str) -> int:
    """A whole number of a form; 0 for what is none."""
    return int(text) if text.isdecimal() and len(text) < 7 else 0
