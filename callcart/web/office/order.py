"""One order in the office: its page, and what may be done to it by whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from callcart.commerce.catalog import public as catalog
from callcart.commerce.orders import public as orders
from callcart.commerce.orders.models import Order
from callcart.commerce.shipping import public as shipping
from callcart.contact.conversations import public as conversations
from callcart.contact.conversations.models import Conversation
from callcart.core.actor import Actor
from callcart.core.errors import AppError, Invalid
from callcart.people.customers.models import Customer
from callcart.web.http import actor_of, attempt, go, page, requires
from callcart.web.jinja import url
from callcart.web.office import words


@requires("orders.view")
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return _order_page(request, order_id)


def _customer(actor: Actor, order: Order) -> Customer | None:
    if order.customer_id is None or not actor.can("customers.view"):
        return None
    return Customer.objects.filter(id=order.customer_id).first()


def _order_page(request: HttpRequest, order_id: UUID, *, error: AppError | None = None) -> HttpResponse:
    actor = actor_of(request)
    detail = orders.order_detail(actor, order_id)
    found = detail.order
    call = _call(actor, found)
    fields = error.fields if isinstance(error, Invalid) else {}
    return page(
        request, "office/order.html", detail=detail, order=found, words=words, call=call,
        customer=_customer(actor, found),
        recordings=conversations.recordings_of(actor, call.id) if call else [],
        describe_parcel=shipping.describe_state, message=next(iter(fields.values()), error.message) if error else "",
        status=error.status if error else 200,
    )  # fmt: skip


def _call(actor: Actor, found: orders.Order) -> Conversation | None:
    """The call that made it, for those who may see it."""
    if not actor.can("conversations.view"):
        return None
    if found.conversation_id:
        return Conversation.objects.filter(id=found.conversation_id).first()
    return next(iter(conversations.linked_to("order", found.id)), None)


@require_POST
@requires("orders.confirm")
def confirm(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return _act(request, order_id, orders.confirm_order, said=_("Order confirmed."))


@require_POST
@requires("orders.cancel")
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(
        request,
        order_id,
        orders.cancel_order,
        said=_("Order cancelled, its stock is free again."),
        reason=reason,
    )


@require_POST
@requires("orders.hold")
def hold(request: HttpRequest, order_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _act(request, order_id, orders.hold_order, said=_("Order on hold."), reason=reason)


@require_POST
@requires("orders.hold")
def unhold(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return _act(request, order_id, orders.unhold_order, said=_("Order goes on."))


def _act(
    request: HttpRequest, order_id: UUID, verb: Callable[..., Any], *, said: str, **arguments: Any
) -> HttpResponse:
    with attempt() as tried:
        verb(actor_of(request), order_id, version=_number(request.POST.get("version", "")), **arguments)
    if tried:
        return go(request, url("office:order", order_id), toast=said)
    return _order_page(request, order_id, error=tried.error)


@requires("orders.edit")
def edit(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Quantities and new lines, previewed on a copy with the money it moves, then made on that very version."""
    actor = actor_of(request)
    detail = orders.order_detail(actor, order_id)
    posted, error, preview = request.POST, None, None
    version = _number(posted.get("version", "")) or detail.order.version
    if request.method == "POST":
        with attempt() as tried:
            actions = _actions(request, detail)
            preview = orders.preview_change(actor, order_id, actions)
            if preview.problems:
                raise Invalid(fields=dict(preview.problems))
            if posted.get("act") == "confirm":
                orders.confirm_change(
                    actor, order_id, actions, version=version, reason=posted.get("reason", "")
                )
        if tried and posted.get("act") == "confirm":
            return go(request, url("office:order", order_id), toast=_("Order changed."))
        error = tried.error
    rows = [
        (each.line, posted.get(f"quantity-{each.line.id}", str(each.line.quantity))) for each in detail.lines
    ]
    fields = error.fields if isinstance(error, Invalid) else {}
    return page(
        request, "office/order_edit.html", order=detail.order, rows=rows, version=version, posted=posted, errors=fields,
        preview=None if error else preview, message=next(iter(fields.values()), error.message) if error else "",
        status=error.status if error else 200,
    )  # fmt: skip


def _actions(request: HttpRequest, detail: orders.OrderDetail) -> list[orders.Action]:
    actions: list[orders.Action] = []
    for each in detail.lines:
        text = request.POST.get(f"quantity-{each.line.id}", "").strip()
        if not text.isdecimal() or len(text) > 6:
            raise Invalid(fields={f"quantity-{each.line.id}": _("A whole number, 0 or more.")})
        quantity = int(text)
        if quantity == 0:
            actions.append(orders.RemoveLine(each.line.id))
        elif quantity != each.line.quantity:
            actions.append(orders.SetQuantity(each.line.id, quantity))
    code = request.POST.get("add_sku", "").strip()[:100]
    if code:
        hits = catalog.search_variants(code, limit=1)
        if not hits:
            raise Invalid(fields={"add_sku": _("No product has this code.")})
        actions.append(orders.AddLine(hits[0].id, max(1, _number(request.POST.get("add_quantity", "")))))
    if not actions:
        raise Invalid(fields={"reason": _("Nothing is changed yet.")})
    return actions


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 0
